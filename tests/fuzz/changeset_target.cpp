// Input: bytes of a changeset, then `%%` and a layout as it is stored (without one, this target's).
//   What is read and written again is read as the same; what was written so is written the same.
//   Canonical bytes of a row, read by docs/state_hash.md alone, are the row.
//   What is shown to people is JSON, if the values are what their columns take.

#include "base/json.h"
#include "base/utf8.h"
#include "fuzz/support.h"
#include "fuzz/targets.h"
#include "journal/changeset.h"
#include "journal/layout.h"
#include "state/state_hash.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace reeve::fuzz {
namespace {

using journal::Change;
using journal::Layout;
using journal::StoredChange;

constexpr std::string_view own_layout =
    R"([{"key":[{"name":"id","type":"bigint"}],"rest":[{"name":"born","type":"date"},{"name":"data","type":"bytea"},)"
    R"({"name":"mind","type":"jsonb"},{"name":"name","type":"text"},{"name":"on","type":"boolean"},)"
    R"({"name":"rate","type":"double precision"}],"table":"a"},)"
    R"({"key":[{"name":"x","type":"text"},{"name":"y","type":"integer"}],"rest":[],"table":"b"},)"
    R"({"key":[{"name":"k","type":"uuid"}],"rest":[{"name":"c1","type":"text"},{"name":"c2","type":"text"},)"
    R"({"name":"c3","type":"text"},{"name":"c4","type":"text"},{"name":"c5","type":"text"},)"
    R"({"name":"c6","type":"text"},{"name":"c7","type":"text"},{"name":"c8","type":"text"},)"
    R"({"name":"c9","type":"timestamptz"}],"table":"c"}])";

/// A change that owns its rows, in the order of the layout's columns.
struct Owned {
  int table = 0;
  std::vector<Value> before;
  std::vector<Value> after;
  bool has_before = false;
  bool has_after = false;
  bool operator==(const Owned&) const = default;
};

/// A row in which the columns that an update leaves alone are NULL.
std::vector<Value> row_of(const journal::TableLayout& table, const StoredChange& change,
                          const std::vector<ValueView>& values) {
  std::vector<Value> row(table.columns.size());
  for (std::size_t i = 0; i < table.key.size(); ++i)
    row[static_cast<std::size_t>(table.key[i])] = change.key[i].to_value();
  for (std::size_t i = 0; i < values.size(); ++i)
    row[static_cast<std::size_t>(change.columns[i])] = values[i].to_value();
  return row;
}

std::vector<Owned> read_all(const Layout& layout, std::string_view bytes) {
  std::vector<Owned> all;
  journal::ChangesetReader reader(layout, bytes);
  StoredChange change;
  while (reader.next(change)) {
    const auto& table = layout.table(change.table);
    Owned owned;
    owned.table = change.table;
    owned.has_before = change.operation != StoredChange::Operation::insert;
    owned.has_after = change.operation != StoredChange::Operation::remove;
    if (owned.has_before) owned.before = row_of(table, change, change.before);
    if (owned.has_after) owned.after = row_of(table, change, change.after);
    all.push_back(std::move(owned));
  }
  return all;
}

std::vector<ValueView> views_of(const std::vector<Value>& row) {
  std::vector<ValueView> views;
  for (const Value& value : row) views.push_back(ValueView::of(value));
  return views;
}

std::string write_all(const Layout& layout, const std::vector<Owned>& all) {
  std::string out;
  for (const Owned& owned : all) {
    const auto before = views_of(owned.before);
    const auto after = views_of(owned.after);
    const Change change{owned.table, owned.has_before ? before.data() : nullptr,
                        owned.has_after ? after.data() : nullptr};
    journal::append_changeset(layout, {&change, 1}, out);
  }
  return out;
}

/// Whether the values are of the kinds that an engine stores in columns of these types.
bool fits(const journal::TableLayout& table, const std::vector<Value>& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (std::holds_alternative<Null>(row[i])) continue;
    switch (table.columns[i].type) {
      case sql::Type::boolean:
      case sql::Type::integer:
      case sql::Type::bigint:
        if (!std::holds_alternative<std::int64_t>(row[i])) return false;
        break;
      case sql::Type::double_precision: {
        const auto* real = std::get_if<double>(&row[i]);
        if (real == nullptr || !std::isfinite(*real)) return false;
        break;
      }
      case sql::Type::bytea:
        if (!std::holds_alternative<Bytes>(row[i])) return false;
        break;
      case sql::Type::jsonb: {
        const auto* text = std::get_if<std::string>(&row[i]);
        if (text == nullptr || !unless_refused([&] { return json::canonical(*text); })) return false;
        break;
      }
      default: {
        const auto* text = std::get_if<std::string>(&row[i]);
        if (text == nullptr || !is_valid_utf8(*text) || text->find('\0') != std::string::npos) return false;
      }
    }
  }
  return true;
}

