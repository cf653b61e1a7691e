#include "base/json_schema.h"

#include "base/clock.h"
#include "base/json_fault.h"
#include "base/json_schema_node.h"
#include "base/utf8.h"
#include "base/uuid.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace reeve::json {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t shown_bytes_max = 64;

double number_of(element value) {
  double number = 0;
  const auto error = value.get(number);
  ensure(error == simdjson::SUCCESS, "a number of a JSON tree is one");
  return number;
}

bool is_number(element_type type) {
  return type == element_type::INT64 || type == element_type::UINT64 || type == element_type::DOUBLE;
}

// 5.0 is an integer, as JSON Schema has it; 1e300 is not one that any column could hold.
bool is_integer(element value, element_type type) {
  if (type == element_type::INT64) return true;
  if (type != element_type::DOUBLE) return false;
  const auto number = double(value);
  return std::abs(number) <= integer_max && number == std::trunc(number);
}

unsigned types_of(element value, element_type type) {
  switch (type) {
    case element_type::NULL_VALUE: return type_null;
    case element_type::BOOL: return type_boolean;
    case element_type::STRING: return type_string;
    case element_type::ARRAY: return type_array;
    case element_type::OBJECT: return type_object;
    default:
      return is_integer(value, type) ? unsigned{type_integer} | unsigned{type_number} : unsigned{type_number};
  }
}

bool equals(element left, element right);

bool equals_array(const simdjson::dom::array& left, const simdjson::dom::array& right) {
  auto other = right.begin();
  for (const element item : left) {
    if (other == right.end() || !equals(item, *other)) return false;
    ++other;
  }
  return other == right.end();
}

bool equals_object(const simdjson::dom::object& left, const simdjson::dom::object& right) {
  if (left.size() != right.size()) return false;
  for (const auto& [name, value] : left) {
    element other;
    if (right.at_key(name).get(other) != simdjson::SUCCESS || !equals(value, other)) return false;
  }
  return true;
}

bool equals(element left, element right) {
  const element_type type = left.type();
  if (is_number(type)) return is_number(right.type()) && number_of(left) == number_of(right);
  if (type != right.type()) return false;
  switch (type) {
    case element_type::STRING: return std::string_view(left) == std::string_view(right);
    case element_type::BOOL: return bool(left) == bool(right);
    case element_type::ARRAY: return equals_array(simdjson::dom::array(left), simdjson::dom::array(right));
    case element_type::OBJECT:
      return equals_object(simdjson::dom::object(left), simdjson::dom::object(right));
    default: return true;
  }
}

// What a message shows of a value: short and without a line break.
std::string shown(element value, bool secret) {
  if (secret) return "a value that is not shown";
  std::string text;
  switch (value.type()) {
    case element_type::STRING:
      append_canonical_string(cut(std::string_view(value), shown_bytes_max), text);
      return text;
    case element_type::ARRAY: return "an array";
    case element_type::OBJECT: return "an object";
    default: append_canonical(value, text); return text;
  }
}

std::string number_text(double number) {
  std::string text;
  append_canonical_number(number, text);
  return text;
}

/// docs/sealed_value.md.
bool is_sealed(element value) {
  std::int64_t version = 0;
  return value.is_object() && value["reeve_sealed"].get(version) == simdjson::SUCCESS && version == 1;
}

// Every function returns true when the value fits, and writes the violation otherwise. The pointer grows on
// the way back up, so a value that fits costs no allocation.
class Checker {
 public:
  bool value(const SchemaNode& node, element value);
  Violation take() { return std::move(violation_); }

 private:
  bool fail(std::string message) {
    violation_.message = std::move(message);
    return false;
  }

  bool fail_below(std::string_view name) {
    std::string pointer;
    append_pointer(pointer, name);
    violation_.pointer.insert(0, pointer);
    return false;
  }

  bool fail_type(const SchemaNode& node, element value, unsigned types);
  bool one_of(const SchemaNode& node, element value);
  bool number(const SchemaNode& node, element value);
  bool text(const SchemaNode& node, std::string_view text, element value);
  bool array(const SchemaNode& node, const simdjson::dom::array& array);
  bool object(const SchemaNode& node, const simdjson::dom::object& object);
  bool additional(const SchemaNode& node, element member);
  bool all_required(const SchemaNode& node, const simdjson::dom::object& object);
  bool count(const Bounds& bounds, std::size_t count, std::string_view what);

  Violation violation_;
};

