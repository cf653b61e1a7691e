#include "state/schema_change.h"

#include "journal/varint.h"
#include "sql/tree.h"
#include "state/capture.h"
#include "state/create_journal_to_look_at_sql.h"
#include "state/drop_journal_to_look_at_sql.h"
#include "state/has_journal_sql.h"
#include "state/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace reeve::state {

namespace {

/// Rows of one table by their canonical bytes; the order of the map is of no consequence.
struct TableRows {
  std::map<std::string, journal::Row> rows;
};

TableRows load_rows(engine::Connection& connection, const journal::Layout& layout, int table,
                    Capture& memory) {
  TableRows loaded;
  RowStore store(connection, layout);
  const RowEncoder encoder(layout);
  store.scan(table, [&](journal::Row row) {
    std::string bytes;
    encoder.append(table, row, bytes);
    loaded.rows.emplace(std::move(bytes), memory.keep(table, {row, layout.table(table).columns.size()}));
    return true;
  });
  return loaded;
}

/// Those of `left` that `right` has not, as a changeset of removals or inserts.
std::string difference(const journal::Layout& layout, const std::map<int, TableRows>& left,
                       const std::map<std::string, const TableRows*>& right, bool removals) {
  std::vector<journal::Change> changes;
  for (const auto& [table, rows] : left) {
    const auto other = right.find(layout.table(table).name);
    for (const auto& [bytes, row] : rows.rows) {
      if (other == right.end() || !other->second->rows.contains(bytes)) {
        changes.push_back({table, removals ? row : nullptr, removals ? nullptr : row});
      }
    }
  }
  std::sort(changes.begin(), changes.end(), [&](const journal::Change& one, const journal::Change& other) {
    return one.table != other.table ? one.table < other.table
                                    : journal::compare_keys(layout.table(one.table), one.any(),
                                                            other.any()) == std::strong_ordering::less;
  });
  std::string out;
  journal::append_changeset(layout, changes, out);
  return out;
}

std::map<std::string, const TableRows*> by_name(const journal::Layout& layout,
                                                const std::map<int, TableRows>& tables) {
  std::map<std::string, const TableRows*> names;
  for (const auto& [table, rows] : tables) {
    names.emplace(layout.table(table).name, &rows);
  }
  return names;
}

}  // namespace

void check_foreign_keys(engine::Connection& connection, ErrorCode code, std::string_view after,
                        std::string_view remedy) {
  engine::Statement row = connection.prepare("PRAGMA foreign_key_check", false);
  if (row.step()) {
    throw Error(code,
                fmt::format("after {}, rows of {} refer to rows of {} that are not there", after, row.text(0),
                            row.text(2)),
                std::string(remedy));
  }
}

struct RowsBefore::Rows {
  explicit Rows(const journal::Layout& layout) : memory(layout) {}
  Capture memory;
  std::map<int, TableRows> tables;
};

RowsBefore::RowsBefore(engine::Connection& connection, const sql::MigrationTranslation& translation,
                       const journal::Layout& layout)
    : connection_(connection),
      translation_(translation),
      layout_(layout),
      rows_(std::make_unique<Rows>(layout)) {
  for (const std::string& name : translation.tables_changed) {
    const int table = layout.find(name);
    if (table >= 0) {
      rows_->tables.emplace(table, load_rows(connection, layout, table, rows_->memory));
    }
  }
}

RowsBefore::~RowsBefore() = default;
RowsBefore::RowsBefore(RowsBefore&&) noexcept = default;

void RowsBefore::check(StateSums& sums) const {
  StateSums found(layout_);
  for (const auto& [table, rows] : rows_->tables) {
    for (const auto& [bytes, row] : rows.rows) {
      found.add(table, row);
    }
    if (found.sum(table) != sums.sum(table)) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("the rows of {} in {} are not those that the journal left",
                              layout_.table(table).name, connection_.name()),
                  "run `reeve verify` to see which; nothing is migrated until they are");
    }
  }
}

