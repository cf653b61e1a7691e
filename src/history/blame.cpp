#include "history/blame.h"

#include "history/difference.h"
#include "history/row_key.h"
#include "journal/group_reader.h"
#include "journal/varint.h"
#include "state/reference.h"
#include "state/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace reeve::history {

namespace {

/// What is asked for: a row by its table and key, in whatever layouts it had.
struct Wanted {
  std::string table;
  std::string key;
  std::string column;  ///< empty: the row
};

/// The newest epoch in which there is the table. Throws Error not_found.
int epoch_of_table(Timeline& timeline, std::string_view table) {
  for (int epoch = static_cast<int>(timeline.epochs().size()) - 1; epoch >= 0; --epoch) {
    const journal::Layout& layout = timeline.layout(epoch);
    const int number = layout.find(table);
    if (number >= 0 && layout.table(number).reference) {
      throw Error(
          ErrorCode::invalid_input,
          fmt::format("the rows of {} come by versions that are pinned, and no event changes one", table),
          "`reeve reference list` says which version is pinned, and by which event");
    }
    if (number >= 0) {
      return epoch;
    }
  }
  throw Error(ErrorCode::not_found, fmt::format("there is no table {}, nor was there one", table),
              "the migrations of the blueprint say which there are");
}

/// Throws Error not_found for a column that no epoch knows.
void check_column(Timeline& timeline, const Wanted& wanted) {
  for (int epoch = static_cast<int>(timeline.epochs().size()) - 1; epoch >= 0; --epoch) {
    const int number = timeline.layout(epoch).find(wanted.table);
    if (number < 0) {
      continue;
    }
    const journal::TableLayout& table = timeline.layout(epoch).table(number);
    for (const int place : table.rest) {
      if (table.column(place).name == wanted.column) {
        return;
      }
    }
    for (const int place : table.key) {
      if (table.column(place).name == wanted.column) {
        throw Error(ErrorCode::invalid_input,
                    fmt::format("{} is part of the key of {}: it never changes", wanted.column, wanted.table),
                    "ask for the row: another key is another row");
      }
    }
  }
  throw Error(ErrorCode::not_found, fmt::format("{} has no column {}", wanted.table, wanted.column));
}

RowChange change_of(const journal::TableLayout& table, const journal::StoredChange& stored) {
  using Operation = RowChange::Operation;
  RowChange change;
  change.table = table.name;
  change.operation = stored.operation == journal::StoredChange::Operation::insert   ? Operation::insert
                     : stored.operation == journal::StoredChange::Operation::remove ? Operation::remove
                                                                                    : Operation::update;
  for (std::size_t i = 0; i < stored.columns.size(); ++i) {
    const journal::ColumnLayout& column = table.column(stored.columns[i]);
    change.columns.push_back({column.name, std::string(sql::name_of(column.type)),
                              i < stored.before.size() ? stored.before[i].to_value() : Value(Null{}),
                              i < stored.after.size() ? stored.after[i].to_value() : Value(Null{})});
  }
  return change;
}

/// The whole row's change in an event; nothing when it did not touch it.
std::optional<RowChange> row_change_of(Timeline& timeline, const Wanted& wanted, std::int64_t sequence,
                                       std::string_view changeset) {
  if (timeline.is_migration(sequence, changeset)) {
    state::ChangeFold fold({wanted.table});
    timeline.fold(sequence, changeset, fold);
    for (const state::ChangeFold::Row& row : fold.rows()) {
      if (row.changed() &&
          key_json(std::span(row.table->columns).first(row.table->key_size), row.key) == wanted.key) {
        return row_change(row, false);
      }
    }
    return std::nullopt;
  }
  const journal::Layout& layout = timeline.layout_at(sequence);
  const int number = layout.find(wanted.table);
  journal::ChangesetReader reader(layout, changeset);
  journal::StoredChange stored;
  while (number >= 0 && reader.next(stored)) {
    if (stored.table == number && key_json(layout.table(number), stored.key) == wanted.key) {
      RowChange change = change_of(layout.table(number), stored);
      change.key = wanted.key;
      return change;
    }
  }
  return std::nullopt;
}

/// The same, of the column that is asked for.
std::optional<RowChange> change_of(Timeline& timeline, const Wanted& wanted, std::int64_t sequence,
                                   std::string_view changeset) {
  std::optional<RowChange> change = row_change_of(timeline, wanted, sequence, changeset);
  if (!change || wanted.column.empty()) {
    return change;
  }
  // Who made or removed the row set each of its columns, those without a value too.
  std::erase_if(change->columns, [&](const ColumnChange& column) { return column.name != wanted.column; });
  if (change->columns.empty() && change->operation == RowChange::Operation::update) {
    return std::nullopt;
  }
  return change;
}

/// Events that may have touched the row, the last one first.
void each_touch(Timeline& timeline, const BlameSource& source, const Wanted& wanted,
                const std::function<bool(std::int64_t)>& touch) {
  if (source.sidecar != nullptr) {
    source.sidecar->touches(row_number(wanted.table, wanted.key),
                            wanted.column.empty() ? all_columns : column_bit(wanted.column),
                            timeline.head().sequence, touch);
    return;
  }
  std::vector<std::int64_t> found;
  journal::GroupReader reader(timeline.connection(), 0);
  std::int64_t sequence = 0;
  std::string_view changeset;
  while (reader.next(sequence, changeset)) {
    if (!changeset.empty() && change_of(timeline, wanted, sequence, changeset)) {
      found.push_back(sequence);
    }
  }
  for (auto one = found.rbegin(); one != found.rend() && touch(*one); ++one) {}
}

Blame blame_of(Timeline& timeline, const journal::Event& event, RowChange change) {
  Blame blame;
  blame.sequence = {event.sequence};
  blame.id = event.id;
  blame.type = event.type;
  blame.version = static_cast<int>(event.version);
  blame.time = event.time;
  blame.moment = event.moment;
  blame.actor = event.actor;
  blame.command = event.command;
  blame.payload = event.payload;
  blame.rule = rule_of(timeline, event, change.table);
  blame.change = std::move(change);
  return blame;
}

/// The row as the tables have it: its columns by name. Nothing when it is not there.
std::optional<std::map<std::string, Value>> live_row(Timeline& timeline, const Wanted& wanted,
                                                     const std::vector<Value>& key) {
  const int epoch = static_cast<int>(timeline.epochs().size()) - 1;
  const journal::Layout& layout = timeline.layout(epoch);
  const int number = layout.find(wanted.table);
  if (number < 0) {
    return std::nullopt;
  }
  std::vector<ValueView> views;
  for (const Value& value : key) {
    views.push_back(ValueView::of(value));
  }
  state::RowStore rows(timeline.connection(), layout);
  std::vector<ValueView> row;
  if (!rows.read(number, views, row)) {
    return std::nullopt;
  }
  std::map<std::string, Value> columns;
  for (const int place : layout.table(number).rest) {
    columns[layout.table(number).column(place).name] = row[static_cast<std::size_t>(place)].to_value();
  }
  return columns;
}

/// Whether the newest change leaves what the tables have.
bool fits_live_row(Timeline& timeline, const Wanted& wanted, const std::vector<Value>& key,
                   const std::optional<RowChange>& newest) {
  const auto live = live_row(timeline, wanted, key);
  if (!newest || newest->operation == RowChange::Operation::remove) {
    return !live;
  }
  if (!live) {
    return false;
  }
  return std::all_of(newest->columns.begin(), newest->columns.end(), [&](const ColumnChange& column) {
    const auto now = live->find(column.name);
    // A column that a later schema dropped is in no row.
    return now == live->end() || now->second == column.after;
  });
}

}  // namespace

