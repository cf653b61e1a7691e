#pragma once
// One connection to a database: a SQLite file or a PostgreSQL session, behind the same names. This module is
// the only one that includes a driver's header. docs/postgres.md says what PostgreSQL's side promises.

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
class Pipeline;
class PostgresCapture;
class PostgresSession;
class PostgresStatement;

enum class Engine : std::uint8_t { sqlite, postgres };

/// A prepared statement. Belongs to its connection and must not outlive it. Not thread-safe.
///
/// On PostgreSQL it is prepared on the server at its first use, which is when `bad_statement` shows. Rows
/// come one by one as they arrive; when another statement of the connection runs meanwhile, what is left of
/// them is read into memory first.
class Statement {
 public:
  Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  /// Parameters are numbered from 1. Text and bytes are not copied: they must live until the reset.
  /// PostgreSQL infers what type a parameter has; a value that its type can't take fails when it runs.
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
  /// The same for who needs no answer: in a pipeline (pipeline.h) it is only queued, and a fault is thrown by what
  /// is received, run or committed after it.
  void post();
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
  explicit operator bool() const { return handle_ != nullptr || body_ != nullptr; }

 private:
  friend class Connection;
  friend class Pipeline;
  Statement(Connection* connection, sqlite3_stmt* handle);
  explicit Statement(Connection* connection, std::unique_ptr<PostgresStatement> body);

  Connection* connection_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
  std::unique_ptr<PostgresStatement> body_;  ///< on PostgreSQL alone
};

/// A row that changes: on SQLite as its preupdate hook shows it, on PostgreSQL as drain_changes() reads it.
/// Valid during the call only.
class RowChange {
 public:
  enum class Operation : std::uint8_t { insert, update, remove };
  Operation operation = Operation::insert;
  const char* table = nullptr;  ///< the same pointer for the same table until the schema changes
  int column_count = 0;

  ValueView before(int column) const;  ///< of update and remove
  ValueView after(int column) const;   ///< of insert and update

  sqlite3* handle = nullptr;                 ///< on SQLite
  const ValueView* before_values = nullptr;  ///< on PostgreSQL
  const ValueView* after_values = nullptr;
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
  bool gather_writes = false;    ///< of a durable connection: one write call for each commit (wal_buffer.h)
  std::string file_system = {};  ///< by its name in SQLite (file_system.h); empty: the operating system's
};

struct PostgresOptions {
  std::string schema = {};  ///< the search_path; empty: the role's own
  std::string role = {};    ///< that the session acts as (SET ROLE); empty: who it logged in as
  std::string application_name = "reeve";
  int connect_ms_max = 10'000;
  int statement_timeout_ms = 0;  ///< above it: `limit_exceeded`; 0: none
  int lock_timeout_ms = 5'000;   ///< how long to wait for another's lock before `retryable`; 0: for ever
  int statements_max = 500;      ///< prepared ones kept on the server
  /// A table that every read transaction of a ledger locks in ACCESS SHARE before its snapshot is taken: who
  /// changes the schema locks it in ACCESS EXCLUSIVE first, and no snapshot of before sees tables of after.
  std::string read_lock = {};
};

