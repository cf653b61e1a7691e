#include "state/bulk_rows.h"

#include "state/schema_copy.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>

namespace reeve::state {

namespace {

using Of = engine::Array::Of;

/// How values of a type go through an array: what the array is of, and what makes them the column's.
struct Passage {
  Of of;
  std::string_view array;
  std::string_view before;  ///< of the name of the array's column
  std::string_view behind;
};

Passage passage_of(sql::Type type) {
  switch (type) {
    case sql::Type::boolean: return {Of::bigint, "bigint[]", "(", " <> 0)"};
    case sql::Type::integer: return {Of::bigint, "bigint[]", "", "::integer"};
    case sql::Type::bigint: return {Of::bigint, "bigint[]", "", ""};
    case sql::Type::double_precision: return {Of::real, "double precision[]", "", ""};
    case sql::Type::uuid: return {Of::uuid, "uuid[]", "", ""};
    case sql::Type::date: return {Of::text, "text[]", "", "::date"};
    case sql::Type::timestamptz: return {Of::timestamptz, "timestamptz[]", "", ""};
    case sql::Type::jsonb: return {Of::text, "text[]", "", "::jsonb"};
    case sql::Type::bytea: return {Of::bytea, "bytea[]", "", ""};
    case sql::Type::text:
    case sql::Type::interval:  // no column is one
    case sql::Type::unknown: break;
  }
  return {Of::text, "text[]", "", ""};
}

void add(engine::Array& array, const ValueView& value) {
  switch (value.kind()) {
    case ValueView::Kind::null: return array.add_null();
    case ValueView::Kind::integer: return array.add(value.integer());
    case ValueView::Kind::real: return array.add(value.real());
    case ValueView::Kind::text:
    case ValueView::Kind::bytes: return array.add(value.text());
  }
}

std::vector<int> all_places(const journal::TableLayout& table) {
  std::vector<int> places;
  for (int place = 0; place < static_cast<int>(table.columns.size()); ++place) {
    places.push_back(place);
  }
  return places;
}

/// Of the columns that a statement gives a value: all but those that the engine generates.
std::vector<int> given_places(const journal::TableLayout& table) {
  std::vector<int> places = all_places(table);
  std::erase_if(places, [&](int place) { return table.column(place).generated; });
  return places;
}

int place_of(const journal::TableLayout& table, std::string_view name) {
  for (int place = 0; place < static_cast<int>(table.columns.size()); ++place) {
    if (table.column(place).name == name) {
      return place;
    }
  }
  return -1;
}

bool any_differs(const std::set<int>& places, const journal::Change& change) {
  return std::any_of(places.begin(), places.end(),
                     [&](int place) { return !(change.before[place] == change.after[place]); });
}

}  // namespace

/// What becomes of the changes: rows of each table by what is done to them, and whose removals have to wait.
struct BulkRows::Plan {
  struct Rows {
    std::vector<journal::Row> removed;
    std::vector<journal::Row> inserted;
    std::vector<journal::Row> updated;
    std::set<int> columns;  ///< that an update changed
    bool is_late = false;   ///< what refers to the removed rows is turned elsewhere first
  };
  std::vector<Rows> tables;
};

BulkRows::BulkRows(engine::Connection& connection, const journal::Layout& layout,
                   const sql::Catalogue& catalogue)
    : connection_(connection), layout_(layout), single_(connection, layout), tables_(layout.tables.size()) {
  learn(catalogue);
}

void BulkRows::learn(const sql::Catalogue& catalogue) {
  if (connection_.engine() == engine::Engine::postgres) {
    for (const std::string& name : parents_first(catalogue)) {
      order_.push_back(layout_.find(name));
    }
  }
  for (const auto& [name, declared] : catalogue.tables) {
    const int number = layout_.find(name);
    const journal::TableLayout& layout = layout_.table(number);
    Table& table = tables_[static_cast<std::size_t>(number)];
    table.number = number;
    table.key = layout.key;
    for (const sql::UniqueKey& key : declared.unique_keys) {
      for (const std::string& column : key.columns) {
        table.unique_columns.insert(place_of(layout, column));
      }
    }
    has_deferred_constraints_ |= declared.has_deferred_constraints();
    for (const sql::ForeignKey& key : declared.foreign_keys) {
      const int target = layout_.find(key.target);
      tables_[static_cast<std::size_t>(target)].is_referenced = true;
      table.refers_to_itself = table.refers_to_itself || target == number;
      Table::Parent parent{target, {}};
      for (const std::string& column : key.columns) {
        parent.columns.insert(place_of(layout, column));
      }
      table.parents.push_back(std::move(parent));
    }
  }
  for (const auto& [name, index] : catalogue.indexes) {
    if (!index.unique) {
      continue;
    }
    Table& table = tables_[static_cast<std::size_t>(layout_.find(index.table))];
    table.has_unique_expressions = table.has_unique_expressions || index.where.has_value();
    for (std::string column : index.columns) {
      if (column.ends_with(" DESC")) {
        column.resize(column.size() - 5);
      }
      const int place = place_of(layout_.table(table.number), column);
      table.has_unique_expressions = table.has_unique_expressions || place < 0;
      if (place >= 0) {
        table.unique_columns.insert(place);
      }
    }
  }
}

BulkRows::Plan BulkRows::plan(std::span<const journal::Change> changes) const {
  Plan plan;
  plan.tables.resize(tables_.size());
  std::vector<int> turned;  // tables whose rows may refer to removed rows no more
  for (const journal::Change& change : changes) {
    const Table& table = tables_[static_cast<std::size_t>(change.table)];
    Plan::Rows& rows = plan.tables[static_cast<std::size_t>(change.table)];
    if (change.before == nullptr) {
      rows.inserted.push_back(change.after);
      continue;
    }
    if (change.after == nullptr) {
      rows.removed.push_back(change.before);
      continue;
    }
    // A unique value may go from one row to another: no order of single updates leads there.
    const bool moves_unique = table.has_unique_expressions || any_differs(table.unique_columns, change);
    if (moves_unique && !table.is_referenced) {
      rows.removed.push_back(change.before);
      rows.inserted.push_back(change.after);
      continue;
    }
    rows.updated.push_back(change.after);
    const journal::TableLayout& layout = layout_.table(change.table);
    for (const int place : layout.rest) {
      if (!layout.column(place).generated && !(change.before[place] == change.after[place])) {
        rows.columns.insert(place);
      }
    }
    for (const Table::Parent& parent : table.parents) {
      if (any_differs(parent.columns, change)) {
        plan.tables[static_cast<std::size_t>(parent.table)].is_late = true;
      }
    }
  }
  // What waits makes what it refers to wait.
  for (auto number = order_.rbegin(); number != order_.rend(); ++number) {
    const Plan::Rows& rows = plan.tables[static_cast<std::size_t>(*number)];
    if (rows.is_late && !rows.removed.empty()) {
      for (const Table::Parent& parent : tables_[static_cast<std::size_t>(*number)].parents) {
        plan.tables[static_cast<std::size_t>(parent.table)].is_late = true;
      }
    }
  }
  return plan;
}

void BulkRows::pack(std::span<const journal::Change> changes, Packed& packed) const {
  packed.changes_ = changes;
  packed.parts_.clear();
  if (connection_.engine() == engine::Engine::sqlite) {
    return;
  }
  const Plan plan = this->plan(changes);
  const auto remove = [&](bool late) {
    for (auto number = order_.rbegin(); number != order_.rend(); ++number) {
      const Plan::Rows& rows = plan.tables[static_cast<std::size_t>(*number)];
      if (rows.is_late == late) {
        pack(*number, Verb::remove, layout_.table(*number).key, rows.removed, packed);
      }
    }
  };
  remove(false);
  for (const int number : order_) {
    const Table& table = tables_[static_cast<std::size_t>(number)];
    const Plan::Rows& rows = plan.tables[static_cast<std::size_t>(number)];
    std::vector<int> updated = table.key;
    updated.insert(updated.end(), rows.columns.begin(), rows.columns.end());
    const std::vector<int> all = given_places(layout_.table(number));
    // An update may give a unique value free for a new row, or refer to one of its own table.
    if (table.refers_to_itself) {
      pack(number, Verb::insert, all, rows.inserted, packed);
      pack(number, Verb::update, updated, rows.updated, packed);
    } else {
      pack(number, Verb::update, updated, rows.updated, packed);
      pack(number, Verb::insert, all, rows.inserted, packed);
    }
  }
  remove(true);
}

void BulkRows::pack(int table, Verb verb, const std::vector<int>& columns,
                    const std::vector<journal::Row>& rows, Packed& packed) const {
  if (rows.empty()) {
    return;
  }
  Packed::Part& part = packed.parts_.emplace_back();
  part.table = table;
  part.verb = verb;
  part.columns = columns;
  part.rows = rows.size();
  for (const int column : columns) {
    engine::Array& array = part.arrays.emplace_back(passage_of(layout_.table(table).column(column).type).of);
    for (const journal::Row row : rows) {
      add(array, row[column]);
    }
  }
}

void BulkRows::write(std::span<const journal::Change> changes) {
  Packed packed;
  pack(changes, packed);
  write(packed);
}

void BulkRows::write(const Packed& packed) {
  if (connection_.engine() == engine::Engine::sqlite) {
    return write_file(packed.changes_);
  }
  for (const Packed::Part& part : packed.parts_) {
    engine::Statement& statement = prepared(part.table, part.verb, part.columns).statement;
    for (std::size_t i = 0; i < part.arrays.size(); ++i) {
      part.arrays[i].bind(statement, static_cast<int>(i) + 1);
    }
    statement.run();
    if (connection_.changes() != static_cast<std::int64_t>(part.rows)) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("rows of {} that change are not there", layout_.table(part.table).name),
                  "run `reeve verify`");
    }
  }
  if (has_deferred_constraints_) {
    connection_.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED");
  }
}

