#pragma once
// One connection to a SQLite database. This module is the only one that includes sqlite3.h.

#include "base/value.h"

#include <reeve/error.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace reeve::engine {

class Connection;

/// A prepared statement. Belongs to its connection and must not outlive it. Not thread-safe.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  /// Parameters are numbered from 1. Text and bytes are not copied: they must live until the reset.
  void bind(int parameter, ValueView value);
  void bind_null(int parameter);
  void bind_integer(int parameter, std::int64_t value);
  void bind_real(int parameter, double value);
  void bind_text(int parameter, std::string_view value);
  void bind_bytes(int parameter, const void* data, std::size_t size);

  /// True while there is a row. Throws Error as docs of ErrorCode say; the statement is then reset.
  bool step();
  /// Runs to the end, ignoring rows, and resets.
  void run();
  void reset();

  int column_count() const;
  std::string column_name(int column) const;
  /// Valid until the next step or reset.
  ValueView column(int column) const;
  /// Strict: another type than asked for is a type_mismatch that names the column.
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view bytes(int column) const;

  int parameter_count() const;
  bool is_read_only() const;
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  friend class Connection;
  Statement(Connection* connection, sqlite3_stmt* handle) : connection_(connection), handle_(handle) {}

  Connection* connection_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
};

/// A row that is about to change, as SQLite's preupdate hook shows it. Valid during the call only.
class RowChange {
 public:
  enum class Operation : std::uint8_t { insert, update, remove };
  Operation operation = Operation::insert;
  const char* table = nullptr;  ///< the same pointer for the same table until the schema changes
  int column_count = 0;

  ValueView before(int column) const;  ///< of update and remove
  ValueView after(int column) const;   ///< of insert and update

  sqlite3* handle = nullptr;
};

class ChangeSink {
 public:
  virtual ~ChangeSink() = default;
  /// Must not throw and must not use the connection.
  virtual void on_change(const RowChange& change) noexcept = 0;
};

/// Functions whose answer depends on the connection's owner: dice, new ids, an event's changes.
class HostFunctions {
 public:
  virtual ~HostFunctions() = default;
  virtual std::int64_t dice(std::string_view name, std::int64_t sides) = 0;
  virtual std::string new_uuid(std::string_view name) = 0;
  virtual std::string changes(std::int64_t sequence) = 0;
};

enum class OpenMode : std::uint8_t { read_only, read_write, create };

struct ConnectionOptions {
  int busy_ms_max = 5000;  ///< how long to wait for another writer before `retryable`
  int cache_kib = 64 * 1024;
  int page_bytes = 4096;  ///< of a database that is created
  bool durable = true;    ///< synchronous = FULL; else OFF (scratch)
  bool foreign_keys = true;
  int checkpoint_pages = 4000;
  bool gather_writes = false;  ///< of a durable connection: one write call for each commit (wal_buffer.h)
};

/// Not thread-safe: one thread at a time.
class Connection {
 public:
  /// Opens a file in WAL mode. not_found, unavailable, corrupt (not a database).
  static std::unique_ptr<Connection> open(const std::filesystem::path& file, OpenMode mode,
                                          const ConnectionOptions& options = {});
  /// A private scratch database: in memory, spilling to a temporary file.
  static std::unique_ptr<Connection> open_scratch(const ConnectionOptions& options = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// bad_statement if the engine refuses it. `persistent` for statements that live long.
  Statement prepare(std::string_view sql, bool persistent = true);
  /// Runs every statement of a script.
  void execute(std::string_view script);
  /// One value of one row, or nothing if there is no row.
  std::optional<Value> value(std::string_view sql, std::span<const ValueView> parameters = {});

  std::int64_t changes() const;  ///< rows changed by the last statement, cascades not counted
  bool has_deferred_violations() const;
  bool in_transaction() const;
  void set_foreign_keys(bool on);  ///< no effect inside a transaction

  /// Null takes the hook away.
  void set_change_sink(ChangeSink* sink);
  void set_host_functions(HostFunctions* host);
  HostFunctions* host_functions() const { return host_; }

  /// Makes a running statement of this connection fail with `retryable`; from any thread.
  void interrupt();
  const std::string& name() const { return name_; }
  sqlite3* handle() const { return handle_; }

  /// For the functions that this module registers: an Error thrown in one becomes the statement's.
  void keep_function_error(Error error) { function_error_ = std::move(error); }

 private:
  friend class Statement;
  friend class Transaction;
  void begin(bool write);
  void commit();
  Connection(sqlite3* handle, std::string name, int busy_ms_max);
  [[noreturn]] void fail(int code, std::string_view statement);

  sqlite3* handle_ = nullptr;
  std::string name_;
  int busy_ms_max_ = 0;
  ChangeSink* sink_ = nullptr;
  HostFunctions* host_ = nullptr;
  std::optional<Error> function_error_;
  Statement begin_read_;  ///< prepared when first used
  Statement begin_write_;
  Statement commit_;
};

/// BEGIN and, unless it was committed, ROLLBACK.
class Transaction {
 public:
  enum class Mode : std::uint8_t { read, write };
  /// A write transaction takes the lock at once: retryable if another process keeps it too long.
  Transaction(Connection& connection, Mode mode);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  /// A busy or failed commit throws; the transaction is then rolled back by the destructor.
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

}  // namespace reeve::engine
