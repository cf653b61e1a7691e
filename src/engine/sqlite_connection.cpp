#include "engine/connection.h"

#include "engine/file_system.h"
#include "engine/functions.h"
#include "engine/page_cache.h"
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
    install_page_cache();
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

/// SQLite would say that the disk failed.
void refuse_folder(const std::filesystem::path& file) {
  std::error_code missing;
  if (std::filesystem::is_directory(file, missing)) {
    throw Error(ErrorCode::invalid_input, fmt::format("{} is a folder", file.string()),
                "name a file: `reeve ledger list FOLDER` lists those that are ledgers");
  }
}

}  // namespace

std::unique_ptr<Connection> Connection::open(const std::filesystem::path& file, OpenMode mode,
                                             const ConnectionOptions& options) {
  configure_library_once();
  if (mode != OpenMode::create && !database_exists(file, options.file_system)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no file {}", file.string()),
                "make a ledger with `reeve init FILE --blueprint FOLDER`");
  }
  if (options.file_system.empty()) refuse_folder(file);
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == OpenMode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  flags |= mode == OpenMode::create ? SQLITE_OPEN_CREATE : 0;
  // Also for who wants to write: what is only asked is answered, and a write says that it can't be.
  const std::string unchanging = unchanging_database(file, options.file_system);
  flags |= unchanging.empty() ? 0 : SQLITE_OPEN_URI;
  const std::string& name = unchanging.empty() ? file.native() : unchanging;
  sqlite3* handle = nullptr;
  const char* layer = file_layer(options.file_system, options.gather_writes && options.durable);
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, layer);
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
  if (mode != OpenMode::read_only && unchanging.empty()) {
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

std::unique_ptr<Connection> Connection::open_plain(const std::filesystem::path& file, OpenMode mode,
                                                   int busy_ms_max) {
  configure_library_once();
  if (mode != OpenMode::create && !database_exists(file, {})) {
    throw Error(ErrorCode::not_found, fmt::format("there is no file {}", file.string()));
  }
  refuse_folder(file);
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == OpenMode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  flags |= mode == OpenMode::create ? SQLITE_OPEN_CREATE : 0;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle, file.filename().string(), busy_ms_max));
  if (code != SQLITE_OK) {
    connection->fail(code, "open");
  }
  sqlite3_busy_timeout(handle, busy_ms_max);
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

void Connection::set_change_sink(ChangeSink* sink) {
  sink_ = sink;
  if (handle_ != nullptr) {
    sqlite3_preupdate_hook(handle_, sink != nullptr ? on_preupdate : nullptr, sink);
  }
}

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
  } else if (code == SQLITE_READONLY_ROLLBACK) {
    message = fmt::format("{} holds a transaction that was cut off before it was a ledger", name_);
    remedy = "remove it with its journal and make it again";
  } else if (code == SQLITE_READONLY_DIRECTORY || code == SQLITE_READONLY_CANTINIT ||
             code == SQLITE_READONLY_RECOVERY) {
    const char* place = sqlite3_db_filename(handle_, "main");
    message = fmt::format("nothing may be written beside {}, where its log and the log's index stand", place);
    remedy =
        "also who only reads needs them: get rights on the folder, or copy the file, with its -wal if there "
        "is "
        "one, into a folder that you may write to";
  } else if (code == SQLITE_READONLY) {
    message = fmt::format("{} may only be read", sqlite3_db_filename(handle_, "main"));
    remedy = "get rights to write it and its folder";
  } else if (code == SQLITE_CANTOPEN && statement == "open") {
    message = fmt::format("{} can't be opened", name_);
    remedy = "check that it is a file, and the rights on it and its folder";
  } else if (kind == ErrorCode::bad_statement || kind == ErrorCode::internal) {
    message += fmt::format(" in: {}", statement.substr(0, 400));
  }
  throw Error(kind, std::move(message), std::move(remedy));
}

}  // namespace reeve::engine
