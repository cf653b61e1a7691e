// Input: a JSON Schema, `%%`, a payload.
//   The canonical text of what was read is read again, is its own canonical text, and says the same.
//   A schema says the same of a text and of its canonical form.
//   Values that are bound without a tree are those that are bound with one.

#include "base/json.h"
#include "base/json_schema.h"
#include "base/utf8.h"
#include "engine/connection.h"
#include "fuzz/support.h"
#include "fuzz/targets.h"
#include "state/binding.h"

#include <array>

namespace reeve::fuzz {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

bool same(element left, element right);

bool same_objects(simdjson::dom::object left, simdjson::dom::object right) {
  if (left.size() != right.size()) return false;
  for (const auto member : left) {
    element other;
    if (right.at_key(member.key).get(other) != simdjson::SUCCESS || !same(member.value, other)) return false;
  }
  return true;
}

bool same_arrays(simdjson::dom::array left, simdjson::dom::array right) {
  if (left.size() != right.size()) return false;
  auto other = right.begin();
  for (const element item : left) {
    if (!same(item, *other)) return false;
    ++other;
  }
  return true;
}

bool is_number(element value) { return value.is_int64() || value.is_uint64() || value.is_double(); }

bool same(element left, element right) {
  if (is_number(left) && is_number(right)) {
    return left.get_double().value() == right.get_double().value();
  }
  if (left.type() != right.type()) return false;
  switch (left.type()) {
    case element_type::OBJECT: return same_objects(left, right);
    case element_type::ARRAY: return same_arrays(left, right);
    case element_type::STRING: return left.get_string().value() == right.get_string().value();
    case element_type::BOOL: return left.get_bool().value() == right.get_bool().value();
    default: return true;
  }
}

/// The value that a JSON Pointer names, which is there or, at its last step, is missing.
bool names_a_place(element value, std::string_view pointer) {
  const std::size_t last = pointer.rfind('/');
  if (last == std::string_view::npos) return pointer.empty();
  element parent;
  return value.at_pointer(pointer.substr(0, last)).get(parent) == simdjson::SUCCESS &&
         (parent.is_object() || parent.is_array());
}

void check_schema(std::string_view text, element value, element canonical) {
  const auto schema = unless_refused([&] { return json::Schema::compile("schema.json", text); });
  if (!schema) return;
  const auto violation = schema->check(value);
  require(violation.has_value() == schema->check(canonical).has_value(),
          "a schema says the same of a text and of its canonical form");
  if (!violation) return;
  require(is_valid_utf8(violation->message) && is_valid_utf8(violation->pointer), "a violation is text");
  require(names_a_place(value, violation->pointer), "a violation names its place", violation->pointer);
}

/// A statement with a parameter of each type that a payload may have.
class AllTypes {
 public:
  AllTypes() : connection_(engine::Connection::open_scratch()) {
    translation_.sqlite = "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10";
    translation_.parameters = {{"a", sql::Type::boolean}, {"b", sql::Type::integer},
                               {"c", sql::Type::bigint},  {"d", sql::Type::double_precision},
                               {"e", sql::Type::text},    {"f", sql::Type::uuid},
                               {"g", sql::Type::date},    {"h", sql::Type::timestamptz},
                               {"i", sql::Type::jsonb},   {"j", sql::Type::unknown}};
    bound_.emplace(*connection_, translation_, members_);
  }

  void bind(std::string_view text, element object) {
    state::Scratch scratch;
    std::vector<Value> plain;
    const bool is_plain = bound_->bind_plain(text);
    if (is_plain) plain = row();
    const auto tree = unless_refused([&] {
      members_.find(object);
      bound_->bind(members_, {}, scratch);
      return row();
    });
    if (is_plain) {
      require(tree.has_value(), "what is bound without a tree is bound with one", text);
      require(*tree == plain, "values bound without a tree are those that are bound with one", text);
    }
    if (tree) check_types(*tree);
  }

 private:
  std::vector<Value> row() {
    std::vector<Value> values;
    require(bound_->statement().step(), "a row");
    for (int column = 0; column < bound_->statement().column_count(); ++column)
      values.push_back(bound_->statement().column(column).to_value());
    bound_->statement().reset();
    return values;
  }
  static void check_types(const std::vector<Value>& values) {
    for (std::size_t i = 0; i + 1 < values.size(); ++i) {
      if (std::holds_alternative<Null>(values[i])) continue;
      const bool fits = i < 3    ? std::holds_alternative<std::int64_t>(values[i])
                        : i == 3 ? std::holds_alternative<double>(values[i])
                                 : std::holds_alternative<std::string>(values[i]);
      require(fits, "a bound value is of its parameter's type", std::to_string(i));
    }
  }

  std::unique_ptr<engine::Connection> connection_;
  sql::Translation translation_;
  state::Members members_;
  std::optional<state::BoundStatement> bound_;
};

}  // namespace

void payload(std::string_view input) {
  static json::Reader reader;
  static json::Reader again;
  static AllTypes all_types;
  const auto parts = parts_of(input, 2);
  const auto tree = unless_refused([&] { return reader.read(parts[1]); });
  if (!tree) return;
  std::string canonical;
  json::append_canonical(*tree, canonical);
  const element second = again.read(canonical);  // it is refused by nothing
  std::string twice;
  json::append_canonical(second, twice);
  require(canonical == twice, "canonical text is its own canonical text", canonical);
  require(same(*tree, second), "canonical text says the same", canonical);
  check_schema(parts[0], *tree, second);
  if (tree->is_object()) all_types.bind(parts[1], *tree);
}

}  // namespace reeve::fuzz
