#include "live/database_session.h"

#include "live/has_live_tables_sql.h"
#include "live/last_version_sql.h"
#include "live/live_schema_sql.h"
#include "live/postgres_has_live_schema_sql.h"
#include "live/postgres_has_live_tables_sql.h"
#include "live/postgres_live_schema_sql.h"
#include "live/postgres_lock_live_schema_sql.h"
#include "live/select_live_format_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace reeve::live {

namespace {

constexpr std::int64_t format = 1;

void replace_all(std::string& text, std::string_view mark, std::string_view with) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size())) {
    text.replace(at, mark.size(), with);
  }
}

/// What stands for a mark, in a file and in PostgreSQL.
struct Mark {
  std::string_view mark;
  std::string_view in_file;
  std::string_view in_postgres;
};
constexpr std::array<Mark, 6> marks{{
    {"{version}", embedded::last_version_sql, "nextval('reeve_live_versions')"},
    {"{greatest}", "max", "greatest"},
    {"{least}", "min", "least"},
    {"{for_update}", "", " FOR UPDATE"},
    {"{skip_locked}", "", " FOR UPDATE SKIP LOCKED"},
    {"{unsynced}", "", ", set_config('synchronous_commit', 'off', true)"},
}};

std::int64_t count_of(engine::Connection& connection, const std::string& sql) {
  return std::get<std::int64_t>(connection.value(sql).value());
}

Error no_live_values(const engine::Connection& connection) {
  return {ErrorCode::not_found, fmt::format("{} holds no live values", connection.name()),
          "is it another file, or another schema?"};
}

std::unique_ptr<engine::Connection> connect(const Database& database) {
  if (database.url.empty()) {
    if (!database.create) {
      // Whoever opens a file to write it makes a database of an empty one.
      const auto reader = engine::Connection::open(database.path, engine::OpenMode::read_only,
                                                   {.busy_ms_max = database.wait_ms_max});
      if (count_of(*reader, std::string(embedded::has_live_tables_sql)) == 0) {
        throw no_live_values(*reader);
      }
    }
    return engine::Connection::open(database.path,
                                    database.create ? engine::OpenMode::create : engine::OpenMode::read_write,
                                    {.busy_ms_max = database.wait_ms_max, .cache_kib = 8 * 1024});
  }
  return engine::Connection::open_postgres(database.url, {.schema = database.schema,
                                                          .application_name = "reeve live",
                                                          .connect_ms_max = database.wait_ms_max,
                                                          .lock_timeout_ms = database.wait_ms_max});
}

std::string in_schema(std::string_view sql, const std::string& schema) {
  std::string text(sql);
  replace_all(text, "{schema}", schema);
  return text;
}

}  // namespace

DatabaseSession::DatabaseSession(const Database& database) : connection_(connect(database)) {
  if (!has_tables(database)) {
    if (!database.create) {
      throw no_live_values(*connection_);
    }
    if (is_file()) {
      create_in_file();
    } else {
      create_in_schema(database.schema);
    }
  }
  check_format();
}

bool DatabaseSession::has_tables(const Database& database) {
  return count_of(*connection_, is_file()
                                    ? std::string(embedded::has_live_tables_sql)
                                    : in_schema(embedded::postgres_has_live_tables_sql, database.schema)) > 0;
}

engine::Statement& DatabaseSession::of(std::string_view sql) {
  const auto known = prepared_.find(sql.data());
  if (known != prepared_.end()) {
    return known->second;
  }
  std::string text(sql);
  for (const Mark& mark : marks) {
    replace_all(text, mark.mark, is_file() ? mark.in_file : mark.in_postgres);
  }
  if (!is_file()) {
    std::replace(text.begin(), text.end(), '?', '$');
  }
  return prepared_.emplace(sql.data(), connection_->prepare(text)).first->second;
}

void DatabaseSession::sync(bool synced) {
  if (is_file() && synced != is_synced_) {
    connection_->execute(synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    is_synced_ = synced;
  }
}

void DatabaseSession::create_in_file() {
  engine::Transaction transaction(*connection_, engine::Transaction::Mode::write);
  connection_->execute(embedded::live_schema_sql);
  transaction.commit();
}

void DatabaseSession::create_in_schema(const std::string& schema) {
  try {
    engine::Transaction transaction(*connection_, engine::Transaction::Mode::write);
    connection_->execute(in_schema(embedded::postgres_lock_live_schema_sql, schema));
    if (count_of(*connection_, in_schema(embedded::postgres_has_live_schema_sql, schema)) == 0) {
      connection_->execute(fmt::format("CREATE SCHEMA {}", schema));
    }
    connection_->execute(embedded::postgres_live_schema_sql);
    transaction.commit();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::denied) {
      throw;
    }
    throw Error(
        ErrorCode::denied, fmt::format("the schema {} of live values is not there yet", schema),
        fmt::format("let who owns the database say CREATE SCHEMA {} AUTHORIZATION and this role", schema));
  }
}

void DatabaseSession::check_format() {
  const auto found = connection_->value(embedded::select_live_format_sql);
  const auto* version = found ? std::get_if<std::int64_t>(&*found) : nullptr;
  if (version == nullptr || *version != format) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("the live values of {} are not of version {}", connection_->name(), format),
                "open them with the Reeve that wrote them");
  }
}

}  // namespace reeve::live
