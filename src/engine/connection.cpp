#include "engine/connection.h"

#include "base/uuid.h"
#include "engine/pipeline.h"
#include "engine/postgres_can_silence_sql.h"
#include "engine/postgres_capture.h"
#include "engine/postgres_drain_sql.h"
#include "engine/postgres_session.h"
#include "engine/postgres_silence_sql.h"
#include "engine/postgres_statement.h"
#include "engine/sqlite_value.h"

#include <algorithm>
#include <utility>

namespace reeve::engine {

namespace {

/// Where the next statement of a script begins: behind blanks and comments.
std::size_t after_comments(std::string_view script, std::size_t offset) {
  while (true) {
    offset = std::min(script.find_first_not_of(" \t\r\n", offset), script.size());
    const std::string_view next = script.substr(offset, 2);
    if (next != "--" && next != "/*") {
      return offset;
    }
    const std::string_view end = next == "--" ? "\n" : "*/";
    offset = std::min(script.find(end, offset + 2), script.size() - end.size()) + end.size();
  }
}

}  // namespace

ValueView RowChange::before(int column) const {
  if (before_values != nullptr) {
    return before_values[column];
  }
  sqlite3_value* value = nullptr;
  if (sqlite3_preupdate_old(handle, column, &value) != SQLITE_OK) {
    return {};
  }
  return view_of(value);
}

ValueView RowChange::after(int column) const {
  if (after_values != nullptr) {
    return after_values[column];
  }
  sqlite3_value* value = nullptr;
  if (sqlite3_preupdate_new(handle, column, &value) != SQLITE_OK) {
    return {};
  }
  return view_of(value);
}

Connection::Connection(sqlite3* handle, std::string name, int busy_ms_max)
    : handle_(handle), name_(std::move(name)), busy_ms_max_(busy_ms_max) {}

Connection::Connection(std::unique_ptr<PostgresSession> postgres, std::string name)
    : name_(std::move(name)), postgres_(std::move(postgres)) {}

std::unique_ptr<Connection> Connection::open_postgres(const std::string& url,
                                                      const PostgresOptions& options) {
  auto session = std::make_unique<PostgresSession>(url, options);
  std::string name = session->name();
  return std::unique_ptr<Connection>(new Connection(std::move(session), std::move(name)));
}

Connection::~Connection() {
  begin_read_ = {};
  begin_write_ = {};
  commit_ = {};
  drain_ = {};
  silence_ = {};
  sqlite3_close_v2(handle_);  // of null: nothing
}

void Connection::begin(bool write) {
  if (postgres_ != nullptr) {
    return postgres_->begin(write, ledger_);
  }
  Statement& statement = write ? begin_write_ : begin_read_;
  if (!statement) {
    statement = prepare(write ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  statement.run();
}

void Connection::commit() {
  if (postgres_ != nullptr) {
    return postgres_->commit();
  }
  if (!commit_) {
    commit_ = prepare("COMMIT");
  }
  commit_.run();
}

void Connection::rollback() noexcept {
  if (postgres_ != nullptr) {
    postgres_->rollback();
  } else if (in_transaction()) {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Statement Connection::prepare(std::string_view sql, bool persistent) {
  if (postgres_ != nullptr) {
    return Statement(this, std::make_unique<PostgresStatement>(*postgres_, postgres_->prepared(sql)));
  }
  sqlite3_stmt* statement = nullptr;
  const unsigned flags = persistent ? SQLITE_PREPARE_PERSISTENT : 0U;
  const int code =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), flags, &statement, nullptr);
  if (code != SQLITE_OK) {
    fail(code, sql);
  }
  ensure(statement != nullptr, "an empty statement was prepared");
  return Statement(this, statement);
}

void Connection::execute(std::string_view script) {
  if (postgres_ != nullptr) {
    return postgres_->execute(script);
  }
  const char* rest = script.data();
  const char* end = rest + script.size();
  while (rest < end) {
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v2(handle_, rest, static_cast<int>(end - rest), &handle, &rest);
    if (code != SQLITE_OK) {
      fail(code, script);
    }
    if (handle != nullptr) {
      Statement(this, handle).run();
    }
  }
}

void Connection::execute(std::string_view script, const Place& start) {
  const auto place_of = [&](std::size_t offset) {
    const std::string_view before = script.substr(0, offset);
    const auto line = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    return Place{start.file, start.line + line, 0};
  };
  std::size_t offset = 0;
  try {
    if (postgres_ != nullptr) {
      return postgres_->execute(script, &offset);
    }
    while (offset < script.size()) {
      offset = after_comments(script, offset);
      const char* rest = script.data() + offset;
      sqlite3_stmt* handle = nullptr;
      const int code =
          sqlite3_prepare_v2(handle_, rest, static_cast<int>(script.size() - offset), &handle, &rest);
      if (code != SQLITE_OK) {
        offset += static_cast<std::size_t>(std::max(0, sqlite3_error_offset(handle_)));
        fail(code, script.substr(offset));
      }
      if (handle != nullptr) {
        Statement(this, handle).run();
      }
      offset = static_cast<std::size_t>(rest - script.data());
    }
  } catch (const Error& error) {
    throw Error(error.code(), error.message(), error.remedy(), place_of(offset));
  }
}

void Connection::post(std::string_view command) {
  if (postgres_ != nullptr && postgres_->pipeline() != nullptr) {
    return postgres_->pipeline()->post(command);
  }
  execute(command);
}

std::optional<Value> Connection::value(std::string_view sql, std::span<const ValueView> parameters) {
  Statement statement = prepare(sql, false);
  int number = 0;
  for (const ValueView& parameter : parameters) {
    statement.bind(++number, parameter);
  }
  if (!statement.step()) {
    return std::nullopt;
  }
  Value value = statement.column(0).to_value();
  statement.reset();
  return value;
}

std::int64_t Connection::changes() const {
  return postgres_ != nullptr ? postgres_->changes() : sqlite3_changes64(handle_);
}

bool Connection::has_deferred_violations() {
  if (postgres_ != nullptr) {
    return postgres_->has_deferred_violations();
  }
  int current = 0;
  int high = 0;
  sqlite3_db_status(handle_, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &high, 0);
  return current != 0;
}

bool Connection::is_aborted() const { return postgres_ != nullptr && postgres_->is_failed(); }

std::uint32_t Connection::data_version() {
  std::uint32_t version = 0;
  if (postgres_ != nullptr) {
    return version;
  }
  sqlite3_file_control(handle_, nullptr, SQLITE_FCNTL_DATA_VERSION, &version);  // null: the main file
  return version;
}

bool Connection::in_transaction() const {
  return postgres_ != nullptr ? postgres_->in_block() : sqlite3_get_autocommit(handle_) == 0;
}

void Connection::set_ledger(std::string_view ledger) {
  if (!ledger.empty() && !is_uuid(ledger)) {
    throw Error(ErrorCode::invalid_input, "the id of a ledger is a uuid in lower case");
  }
  ensure(!in_transaction(), "a connection is bound to another ledger inside a transaction");
  ledger_ = ledger;
}

void Connection::switch_ledger(std::string_view ledger) {
  ensure(postgres_ != nullptr && in_transaction() && is_uuid(ledger),
         "a transaction goes on in another ledger");
  ledger_ = ledger;
  postgres_->execute("SET LOCAL reeve.ledger_id = '" + ledger_ + "'");
}

void Connection::forget_statements() {
  if (postgres_ != nullptr) {
    postgres_->forget_statements();
  }
}

void Connection::set_foreign_keys(bool on) {
  if (postgres_ != nullptr) {
    return;
  }
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_FKEY, on ? 1 : 0, nullptr);
}

Statement& Connection::bound_drain() {
  if (!drain_) {
    drain_ = prepare(embedded::postgres_drain_sql);
  }
  capture().bind(drain_, ledger_);
  return drain_;
}

PostgresCapture& Connection::capture() {
  if (capture_ == nullptr) {
    capture_ = std::make_unique<PostgresCapture>(*postgres_);
  }
  return *capture_;
}

void Connection::drain_changes() {
  if (postgres_ != nullptr) {
    PostgresStatement& drain = *bound_drain().body_;
    drain.run_whole();
    capture_->report(drain.whole(), ledger_, sink_);
    drain.reset();
  }
}

void Connection::send_drain(Pipeline& pipeline) { pipeline.send(bound_drain()); }

void Connection::receive_drain(Pipeline& pipeline) {
  pipeline.receive(drain_);
  capture_->report(drain_.body_->whole(), ledger_, sink_);
  drain_.reset();
}

void Connection::set_capture(bool on) {
  if (postgres_ == nullptr) {
    return;
  }
  if (!silence_) {
    silence_ = prepare(embedded::postgres_silence_sql);
  }
  silence_.bind_integer(1, on ? 1 : 0);
  silence_.post();
}

bool Connection::can_silence() {
  return postgres_ != nullptr && value(embedded::postgres_can_silence_sql) == Value(std::int64_t{1});
}

std::int64_t Connection::receive_returned(Pipeline& pipeline, Statement& statement, std::string_view table) {
  ensure(sink_ != nullptr, "rows that a statement returned were reported to nobody");
  pipeline.receive(statement);
  const std::int64_t rows = capture().report_returned(statement.body_->whole(), table, ledger_, *sink_);
  statement.reset();
  return rows;
}

void Connection::set_host_functions(HostFunctions* host) { host_ = host; }

void Connection::interrupt() {
  if (postgres_ != nullptr) {
    postgres_->interrupt();
  } else {
    sqlite3_interrupt(handle_);
  }
}

Transaction::Transaction(Connection& connection, Mode mode) : connection_(connection) {
  connection_.begin(mode == Mode::write);
}

Transaction::~Transaction() {
  if (open_) {
    connection_.rollback();
  }
}

Transaction::Transaction(Connection& connection, Mode mode, Pipeline& pipeline) : connection_(connection) {
  if (connection.postgres_ == nullptr) {
    connection.begin(mode == Mode::write);
  } else {
    pipeline_ = &pipeline;
    try {
      pipeline.begin(connection, mode == Mode::write);
    } catch (const Error&) {
      connection.rollback();  // part of it may have arrived, and nobody else ends what was never begun whole
      throw;
    }
  }
}

void Transaction::send_commit(Pipeline& pipeline) { pipeline.send_commit(); }

void Transaction::receive_commit(Pipeline& pipeline) {
  pipeline.receive_commit();
  open_ = false;
}

void Transaction::commit() {
  if (pipeline_ != nullptr) {
    pipeline_->send_commit();
    pipeline_->receive_commit();
  } else {
    connection_.commit();
  }
  open_ = false;
}

}  // namespace reeve::engine
