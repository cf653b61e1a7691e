#include "state/row_repair.h"

#include "state/bulk_rows.h"
#include "state/capture.h"
#include "state/row_difference.h"
#include "state/rows.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <vector>

namespace reeve::state {

namespace {

/// Rows that are looked for at once.
constexpr std::size_t rows_of_batch = 4096;

class Repair {
 public:
  Repair(engine::Connection& replayed, engine::Connection& live, const EpochState& epoch)
      : connection_(live),
        layout_(epoch.layout),
        expected_(replayed, layout_),
        live_(live, layout_),
        many_(live, layout_, epoch.catalogue),
        memory_(layout_) {}

  /// True when a row differs.
  bool find(int number) {
    const std::size_t before = changes_.size();
    const std::int64_t known = find_other(number);
    std::int64_t wanted = 0;
    expected_.scan(number, [&](journal::Row) { return ++wanted > 0; });
    if (wanted != known) {
      find_missing(number);
    }
    const auto begin = changes_.begin() + static_cast<std::ptrdiff_t>(before);
    std::sort(begin, changes_.end(), [&](const journal::Change& one, const journal::Change& other) {
      return std::is_lt(journal::compare_keys(layout_.table(number), one.any(), other.any()));
    });
    return changes_.size() > before;
  }

  void write() {
    // What is written here is in no event: nobody captures it (postgres_capture.sql).
    connection_.set_capture(false);
    try {
      many_.write(changes_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unique_violation && error.code() != ErrorCode::constraint_violation) {
        throw;
      }
      throw Error(ErrorCode::conflict,
                  "the rows can't be put right one after the other; nothing was switched: " + error.message(),
                  "`reeve export` the journal and `reeve import` it into a file, whose rows are right");
    }
    connection_.drain_changes();
  }

 private:
  /// Rows that are there and should not be, or not so. How many of those that should be are there.
  std::int64_t find_other(int number) {
    const journal::TableLayout& table = layout_.table(number);
    std::int64_t known = 0;
    std::vector<ValueView> key;
    std::vector<ValueView> right;
    live_.scan(number, [&](journal::Row row) {
      take_key(table, row, key);
      if (!expected_.read(number, key, right)) {
        changes_.push_back({number, keep(number, row), nullptr});
        return true;
      }
      ++known;
      if (!journal::equal_rows(table, right.data(), row)) {
        changes_.push_back({number, keep(number, row), keep(number, right.data())});
      }
      return true;
    });
    return known;
  }

  void find_missing(int number) {
    const journal::TableLayout& table = layout_.table(number);
    std::vector<journal::Row> rows;
    Capture batch(layout_);
    const auto look = [&] {
      std::vector<std::vector<ValueView>> keys;
      for (const journal::Row row : rows) {
        take_key(table, row, keys.emplace_back());
      }
      std::set<std::string> there;
      many_.read(number, keys, [&](journal::Row row) { there.insert(key_json(table, row)); });
      for (const journal::Row row : rows) {
        if (!there.contains(key_json(table, row))) {
          changes_.push_back({number, nullptr, keep(number, row)});
        }
      }
      rows.clear();
      batch.clear();
    };
    expected_.scan(number, [&](journal::Row row) {
      rows.push_back(batch.keep(number, {row, table.columns.size()}));
      if (rows.size() == rows_of_batch) {
        look();
      }
      return true;
    });
    look();
  }

  static void take_key(const journal::TableLayout& table, journal::Row row, std::vector<ValueView>& key) {
    key.clear();
    for (const int place : table.key) {
      key.push_back(row[place]);
    }
  }

  journal::Row keep(int number, journal::Row row) {
    return memory_.keep(number, {row, layout_.table(number).columns.size()});
  }

  engine::Connection& connection_;
  const journal::Layout& layout_;
  RowStore expected_;
  RowStore live_;
  BulkRows many_;
  Capture memory_;
  std::vector<journal::Change> changes_;
};

}  // namespace

std::set<std::string> repair_rows(engine::Connection& replayed, engine::Connection& live,
                                  const EpochState& epoch, const std::set<std::string>& tables) {
  Repair repair(replayed, live, epoch);
  std::set<std::string> repaired;
  for (int number = 0; number < static_cast<int>(epoch.layout.tables.size()); ++number) {
    const journal::TableLayout& table = epoch.layout.table(number);
    if (!tables.contains(table.name) || !repair.find(number)) {
      continue;
    }
    if (table.reference) {
      throw Error(
          ErrorCode::conflict,
          fmt::format("rows of the reference table {} differ, and are not this ledger's alone; nothing "
                      "was switched",
                      table.name),
          "`reeve verify` names them: put them right by hand, as the published version has them");
    }
    repaired.insert(table.name);
  }
  repair.write();
  return repaired;
}

}  // namespace reeve::state