std::vector<Blame> blame(Timeline& timeline, BlameSource& source, std::string_view table,
                         std::string_view key, std::string_view column, std::size_t limit) {
  const int epoch = epoch_of_table(timeline, table);
  const journal::Layout& layout = timeline.layout(epoch);
  std::vector<Value> values;
  const Wanted wanted{std::string(table), read_key(layout.table(layout.find(table)), key, &values),
                      std::string(column)};
  if (!wanted.column.empty()) {
    check_column(timeline, wanted);
  }
  std::vector<Blame> found;
  std::optional<RowChange> newest;
  each_touch(timeline, source, wanted, [&](std::int64_t sequence) {
    std::string changeset;
    const journal::Entry entry = timeline.read(sequence, changeset);
    if (auto change = change_of(timeline, wanted, sequence, changeset)) {
      newest = found.empty() ? change : newest;
      found.push_back(blame_of(timeline, entry.event, std::move(*change)));
    }
    return found.size() < limit;
  });
  if (source.sidecar != nullptr && !fits_live_row(timeline, wanted, values, newest)) {
    source.is_refuted = true;
  }
  return found;
}

std::vector<BlamedColumn> blame_columns(Timeline& timeline, BlameSource& source, std::string_view table,
                                        std::string_view key) {
  const int epoch = epoch_of_table(timeline, table);
  const journal::Layout& layout = timeline.layout(epoch);
  std::vector<Value> values;
  const Wanted wanted{std::string(table), read_key(layout.table(layout.find(table)), key, &values), {}};
  const auto live = live_row(timeline, wanted, values);
  if (!live) {
    return {};
  }
  std::vector<BlamedColumn> columns;
  for (const int place : layout.table(layout.find(table)).rest) {
    const journal::ColumnLayout& column = layout.table(layout.find(table)).column(place);
    const Value& now = live->at(column.name);
    columns.push_back(
        {{column.name, std::string(sql::name_of(column.type)), {}, now}, {}, {}, {}, {}, {}, {}});
  }
  std::size_t open = columns.size();
  each_touch(timeline, source, wanted, [&](std::int64_t sequence) {
    std::string changeset;
    const journal::Event event = timeline.read(sequence, changeset).event;
    const auto change = change_of(timeline, wanted, sequence, changeset);
    if (!change) {
      return true;
    }
    const Rule rule = rule_of(timeline, event, table);
    for (BlamedColumn& blamed : columns) {
      const auto of_column =
          std::find_if(change->columns.begin(), change->columns.end(),
                       [&](const ColumnChange& one) { return one.name == blamed.column.name; });
      const bool is_set =
          of_column != change->columns.end() || change->operation != RowChange::Operation::update;
      if (blamed.sequence.value != 0 || !is_set) {
        continue;
      }
      blamed.sequence = {sequence};
      blamed.type = event.type;
      blamed.time = event.time;
      blamed.actor = event.actor;
      blamed.command = event.command;
      blamed.rule = rule;
      --open;
      if (of_column != change->columns.end()) {
        blamed.column.before = of_column->before;
        source.is_refuted = source.is_refuted || of_column->after != blamed.column.after;
      }
    }
    return open > 0;
  });
  source.is_refuted = source.sidecar != nullptr && (source.is_refuted || open > 0);
  return columns;
}

}  // namespace reeve::history
