#pragma once
// Readers of a PostgreSQL database, kept open and handed out.

#include "engine/connection.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace reeve::engine {

struct PoolOptions {
  int connections_max = 8;
  int wait_ms_max = 5'000;   ///< for a connection that another gives back
  int idle_ms_max = 10'000;  ///< after which a connection is asked whether it lives before it is handed out
};

/// Thread-safe; the connections that it hands out are not.
class ConnectionPool {
 public:
  /// Opens nothing yet.
  ConnectionPool(std::string url, PostgresOptions options, PoolOptions pool = {});
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// A connection, given back when it goes out of scope; the pool must outlive it.
  class Lease {
   public:
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) noexcept = delete;
    ~Lease();
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    friend class ConnectionPool;
    Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  /// The connection used last, bound to a ledger (empty: to none); a new one if none is free and there may be
  /// more. retryable when none became free in time; what open_postgres() throws when one can't be opened.
  /// Statements that were prepared on it before need not be prepared again: see Connection::prepare.
  Lease take(std::string_view ledger = {});
  /// Open ones, handed out or not.
  int size() const;

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    std::chrono::steady_clock::time_point since;
  };
  std::unique_ptr<Connection> take_idle(std::unique_lock<std::mutex>& lock);
  void give_back(std::unique_ptr<Connection> connection) noexcept;

  const std::string url_;
  const PostgresOptions options_;
  const PoolOptions pool_;
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<Idle> idle_;  ///< used last at the end
  int open_ = 0;
};

}  // namespace reeve::engine