bool Checker::fail_type(const SchemaNode& node, element value, unsigned types) {
  std::string expected;
  std::string_view actual;
  for (const TypeName& known : type_names) {
    if ((types & known.bit) != 0 && actual.empty()) actual = known.name;
    if ((node.types & known.bit) == 0) continue;
    if (!expected.empty()) expected += " or ";
    expected += known.name;
  }
  std::string message = "is ";
  const bool scalar = (types & (type_array | type_object | type_null)) == 0;
  if (scalar) message += shown(value, node.secret) + ", of type ";
  return fail(message.append(actual).append(", expected ").append(expected));
}

bool Checker::value(const SchemaNode& node, element value) {
  if (!node.personal_subject.empty() && is_sealed(value)) return true;  // checked before it was sealed
  const element_type type = value.type();
  if (node.types != 0) {
    const unsigned types = types_of(value, type);
    if ((node.types & types) == 0) return fail_type(node, value, types);
  }
  if ((!node.enumeration.empty() || node.constant) && !one_of(node, value)) return false;
  switch (type) {
    case element_type::STRING: return text(node, std::string_view(value), value);
    case element_type::ARRAY: return array(node, simdjson::dom::array(value));
    case element_type::OBJECT: return object(node, simdjson::dom::object(value));
    case element_type::BOOL:
    case element_type::NULL_VALUE: return true;
    default: return number(node, value);
  }
}

bool Checker::one_of(const SchemaNode& node, element value) {
  if (node.constant && !equals(*node.constant, value)) {
    return fail("is " + shown(value, node.secret) + ", expected " + shown(*node.constant, false));
  }
  if (node.enumeration.empty()) return true;
  for (const element allowed : node.enumeration) {
    if (equals(allowed, value)) return true;
  }
  std::string message = "is " + shown(value, node.secret) + ", expected one of ";
  constexpr std::size_t shown_max = 8;
  for (std::size_t i = 0; i < node.enumeration.size() && i < shown_max; ++i) {
    if (i > 0) message += ", ";
    message += shown(node.enumeration[i], false);
  }
  if (node.enumeration.size() > shown_max) message += ", ...";
  return fail(std::move(message));
}

bool Checker::number(const SchemaNode& node, element value) {
  if (!node.minimum && !node.maximum && !node.exclusive_minimum && !node.exclusive_maximum) return true;
  const double number = number_of(value);
  const auto refuse = [&](std::string_view relation, double bound) {
    std::string message = "is " + shown(value, node.secret) + ", expected ";
    return fail(message.append(relation).append(number_text(bound)));
  };
  if (node.minimum && number < *node.minimum) return refuse("at least ", *node.minimum);
  if (node.maximum && number > *node.maximum) return refuse("at most ", *node.maximum);
  if (node.exclusive_minimum && number <= *node.exclusive_minimum) {
    return refuse("more than ", *node.exclusive_minimum);
  }
  if (node.exclusive_maximum && number >= *node.exclusive_maximum) {
    return refuse("less than ", *node.exclusive_maximum);
  }
  return true;
}

bool Checker::text(const SchemaNode& node, std::string_view text, element value) {
  // A code point is one to four bytes, so most texts need no counting.
  if (text.size() > node.length.max || text.size() / 4 < node.length.min) {
    if (!count(node.length, code_points(text), "characters")) return false;
  }
  const auto refuse = [&](std::string_view expected) {
    std::string message = "is " + shown(value, node.secret);
    return fail(message.append(", expected ").append(expected));
  };
  switch (node.format) {
    case Format::none: break;
    case Format::uuid:
      if (!is_uuid(text)) return refuse("a UUID in lower case");
      break;
    case Format::date:
      if (!is_date(text)) return refuse("a date such as 2026-01-31");
      break;
    case Format::date_time:
      if (!parse_time(text)) return refuse("a time such as 2026-01-31T12:30:00Z");
      break;
  }
  if (node.pattern && !RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *node.pattern)) {
    return refuse("text that matches " + cut(node.pattern->pattern(), shown_bytes_max));
  }
  return true;
}

bool Checker::count(const Bounds& bounds, std::size_t count, std::string_view what) {
  const bool too_few = count < bounds.min;
  if (!too_few && count <= bounds.max) return true;
  std::string message = "has " + std::to_string(count) + " ";
  message.append(what).append(too_few ? ", expected at least " : ", expected at most ");
  return fail(message + std::to_string(too_few ? bounds.min : bounds.max));
}