void BulkRows::write_file(std::span<const journal::Change> changes) {
  std::vector<journal::Change> inserted;
  std::vector<journal::Change> updated;
  journal::StoredChange stored;
  const auto take_key = [&](const journal::Change& change) {
    stored.table = change.table;
    stored.key.clear();
    stored.columns.clear();
    stored.before.clear();
    stored.after.clear();
    for (const int place : layout_.table(change.table).key) {
      stored.key.push_back(change.any()[place]);
    }
  };
  for (const journal::Change& change : changes) {
    const Table& table = tables_[static_cast<std::size_t>(change.table)];
    if (change.before != nullptr && change.after != nullptr && !table.has_unique_expressions &&
        !any_differs(table.unique_columns, change)) {
      updated.push_back(change);
      continue;
    }
    if (change.before != nullptr) {
      take_key(change);
      stored.operation = journal::StoredChange::Operation::remove;
      single_.write(stored);
    }
    if (change.after != nullptr) {
      inserted.push_back(change);
    }
  }
  for (const journal::Change& change : updated) {
    take_key(change);
    stored.operation = journal::StoredChange::Operation::update;
    for (const int place : layout_.table(change.table).rest) {
      if (!(change.before[place] == change.after[place])) {
        stored.columns.push_back(place);
        stored.after.push_back(change.after[place]);
      }
    }
    single_.write(stored);
  }
  for (const journal::Change& change : inserted) {
    single_.insert(change.table, change.after);
  }
}

