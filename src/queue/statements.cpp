#include "queue/statements.h"

#include "journal/directory.h"
#include "journal/journal.h"
#include "queue/earlier_jobs_table_sql.h"
#include "queue/has_earlier_jobs_sql.h"
#include "queue/has_job_tables_sql.h"
#include "queue/job_schema_sql.h"
#include "queue/jobs_table_sql.h"
#include "queue/postgres_has_job_tables_sql.h"
#include "queue/postgres_job_schema_sql.h"
#include "queue/put_earlier_jobs_aside_sql.h"
#include "queue/take_earlier_jobs_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reeve::queue {

namespace {

void replace_all(std::string& text, std::string_view mark, std::string_view with) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size())) {
    text.replace(at, mark.size(), with);
  }
}

}  // namespace

engine::Statement& Statements::of(std::string_view sql) {
  const auto known = prepared_.find(sql.data());
  if (known != prepared_.end()) {
    return known->second;
  }
  const bool is_file = connection_.engine() == engine::Engine::sqlite;
  const std::string& ledger = connection_.ledger();
  std::string text(sql);
  // The ledger is a value, so that the planner takes the key's index; the session's policy says the same.
  replace_all(text, "{ledger}", is_file ? "" : fmt::format("ledger_id = '{}' AND ", ledger));
  replace_all(text, "{ledger_column}", is_file ? "" : "ledger_id, ");
  replace_all(text, "{ledger_value}", is_file ? "" : fmt::format("'{}'::uuid, ", ledger));
  replace_all(text, "{skip_locked_j}", is_file ? "" : " FOR UPDATE OF j SKIP LOCKED");
  replace_all(text, "{skip_locked}", is_file ? "" : " FOR UPDATE SKIP LOCKED");
  replace_all(text, "{for_update}", is_file ? "" : " FOR UPDATE");
  if (!is_file) {
    std::replace(text.begin(), text.end(), '?', '$');
  }
  return prepared_.emplace(sql.data(), connection_.prepare(text)).first->second;
}

bool Statements::has_tables() {
  const bool is_file = connection_.engine() == engine::Engine::sqlite;
  engine::Statement row = connection_.prepare(
      is_file ? embedded::has_job_tables_sql : embedded::postgres_has_job_tables_sql, false);
  return row.step() && row.integer(0) > 0;
}

void Statements::create_tables() {
  if (connection_.engine() == engine::Engine::sqlite) {
    connection_.execute(embedded::jobs_table_sql);
    connection_.execute(embedded::job_schema_sql);
    return;
  }
  journal::lock_tables(connection_);
  if (has_tables()) {
    return;
  }
  try {
    connection_.execute(embedded::postgres_job_schema_sql);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::denied) {
      throw;
    }
    throw Error(ErrorCode::denied, "the schema has no tables for jobs yet",
                "run `reeve migrate up URL --blueprint FOLDER` once as an administrator");
  }
}

bool Statements::renew_tables() {
  if (connection_.engine() == engine::Engine::postgres) {
    return false;
  }
  const auto found = connection_.value(embedded::has_earlier_jobs_sql);
  if (!found || std::get<std::int64_t>(*found) == 0) {
    return false;
  }
  for (const std::string_view sql :
       {embedded::put_earlier_jobs_aside_sql, embedded::jobs_table_sql, embedded::take_earlier_jobs_sql}) {
    connection_.execute(sql);
  }
  return true;
}

namespace {

std::map<std::string, std::string> schema_from(std::string_view sql) {
  const auto scratch = engine::Connection::open_scratch();
  scratch->execute(sql);
  return journal::schema_of(*scratch);
}

}  // namespace

std::map<std::string, std::string> own_schema() {
  std::map<std::string, std::string> schema = schema_from(embedded::jobs_table_sql);
  schema.merge(schema_from(embedded::job_schema_sql));
  return schema;
}

std::map<std::string, std::string> earlier_schema() { return schema_from(embedded::earlier_jobs_table_sql); }

void bind_optional(engine::Statement& statement, int parameter, std::string_view text) {
  if (text.empty()) {
    statement.bind_null(parameter);
  } else {
    statement.bind_text(parameter, text);
  }
}

void bind_optional(engine::Statement& statement, int parameter, std::optional<std::int64_t> number) {
  if (number) {
    statement.bind_integer(parameter, *number);
  } else {
    statement.bind_null(parameter);
  }
}

}  // namespace reeve::queue