std::string RowsBefore::compare(const journal::Layout& after, StateSums& sums_before, StateSums& sums_after) {
  Capture memory_after(after);
  std::map<int, TableRows> rows_after;
  for (int table = 0; table < static_cast<int>(after.tables.size()); ++table) {
    const std::string& name = after.table(table).name;
    const int known = layout_.find(name);
    if (!translation_.tables_changed.contains(name)) {
      ensure(known >= 0, "a table that a migration did not touch was there before");
      sums_after.set_sum(table, sums_before.sum(known));
      continue;
    }
    TableRows& rows =
        rows_after.emplace(table, load_rows(connection_, after, table, memory_after)).first->second;
    for (const auto& [bytes, row] : rows.rows) {
      sums_after.add(table, row);
    }
  }
  const std::string removals = difference(layout_, rows_->tables, by_name(after, rows_after), true);
  const std::string inserts = difference(after, rows_after, by_name(layout_, rows_->tables), false);
  std::string changeset;
  journal::append_varint(removals.size(), changeset);
  return changeset + removals + inserts;
}

std::string captured_changeset(const journal::Layout& layout, const std::vector<journal::Change>& changes) {
  std::vector<journal::Change> removals;
  std::vector<journal::Change> inserts;
  for (const journal::Change& change : changes) {
    if (change.before != nullptr) {
      removals.push_back({change.table, change.before, nullptr});
    }
    if (change.after != nullptr) {
      inserts.push_back({change.table, nullptr, change.after});
    }
  }
  std::string removed;
  journal::append_changeset(layout, removals, removed);
  std::string changeset;
  journal::append_varint(removed.size(), changeset);
  changeset += removed;
  journal::append_changeset(layout, inserts, changeset);
  return changeset;
}

namespace {

/// As the tree guard does with each event.
void check_trees(engine::Connection& connection, const sql::MigrationTranslation& translation) {
  for (const auto& [name, table] : translation.after.tables) {
    if (table.tree.empty() || !translation.tables_changed.contains(name)) {
      continue;
    }
    engine::Statement row = connection.prepare(sql::tree_question_of_all(table), false);
    if (row.step() && row.integer(0) != 0) {
      throw Error(ErrorCode::constraint_violation, "after the migration, " + sql::tree_message(table),
                  "hang those rows elsewhere in the migration; nothing was changed");
    }
  }
}

/// SQLite looks through all views when a column goes or is renamed. In a scratch database, where a journal is replayed and
/// none stands, those that read it need one to look at.
void run_beside_a_journal(engine::Connection& connection, const std::vector<std::string>& statements) {
  const bool has_none = connection.value(embedded::has_journal_sql) == Value(std::int64_t{0});
  if (has_none) {
    connection.execute(embedded::create_journal_to_look_at_sql);
  }
  for (const std::string& statement : statements) {
    connection.execute(statement);
  }
  if (has_none) {
    connection.execute(embedded::drop_journal_to_look_at_sql);
  }
}

}  // namespace

SchemaChange change_schema(engine::Connection& connection, const sql::MigrationTranslation& translation,
                           const journal::Layout& before, const journal::Layout& after,
                           StateSums& sums_before, StateSums& sums_after) {
  RowsBefore rows(connection, translation, before);
  run_beside_a_journal(connection, translation.sqlite);
  check_foreign_keys(connection, ErrorCode::constraint_violation, "the migration",
                     "move or remove those rows in the migration; nothing was changed");
  check_trees(connection, translation);
  return {translation.after, rows.compare(after, sums_before, sums_after)};
}

ForeignKeysOff::ForeignKeysOff(engine::Connection& connection, bool off)
    : connection_(off && connection.value("PRAGMA foreign_keys") == Value(std::int64_t{1}) ? &connection
                                                                                           : nullptr) {
  if (connection_ != nullptr) {
    connection.set_foreign_keys(false);
  }
}

ForeignKeysOff::~ForeignKeysOff() {
  if (connection_ != nullptr) {
    connection_->set_foreign_keys(true);
  }
}

}  // namespace reeve::state
