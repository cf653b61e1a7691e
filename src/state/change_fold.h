#pragma once
// A stretch of a journal folded from its changesets alone: what each row was before it and is after it, as far as the
// changesets say. No row is read.

#include "journal/changeset.h"
#include "journal/layout.h"
#include "state/capture.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reeve::state {

/// Changesets of several layouts may be folded one behind the other: a table is its name with the names of its key's
/// columns, a column its name. Not thread-safe.
class ChangeFold {
 public:
  struct Table {
    std::string name;
    std::vector<journal::ColumnLayout>
        columns;  ///< those of the key first, in its order; then as they appeared
    std::size_t key_size = 0;
  };
  /// A row that was touched. Values are by the places of its table's columns; those of the key are set in `key` alone.
  struct Row {
    const Table* table = nullptr;
    std::span<const ValueView> key;
    bool existed = false;
    bool exists = false;
    std::size_t width = 0;  ///< columns beyond it were never heard of: NULL
    const ValueView* before = nullptr;
    const ValueView* after = nullptr;
    const std::uint8_t* known = nullptr;  ///< not 0: before and after are as they say; 0: it did not change

    bool changed(std::size_t place) const { return known[place] != 0 && !(before[place] == after[place]); }
    /// Something of it is another on balance.
    bool changed() const;
  };

  /// With names of tables, all others are passed over.
  explicit ChangeFold(std::set<std::string> tables = {}) : wanted_(std::move(tables)) {}

  /// The layout must live as long as the fold. Throws Error corrupt, naming the row, when a change does not follow from
  /// those before it.
  void add(const journal::Layout& layout, std::string_view changeset);
  /// Of a migration: removals by the layout before, inserts by that after.
  void add_migration(const journal::Layout& before, const journal::Layout& after, std::string_view changeset);

  /// All that were touched, sorted by name of table and key. Valid until the next add().
  std::vector<Row> rows() const;
  /// A row of a table as some layout has it; nothing when it was not touched, or is there under another key's columns.
  std::optional<Row> find(const journal::TableLayout& table, journal::Row row) const;
  std::size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    int table = 0;
    bool existed = false;
    bool exists = false;
    bool is_whole = false;  ///< it came or went: what nobody named of it is NULL
    std::size_t width = 0;
    ValueView* key = nullptr;
    ValueView* before = nullptr;
    ValueView* after = nullptr;
    std::uint8_t* known = nullptr;
  };
  /// A layout's tables and columns by their places here.
  struct Mapping {
    std::vector<int> tables;  ///< -1: not wanted
    std::vector<std::vector<std::size_t>> columns;
  };
  const Mapping& mapping(const journal::Layout& layout);
  Row row_of(const Slot& slot) const;
  int table_of(const journal::TableLayout& layout);
  Slot& slot(int table, const journal::StoredChange& change);
  void widen(Slot& slot);
  void fold(Slot& slot, const journal::StoredChange& change, const std::vector<std::size_t>& columns);
  [[noreturn]] void differs(const Slot& slot, std::string_view what) const;
  ValueView keep(const ValueView& value);
  template <typename T>
  T* take(std::size_t count);

  std::set<std::string> wanted_;
  std::vector<std::unique_ptr<Table>> tables_;
  std::map<std::pair<std::string, std::vector<std::string>>, int> table_numbers_;
  std::map<const journal::Layout*, Mapping> mappings_;
  Arena arena_;
  std::vector<Slot> slots_;
  std::unordered_map<std::string, std::uint32_t> places_;  ///< by table and key as bytes; looked up only
  std::string key_bytes_;
};

}  // namespace reeve::state
