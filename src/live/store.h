#pragma once
// What the stores share, and how each is opened. Inside this module only.

#include <reeve/error.h>
#include <reeve/live.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::live {

/// What the caller of take() hears of a bucket that is full again at `ends` (a virtual schedule: the generic cell rate
/// algorithm, ITU-T I.371; all in integers, so that every store gives the same).
Taken taken_of(const Bucket& bucket, std::int64_t count, bool allowed, Microseconds ends, Microseconds now);

/// Whether an end is so far ahead that the clock went back since it was set: further than what clocks differ by, and than calls
/// wait between their look at the clock and their turn.
inline bool went_back(Microseconds ends, Microseconds now, Microseconds longest) {
  return ends > now + 2 * longest;
}

/// The first key behind all that begin with the prefix; '' where there is none.
std::string behind_prefix(std::string_view prefix);

// `options.clock` is there.
std::unique_ptr<Store> open_memory_store(Clock& clock);
std::unique_ptr<Store> open_file_store(std::string_view path, const StoreOptions& options);
std::unique_ptr<Store> open_postgres_store(std::string_view url, const StoreOptions& options);
std::unique_ptr<Store> open_redis_store(std::string_view url, const StoreOptions& options);

/// Connections that threads borrow, made when they are first needed, and anew after a fault. Thread-safe.
template <typename Connection>
class Pool {
 public:
  using Open = std::function<std::unique_ptr<Connection>()>;
  Pool(std::size_t most, int wait_ms_max, Open open)
      : most_(most), wait_max_(wait_ms_max), open_(std::move(open)) {}

  /// One for the time of a call. Throws Error unavailable when none is free for too long.
  template <typename Work>
  auto with(Work work) {
    Borrowed borrowed(*this);
    return work(*borrowed.connection);
  }

 private:
  struct Borrowed {
    explicit Borrowed(Pool& from)
        : pool(from), faults(std::uncaught_exceptions()), connection(from.borrow()) {}
    ~Borrowed() {
      if (std::uncaught_exceptions() > faults) {
        connection.reset();  // who knows what it was in the middle of
      }
      pool.give_back(std::move(connection));
    }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    Pool& pool;
    int faults;
    std::unique_ptr<Connection> connection;
  };

  std::unique_ptr<Connection> borrow() {
    {
      std::unique_lock lock(mutex_);
      if (!free_.wait_for(lock, wait_max_, [this] { return !idle_.empty() || open_count_ < most_; })) {
        throw Error(ErrorCode::unavailable, "no connection to the store became free in time",
                    "allow more connections, or a longer wait");
      }
      if (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
      ++open_count_;
    }
    try {
      return open_();
    } catch (const std::exception&) {
      give_back(nullptr);
      throw;
    }
  }
  void give_back(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    if (connection != nullptr) {
      idle_.push_back(std::move(connection));
    } else {
      --open_count_;
    }
    free_.notify_one();
  }

  const std::size_t most_;
  const std::chrono::milliseconds wait_max_;
  const Open open_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::size_t open_count_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace reeve::live
