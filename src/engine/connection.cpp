#include "engine/connection.h"

#include "engine/functions.h"
#include "engine/sqlite_value.h"
#include "engine/wal_buffer.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>

namespace reeve::engine {

namespace {

void configure_library_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Statistics cost a mutex on every allocation; nobody reads them.
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
  });
}

ErrorCode code_of(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return ErrorCode::unique_violation;
    default: break;
  }
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT: return ErrorCode::constraint_violation;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT: return ErrorCode::retryable;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL: return ErrorCode::unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::corrupt;
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM: return ErrorCode::limit_exceeded;
    case SQLITE_MISMATCH: return ErrorCode::type_mismatch;
    case SQLITE_MISUSE:
    case SQLITE_RANGE: return ErrorCode::internal;
    default: return ErrorCode::bad_statement;
  }
}

void on_preupdate(void* sink, sqlite3* handle, int operation, const char* database, const char* table,
                  sqlite3_int64, sqlite3_int64) {
  if (database[0] != 'm') {  // "main": temporary tables are nobody's state
    return;
  }
  RowChange change;
  change.operation = operation == SQLITE_INSERT   ? RowChange::Operation::insert
                     : operation == SQLITE_DELETE ? RowChange::Operation::remove
                                                  : RowChange::Operation::update;
  change.table = table;
  change.column_count = sqlite3_preupdate_count(handle);
  change.handle = handle;
  static_cast<ChangeSink*>(sink)->on_change(change);
}

}  // namespace

ValueView RowChange::before(int column) const {
  sqlite3_value* value = nullptr;
  if (sqlite3_preupdate_old(handle, column, &value) != SQLITE_OK) {
    return {};
  }
  return view_of(value);
}

ValueView RowChange::after(int column) const {
  sqlite3_value* value = nullptr;
  if (sqlite3_preupdate_new(handle, column, &value) != SQLITE_OK) {
    return {};
  }
  return view_of(value);
}

Statement::Statement(Statement&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)),
      handle_(std::exchange(other.handle_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    sqlite3_finalize(handle_);
    connection_ = std::exchange(other.connection_, nullptr);
    handle_ = std::exchange(other.handle_, nullptr);
  }
  return *this;
}

Statement::~Statement() { sqlite3_finalize(handle_); }

void Statement::bind(int parameter, ValueView value) {
  switch (value.kind()) {
    case ValueView::Kind::null: return bind_null(parameter);
    case ValueView::Kind::integer: return bind_integer(parameter, value.integer());
    case ValueView::Kind::real: return bind_real(parameter, value.real());
    case ValueView::Kind::text: return bind_text(parameter, value.text());
    case ValueView::Kind::bytes: return bind_bytes(parameter, value.text().data(), value.text().size());
  }
}

void Statement::bind_null(int parameter) {
  ensure(sqlite3_bind_null(handle_, parameter) == SQLITE_OK, "bind");
}

void Statement::bind_integer(int parameter, std::int64_t value) {
  ensure(sqlite3_bind_int64(handle_, parameter, value) == SQLITE_OK, "bind");
}

void Statement::bind_real(int parameter, double value) {
  ensure(sqlite3_bind_double(handle_, parameter, value) == SQLITE_OK, "bind");
}

void Statement::bind_text(int parameter, std::string_view value) {
  // A null pointer would bind NULL: the empty text must stay one.
  const char* data = value.data() != nullptr ? value.data() : "";
  const int code = sqlite3_bind_text64(handle_, parameter, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) {
    connection_->fail(code, "bind");
  }
}

void Statement::bind_bytes(int parameter, const void* data, std::size_t size) {
  const int code = sqlite3_bind_blob64(handle_, parameter, data != nullptr ? data : "", size, SQLITE_STATIC);
  if (code != SQLITE_OK) {
    connection_->fail(code, "bind");
  }
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    return false;
  }
  const int extended = sqlite3_extended_errcode(connection_->handle_);
  try {
    connection_->fail(extended, sqlite3_sql(handle_));
  } catch (const Error&) {
    sqlite3_reset(handle_);  // after the message was read: a reset clears it
    throw;
  }
}

