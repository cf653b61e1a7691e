#include "history/difference.h"

#include "history/pinned_rows.h"
#include "history/row_key.h"
#include "state/rows.h"

#include <algorithm>
#include <map>

namespace reeve::history {

namespace {

using Operation = RowChange::Operation;

ColumnChange column_change(const journal::ColumnLayout& column, const ValueView& before,
                           const ValueView& after) {
  return {column.name, std::string(sql::name_of(column.type)), before.to_value(), after.to_value()};
}

void sort_by_name(RowChange& change) {
  std::sort(change.columns.begin(), change.columns.end(),
            [](const ColumnChange& left, const ColumnChange& right) { return left.name < right.name; });
}

using PinnedRow = std::map<std::string, ColumnChange>;
using RowKey = std::pair<std::string, std::string>;

/// The rows of the reference tables after an event, by table and key; of each row its columns, the value in `after`.
std::map<RowKey, PinnedRow> pinned_rows(Timeline& timeline, std::int64_t sequence) {
  std::map<RowKey, PinnedRow> rows;
  const auto pin = timeline.pin_at(sequence);
  if (!pin) {
    return rows;
  }
  const PinnedRows pinned(timeline, *pin);
  for (const journal::TableLayout& table : timeline.state(timeline.epoch_at(sequence))->layout.tables) {
    if (!table.reference) {
      continue;
    }
    pinned.scan(table, [&](journal::Row row) {
      std::vector<ValueView> key;
      for (const int place : table.key) {
        key.push_back(row[place]);
      }
      PinnedRow& columns = rows[{table.name, key_json(table, key)}];
      for (const int place : table.rest) {
        if (!row[place].is_null()) {
          columns[table.column(place).name] = column_change(table.column(place), {}, row[place]);
        }
      }
      return true;
    });
  }
  return rows;
}

std::vector<RowChange> pinned_changes(Timeline& timeline, std::int64_t before, std::int64_t after) {
  const auto before_pin = timeline.pin_at(before);
  const auto after_pin = timeline.pin_at(after);
  if ((before_pin ? before_pin->sequence : 0) == (after_pin ? after_pin->sequence : 0)) {
    return {};
  }
  const std::map<RowKey, PinnedRow> old_rows = pinned_rows(timeline, before);
  const std::map<RowKey, PinnedRow> new_rows = pinned_rows(timeline, after);
  std::vector<RowChange> changes;
  const auto compare = [&](const RowKey& key, const PinnedRow* old_row, const PinnedRow* new_row) {
    RowChange change{key.first,
                     key.second,
                     old_row == nullptr   ? Operation::insert
                     : new_row == nullptr ? Operation::remove
                                          : Operation::update,
                     {}};
    std::map<std::string, ColumnChange> columns;
    if (old_row != nullptr) {
      for (const auto& [name, column] : *old_row) {
        columns[name] = {column.name, column.type, column.after, {}};
      }
    }
    if (new_row != nullptr) {
      for (const auto& [name, column] : *new_row) {
        ColumnChange& place = columns[name];
        place = {column.name, column.type, place.before, column.after};
      }
    }
    for (const auto& [name, column] : columns) {
      if (column.before != column.after) {
        change.columns.push_back(column);
      }
    }
    if (change.operation != Operation::update || !change.columns.empty()) {
      changes.push_back(std::move(change));
    }
  };
  for (const auto& [key, row] : old_rows) {
    const auto found = new_rows.find(key);
    compare(key, &row, found == new_rows.end() ? nullptr : &found->second);
  }
  for (const auto& [key, row] : new_rows) {
    if (!old_rows.contains(key)) {
      compare(key, nullptr, &row);
    }
  }
  return changes;
}

}  // namespace

RowChange row_change(const state::ChangeFold::Row& row, bool reversed) {
  RowChange change;
  change.table = row.table->name;
  change.key = key_json(std::span(row.table->columns).first(row.table->key_size), row.key);
  const bool existed = reversed ? row.exists : row.existed;
  const bool exists = reversed ? row.existed : row.exists;
  change.operation = !existed ? Operation::insert : !exists ? Operation::remove : Operation::update;
  const ValueView none{};
  for (std::size_t place = row.table->key_size; place < row.width; ++place) {
    if (row.known[place] == 0) {
      continue;
    }
    const ValueView& first = reversed ? row.after[place] : row.before[place];
    const ValueView& second = reversed ? row.before[place] : row.after[place];
    const ValueView& before = existed ? first : none;
    const ValueView& after = exists ? second : none;
    if (!(before == after)) {
      change.columns.push_back(column_change(row.table->columns[place], before, after));
    }
  }
  sort_by_name(change);
  return change;
}

void diff(Timeline& timeline, std::int64_t before, std::int64_t after,
          const std::function<bool(const RowChange&)>& row) {
  timeline.check(before);
  timeline.check(after);
  const bool reversed = after < before;
  state::ChangeFold fold;
  timeline.fold(std::min(before, after), std::max(before, after), fold);
  const std::vector<RowChange> pinned = pinned_changes(timeline, before, after);
  auto next = pinned.begin();
  const auto precedes = [](const RowChange& left, const RowChange& right) {
    return std::tie(left.table, left.key) < std::tie(right.table, right.key);
  };
  for (const state::ChangeFold::Row& folded : fold.rows()) {
    if (!folded.changed()) {
      continue;
    }
    const RowChange change = row_change(folded, reversed);
    while (next != pinned.end() && precedes(*next, change)) {
      if (!row(*next++)) {
        return;
      }
    }
    if (!row(change)) {
      return;
    }
  }
  while (next != pinned.end() && row(*next)) {
    ++next;
  }
}

}  // namespace reeve::history
