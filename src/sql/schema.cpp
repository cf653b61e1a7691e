#include "sql/schema.h"

#include "sql/names.h"

#include <algorithm>

namespace reeve::sql {
namespace {

const ParameterTypes no_parameters;

std::string name_list(const std::vector<std::string>& names) {
  std::string sql = "(";
  for (std::size_t i = 0; i < names.size(); ++i) sql += (i > 0 ? ", " : "") + quoted(names[i]);
  return sql + ")";
}

/// The test that keeps a value of the column's type in a column of SQLite's.
std::string type_check(const Column& column) {
  const std::string name = quoted(column.name);
  switch (column.type) {
    case Type::boolean: return name + " IN (0, 1)";
    case Type::integer: return name + " BETWEEN -2147483648 AND 2147483647";
    case Type::double_precision: return "abs(" + name + ") < 9e999";
    case Type::uuid: return "length(" + name + ") = 36";
    case Type::date: return "length(" + name + ") = 10";
    case Type::timestamptz: return "length(" + name + ") = 27";
    case Type::jsonb: return (column.nullable ? name + " IS NULL OR " : "") + "json_valid(" + name + ")";
    case Type::text:
      return column.length_max ? "length(" + name + ") <= " + std::to_string(*column.length_max) : "";
    default: return "";
  }
}

std::string_view storage_of(Type type) {
  switch (type) {
    case Type::boolean:
    case Type::integer:
    case Type::bigint: return "INT";  // Never INTEGER: as a primary key that would be the rowid itself.
    case Type::double_precision: return "REAL";
    case Type::bytea: return "BLOB";
    default: return "TEXT";
  }
}

std::string default_text(const Column& column, const Catalogue& catalogue) {
  Table none;
  std::string sql = stored_expression("(" + *column.default_sql + ")::" + std::string(name_of(column.type)),
                                      none, catalogue, {})
                        .sqlite;
  if (sql.starts_with("(-") && sql.find(' ') == std::string::npos) sql = sql.substr(1, sql.size() - 2);
  const bool is_call = sql.find('(') != std::string::npos && !sql.starts_with("(") && !sql.starts_with("'");
  return is_call ? "(" + sql + ")" : sql;
}

}  // namespace

Rules stored_rules() {
  Rules rules;
  rules.stored = true;
  rules.parameters = false;
  return rules;
}

Text stored_expression(const std::string& sql, const Table& table, const Catalogue& catalogue,
                       const Place& place) {
  const Statement statement{"SELECT " + sql, place, {}, {}};
  const NumberedText text(statement);
  const Tree tree = parse(text);
  Rules rules = stored_rules();
  rules.tables = false;
  Analyser analyser(catalogue, rules, text, no_parameters);
  Scope scope;
  if (!table.name.empty()) scope.sources.push_back(analyser.table_source(table, table.name, true));
  return analyser.expression(tree->stmts[0]->stmt->select_stmt->target_list[0]->res_target->val, scope).sql;
}

Text generated_text(Node* node, const NumberedText& text, const Column& column, const Table& table,
                    const Catalogue& catalogue) {
  Rules rules = stored_rules();
  rules.hashed = true;
  rules.tables = false;
  Analyser analyser(catalogue, rules, text, no_parameters);
  Table given = table;
  std::erase_if(given.columns, [&](const Column& other) { return other.generated_sql.has_value(); });
  Scope scope;
  scope.sources.push_back(analyser.table_source(given, table.name, true));
  Expr value = analyser.expression(node, scope);
  if (value.aggregate || value.window)
    analyser.refuse(value.location, "a generated column sees one row only");
  if (!value.unchecked.empty() && value.type != column.type)
    analyser.refuse(value.location,
                    "this may overflow before it becomes " + std::string(name_of(column.type)),
                    "cast its parts to " + std::string(name_of(column.type)));
  return analyser.coerce(std::move(value), column.type, Cast::assignment).sql;
}

Text generated_text(const Column& column, const Table& table, const Catalogue& catalogue) {
  const Statement statement{"SELECT " + *column.generated_sql, {}, {}, {}};
  const NumberedText text(statement);
  const Tree tree = parse(text);
  return generated_text(tree->stmts[0]->stmt->select_stmt->target_list[0]->res_target->val, text, column,
                        table, catalogue);
}

std::string column_definition(const Column& column, const Table& table, const Catalogue& catalogue) {
  std::string sql = quoted(column.name) + " " + std::string(storage_of(column.type));
  if (!column.nullable) sql += " NOT NULL";
  if (column.default_sql) sql += " DEFAULT " + default_text(column, catalogue);
  if (column.generated_sql)
    sql += " GENERATED ALWAYS AS (" + generated_text(column, table, catalogue).sqlite + ") STORED";
  const std::string check = type_check(column);
  if (!check.empty()) sql += " CHECK (" + check + ")";
  return sql;
}

std::string foreign_key_reference(const ForeignKey& key) {
  std::string sql = "REFERENCES " + quoted(key.target) + " " + name_list(key.target_columns);
  if (key.on_delete != "NO ACTION") sql += " ON DELETE " + key.on_delete;
  if (key.on_update != "NO ACTION") sql += " ON UPDATE " + key.on_update;
  if (key.deferred) sql += " DEFERRABLE INITIALLY DEFERRED";
  return sql;
}

std::string create_table(const Table& table, const std::string& name, const Catalogue& catalogue) {
  std::string sql = "CREATE TABLE " + quoted(name) + " (";
  for (const Column& column : table.columns)
    sql += "\n  " + column_definition(column, table, catalogue) + ",";
  sql += "\n  PRIMARY KEY " + name_list(table.primary_key);
  for (const UniqueKey& key : table.unique_keys)
    sql += ",\n  CONSTRAINT " + quoted(key.name) + " UNIQUE " + name_list(key.columns);
  for (const ForeignKey& key : table.foreign_keys)
    sql += ",\n  CONSTRAINT " + quoted(key.name) + " FOREIGN KEY " + name_list(key.columns) + " " +
           foreign_key_reference(key);
  for (const Check& check : table.checks)
    sql += ",\n  CONSTRAINT " + quoted(check.name) + " CHECK (" +
           stored_expression(check.sql, table, catalogue, {}).sqlite + ")";
  return sql + "\n) STRICT";
}

std::string create_index(const Index& index, const Catalogue& catalogue) {
  const Table& table = catalogue.tables.at(index.table);
  std::string sql = std::string(index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") +
                    quoted(index.name) + " ON " + quoted(index.table) + " (";
  for (std::size_t i = 0; i < index.columns.size(); ++i) {
    std::string column = index.columns[i];
    const bool descending = column.ends_with(" DESC");
    if (descending) column.resize(column.size() - 5);
    if (i > 0) sql += ", ";
    sql += table.find_column(column) != nullptr ? quoted(column)
                                                : stored_expression(column, table, catalogue, {}).sqlite;
    if (descending) sql += " DESC";
  }
  sql += ")";
  if (index.where) sql += " WHERE " + stored_expression(*index.where, table, catalogue, {}).sqlite;
  return sql;
}

View analysed_view(const View& view, const Catalogue& catalogue, bool deterministic, const Place& place) {
  const Statement statement{view.sql, place, {}, {}};
  const NumberedText text(statement);
  const Tree tree = parse(text);
  Rules rules = stored_rules();
  rules.journal = rules.changes = true;
  rules.deterministic = deterministic;
  Analyser analyser(catalogue, rules, text, no_parameters);
  const Select select = analyser.select(tree->stmts[0]->stmt->select_stmt, nullptr);
  View out = view;
  if (out.columns.empty()) out.columns.resize(select.outputs.size());
  if (out.columns.size() != select.outputs.size())
    throw Error(ErrorCode::bad_statement, "view " + view.name + " no longer has the columns it had",
                "drop and create it again", place);
  for (std::size_t i = 0; i < select.outputs.size(); ++i) {
    Column& column = out.columns[i];
    if (column.name.empty()) column.name = select.outputs[i].name;
    column.type = select.outputs[i].expr.open() ? Type::text : select.outputs[i].expr.type;
    column.nullable = select.outputs[i].expr.nullable;
  }
  out.tables_read.assign(analyser.tables_read().begin(), analyser.tables_read().end());
  return out;
}

Text view_text(const View& view, const Catalogue& catalogue) {
  const Statement statement{view.sql, {}, {}, {}};
  const NumberedText text(statement);
  const Tree tree = parse(text);
  Rules rules = stored_rules();
  rules.journal = rules.changes = true;
  rules.deterministic = false;
  Analyser analyser(catalogue, rules, text, no_parameters);
  return analyser.write(analyser.select(tree->stmts[0]->stmt->select_stmt, nullptr));
}

std::string create_view(const View& view, const Catalogue& catalogue) {
  std::vector<std::string> names;
  for (const Column& column : view.columns) names.push_back(column.name);
  return "CREATE VIEW " + quoted(view.name) + " " + name_list(names) + " AS " +
         view_text(view, catalogue).sqlite;
}

bool names_column(const std::string& sql, const std::string& column) {
  return rename_in(sql, column, column + "_") != sql;
}

std::string rename_in(const std::string& sql, const std::string& from, const std::string& to) {
  const std::vector<Token> tokens = scan(sql, {});
  std::string out;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto start = static_cast<std::size_t>(tokens[i].start);
    const auto end = static_cast<std::size_t>(tokens[i].end);
    const std::string token = sql.substr(start, end - start);
    if (token != from && token != "\"" + from + "\"") continue;
    const bool is_call = i + 1 < tokens.size() && tokens[i + 1].kind == PG_QUERY__TOKEN__ASCII_40;
    const bool is_type = i > 0 && tokens[i - 1].kind == PG_QUERY__TOKEN__TYPECAST;
    if (is_call || is_type) continue;
    out += sql.substr(copied, start - copied) + quoted(to);
    copied = end;
  }
  return out + sql.substr(copied);
}

std::vector<std::string> create_statements_sqlite(const Catalogue& catalogue) {
  std::vector<std::string> out;
  on_large_stack([&] {
    for (const auto& [name, table] : catalogue.tables) out.push_back(create_table(table, name, catalogue));
    for (const auto& [name, index] : catalogue.indexes) out.push_back(create_index(index, catalogue));
    for (const auto& [name, view] : catalogue.views) out.push_back(create_view(view, catalogue));
  });
  return out;
}

}  // namespace reeve::sql
