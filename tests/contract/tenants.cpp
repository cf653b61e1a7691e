#include "tenants.h"

#include "sql/names.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace reeve::test {
namespace {

const std::string ours = "11111111-1111-1111-1111-111111111111";
const std::string theirs = "22222222-2222-2222-2222-222222222222";

std::vector<std::string> values_of(const std::vector<sql::Hidden>& hidden, const std::string& ledger) {
  std::vector<std::string> values;
  for (const sql::Hidden value : hidden)
    values.push_back(value == sql::Hidden::ledger ? ledger : value == sql::Hidden::seed ? "\\x00" : "1");
  return values;
}

std::string new_database() {
  static int made = 0;
  std::string name = "tenants" + std::to_string(++made);
  Postgres server;
  const auto run = [&](const std::string& sql) {
    if (const Answer answer = server.run(sql); answer.error) throw std::runtime_error(*answer.error);
  };
  run("CREATE DATABASE " + name + " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'");
  if (made > 1) return name;
  for (const char* role : {"reeve_owner", "reeve_writer", "reeve_reader"})
    run(std::string("CREATE ROLE ") + role);
  return name;
}

/// A value of the type that is none of the file's own.
std::string decoy_value(sql::Type type) {
  switch (type) {
    case sql::Type::boolean: return "true";
    case sql::Type::integer:
    case sql::Type::bigint: return "1000";
    case sql::Type::double_precision: return "7.25";
    case sql::Type::text: return "'dcy'";
    case sql::Type::date: return "'2001-02-03'";
    case sql::Type::timestamptz: return "'2001-02-03T04:05:06Z'";
    case sql::Type::jsonb: return "'{\"n\": 7, \"b\": [9], \"decoy\": true}'";
    default: return "NULL";
  }
}

}  // namespace

