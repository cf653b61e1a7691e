#include "journal/directory.h"

#include "engine/capture.h"
#include "journal/journal.h"
#include "sql/translation.h"

#include "journal/postgres_changes_sql.h"
#include "journal/postgres_has_format_sql.h"
#include "journal/postgres_insert_format_sql.h"
#include "journal/postgres_insert_ledger_sql.h"
#include "journal/postgres_lock_tables_sql.h"
#include "journal/postgres_moment_text_sql.h"
#include "journal/postgres_names_schema_sql.h"
#include "journal/postgres_roles_sql.h"
#include "journal/postgres_schema_sql.h"
#include "journal/postgres_security_sql.h"
#include "journal/postgres_select_format_sql.h"
#include "journal/postgres_select_ledger_sql.h"
#include "journal/postgres_select_ledgers_sql.h"
#include "journal/postgres_select_only_ledger_sql.h"
#include "journal/postgres_select_openings_sql.h"
#include "journal/postgres_select_privileges_sql.h"
#include "journal/postgres_update_format_sql.h"
#include "journal/postgres_update_ledger_state_sql.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace reeve::journal {

namespace {

constexpr std::array<std::pair<LedgerState, std::string_view>, 6> states{{
    {LedgerState::arriving, "arriving"},
    {LedgerState::active, "active"},
    {LedgerState::suspended, "suspended"},
    {LedgerState::moved, "moved"},
    {LedgerState::erasing, "erasing"},
    {LedgerState::erased, "erased"},
}};

LedgerState state_named(std::string_view text) {
  for (const auto& [state, name] : states) {
    if (name == text) {
      return state;
    }
  }
  throw Error(ErrorCode::corrupt, "a ledger of the directory is in a state that is none");
}

}  // namespace

std::string_view name_of(LedgerState state) {
  for (const auto& [known, name] : states) {
    if (known == state) {
      return name;
    }
  }
  return {};
}

std::optional<SchemaFormat> read_schema_format(engine::Connection& connection) {
  engine::Statement known = connection.prepare(embedded::postgres_has_format_sql, false);
  if (!known.step() || known.integer(0) == 0) {
    return std::nullopt;
  }
  engine::Statement row = connection.prepare(embedded::postgres_select_format_sql, false);
  if (!row.step()) {
    return std::nullopt;
  }
  const auto hash = digest_from_hex(row.text(3));
  if (!hash) {
    throw Error(ErrorCode::corrupt, "reeve_format.sources_hash is not a hash", "restore from a backup");
  }
  return SchemaFormat{row.integer(0), std::string(row.text(1)), row.integer(2), *hash};
}

void lock_tables(engine::Connection& connection, std::string_view schema) {
  connection.value(embedded::postgres_lock_tables_sql, std::array{ValueView::of(schema)});
}

void create_schema(engine::Connection& connection, std::string_view schema, const SchemaFormat& format,
                   sql::Type moment_type) {
  connection.execute(embedded::postgres_roles_sql);
  std::string name = "\"";
  for (const char letter : schema) {
    name += letter == '"' ? "\"\"" : std::string(1, letter);
  }
  name += '"';
  connection.execute("CREATE SCHEMA IF NOT EXISTS " + name + " AUTHORIZATION reeve_owner");
  connection.execute("SET LOCAL ROLE reeve_owner");
  connection.execute(embedded::postgres_schema_sql);
  connection.execute(embedded::postgres_changes_sql);
  connection.execute(engine::capture_schema());
  for (const std::string& statement : sql::support_statements_postgres()) {
    connection.execute(statement);
  }
  if (moment_type != sql::Type::integer && moment_type != sql::Type::bigint) {
    connection.execute(embedded::postgres_moment_text_sql);
  }
  connection.execute(embedded::postgres_security_sql);
  connection.execute(embedded::postgres_names_schema_sql);
  const std::string hash = to_hex(format.sources_hash);
  engine::Statement row = connection.prepare(embedded::postgres_insert_format_sql, false);
  row.bind_integer(1, format.format);
  row.bind_text(2, format.blueprint);
  row.bind_integer(3, format.level);
  row.bind_text(4, hash);
  row.run();
}

void set_schema_level(engine::Connection& connection, std::int64_t level, const Digest& sources_hash) {
  engine::Statement row = connection.prepare(embedded::postgres_update_format_sql, false);
  const std::string hash = to_hex(sources_hash);
  row.bind_integer(1, level);
  row.bind_text(2, hash);
  row.run();
}

std::optional<LedgerEntry> find_ledger(engine::Connection& connection, std::string_view name) {
  engine::Statement row = connection.prepare(
      name.empty() ? embedded::postgres_select_only_ledger_sql : embedded::postgres_select_ledger_sql, false);
  if (!name.empty()) {
    row.bind_text(1, name);
  }
  if (!row.step()) {
    return std::nullopt;
  }
  return LedgerEntry{std::string(row.text(0)), std::string(name), state_named(row.text(1)), {}};
}

std::vector<LedgerEntry> list_ledgers(engine::Connection& connection) {
  std::vector<LedgerEntry> entries;
  engine::Statement row = connection.prepare(embedded::postgres_select_ledgers_sql, false);
  while (row.step()) {
    entries.push_back({std::string(row.text(0)), std::string(row.text(1)), state_named(row.text(2)),
                       row.column(3).is_null() ? std::string() : std::string(row.text(3)),
                       row.column(4).is_null() ? 0 : row.integer(4)});
  }
  return entries;
}

void add_ledger(engine::Connection& connection, const LedgerEntry& entry) {
  engine::Statement row = connection.prepare(embedded::postgres_insert_ledger_sql, false);
  row.bind_text(1, entry.ledger_id);
  row.bind_text(2, entry.name);
  row.bind_text(3, name_of(entry.state));
  row.bind_text(4, entry.created);
  row.run();
}

void set_ledger_state(engine::Connection& connection, std::string_view ledger_id, LedgerState state) {
  engine::Statement row = connection.prepare(embedded::postgres_update_ledger_state_sql, false);
  row.bind_text(1, ledger_id);
  row.bind_text(2, name_of(state));
  row.run();
}

void check_is_bound(engine::Connection& connection) {
  engine::Statement row = connection.prepare(embedded::postgres_select_privileges_sql, false);
  if (!row.step()) {
    return;
  }
  throw Error(
      ErrorCode::denied,
      fmt::format("the role of this connection, or one that it may become, {}: it could see every ledger",
                  row.text(0)),
      "connect as a role that is a member of reeve_writer alone: "
      "CREATE ROLE app LOGIN IN ROLE reeve_writer");
}

void check_is_closed(engine::Connection& connection) {
  engine::Statement row = connection.prepare(embedded::postgres_select_openings_sql, false);
  if (!row.step()) {
    return;
  }
  throw Error(ErrorCode::denied,
              fmt::format("the schema is open to other ledgers' rows: {} {}", row.text(0), row.text(1)),
              "drop it, or take it out of the application's reach");
}

}  // namespace reeve::journal
