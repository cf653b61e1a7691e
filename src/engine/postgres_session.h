#pragma once
// A session of a PostgreSQL server: what Connection does when it is one. Inside this module only.

#include "engine/connection.h"
#include "engine/postgres_error.h"
#include "engine/postgres_value.h"

#include <libpq-fe.h>

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::engine {

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ResultDeleter>;

/// A statement as the server knows it. Lives in the session's cache and in the statements that use it.
struct Prepared {
  struct Column {
    std::string name;
    Oid type;
  };
  std::string sql;
  std::string name;
  std::uint64_t generation = 0;  ///< of the session when it was prepared; another: to be prepared anew
  std::uint64_t connection = 0;  ///< number of the connection on which it has its name
  std::vector<Oid> parameters;
  std::vector<Column> columns;
};

class PostgresSession {
 public:
  PostgresSession(const std::string& url, const PostgresOptions& options);
  ~PostgresSession();
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  const std::string& name() const { return name_; }
  /// Another after each reconnection.
  std::uint64_t connection_number() const { return connections_; }
  PostgresDecoder& decoder() { return decoder_; }
  PostgresParameters& parameters() { return parameters_; }

  // Transactions. A lost connection is opened anew by begin(), and by a statement outside of a transaction.
  void begin(bool write, const std::string& ledger);
  void commit();
  /// Throws unless the answer to COMMIT says that it is done.
  void check_commit(const PGresult* result);
  void rollback() noexcept;
  bool in_block() const { return in_block_; }
  bool is_failed() const { return PQtransactionStatus(connection_) == PQTRANS_INERROR; }
  void expect_block() { in_block_ = true; }
  /// Brings that up to date after a pipeline's end.
  void note_block();
  /// A COMMIT is under way: a warning meanwhile is one about it.
  void set_committing(bool committing) {
    committing_ = committing;
    warned_in_commit_ = warned_in_commit_ && !committing;
  }
  bool has_deferred_violations();

  /// `failed_at`, if given, is set to the byte of the script at which it failed, as far as the server says.
  void execute(std::string_view script, std::size_t* failed_at = nullptr);
  std::int64_t changes() const { return changes_; }
  void interrupt();

  // Statements.
  std::shared_ptr<Prepared> prepared(std::string_view sql);
  /// All are prepared anew before they are used again.
  void forget_statements() { ++generation_; }
  /// Prepares it on the server unless it is; a round trip of its own.
  void ensure_prepared(const std::shared_ptr<Prepared>& prepared);
  /// Notes an error that makes it necessary to prepare anew; true when it is one.
  bool is_stale(const PGresult* result, Prepared& prepared) const;
  /// Makes the wire free for another command: the rest of a streaming statement goes into memory.
  void settle();
  /// Sends an execution with the parameters that were encoded. In a pipeline it is queued.
  void send(const Prepared& prepared, bool row_by_row);
  /// Whether a statement was sent row by row since this was asked last.
  bool take_row_by_row() { return std::exchange(row_by_row_, false); }
  /// The next result of the command under way, or null at its end.
  Result next();
  /// Reads what is left of the command under way.
  void drain();
  /// Takes note of a finished command: rows changed, schema changed, the state of the transaction.
  void finish(const PGresult* result);
  /// Throws what the result's error means. The command under way is drained first.
  [[noreturn]] void fail(const PGresult* result, std::string_view statement);
  Error error(const PGresult* result, std::string_view statement);
  void set_streaming(PostgresStatement* statement) { streaming_ = statement; }
  PostgresStatement* streaming() const { return streaming_; }

  // The pipeline under way, if any (pipeline.cpp).
  PGconn* handle() { return connection_; }
  Pipeline* pipeline() const { return pipeline_; }
  void set_pipeline(Pipeline* pipeline) { pipeline_ = pipeline; }
  /// Opens a lost connection anew unless that would lose a transaction: also one that the server has ended while nobody used
  /// it, for nothing has been sent on it.
  void ensure_alive();
  bool is_lost() const { return gave_up_ || PQstatus(connection_) != CONNECTION_OK; }
  /// When libpq has no answer where one is due. It ends what was sent when it could not be sent, and takes the connection for
  /// a good one until it has read to its end.
  void note_lost() { gave_up_ = true; }
  PostgresContext context(std::string_view statement) const;

 private:
  void connect();
  void set_up();
  void close() noexcept;
  bool has_ended();
  Result run_script(const std::string& script);
  void prepare_now(Prepared& prepared);
  void remember(std::shared_ptr<Prepared> prepared);
  [[noreturn]] void fail_connect(std::string_view password);

  std::string url_;
  PostgresOptions options_;
  std::string name_;
  PGconn* connection_ = nullptr;
  std::mutex cancel_mutex_;
  PGcancel* cancel_ = nullptr;
  std::atomic<bool> interrupted_ = false;
  bool gave_up_ = false;
  bool in_block_ = false;
  bool schema_changed_ = false;  ///< in the transaction under way
  bool committing_ = false;
  bool row_by_row_ = false;
  bool warned_in_commit_ = false;
  std::int64_t changes_ = 0;
  std::uint64_t generation_ = 1;
  std::uint64_t connections_ = 0;  ///< opened so far
  std::uint64_t next_name_ = 0;
  /// Most recently used first.
  std::list<std::shared_ptr<Prepared>> cache_;
  std::map<std::string_view, std::list<std::shared_ptr<Prepared>>::iterator> by_sql_;
  std::vector<std::string> to_deallocate_;
  PostgresStatement* streaming_ = nullptr;
  Pipeline* pipeline_ = nullptr;
  PostgresDecoder decoder_;
  PostgresParameters parameters_;

  static void on_notice(void* session, const PGresult* result);
};

}  // namespace reeve::engine