/// Not thread-safe: one thread at a time.
class Connection {
 public:
  /// Opens a file in WAL mode. not_found, unavailable, corrupt (not a database).
  static std::unique_ptr<Connection> open(const std::filesystem::path& file, OpenMode mode,
                                          const ConnectionOptions& options = {});
  /// Opens a file as SQLite's own shell does, for SQL that is not Reeve's: no function is registered, the journal mode stays
  /// as it is, foreign keys are not enforced. Errors as of open().
  static std::unique_ptr<Connection> open_plain(const std::filesystem::path& file, OpenMode mode,
                                                int busy_ms_max = 5000);
  /// A private scratch database: in memory, spilling to a temporary file.
  static std::unique_ptr<Connection> open_scratch(const ConnectionOptions& options = {});
  /// A session of a PostgreSQL server (15 or newer), at a URL as libpq takes it (postgresql://...; sslmode,
  /// sslrootcert and the like too). invalid_input (no such URL), denied, not_found (no such database),
  /// unavailable, retryable (too many connections). A password never shows in an error or a name.
  static std::unique_ptr<Connection> open_postgres(const std::string& url,
                                                   const PostgresOptions& options = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Engine engine() const { return postgres_ == nullptr ? Engine::sqlite : Engine::postgres; }

  /// bad_statement if the engine refuses it. `persistent` for statements that live long.
  Statement prepare(std::string_view sql, bool persistent = true);
  /// Runs every statement of a script.
  void execute(std::string_view script);
  /// The same of a script that begins at `start` in a file: a statement that fails does so with its place. Where
  /// PostgreSQL does not say which of several it was, that is `start`.
  void execute(std::string_view script, const Place& start);
  /// Runs one command that gives no rows, such as SAVEPOINT; in a pipeline it is only queued, as by Statement::post().
  void post(std::string_view command);
  /// One value of one row, or nothing if there is no row.
  std::optional<Value> value(std::string_view sql, std::span<const ValueView> parameters = {});

  std::int64_t changes() const;  ///< rows changed by the last statement, cascades not counted
  /// On PostgreSQL the transaction has failed when it is true, as after any violation.
  bool has_deferred_violations();
  bool in_transaction() const;
  /// A statement has failed, and on PostgreSQL the transaction with it: only a rollback is left.
  bool is_aborted() const;
  /// Inside a read transaction whose snapshot is taken: another number than before if anything was committed
  /// to the file meanwhile, by whomever. On PostgreSQL always 0: nobody knows.
  std::uint32_t data_version();
  void set_foreign_keys(bool on);  ///< no effect inside a transaction, nor on PostgreSQL

  /// Binds the connection to a ledger, a uuid: every transaction begins with SET LOCAL reeve.ledger_id, in
  /// the same round trip, and nothing of it stays on the session. Empty takes it away. invalid_input: no
  /// uuid. Not inside a transaction. On SQLite it is only remembered.
  void set_ledger(std::string_view ledger);
  /// The same inside a write transaction over several ledgers: for the rest of it, and for statements that are bound from
  /// now on. PostgreSQL alone.
  void switch_ledger(std::string_view ledger);
  const std::string& ledger() const { return ledger_; }
  /// Statements are prepared anew at their next use: for who learns that another session changed the schema, and
  /// with it perhaps the types of parameters. On SQLite, which notices by itself, nothing.
  void forget_statements();

  /// Null takes the hook away.
  void set_change_sink(ChangeSink* sink);
  /// On PostgreSQL, where triggers capture what changes (capture.h): takes the captured rows of this ledger
  /// out of their table and reports each to the sink, in order, without its ledger_id. Before the commit, or
  /// they stay for the next. On SQLite, where the sink hears of a change at once, it does nothing.
  void drain_changes();
  /// The same as an entry of a pipeline: drain and receive in the order of the other entries.
  void send_drain(Pipeline& pipeline);
  void receive_drain(Pipeline& pipeline);
  /// For the rest of a write transaction of PostgreSQL the triggers capture nothing, since somebody else knows what
  /// changes; or they do again. In a pipeline it is only queued. On SQLite it does nothing.
  void set_capture(bool on);
  /// Whether set_capture(false) does that: a schema that was made by an earlier version has a reeve_capture() that doesn't.
  bool can_silence();
  /// The next result of a pipeline, of a statement on `table` that returns the rows that it changed: record_send() of one
  /// as it was in the first column, as it is in the second. Where the two come in rows of their own, with NULL beside
  /// each, all that were are reported as removed, then all that are as inserted. Gives the number of rows that were
  /// changed.
  std::int64_t receive_returned(Pipeline& pipeline, Statement& statement, std::string_view table);
  void set_host_functions(HostFunctions* host);
  HostFunctions* host_functions() const { return host_; }

  /// Makes a running statement of this connection fail with `retryable`; from any thread.
  void interrupt();
  const std::string& name() const { return name_; }
  sqlite3* handle() const { return handle_; }
  PostgresSession* postgres() const { return postgres_.get(); }

  /// For the functions that this module registers: an Error thrown in one becomes the statement's.
  void keep_function_error(Error error) { function_error_ = std::move(error); }

 private:
  friend class Statement;
  friend class Transaction;
  Statement& bound_drain();
  PostgresCapture& capture();
  void begin(bool write);
  void commit();
  void rollback() noexcept;
  Connection(sqlite3* handle, std::string name, int busy_ms_max);
  Connection(std::unique_ptr<PostgresSession> postgres, std::string name);
  [[noreturn]] void fail(int code, std::string_view statement);

  sqlite3* handle_ = nullptr;
  std::string name_;
  int busy_ms_max_ = 0;
  ChangeSink* sink_ = nullptr;
  HostFunctions* host_ = nullptr;
  std::optional<Error> function_error_;
  std::string ledger_;
  std::unique_ptr<PostgresSession> postgres_;
  std::unique_ptr<PostgresCapture> capture_;
  Statement drain_;
  Statement silence_;
  Statement begin_read_;  ///< prepared when first used; SQLite alone
  Statement begin_write_;
  Statement commit_;
};

/// BEGIN and, unless it was committed, ROLLBACK. On PostgreSQL read is one snapshot (REPEATABLE READ READ
/// ONLY) and write is READ COMMITTED: whoever writes a ledger locks its head row, and that orders them. A
/// connection that was lost is opened anew by the next Transaction, never inside of one.
class Transaction {
 public:
  enum class Mode : std::uint8_t { read, write };
  /// A write transaction takes the lock at once: retryable if another process keeps it too long.
  Transaction(Connection& connection, Mode mode);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  /// A busy or failed commit throws; the transaction is then rolled back by the destructor. commit_unknown
  /// when the connection was lost before the answer came.
  void commit();

  /// The same in a pipeline: BEGIN and what goes with it have no round trip of their own, and commit() has one with
  /// all that was posted before it. A connection that was lost shows with the first answer (unavailable), and is
  /// not opened anew by itself. The pipeline outlives it.
  Transaction(Connection& connection, Mode mode, Pipeline& pipeline);
  /// The two halves of such a commit (PostgreSQL alone): COMMIT and a border behind it are queued; the answer is read,
  /// which is what throws.
  void send_commit(Pipeline& pipeline);
  void receive_commit(Pipeline& pipeline);

 private:
  Connection& connection_;
  Pipeline* pipeline_ = nullptr;  ///< of PostgreSQL
  bool open_ = true;
};

}  // namespace reeve::engine
