#include "adoption/introspection.h"

#include "adoption/select_columns_sql.h"
#include "adoption/select_definition_sql.h"
#include "adoption/select_foreign_keys_sql.h"
#include "adoption/select_index_columns_sql.h"
#include "adoption/select_indexes_sql.h"
#include "adoption/select_tables_sql.h"
#include "adoption/select_triggers_sql.h"
#include "adoption/sqlite_text.h"

#include <algorithm>
#include <map>

namespace reeve::adoption {

namespace {

std::string text_or_empty(const engine::Statement& row, int column) {
  const ValueView value = row.column(column);
  return value.is_null() ? std::string() : std::string(value.text());
}

std::vector<OldColumn> read_columns(engine::Connection& old, const std::string& table) {
  std::vector<OldColumn> columns;
  engine::Statement row = old.prepare(embedded::select_columns_sql, false);
  row.bind_text(1, table);
  while (row.step()) {
    OldColumn column;
    column.name = row.text(0);
    column.declared = text_or_empty(row, 1);
    column.not_null = row.integer(2) != 0;
    if (!row.column(3).is_null()) {
      column.default_sql = row.text(3);
    }
    column.key_place = static_cast<int>(row.integer(4));
    column.generated = row.integer(5) > 1;
    columns.push_back(std::move(column));
  }
  return columns;
}

std::vector<OldForeignKey> read_foreign_keys(engine::Connection& old, const std::string& table) {
  std::vector<OldForeignKey> keys;
  engine::Statement row = old.prepare(embedded::select_foreign_keys_sql, false);
  row.bind_text(1, table);
  while (row.step()) {
    if (keys.empty() || keys.back().id != row.integer(0)) {
      keys.emplace_back();
      keys.back().id = row.integer(0);
      keys.back().target = row.text(1);
      keys.back().on_update = row.text(4);
      keys.back().on_delete = row.text(5);
    }
    keys.back().columns.emplace_back(row.text(2));
    if (!row.column(3).is_null()) {
      keys.back().target_columns.emplace_back(row.text(3));
    }
  }
  return keys;
}

std::string definition(engine::Connection& old, const std::string& name, std::string_view type) {
  engine::Statement row = old.prepare(embedded::select_definition_sql, false);
  row.bind_text(1, name);
  row.bind_text(2, type);
  return row.step() ? std::string(row.text(0)) : std::string();
}

std::vector<OldIndex> read_indexes(engine::Connection& old, const std::string& table) {
  std::vector<OldIndex> indexes;
  engine::Statement row = old.prepare(embedded::select_indexes_sql, false);
  row.bind_text(1, table);
  while (row.step()) {
    if (row.text(2) == "pk") {
      continue;
    }
    OldIndex index;
    index.name = row.text(0);
    index.unique = row.integer(1) != 0;
    index.of_constraint = row.text(2) == "u";
    index.plain = row.integer(3) == 0;
    indexes.push_back(std::move(index));
  }
  for (OldIndex& index : indexes) {
    index.sql = definition(old, index.name, "index");
    engine::Statement column = old.prepare(embedded::select_index_columns_sql, false);
    column.bind_text(1, index.name);
    while (column.step()) {
      index.plain = index.plain && !column.column(0).is_null() && text_or_empty(column, 2) == "BINARY";
      index.columns.push_back(text_or_empty(column, 0));
      index.descending.push_back(column.integer(1) != 0);
    }
  }
  return indexes;
}

/// SQLite gives the rowid under three names, unless columns have them.
std::string rowid_name(const std::vector<OldColumn>& columns) {
  for (const char* name : {"rowid", "_rowid_", "oid"}) {
    if (std::none_of(columns.begin(), columns.end(),
                     [&](const OldColumn& column) { return same_name(column.name, name); })) {
      return name;
    }
  }
  return {};
}

OldTable read_table(engine::Connection& old, const std::string& name, bool has_rowid) {
  OldTable table;
  table.name = name;
  table.has_rowid = has_rowid;
  table.columns = read_columns(old, name);
  table.rowid = has_rowid ? rowid_name(table.columns) : std::string();
  table.foreign_keys = read_foreign_keys(old, name);
  table.indexes = read_indexes(old, name);
  table.sql = definition(old, name, "table");
  table.checks = checks_of(table.sql);
  std::map<int, std::string> key;
  for (const OldColumn& column : table.columns) {
    if (column.key_place > 0) {
      key[column.key_place] = column.name;
    }
  }
  for (auto& [place, column] : key) {
    table.key.push_back(std::move(column));
  }
  return table;
}

}  // namespace

std::unique_ptr<engine::Connection> open_old(const std::filesystem::path& file) {
  return engine::Connection::open_plain(file, engine::OpenMode::read_only);
}

OldSchema introspect(engine::Connection& old) {
  OldSchema schema;
  std::vector<std::pair<std::string, bool>> tables;
  {
    engine::Statement row = old.prepare(embedded::select_tables_sql, false);
    while (row.step()) {
      const std::string name(row.text(0));
      if (row.text(1) == "table") {
        tables.emplace_back(name, row.integer(2) == 0);
      } else if (row.text(1) == "view") {
        schema.views.push_back({name, {}, {}});
      } else {
        schema.others.push_back({name, {}, {}});
      }
    }
  }
  for (const auto& [name, has_rowid] : tables) {
    schema.tables.push_back(read_table(old, name, has_rowid));
  }
  for (OldObject& view : schema.views) {
    view.sql = definition(old, view.name, "view");
  }
  for (OldObject& other : schema.others) {
    other.sql = definition(old, other.name, "table");
  }
  engine::Statement row = old.prepare(embedded::select_triggers_sql, false);
  while (row.step()) {
    schema.triggers.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2))});
  }
  return schema;
}

}  // namespace reeve::adoption
