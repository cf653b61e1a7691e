#pragma once
// Several executions in one round trip to PostgreSQL. SQLite answers at once: there nothing is ever queued.

#include "engine/connection.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <string_view>

struct pg_result;

namespace reeve::engine {

/// Queues executions without waiting, and gives each one's result in the order in which they were queued.
/// One for a connection at a time, and the connection outlives it. On SQLite send() and receive() are misuse;
/// Statement::post(), Connection::post() and Transaction are at home on both engines.
///
///   Pipeline pipeline(connection);
///   for (...) { insert.bind(...); pipeline.send(insert); }
///   for (...) { pipeline.receive(insert); rows += connection.changes(); }
///
/// What is queued reaches the server at the latest with sync() or the first receive(). A border, which sync()
/// makes, ends a segment: an execution that fails keeps those behind it in its segment from being run, and
/// receive() throws the fault for it alone, for the others `retryable`. In a transaction one that failed
/// fails it as always: what is queued behind a border is then run only if that begins with ROLLBACK TO.
/// A statement that is run or stepped while something is queued goes the same way: behind it, in the same round
/// trip, answered at once and whole; when something before it failed it is `retryable`. A script, and a statement
/// that has to be prepared first, make a border and wait for what is queued.
class Pipeline {
 public:
  explicit Pipeline(Connection& connection);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Queues an execution with what is bound now; the values may go afterwards. A statement that is not yet
  /// prepared on the server costs a round trip here.
  void send(Statement& statement);
  /// Queues a command without parameters, such as SAVEPOINT.
  void send(std::string_view command);
  /// Ends a segment and sends it.
  void sync();

  /// The next result, which must be this statement's: changes() of the connection counts, and its rows come
  /// by step(), which ends before it would run anew. The next bind, run or reset forgets rows that nobody
  /// read. Throws the execution's fault.
  void receive(Statement& statement);
  /// The next result, which must be a command's.
  void receive();
  /// Results not yet received.
  std::size_t outstanding() const;
  /// Waits for what is outstanding and forgets it, good or bad; Connection::is_aborted() knows afterwards.
  void drop();

 private:
  friend class Connection;
  friend class PostgresSession;
  friend class PostgresStatement;
  friend class Transaction;
  struct Entry;
  struct ResultFree {
    void operator()(pg_result* result) const;
  };
  using Result = std::unique_ptr<pg_result, ResultFree>;

  void begin(Connection& connection, bool write);
  void send_commit();
  void receive_commit();
  void open();
  void queue(PostgresStatement& statement, int kind);
  void queue(std::string_view command, int kind);
  void post(PostgresStatement& statement);
  void post(std::string_view command);
  /// Something is on its way whose answer was not read.
  bool is_waiting() const;
  /// Something that was read, and that nobody has received yet, is a fault.
  bool has_failed() const;
  /// For a statement that is run meanwhile.
  Result run(PostgresStatement& statement);
  /// For the session: reads all that is outstanding and leaves the wire free.
  void collect();
  void read(Entry& entry);
  /// The next entry that somebody receives, read. Borders and silent entries before it are taken away.
  Entry& front();
  /// Takes what nobody receives from the front: borders, which tell how the transaction stands, and what was
  /// posted. Throws its fault.
  void take_silent();
  void take_borders();
  void check(const Entry& entry);

  Connection& connection_;
  PostgresSession* session_;  ///< null on SQLite
  std::deque<Entry> entries_;
};

}  // namespace reeve::engine