Tenants::Tenants() : connection_(new_database()) {
  for (const std::string& statement : sql::support_statements_postgres()) must(statement);
  must("CREATE FUNCTION reeve_capture() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
  must(
      "CREATE FUNCTION reeve_changes(uuid, bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS 'SELECT "
      "NULL::jsonb'");
  must(
      "CREATE FUNCTION reeve_dice(bytea, bigint, text, bigint) RETURNS bigint LANGUAGE sql AS 'SELECT "
      "1::bigint'");
  must(
      "CREATE FUNCTION reeve_new_uuid(bytea, bigint, text) RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'");
  must(
      "CREATE TABLE reeve_events (ledger_id uuid, sequence bigint, id uuid, type text COLLATE \"C\", version "
      "bigint, time timestamptz, moment text COLLATE \"C\", actor text COLLATE \"C\", command text COLLATE "
      "\"C\", key text COLLATE \"C\", request_hash text, span bigint, payload text COLLATE \"C\")");
  must("CREATE TABLE reeve_meta (ledger_id uuid, name text COLLATE \"C\", value text COLLATE \"C\")");
  must("GRANT USAGE, CREATE ON SCHEMA public TO reeve_owner");
  must("GRANT SELECT ON reeve_events, reeve_meta TO reeve_owner, reeve_writer, reeve_reader");
  must("SET timezone = 'UTC'");
  must("SET reeve.ledger_id = '" + ours + "'");
}

const sql::PostgresRoles& Tenants::roles() {
  static const sql::PostgresRoles all = {"reeve_owner", "reeve_writer", "reeve_reader"};
  return all;
}

void Tenants::must(const std::string& sql) {
  if (const Answer answer = connection_.run(sql); answer.error)
    throw std::runtime_error(*answer.error + "\n" + sql);
}

void Tenants::migrate(const sql::MigrationTranslation& migration) {
  for (const sql::MigrationStatement& statement : migration.postgres) {
    if (statement.part == sql::MigrationPart::schema) {
      must(statement.sql);
      continue;
    }
    for (const std::string& ledger : {ours, theirs}) {
      const Answer answer = connection_.run_with(statement.sql, values_of(statement.hidden, ledger));
      if (answer.error) throw std::runtime_error(*answer.error + "\n" + statement.sql);
    }
  }
}

Answer Tenants::run(const sql::Translation& statement) {
  return connection_.run_with(statement.postgres, values_of(statement.hidden, ours));
}

Answer Tenants::run_as_writer(const sql::Translation& statement) {
  must("SET ROLE reeve_writer");
  Answer answer = run(statement);
  must("RESET ROLE");
  return answer;
}

void Tenants::add_decoys(const sql::Catalogue& catalogue) {
  must("SET session_replication_role = replica");  // The order of tables does not matter then.
  for (const auto& [name, table] : catalogue.tables) {
    std::set<std::string> kept(table.primary_key.begin(), table.primary_key.end());
    for (const auto& key : table.unique_keys) kept.insert(key.columns.begin(), key.columns.end());
    for (const auto& key : table.foreign_keys) kept.insert(key.columns.begin(), key.columns.end());
    std::string columns;
    std::string values;
    for (const sql::Column& column : table.columns) {
      if (column.generated_sql) continue;
      const std::string quoted = sql::quoted_for_postgres(column.name);
      columns += ", " + quoted;
      values += ", " + (kept.contains(column.name) ? quoted : decoy_value(column.type));
    }
    const std::string quoted = sql::quoted_for_postgres(name);
    must("INSERT INTO " + quoted + " (ledger_id" + columns + ") SELECT '" + theirs + "'" + values + " FROM " +
         quoted + " WHERE ledger_id = '" + ours + "' ON CONFLICT DO NOTHING");
  }
  must("RESET session_replication_role");
}

std::string Tenants::decoys(const sql::Catalogue& catalogue) {
  std::string all;
  for (const auto& [name, table] : catalogue.tables) {
    const std::string quoted = sql::quoted_for_postgres(name);
    const Answer answer = connection_.run("SELECT t::text FROM " + quoted + " AS t WHERE ledger_id = '" +
                                          theirs + "' ORDER BY t::text COLLATE \"C\"");
    if (answer.error) throw std::runtime_error(*answer.error);
    for (const Row& row : answer.rows) all += name + ": " + row.at(0).value_or("") + "\n";
  }
  return all;
}

std::string described(Postgres& connection, const std::string& schema) {
  const std::string of_schema = "'" + schema + "'::regnamespace";
  const Answer answer = connection.run(
      "SELECT line FROM ("
      "SELECT format('column %s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),"
      " a.attnotnull, l.collname, pg_get_expr(d.adbin, d.adrelid)) AS line FROM pg_attribute a"
      " JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_collation l ON l.oid = a.attcollation"
      " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
      " WHERE c.relnamespace = " +
      of_schema +
      " AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v')"
      " UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, "
      "pg_get_constraintdef(oid))"
      " FROM pg_constraint WHERE connamespace = " +
      of_schema +
      " UNION ALL SELECT format('index %s', pg_get_indexdef(indexrelid)) FROM pg_index"
      " JOIN pg_class c ON c.oid = indexrelid WHERE c.relnamespace = " +
      of_schema +
      " UNION ALL SELECT format('view %s %s', viewname, definition) FROM pg_views WHERE schemaname = '" +
      schema +
      "'"
      " UNION ALL SELECT format('policy %s %s %s %s %s', tablename, policyname, cmd, qual, with_check)"
      " FROM pg_policies WHERE schemaname = '" +
      schema +
      "'"
      " UNION ALL SELECT format('table %s %s %s %s %s', relname, relrowsecurity, relforcerowsecurity, relacl,"
      " pg_get_userbyid(relowner)) FROM pg_class WHERE relnamespace = " +
      of_schema +
      " AND relkind IN ('r', 'v')"
      " UNION ALL SELECT format('trigger %s', pg_get_triggerdef(t.oid)) FROM pg_trigger t"
      " JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND c.relnamespace = " +
      of_schema + ") AS lines WHERE line !~ 'reeve_(events|meta)' ORDER BY line COLLATE \"C\"");
  if (answer.error) throw std::runtime_error(*answer.error);
  std::string all;
  for (const Row& row : answer.rows) {
    std::string line = row.at(0).value_or("");
    const std::string prefix = schema + ".";
    for (auto at = line.find(prefix); at != std::string::npos; at = line.find(prefix))
      line.erase(at, prefix.size());
    all += line + "\n";
  }
  return all;
}

}  // namespace reeve::test