/// Reads the canonical bytes of a row by the specification.
class CanonicalReader {
 public:
  explicit CanonicalReader(std::string_view bytes) : rest_(bytes) {}

  void check(const journal::TableLayout& table, const std::vector<Value>& row) {
    require(text() == "reeve.row.1" && text() == table.name && number() == table.key.size(), "a row's head");
    std::vector<int> places = table.key;
    places.insert(places.end(), table.rest.begin(), table.rest.end());
    for (const int place : places) {
      const Value& value = row[static_cast<std::size_t>(place)];
      if (std::holds_alternative<Null>(value)) continue;
      const auto& column = table.column(place);
      require(text() == column.name, "a column's name");
      require(static_cast<std::uint8_t>(take(1)[0]) == tag(column.type), "a type's tag");
      check_value(value);
    }
    require(rest_.empty(), "a row has nothing behind it");
  }

 private:
  static std::uint8_t tag(sql::Type type) {
    switch (type) {
      case sql::Type::boolean: return 1;
      case sql::Type::integer:
      case sql::Type::bigint: return 2;
      case sql::Type::double_precision: return 3;
      case sql::Type::text: return 4;
      case sql::Type::uuid: return 5;
      case sql::Type::date: return 6;
      case sql::Type::timestamptz: return 7;
      case sql::Type::jsonb: return 8;
      default: return 9;
    }
  }
  void check_value(const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      require(word() == static_cast<std::uint64_t>(*integer), "an integer");
    } else if (const auto* real = std::get_if<double>(&value)) {
      require(word() == std::bit_cast<std::uint64_t>(*real + 0.0), "a double");
    } else if (const auto* string = std::get_if<std::string>(&value)) {
      require(text() == *string, "a text");
    } else {
      const auto& bytes = std::get<Bytes>(value);
      require(text() == std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), "bytes");
    }
  }
  std::string_view take(std::size_t size) {
    require(size <= rest_.size(), "a row does not end early");
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint32_t number() {
    std::uint32_t number = 0;
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
  }
  std::uint64_t word() {
    std::uint64_t word = 0;
    std::memcpy(&word, take(sizeof word).data(), sizeof word);
    return word;
  }
  std::string_view text() { return take(number()); }

  std::string_view rest_;
};

void check_row(const Layout& layout, int table, const std::vector<Value>& row) {
  const auto views = views_of(row);
  std::string bytes;
  state::RowEncoder(layout).append(table, views.data(), bytes);
  CanonicalReader(bytes).check(layout.table(table), row);
}

/// Gives the layout of a stored text, if it is one that can be stored.
std::optional<Layout> layout_of(std::string_view text) {
  auto layout = unless_refused([&] { return Layout::of_json(text); });
  if (!layout) return std::nullopt;
  const std::string written = layout->to_json();
  require(Layout::of_json(written).to_json() == written, "a layout is written as it was read", written);
  return layout;
}

}  // namespace

void changeset(std::string_view input) {
  static const Layout own = Layout::of_json(own_layout);
  const auto parts = parts_of(input, 2);
  const auto given = parts[1].empty() ? std::optional(own) : layout_of(parts[1]);
  if (!given) return;
  const Layout& layout = *given;
  unless_refused([&] { return journal::changeset_at(parts[0], 3); });
  const auto shown = unless_refused([&] { return journal::changeset_json(layout, parts[0]); });
  unless_refused([&] { return journal::schema_changeset_json(layout, own, parts[0]); });
  const auto all = unless_refused([&] { return read_all(layout, parts[0]); });
  if (!all) return;
  const std::string written = write_all(layout, *all);
  const auto again = read_all(layout, written);
  require(again.size() == all->size(), "what is written is read again");
  require(write_all(layout, again) == written, "what was written is written the same");
  bool valid = true;
  for (std::size_t i = 0; i < all->size(); ++i) {
    const Owned& owned = (*all)[i];
    if (owned.has_before != owned.has_after) require(owned == again[i], "what is read again is the same");
    const auto& table = layout.table(owned.table);
    valid = valid && fits(table, owned.before) && fits(table, owned.after);
    if (owned.has_after && fits(table, owned.after)) check_row(layout, owned.table, owned.after);
  }
  if (valid && parts[1].empty()) {
    require(shown.has_value(), "what is valid is shown");
    require(unless_refused([&] { return json::canonical(*shown); }) == shown, "what is shown is JSON",
            *shown);
  }
}

}  // namespace reeve::fuzz