void Statement::run() {
  while (step()) {}
  sqlite3_reset(handle_);
}

void Statement::reset() { sqlite3_reset(handle_); }

int Statement::column_count() const { return sqlite3_column_count(handle_); }

std::string Statement::column_name(int column) const { return sqlite3_column_name(handle_, column); }

ValueView Statement::column(int column) const {
  switch (sqlite3_column_type(handle_, column)) {
    case SQLITE_INTEGER:
      return ValueView::of(static_cast<std::int64_t>(sqlite3_column_int64(handle_, column)));
    case SQLITE_FLOAT: return ValueView::of(sqlite3_column_double(handle_, column));
    case SQLITE_TEXT: {
      // As a blob: sqlite3_column_text() would copy it for a final NUL that nobody reads.
      const auto* text = static_cast<const char*>(sqlite3_column_blob(handle_, column));
      return ValueView::of(std::string_view(text != nullptr ? text : "",
                                            static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))));
    }
    case SQLITE_BLOB:
      return ValueView::of_bytes(sqlite3_column_blob(handle_, column),
                                 static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
    default: return {};
  }
}

namespace {

[[noreturn]] void mismatch(const Statement& statement, int column, std::string_view expected) {
  throw Error(ErrorCode::type_mismatch,
              fmt::format("column {} does not hold {}", statement.column_name(column), expected));
}

}  // namespace

std::int64_t Statement::integer(int column) const {
  if (sqlite3_column_type(handle_, column) != SQLITE_INTEGER) {
    mismatch(*this, column, "an integer");
  }
  return sqlite3_column_int64(handle_, column);
}

std::string_view Statement::text(int column_index) const {
  if (sqlite3_column_type(handle_, column_index) != SQLITE_TEXT) {
    mismatch(*this, column_index, "text");
  }
  return column(column_index).text();
}

std::string_view Statement::bytes(int column_index) const {
  if (sqlite3_column_type(handle_, column_index) != SQLITE_BLOB) {
    mismatch(*this, column_index, "bytes");
  }
  return column(column_index).text();
}

int Statement::parameter_count() const { return sqlite3_bind_parameter_count(handle_); }

bool Statement::is_read_only() const { return sqlite3_stmt_readonly(handle_) != 0; }

Connection::Connection(sqlite3* handle, std::string name, int busy_ms_max)
    : handle_(handle), name_(std::move(name)), busy_ms_max_(busy_ms_max) {}

Connection::~Connection() {
  begin_read_ = {};
  begin_write_ = {};
  commit_ = {};
  sqlite3_close_v2(handle_);
}

void Connection::begin(bool write) {
  Statement& statement = write ? begin_write_ : begin_read_;
  if (!statement) {
    statement = prepare(write ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  statement.run();
}

void Connection::commit() {
  if (!commit_) {
    commit_ = prepare("COMMIT");
  }
  commit_.run();
}

std::unique_ptr<Connection> Connection::open(const std::filesystem::path& file, OpenMode mode,
                                             const ConnectionOptions& options) {
  configure_library_once();
  if (mode != OpenMode::create && !std::filesystem::exists(file)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no file {}", file.string()),
                "make a ledger with `reeve init FILE --blueprint FOLDER`");
  }
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == OpenMode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  flags |= mode == OpenMode::create ? SQLITE_OPEN_CREATE : 0;
  sqlite3* handle = nullptr;
  const char* layer = options.gather_writes && options.durable ? wal_buffer_layer() : nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, layer);
  std::unique_ptr<Connection> connection(
      new Connection(handle, file.filename().string(), options.busy_ms_max));
  if (code != SQLITE_OK) {
    connection->fail(code, "open");
  }
  sqlite3_busy_timeout(handle, options.busy_ms_max);
  register_functions(*connection);
  if (mode == OpenMode::create) {
    connection->execute(fmt::format("PRAGMA page_size = {}", options.page_bytes));
  }
  if (mode != OpenMode::read_only) {
    connection->execute("PRAGMA journal_mode = WAL");
  }
  connection->execute(
      fmt::format("PRAGMA synchronous = {}; PRAGMA cache_size = -{}; PRAGMA temp_store = MEMORY; "
                  "PRAGMA foreign_keys = {}; PRAGMA wal_autocheckpoint = {}; PRAGMA trusted_schema = ON; "
                  "PRAGMA secure_delete = OFF",
                  options.durable ? "FULL" : "OFF", options.cache_kib, options.foreign_keys ? "ON" : "OFF",
                  options.checkpoint_pages));
  return connection;
}

