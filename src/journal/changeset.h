#pragma once
// The changeset: the exact rows that one event changed, net, in the stored form of
// docs/journal_format.md. In short:
//
//   changeset := change*                       sorted by table number, then key
//   change    := head key body                 head: varint of table number * 4 + operation
//   key       := value for each key column, in order of the primary key
//   insert    := mask value*                   mask: a bit for each other column, by name, that is not NULL
//   remove    := mask value*                   the same, of the row that was
//   update    := mask (old new)*               mask: a bit for each other column, by name, that changed
//   value     := 0 | 1 zigzag | 2 double | 3 text | 4 bytes | 5 prefix suffix middle (new text, of old)
//
// Tables and columns are those of the epoch of the event.

#include "base/value.h"
#include "journal/layout.h"

#include <compare>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::journal {

/// A row as the engine has it: one value for each column, in order of declaration. Null: no such row.
using Row = const ValueView*;

/// One net change. A changed primary key is a remove and an insert.
struct Change {
  int table = 0;
  Row before = nullptr;
  Row after = nullptr;

  Row any() const { return after != nullptr ? after : before; }
};

/// Order of values within one column: NULL first, then by value; text and bytes by bytes.
std::strong_ordering compare_values(const ValueView& left, const ValueView& right);
/// Order by key columns; both rows are of this table.
std::strong_ordering compare_keys(const TableLayout& table, Row left, Row right);
bool equal_rows(const TableLayout& table, Row left, Row right);

/// Appends the stored form. `changes` are net and sorted.
void append_changeset(const Layout& layout, std::span<const Change> changes, std::string& out);

/// A change as read back. Values point into the stored bytes or the reader; valid until its next call.
struct StoredChange {
  enum class Operation : std::uint8_t { insert = 0, update = 1, remove = 2 };
  int table = 0;
  Operation operation = Operation::insert;
  std::vector<ValueView> key;     ///< in order of the primary key
  std::vector<int> columns;       ///< places in the layout's columns: the values present below
  std::vector<ValueView> before;  ///< of update and remove
  std::vector<ValueView> after;   ///< of insert and update
};

class ChangesetReader {
 public:
  ChangesetReader(const Layout& layout, std::string_view bytes) : layout_(layout), rest_(bytes) {}
  /// False at the end. Throws Error corrupt when the bytes are no changeset of this layout.
  bool next(StoredChange& change);

 private:
  std::uint64_t varint();
  ValueView value();
  ValueView spliced(std::string_view old);
  std::string_view take(std::size_t size);
  [[noreturn]] static void corrupt(const char* what);

  const Layout& layout_;
  std::string_view rest_;
  std::vector<std::string> texts_;  ///< spliced ones
};

/// Of the changesets of a group, each with its length before it: the one at a place from 0. Nothing when the bytes
/// end before.
std::optional<std::string_view> changeset_at(std::string_view changesets, std::int64_t place);

/// For people: [{"table":..,"operation":..,"key":{..},"before":{..},"after":{..}}, ...] as canonical JSON.
std::string changeset_json(const Layout& layout, std::string_view bytes);

/// The same of a migration's: varint of the length of the removals, removals, inserts.
std::string schema_changeset_json(const Layout& before, const Layout& after, std::string_view changeset);

/// One value of a column of a type as JSON: booleans as true and false, jsonb as it is, bytes as base64.
void append_value_json(sql::Type type, const ValueView& value, std::string& out);

}  // namespace reeve::journal