bool has_twins(const simdjson::dom::array& array, std::size_t count) {
  constexpr std::size_t few = 16;
  if (count <= few) {
    for (auto left = array.begin(); left != array.end(); ++left) {
      auto right = left;
      for (++right; right != array.end(); ++right) {
        if (equals(*left, *right)) return true;
      }
    }
    return false;
  }
  // Comparing each with each would let a long array take minutes.
  std::vector<std::string> texts;
  texts.reserve(count);
  for (const element item : array) append_canonical(item, texts.emplace_back());
  std::sort(texts.begin(), texts.end());
  return std::adjacent_find(texts.begin(), texts.end()) != texts.end();
}

bool Checker::array(const SchemaNode& node, const simdjson::dom::array& array) {
  if (!count(node.items_count, array.size(), "items")) return false;
  if (node.items) {
    std::size_t index = 0;
    for (const element item : array) {
      if (!value(*node.items, item)) return fail_below(std::to_string(index));
      ++index;
    }
  }
  if (node.unique_items && has_twins(array, array.size())) return fail("has an item twice");
  return true;
}

bool Checker::object(const SchemaNode& node, const simdjson::dom::object& object) {
  if (!count(node.member_count, object.size(), "members")) return false;
  std::size_t hint = 0;
  std::size_t required = 0;
  for (const auto& [name, member] : object) {
    const SchemaNode::Member* known = node.find(name, hint);
    if (known != nullptr) {
      hint = static_cast<std::size_t>(known - node.members.data()) + 1;
      if (known->required) ++required;
    }
    const bool fits =
        known != nullptr && known->node ? value(*known->node, member) : additional(node, member);
    if (!fits) return fail_below(name);
  }
  // A reader refuses a member twice, so the count tells whether all are there.
  return required == node.required_count || all_required(node, object);
}

bool Checker::additional(const SchemaNode& node, element member) {
  if (!node.allows_additional()) return fail("is not declared");
  return !node.additional_node || value(*node.additional_node, member);
}

bool Checker::all_required(const SchemaNode& node, const simdjson::dom::object& object) {
  for (const SchemaNode::Member& member : node.members) {
    if (member.required && object.at_key(member.name).error() != simdjson::SUCCESS) {
      fail("is missing");
      return fail_below(member.name);
    }
  }
  return true;
}

PropertyType property_type(const SchemaNode& node) {
  const unsigned types = node.types & ~unsigned{type_null};
  switch (types) {
    case type_string:
      switch (node.format) {
        case Format::none: return PropertyType::string;
        case Format::uuid: return PropertyType::uuid;
        case Format::date: return PropertyType::date;
        case Format::date_time: return PropertyType::date_time;
      }
      return PropertyType::string;
    case type_integer: return PropertyType::integer;
    case type_number: return PropertyType::number;
    case type_boolean: return PropertyType::boolean;
    case type_object:
    case type_array:
    case unsigned{type_object} | unsigned{type_array}: return PropertyType::object_or_array;
    default: return PropertyType::any;
  }
}

}  // namespace

const SchemaNode::Member* SchemaNode::find(std::string_view name, std::size_t hint) const {
  if (hint < members.size() && members[hint].name == name) return &members[hint];
  if (by_name.empty()) {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const Member& member) { return member.name == name; });
    return found == members.end() ? nullptr : &*found;
  }
  const auto found = std::lower_bound(
      by_name.begin(), by_name.end(), name,
      [this](std::uint32_t index, std::string_view wanted) { return members[index].name < wanted; });
  return found == by_name.end() || members[*found].name != name ? nullptr : &members[*found];
}

Schema Schema::compile(std::string_view file, std::string_view text) {
  Schema schema;
  schema.root_->reader = std::make_unique<Reader>();
  schema.root_->top = compile_schema(file, text, *schema.root_->reader);
  for (const SchemaNode::Member& member : schema.root_->top->members) {
    if (member.node == nullptr) continue;
    schema.properties_.push_back({.name = member.name,
                                  .type = property_type(*member.node),
                                  .required = member.required,
                                  .personal = !member.node->personal_subject.empty(),
                                  .personal_subject = member.node->personal_subject});
  }
  return schema;
}

std::optional<Violation> Schema::check(simdjson::dom::element value) const {
  Checker checker;
  if (checker.value(*root_->top, value)) return std::nullopt;
  return checker.take();
}

const std::vector<Schema::Property>& Schema::properties() const { return properties_; }

Schema::Schema() : root_(std::make_unique<Node>()) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

}  // namespace reeve::json
