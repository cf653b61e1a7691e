#include "engine/pool.h"

#include <fmt/format.h>

#include <utility>

namespace reeve::engine {

ConnectionPool::ConnectionPool(std::string url, PostgresOptions options, PoolOptions pool)
    : url_(std::move(url)), options_(std::move(options)), pool_(pool) {}

ConnectionPool::Lease::~Lease() {
  if (connection_ != nullptr) {
    pool_->give_back(std::move(connection_));
  }
}

std::unique_ptr<Connection> ConnectionPool::take_idle(std::unique_lock<std::mutex>& lock) {
  while (!idle_.empty()) {
    Idle last = std::move(idle_.back());
    idle_.pop_back();
    const auto idle = std::chrono::steady_clock::now() - last.since;
    if (idle <= std::chrono::milliseconds(pool_.idle_ms_max)) {
      return std::move(last.connection);
    }
    lock.unlock();
    const bool lives = last.connection->is_alive();
    if (!lives) {
      last.connection.reset();
    }
    lock.lock();
    if (lives) {
      return std::move(last.connection);
    }
    --open_;
  }
  return nullptr;
}

ConnectionPool::Lease ConnectionPool::take(std::string_view ledger) {
  std::unique_lock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(pool_.wait_ms_max);
  std::unique_ptr<Connection> connection;
  while ((connection = take_idle(lock)) == nullptr && open_ >= pool_.connections_max) {
    if (given_back_.wait_until(lock, until) == std::cv_status::timeout && idle_.empty() &&
        open_ >= pool_.connections_max) {
      throw Error(ErrorCode::retryable, fmt::format("all {} readers were busy for {} ms",
                                                    pool_.connections_max, pool_.wait_ms_max));
    }
  }
  if (connection == nullptr) {
    ++open_;
    lock.unlock();
    try {
      connection = Connection::open_postgres(url_, options_);
    } catch (const std::exception&) {
      lock.lock();
      --open_;
      given_back_.notify_one();
      throw;
    }
  }
  Lease lease(*this, std::move(connection));
  if (lock.owns_lock()) {
    lock.unlock();  // a ledger that is refused gives the lease back
  }
  lease->set_ledger(ledger);
  return lease;
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) noexcept {
  // One whose transaction was left open is not worth a question: what became of it is not known.
  const bool usable = !connection->in_transaction() && !connection->is_lost();
  if (!usable) {
    connection.reset();
  }
  const std::lock_guard lock(mutex_);
  if (usable) {
    idle_.push_back({std::move(connection), std::chrono::steady_clock::now()});
  } else {
    --open_;
  }
  given_back_.notify_one();
}

int ConnectionPool::size() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

}  // namespace reeve::engine
