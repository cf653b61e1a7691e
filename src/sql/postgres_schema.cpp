#include "sql/postgres_schema.h"

#include "sql/names.h"
#include "sql/schema.h"
#include "sql/tree.h"

#include <algorithm>
#include <set>

namespace reeve::sql::postgres {
namespace {

const ParameterTypes no_parameters;

/// What stands first in a table and in each of its keys.
std::string leading_column(const Table& table) { return table.reference ? "reeve_version" : "ledger_id"; }

std::string name_list(const Table& table, const std::vector<std::string>& names) {
  std::string sql = "(" + leading_column(table);
  for (const std::string& name : names) sql += ", " + quoted_for_postgres(name);
  return sql + ")";
}

std::string constraint(const std::string& name) {
  return "CONSTRAINT " + quoted_for_postgres(short_name(name)) + " ";
}

/// Of a column or expression in PostgreSQL's SQL.
std::string rewritten(const std::string& sql, const Table& table, const Catalogue& catalogue) {
  return stored_expression(sql, table, catalogue, {}).postgres;
}

std::vector<std::string> grants(const std::string& name, const std::string& kind,
                                const PostgresRoles& roles) {
  std::vector<std::string> out;
  const std::string quoted = quoted_for_postgres(name);
  if (!roles.owner.empty())
    out.push_back("ALTER " + (kind == "VIEW" ? kind : "TABLE") + " " + quoted + " OWNER TO " +
                  quoted_for_postgres(roles.owner));
  const std::string writes = kind == "TABLE" ? "SELECT, INSERT, UPDATE, DELETE" : "SELECT";
  if (!roles.writer.empty())
    out.push_back("GRANT " + writes + " ON " + quoted + " TO " + quoted_for_postgres(roles.writer));
  if (!roles.reader.empty())
    out.push_back("GRANT SELECT ON " + quoted + " TO " + quoted_for_postgres(roles.reader));
  return out;
}

}  // namespace

std::string type_text(const Column& column) {
  const std::string type(name_of(column.type));
  return column.type == Type::text ? type + " COLLATE \"C\"" : type;
}

std::string default_text(const Column& column, const Catalogue& catalogue) {
  const Table none;
  return rewritten("(" + *column.default_sql + ")::" + std::string(name_of(column.type)), none, catalogue);
}

std::string column_definition(const Column& column, const Table& table, const Catalogue& catalogue) {
  std::string sql = quoted_for_postgres(column.name) + " " + type_text(column);
  if (!column.nullable) sql += " NOT NULL";
  if (column.default_sql) sql += " DEFAULT " + default_text(column, catalogue);
  if (column.generated_sql)
    sql += " GENERATED ALWAYS AS (" + generated_text(column, table, catalogue).postgres + ") STORED";
  return sql;
}

std::string primary_key_name(const std::string& table) { return short_name(table + "_pkey"); }

std::string primary_key(const Table& table) {
  return constraint(primary_key_name(table.name)) + "PRIMARY KEY " + name_list(table, table.primary_key);
}

std::string unique_key(const UniqueKey& key, const Table& table) {
  return constraint(key.name) + "UNIQUE " + name_list(table, key.columns);
}

std::string foreign_key(const ForeignKey& key, const Table& table) {
  std::string sql = constraint(key.name) + "FOREIGN KEY " + name_list(table, key.columns) + " REFERENCES " +
                    quoted_for_postgres(key.target) + " " + name_list(table, key.target_columns);
  if (key.on_delete != "NO ACTION") sql += " ON DELETE " + key.on_delete;
  if (key.on_delete.starts_with("SET ")) {  // The ledger of the row stays what it is.
    for (std::size_t i = 0; i < key.columns.size(); ++i)
      sql += (i > 0 ? ", " : " (") + quoted_for_postgres(key.columns[i]);
    sql += ")";
  }
  if (key.on_update != "NO ACTION") sql += " ON UPDATE " + key.on_update;
  if (key.deferred) sql += " DEFERRABLE INITIALLY DEFERRED";
  return sql;
}

std::string check(const Check& check, const Table& table, const Catalogue& catalogue) {
  return constraint(check.name) + "CHECK (" + rewritten(check.sql, table, catalogue) + ")";
}

std::string length_check_name(const std::string& column) { return short_name("reeve_" + column + "_length"); }

std::string length_check(const Column& column) {
  return constraint(length_check_name(column.name)) + "CHECK (char_length(" +
         quoted_for_postgres(column.name) + ") <= " + std::to_string(*column.length_max) + ")";
}

std::string create_table(const Table& table, const Catalogue& catalogue, bool with_foreign_keys) {
  std::string sql =
      "CREATE TABLE " + quoted_for_postgres(table.name) + " (\n  " + leading_column(table) + " uuid NOT NULL";
  for (const Column& column : table.columns)
    sql += ",\n  " + postgres::column_definition(column, table, catalogue);
  sql += ",\n  " + primary_key(table);
  for (const UniqueKey& key : table.unique_keys) sql += ",\n  " + unique_key(key, table);
  if (with_foreign_keys)
    for (const ForeignKey& key : table.foreign_keys)
      if (!key.to_reference) sql += ",\n  " + foreign_key(key, table);
  for (const Check& one : table.checks) sql += ",\n  " + postgres::check(one, table, catalogue);
  for (const Column& column : table.columns)
    if (column.length_max) sql += ",\n  " + length_check(column);
  return sql + "\n)";
}

std::vector<std::string> guard_reference_table(const Table& table, const PostgresRoles& roles) {
  const std::string name = quoted_for_postgres(table.name);
  std::vector<std::string> out = {
      "ALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
      "CREATE POLICY reeve_tenant ON " + name +
          " FOR SELECT USING (reeve_version = " + pinned_version(std::string(ledger_of_session)) + ")",
  };
  const std::string to = roles.owner.empty() ? "" : " TO " + quoted_for_postgres(roles.owner);
  out.push_back("CREATE POLICY reeve_publish ON " + name + " FOR INSERT" + to + " WITH CHECK (true)");
  for (std::string& grant : grants(table.name, "REFERENCE", roles)) out.push_back(std::move(grant));
  return out;
}

std::string reference_trigger_name(const ForeignKey& key) { return short_name("reeve_" + key.name); }

std::string reference_trigger(const ForeignKey& key, const Table& table) {
  std::string given;
  std::string found;
  for (std::size_t i = 0; i < key.columns.size(); ++i) {
    const std::string value = "($1)." + quoted_for_postgres(key.columns[i]);
    given += value + " IS NOT NULL AND ";
    found += " AND " + quoted_for_postgres(key.target_columns[i]) + " = " + value;
  }
  const std::string missing = "SELECT " + given + "NOT EXISTS (SELECT FROM " +
                              quoted_for_postgres(key.target) +
                              " WHERE reeve_version = " + pinned_version("($1).ledger_id") + found + ")";
  return "CREATE CONSTRAINT TRIGGER " + quoted_for_postgres(reference_trigger_name(key)) +
         " AFTER INSERT OR UPDATE ON " + quoted_for_postgres(table.name) +
         (key.deferred ? " DEFERRABLE INITIALLY DEFERRED" : "") +
         " FOR EACH ROW EXECUTE FUNCTION reeve_check_reference(" + quoted_text(short_name(key.name)) + ", " +
         quoted_text(missing) + ")";
}

std::string reference_check_of_rows(const ForeignKey& key, const Table& table) {
  std::string given;
  std::string found;
  for (std::size_t i = 0; i < key.columns.size(); ++i) {
    const std::string value = "c." + quoted_for_postgres(key.columns[i]);
    given += " AND " + value + " IS NOT NULL";
    found += " AND r." + quoted_for_postgres(key.target_columns[i]) + " = " + value;
  }
  return "SELECT reeve_refuse_reference(" + quoted_text(short_name(key.name)) + ", " +
         quoted_text(table.name) + ") WHERE EXISTS (SELECT FROM " + quoted_for_postgres(table.name) +
         " AS c WHERE c.ledger_id = $1::uuid" + given + " AND NOT EXISTS (SELECT FROM " +
         quoted_for_postgres(key.target) + " AS r WHERE r.reeve_version = " + pinned_version("$1::uuid") +
         found + "))";
}

std::string pinned_version(const std::string& ledger) {
  return "(SELECT value::uuid FROM reeve_meta WHERE ledger_id = " + ledger + " AND name = 'reference')";
}

std::vector<std::string> guard_table(const Table& table, const PostgresRoles& roles) {
  if (table.reference) return guard_reference_table(table, roles);
  const std::string name = quoted_for_postgres(table.name);
  const std::string ours = "(ledger_id = " + std::string(ledger_of_session) + ")";
  std::vector<std::string> out = {
      "ALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
      "CREATE POLICY reeve_tenant ON " + name + " FOR ALL USING " + ours + " WITH CHECK " + ours,
      "CREATE TRIGGER \"0_reeve_capture\" AFTER INSERT OR UPDATE OR DELETE ON " + name +
          " FOR EACH ROW EXECUTE FUNCTION reeve_capture()",
  };
  for (std::string& grant : grants(table.name, "TABLE", roles)) out.push_back(std::move(grant));
  for (const ForeignKey& key : table.foreign_keys)
    if (key.to_reference) out.push_back(reference_trigger(key, table));
  if (!table.tree.empty()) out.push_back(create_tree_trigger(table));
  return out;
}

std::vector<std::string> constraint_names(const Table& table) {
  std::vector<std::string> out;
  for (const UniqueKey& key : table.unique_keys) out.push_back(key.name);
  for (const ForeignKey& key : table.foreign_keys)
    if (!key.to_reference) out.push_back(key.name);
  for (const Check& one : table.checks) out.push_back(one.name);
  return out;
}

std::string create_index(const Index& index, const Catalogue& catalogue) {
  const Table& table = catalogue.tables.at(index.table);
  std::string sql = std::string(index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") +
                    quoted_for_postgres(short_name(index.name)) + " ON " + quoted_for_postgres(index.table) +
                    " (" + leading_column(table);
  for (std::string column : index.columns) {
    const bool descending = column.ends_with(" DESC");
    if (descending) column.resize(column.size() - 5);
    sql += ", " + (table.find_column(column) != nullptr ? quoted_for_postgres(column)
                                                        : "(" + rewritten(column, table, catalogue) + ")");
    if (descending) sql += " DESC";
  }
  sql += ")";
  if (index.where) sql += " WHERE " + rewritten(*index.where, table, catalogue);
  return sql;
}

std::vector<std::string> create_view(const View& view, const Catalogue& catalogue,
                                     const PostgresRoles& roles) {
  std::string columns;
  for (const Column& column : view.columns)
    columns += (columns.empty() ? "" : ", ") + quoted_for_postgres(column.name);
  std::vector<std::string> out = {"CREATE VIEW " + quoted_for_postgres(view.name) + " (" + columns +
                                  ") WITH (security_invoker = true) AS " +
                                  view_text(view, catalogue).postgres};
  for (std::string& grant : grants(view.name, "VIEW", roles)) out.push_back(std::move(grant));
  return out;
}

std::vector<std::string> views_in_order(const Catalogue& catalogue) {
  std::vector<std::string> out;
  std::set<std::string> placed;
  const auto place = [&](auto&& self, const std::string& name) -> void {
    if (!placed.insert(name).second) return;
    for (const auto& [other, view] : catalogue.views)
      if (other != name && names_column(catalogue.views.at(name).sql, other)) self(self, other);
    out.push_back(name);
  };
  for (const auto& [name, view] : catalogue.views) place(place, name);
  return out;
}

}  // namespace reeve::sql::postgres

namespace reeve::sql {

std::vector<std::string> create_statements_postgres(const Catalogue& catalogue, const PostgresRoles& roles) {
  std::vector<std::string> out;
  const auto add = [&](std::vector<std::string> statements) {
    for (std::string& statement : statements) out.push_back(std::move(statement));
  };
  on_large_stack([&] {
    for (const auto& [name, table] : catalogue.tables)
      out.push_back(postgres::create_table(table, catalogue, false));
    for (const auto& [name, index] : catalogue.indexes)
      out.push_back(postgres::create_index(index, catalogue));
    // Keys may point at tables and unique indexes that stand later in the order of names.
    for (const auto& [name, table] : catalogue.tables)
      for (const ForeignKey& key : table.foreign_keys)
        if (!key.to_reference)
          out.push_back("ALTER TABLE " + quoted_for_postgres(name) + " ADD " +
                        postgres::foreign_key(key, table));
    for (const auto& [name, table] : catalogue.tables) add(postgres::guard_table(table, roles));
    for (const std::string& name : postgres::views_in_order(catalogue))
      add(postgres::create_view(catalogue.views.at(name), catalogue, roles));
  });
  return out;
}

}  // namespace reeve::sql
