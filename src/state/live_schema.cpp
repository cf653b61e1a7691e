#include "state/live_schema.h"

#include "state/schema_copy.h"

#include "state/postgres_select_live_columns_sql.h"
#include "state/postgres_select_live_constraints_sql.h"
#include "state/postgres_select_live_foreign_keys_sql.h"
#include "state/postgres_select_live_guards_sql.h"
#include "state/postgres_select_live_indexes_sql.h"
#include "state/postgres_select_live_views_sql.h"
#include "state/select_live_columns_sql.h"
#include "state/select_live_foreign_keys_sql.h"
#include "state/select_live_indexes_sql.h"

#include <algorithm>
#include <cctype>

namespace reeve::state {

namespace {

std::string text_or_empty(const engine::Statement& row, int column) {
  return row.column(column).is_null() ? std::string() : std::string(row.text(column));
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

bool is_letter(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// A name in quotes that needs none, from its first quote; empty when it needs them.
std::string_view plain_name(std::string_view quoted) {
  const std::size_t end = quoted.find('"', 1);
  const std::string_view name = end == std::string_view::npos ? "" : quoted.substr(1, end - 1);
  return std::all_of(name.begin(), name.end(), is_letter) ? name : std::string_view();
}

/// With single spaces and without needless quotes, which SQLite's ALTER leaves behind. From `place`, which goes behind
/// what was read: the end, or the parenthesis that closes one that was opened before.
std::string tidied(std::string_view sql, std::size_t& place) {
  std::string out;
  for (int depth = 1; place < sql.size() && depth > 0; ++place) {
    const char c = sql[place];
    if (c == '\'') {
      const std::size_t end = std::min(sql.find('\'', place + 1), sql.size() - 1);
      out += sql.substr(place, end - place + 1);
      place = end;
    } else if (c == '"' && !plain_name(sql.substr(place)).empty()) {
      const std::string_view name = plain_name(sql.substr(place));
      out += name;
      place += name.size() + 1;
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      out += out.ends_with(' ') ? "" : " ";
    } else {
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      out += c;
    }
  }
  return out;
}

std::string tidied(std::string_view sql) {
  std::size_t place = 0;
  return tidied(sql, place);
}

void read_columns(engine::Connection& connection, std::string_view sql, LiveSchema& schema) {
  engine::Statement row = connection.prepare(sql, false);
  while (row.step()) {
    schema.tables[std::string(row.text(0))].columns[std::string(row.text(1))] = {
        std::string(row.text(2)), row.integer(3) != 0, text_or_empty(row, 4)};
  }
}

LiveIndex& index_named(LiveTable& table, std::string_view name) {
  if (table.index_columns.empty() || table.index_columns.back().name != name) {
    table.index_columns.emplace_back().name = name;
  }
  return table.index_columns.back();
}

void read_postgres_indexes(engine::Connection& connection, LiveSchema& schema) {
  engine::Statement row = connection.prepare(embedded::postgres_select_live_indexes_sql, false);
  while (row.step()) {
    LiveTable& table = schema.tables[std::string(row.text(0))];
    LiveIndex& index = index_named(table, row.text(1));
    index.columns.emplace_back(row.text(2));
    index.unique = row.integer(3) != 0;
    index.partial = row.integer(4) != 0;
    index.of_constraint = row.integer(5) != 0;
    index.valid = row.integer(7) != 0;
    if (!index.of_constraint) {
      table.indexes[index.name] = row.text(6);
    }
  }
}

void read_pairs(engine::Connection& connection, std::string_view sql, LiveSchema& schema,
                std::map<std::string, std::string> LiveTable::*member) {
  engine::Statement row = connection.prepare(sql, false);
  while (row.step()) {
    (schema.tables[std::string(row.text(0))].*member)[std::string(row.text(1))] = row.text(2);
  }
}

LiveSchema read_postgres(engine::Connection& connection) {
  LiveSchema schema;
  read_columns(connection, embedded::postgres_select_live_columns_sql, schema);
  read_pairs(connection, embedded::postgres_select_live_constraints_sql, schema, &LiveTable::constraints);
  read_pairs(connection, embedded::postgres_select_live_guards_sql, schema, &LiveTable::guards);
  read_postgres_indexes(connection, schema);
  engine::Statement key = connection.prepare(embedded::postgres_select_live_foreign_keys_sql, false);
  while (key.step()) {
    schema.tables[std::string(key.text(0))].foreign_keys[std::string(key.text(1))].emplace_back(key.text(2));
  }
  engine::Statement view = connection.prepare(embedded::postgres_select_live_views_sql, false);
  while (view.step()) {
    schema.views[std::string(view.text(0))] = view.text(1);
  }
  return schema;
}

void read_sqlite_indexes(engine::Connection& connection, LiveSchema& schema) {
  engine::Statement row = connection.prepare(embedded::select_live_indexes_sql, false);
  std::map<std::string, std::map<std::string, std::string>> origins;
  while (row.step()) {
    LiveTable& table = schema.tables[std::string(row.text(0))];
    LiveIndex& index = index_named(table, row.text(1));
    index.columns.emplace_back(row.text(2));
    index.unique = row.integer(3) != 0;
    index.partial = row.integer(4) != 0;
    index.of_constraint = row.text(5) != "c";
    origins[std::string(row.text(0))][index.name] = row.text(5);
    if (!index.of_constraint) {
      table.indexes[index.name] = tidied(text_or_empty(row, 6));
    }
  }
  for (auto& [name, table] : schema.tables) {
    for (const LiveIndex& index : table.index_columns) {
      if (index.of_constraint) {
        const bool primary = origins[name][index.name] == "pk";
        const std::string text = (primary ? "PRIMARY KEY (" : "UNIQUE (") + joined(index.columns) + ")";
        table.constraints[primary ? "PRIMARY KEY" : text] = text;
      }
    }
  }
}

void read_sqlite_foreign_keys(engine::Connection& connection, LiveSchema& schema) {
  struct Key {
    std::vector<std::string> from;
    std::vector<std::string> to;
    std::string rest;
  };
  std::map<std::string, std::map<std::int64_t, Key>> keys;
  engine::Statement row = connection.prepare(embedded::select_live_foreign_keys_sql, false);
  while (row.step()) {
    Key& key = keys[std::string(row.text(0))][row.integer(1)];
    key.from.emplace_back(row.text(2));
    key.to.push_back(text_or_empty(row, 4));
    key.rest = std::string(row.text(3)) + "|ON DELETE " + std::string(row.text(6)) + " ON UPDATE " +
               std::string(row.text(5));
  }
  for (auto& [name, of_table] : keys) {
    for (auto& [id, key] : of_table) {
      const std::size_t bar = key.rest.find('|');
      const std::string begin = "FOREIGN KEY (" + joined(key.from) + ")";
      LiveTable& table = schema.tables[name];
      table.constraints[begin] = begin + " REFERENCES " + key.rest.substr(0, bar) + " (" + joined(key.to) +
                                 ") " + key.rest.substr(bar + 1);
      table.foreign_keys[begin] = key.from;
    }
  }
}

LiveSchema read_sqlite(engine::Connection& connection) {
  LiveSchema schema;
  read_columns(connection, embedded::select_live_columns_sql, schema);
  read_sqlite_indexes(connection, schema);
  read_sqlite_foreign_keys(connection, schema);
  for (const auto& [name, object] : read_schema(connection)) {
    if (object.type == "view") {
      schema.views[name] = tidied(object.sql);
    } else if (object.type == "table") {
      for (std::string& check : checks_in(object.sql)) {
        schema.tables[name].constraints[check] = check;
      }
    } else if (object.type == "trigger") {
      schema.tables[object.table].guards["trigger " + name] = object.sql;
    }
  }
  return schema;
}

}  // namespace

std::vector<std::string> checks_in(std::string_view sql) {
  constexpr std::string_view words[] = {"CHECK", "GENERATED ALWAYS AS"};
  std::vector<std::string> checks;
  for (std::size_t place = 0; place < sql.size();) {
    const char c = sql[place];
    if (c == '\'' || c == '"') {
      place = std::min(sql.find(c, place + 1), sql.size() - 1) + 1;
      continue;
    }
    const auto word = std::find_if(std::begin(words), std::end(words), [&](std::string_view candidate) {
      return sql.substr(place).starts_with(candidate) && (place == 0 || !is_letter(sql[place - 1]));
    });
    if (word != std::end(words)) {
      place = sql.find('(', place);
      if (place == std::string_view::npos) break;
      checks.push_back(std::string(*word) + " (" + tidied(sql, ++place));
    } else {
      ++place;
    }
  }
  return checks;
}

LiveSchema read_live_schema(engine::Connection& connection) {
  return connection.engine() == engine::Engine::postgres ? read_postgres(connection)
                                                         : read_sqlite(connection);
}

}  // namespace reeve::state