void BulkRows::read(int table, const std::vector<std::vector<ValueView>>& keys,
                    const std::function<void(journal::Row)>& found) {
  if (connection_.engine() == engine::Engine::sqlite) {
    std::vector<ValueView> row;
    for (const std::vector<ValueView>& key : keys) {
      if (single_.read(table, key, row)) {
        found(row.data());
      }
    }
    return;
  }
  const journal::TableLayout& layout = layout_.table(table);
  Prepared& entry = prepared(table, Verb::read, layout.key);
  for (std::size_t i = entry.arrays.size(); i < layout.key.size(); ++i) {
    entry.arrays.emplace_back(passage_of(layout.column(layout.key[i]).type).of);
  }
  for (const std::vector<ValueView>& key : keys) {
    for (std::size_t i = 0; i < key.size(); ++i) {
      add(entry.arrays[i], key[i]);
    }
  }
  for (std::size_t i = 0; i < entry.arrays.size(); ++i) {
    entry.arrays[i].bind(entry.statement, static_cast<int>(i) + 1);
  }
  std::vector<ValueView> row(layout.columns.size());
  while (entry.statement.step()) {
    for (std::size_t place = 0; place < row.size(); ++place) {
      row[place] = entry.statement.column(static_cast<int>(place));
    }
    found(row.data());
  }
  entry.statement.reset();
  for (engine::Array& array : entry.arrays) {
    array.clear();
  }
}

