#pragma once
// The access database: where secrets, tokens, passwords and failures are (docs/access.md), as many threads use it.

#include "engine/connection.h"

#include <reeve/error.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::access {

/// Throws Error not_found when there is no access database in the place; changes nothing.
void check_store_exists(std::string_view url);

/// A connection with its statements, inside the transaction that its pool has begun.
class Store {
 public:
  explicit Store(std::unique_ptr<engine::Connection> connection) : connection_(std::move(connection)) {}

  /// `sql` is a text of this module, which stays where it is: one for both engines, in which `?N` is a parameter and
  /// {for_update}, {for_update_s} and {skip_locked} lock rows on PostgreSQL. Prepared once.
  engine::Statement& of(std::string_view sql);
  engine::Connection& connection() { return *connection_; }
  /// No statement keeps rows, or a snapshot.
  void reset();

 private:
  std::unique_ptr<engine::Connection> connection_;
  std::map<const void*, engine::Statement> prepared_;
};

/// Connections of one access database, opened when they are needed. Thread-safe.
class StorePool {
 public:
  /// A path, `sqlite:PATH` or a URL of PostgreSQL, where it is the schema reeve_access. Makes what is not there. Throws Error
  /// denied when others may read the file, invalid_input when it is something else, not_found and unavailable as engine does.
  explicit StorePool(std::string_view url);

  /// Runs `work` on one snapshot.
  template <typename Work>
  auto read(Work&& work) {
    const Borrowed borrowed(*this);
    const engine::Transaction tx(borrowed.store->connection(), engine::Transaction::Mode::read);
    return work(*borrowed.store);
  }
  /// Runs `work` in a transaction and commits it; once more where the engine says that nothing was done (`retryable`), so `work`
  /// changes nothing but the store. Throws Error commit_unknown when the answer was lost.
  template <typename Work>
  auto write(Work&& work, int attempts_max = 5) {
    for (int attempt = 1;; ++attempt) {
      try {
        const Borrowed borrowed(*this);
        engine::Transaction tx(borrowed.store->connection(), engine::Transaction::Mode::write);
        auto result = work(*borrowed.store);
        tx.commit();
        return result;
      } catch (const Error& error) {
        if (error.code() != ErrorCode::retryable || attempt == attempts_max) throw;
      }
    }
  }
  /// For people; without a password.
  const std::string& name() const { return name_; }

 private:
  static constexpr std::size_t stores_max = 8;

  struct Borrowed {
    explicit Borrowed(StorePool& owner) : pool(owner), store(owner.take()) {}
    ~Borrowed() { pool.give_back(std::move(store)); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    StorePool& pool;
    std::unique_ptr<Store> store;
  };
  std::unique_ptr<Store> take();
  void give_back(std::unique_ptr<Store> store);
  std::unique_ptr<engine::Connection> connect() const;
  std::unique_ptr<engine::Connection> open_file() const;
  void create_in_file(engine::Connection& connection) const;

  std::string url_;
  std::string name_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Store>> idle_;
  std::size_t open_ = 0;
};

}  // namespace reeve::access