std::unique_ptr<Connection> Connection::open_scratch(const ConnectionOptions& options) {
  configure_library_once();
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2("", &handle, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle, "scratch", options.busy_ms_max));
  if (code != SQLITE_OK) {
    connection->fail(code, "open");
  }
  register_functions(*connection);
  connection->execute(
      fmt::format("PRAGMA page_size = {}; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; "
                  "PRAGMA cache_size = -{}; PRAGMA foreign_keys = {}",
                  options.page_bytes, options.cache_kib, options.foreign_keys ? "ON" : "OFF"));
  return connection;
}

Statement Connection::prepare(std::string_view sql, bool persistent) {
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

std::optional<Value> Connection::value(std::string_view sql, std::span<const ValueView> parameters) {
  Statement statement = prepare(sql, false);
  int number = 0;
  for (const ValueView& parameter : parameters) {
    statement.bind(++number, parameter);
  }
  if (!statement.step()) {
    return std::nullopt;
  }
  return statement.column(0).to_value();
}

std::int64_t Connection::changes() const { return sqlite3_changes64(handle_); }

bool Connection::has_deferred_violations() const {
  int current = 0;
  int high = 0;
  sqlite3_db_status(handle_, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &high, 0);
  return current != 0;
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

void Connection::set_foreign_keys(bool on) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_FKEY, on ? 1 : 0, nullptr);
}

void Connection::set_change_sink(ChangeSink* sink) {
  sink_ = sink;
  sqlite3_preupdate_hook(handle_, sink != nullptr ? on_preupdate : nullptr, sink);
}

void Connection::set_host_functions(HostFunctions* host) { host_ = host; }

void Connection::interrupt() { sqlite3_interrupt(handle_); }

void Connection::fail(int code, std::string_view statement) {
  if (function_error_) {
    Error error = std::move(*function_error_);
    function_error_.reset();
    throw error;
  }
  const ErrorCode kind = code_of(code);
  std::string message = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  std::string remedy;
  if ((code & 0xff) == SQLITE_BUSY) {
    message =
        fmt::format("{} is being written by another connection; waited {} ms for it", name_, busy_ms_max_);
    remedy = "nothing was changed: try again, or look for a process that keeps a transaction open";
  } else if ((code & 0xff) == SQLITE_NOTADB) {
    message = fmt::format("{} is not a SQLite database", name_);
  } else if ((code & 0xff) == SQLITE_FULL) {
    message = fmt::format("the disk or the size limit of {} is full", name_);
    remedy = "free some space; nothing of this transaction was kept";
  } else if (kind == ErrorCode::bad_statement || kind == ErrorCode::internal) {
    message += fmt::format(" in: {}", statement.substr(0, 400));
  }
  throw Error(kind, std::move(message), std::move(remedy));
}

Transaction::Transaction(Connection& connection, Mode mode) : connection_(connection) {
  connection_.begin(mode == Mode::write);
}

Transaction::~Transaction() {
  if (open_ && connection_.in_transaction()) {
    sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void Transaction::commit() {
  connection_.commit();
  open_ = false;
}

}  // namespace reeve::engine