BulkRows::Prepared& BulkRows::prepared(int table, Verb verb, const std::vector<int>& columns) {
  auto [place, fresh] = prepared_.try_emplace({{table, verb}, columns});
  Prepared& entry = place->second;
  if (fresh) {
    entry.statement = connection_.prepare(text_of(table, verb, columns));
    entry.statement.bind_text(static_cast<int>(columns.size()) + 1, connection_.ledger());
  }
  return entry;
}

std::string BulkRows::text_of(int table, Verb verb, const std::vector<int>& columns) const {
  const journal::TableLayout& layout = layout_.table(table);
  const std::string name = quote_name(layout.name);
  const auto list = [](std::string& out) -> std::string& { return out += out.empty() ? "" : ", "; };
  std::string names;
  std::string values;
  std::string arrays;
  std::string matches;
  std::string sets;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const int column = columns[i];
    const Passage passage = passage_of(layout.column(column).type);
    const std::string quoted = quote_name(layout.column(column).name);
    const std::string value = fmt::format("{}r.c{}{}", passage.before, i, passage.behind);
    list(names) += quoted;
    list(values) += value;
    list(arrays) += fmt::format("unnest(${}::{}) AS c{}", i + 1, passage.array, i);
    if (std::find(layout.key.begin(), layout.key.end(), column) != layout.key.end()) {
      matches += fmt::format(" AND t.{} = {}", quoted, value);
    } else {
      list(sets) += fmt::format("{} = {}", quoted, value);
    }
  }
  // One row of all arrays after the other: unnest() in FROM would first write each array to a store of its own.
  const std::string from = fmt::format("(SELECT {}) AS r", arrays);
  const std::string ledger = fmt::format("${}::uuid", columns.size() + 1);
  switch (verb) {
    case Verb::insert:
      return fmt::format("INSERT INTO {} ({}, ledger_id) SELECT {}, {} FROM {}", name, names, values, ledger,
                         from);
    case Verb::update:
      return fmt::format("UPDATE {} AS t SET {} FROM {} WHERE t.ledger_id = {}{}", name, sets, from, ledger,
                         matches);
    case Verb::remove:
      return fmt::format("DELETE FROM {} AS t USING {} WHERE t.ledger_id = {}{}", name, from, ledger,
                         matches);
    case Verb::read: break;
  }
  std::string all;
  for (const int place : all_places(layout)) {
    list(all) += "t." + quote_name(layout.column(place).name);
  }
  return fmt::format("SELECT {} FROM {} JOIN {} AS t ON t.ledger_id = {}{}", all, from, name, ledger,
                     matches);
}

}  // namespace reeve::state
