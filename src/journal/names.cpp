#include "journal/names.h"

#include "engine/file_system.h"
#include "journal/directory.h"

#include "journal/confirm_name_sql.h"
#include "journal/drop_ended_names_sql.h"
#include "journal/list_all_names_sql.h"
#include "journal/list_names_sql.h"
#include "journal/names_schema_sql.h"
#include "journal/postgres_confirm_name_sql.h"
#include "journal/postgres_delete_reservations_sql.h"
#include "journal/postgres_has_names_sql.h"
#include "journal/postgres_list_all_names_sql.h"
#include "journal/postgres_list_names_sql.h"
#include "journal/postgres_names_schema_sql.h"
#include "journal/postgres_release_any_name_sql.h"
#include "journal/postgres_release_name_sql.h"
#include "journal/postgres_reserve_name_sql.h"
#include "journal/release_any_name_sql.h"
#include "journal/release_name_sql.h"
#include "journal/reserve_name_sql.h"

#include <fmt/format.h>

#include <utility>

namespace reeve::journal {

namespace {

constexpr std::int64_t application_id = 0x5265656e;  // "Reen"
constexpr const char* file_name = "reeve_names.sqlite";

bool has_names(engine::Connection& connection) {
  return connection.value(embedded::postgres_has_names_sql) == Value(std::int64_t{1});
}

void create_in_file(engine::Connection& connection, const std::string& name) {
  const auto is_ours = [&] {
    return connection.value("PRAGMA application_id") == Value(application_id) &&
           connection.value("PRAGMA user_version") == Value(names_format_version);
  };
  if (is_ours()) return;
  engine::Transaction tx(connection, engine::Transaction::Mode::write);
  if (is_ours()) return;  // made by another meanwhile
  if (connection.value("PRAGMA schema_version") != Value(std::int64_t{0}) ||
      connection.value("PRAGMA application_id") != Value(std::int64_t{0})) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("{} holds no names in a format that this version knows", name),
                "use the version of Reeve that wrote it, or a newer one");
  }
  connection.execute(embedded::names_schema_sql);
  connection.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id,
                                 names_format_version));
  tx.commit();
}

StoredName stored(const engine::Statement& row) {
  StoredName name;
  name.scope = row.text(0);
  name.hash = row.text(1);
  name.confirmed = row.integer(2) != 0;
  if (!row.column(3).is_null()) name.ends = row.integer(3);
  name.version = row.text(4);
  if (row.column_count() > 5) name.holder = row.text(5);
  return name;
}

std::vector<StoredName> stored_names(engine::Statement row) {
  std::vector<StoredName> names;
  while (row.step()) names.push_back(stored(row));
  return names;
}

}  // namespace

std::unique_ptr<engine::Connection> open_names_file(const std::filesystem::path& folder, bool create,
                                                    const engine::ConnectionOptions& options) {
  const std::filesystem::path file = folder / file_name;
  if (!create && !engine::database_exists(file, options.file_system)) return nullptr;
  engine::ConnectionOptions small = options;
  small.cache_kib = 1024;
  auto connection = engine::Connection::open(file, engine::OpenMode::create, small);
  create_in_file(*connection, file.string());
  return connection;
}

void complete_names(engine::Connection& connection) {
  if (has_names(connection)) return;
  engine::Transaction tx(connection, engine::Transaction::Mode::write);
  lock_tables(connection);
  if (has_names(connection)) return;
  connection.execute(embedded::postgres_names_schema_sql);
  tx.commit();
}

NameTable::NameTable(engine::Connection& connection, std::string holder)
    : connection_(connection), holder_(std::move(holder)) {
  if (connection_.engine() == engine::Engine::postgres && !has_names(connection_)) {
    throw Error(ErrorCode::not_found, "the schema was made before there were names in it",
                "run `reeve name list URL` once as an administrator: it adds what is missing");
  }
}

engine::Statement NameTable::prepare(std::string_view sqlite, std::string_view postgres) {
  return connection_.prepare(connection_.engine() == engine::Engine::sqlite ? sqlite : postgres, false);
}

std::string NameTable::reserve(const Reservation& reservation) {
  const bool is_file = connection_.engine() == engine::Engine::sqlite;
  if (is_file) {
    engine::Statement ended = connection_.prepare(embedded::drop_ended_names_sql, false);
    ended.bind_text(1, holder_);
    ended.bind_integer(2, reservation.now);
    ended.bind_text(3, reservation.hash);
    ended.run();
  }
  engine::Statement row = prepare(embedded::reserve_name_sql, embedded::postgres_reserve_name_sql);
  row.bind_text(1, reservation.scope);
  row.bind_text(2, reservation.hash);
  row.bind_integer(3, reservation.now);
  row.bind_integer(4, reservation.ends);
  row.bind_text(5, reservation.version);
  if (is_file) row.bind_text(6, holder_);
  return row.step() ? std::string(row.text(0)) : "taken";
}

bool NameTable::confirm(std::string_view hash, std::string_view version) {
  engine::Statement row = prepare(embedded::confirm_name_sql, embedded::postgres_confirm_name_sql);
  row.bind_text(1, hash);
  row.bind_text(2, version);
  if (connection_.engine() == engine::Engine::sqlite) row.bind_text(3, holder_);
  return row.step();
}

bool NameTable::release(std::string_view hash, std::string_view unchanged) {
  engine::Statement row = prepare(embedded::release_name_sql, embedded::postgres_release_name_sql);
  row.bind_text(1, hash);
  row.bind_text(2, unchanged);
  if (connection_.engine() == engine::Engine::sqlite) row.bind_text(3, holder_);
  return row.step();
}

std::vector<StoredName> NameTable::list(std::string_view scope) {
  engine::Statement row = prepare(embedded::list_names_sql, embedded::postgres_list_names_sql);
  row.bind_text(1, scope);
  if (connection_.engine() == engine::Engine::sqlite) row.bind_text(2, holder_);
  return stored_names(std::move(row));
}

void give_reservations_back(engine::Connection& connection, std::string_view ledger_id) {
  if (!has_names(connection)) return;
  engine::Statement rows = connection.prepare(embedded::postgres_delete_reservations_sql, false);
  rows.bind_text(1, ledger_id);
  rows.run();
}

std::vector<StoredName> list_all_names(engine::Connection& connection, std::string_view scope,
                                       std::string_view hash) {
  engine::Statement row = connection.prepare(connection.engine() == engine::Engine::sqlite
                                                 ? embedded::list_all_names_sql
                                                 : embedded::postgres_list_all_names_sql,
                                             false);
  row.bind_text(1, scope);
  row.bind_text(2, hash);
  return stored_names(std::move(row));
}

bool release_any_name(engine::Connection& connection, std::string_view hash) {
  engine::Statement row = connection.prepare(connection.engine() == engine::Engine::sqlite
                                                 ? embedded::release_any_name_sql
                                                 : embedded::postgres_release_any_name_sql,
                                             false);
  row.bind_text(1, hash);
  return row.step();
}

}  // namespace reeve::journal
