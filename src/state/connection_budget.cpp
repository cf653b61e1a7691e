#include "state/connection_budget.h"

#include "state/query.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <chrono>

namespace reeve::state {

ConnectionBudget::Place ConnectionBudget::take() {
  std::unique_ptr<Reader> closed;
  std::unique_lock lock(mutex_);
  Place place = take(lock, nullptr, closed);
  lock.unlock();
  closed.reset();
  return place;
}

int ConnectionBudget::used() {
  const std::lock_guard lock(mutex_);
  return used_;
}

ConnectionBudget::Place ConnectionBudget::take(std::unique_lock<std::mutex>& lock, const ReaderPool* asking,
                                               std::unique_ptr<Reader>& closed) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms_max_);
  bool is_late = false;
  for (;;) {
    if (asking != nullptr && !asking->idle_.empty()) {
      return {};
    }
    if (used_ < connections_max_) {
      ++used_;
      return Place(*this);
    }
    closed = idle_of_another(asking);
    if (closed) {
      return std::move(closed->place);
    }
    if (is_late) {
      throw Error(ErrorCode::retryable,
                  fmt::format("all {} connections are in use, and none became free in {} ms",
                              connections_max_, wait_ms_max_),
                  "let go of answers that are read, try again, or allow for more connections");
    }
    ++waiting_;
    is_late = freed_.wait_until(lock, until) == std::cv_status::timeout;
    --waiting_;
  }
}

std::unique_ptr<Reader> ConnectionBudget::idle_of_another(const ReaderPool* asking) {
  ReaderPool* longest = nullptr;
  for (ReaderPool* pool : pools_) {
    if (pool != asking && !pool->idle_.empty() &&
        (longest == nullptr || pool->idle_.front()->returned < longest->idle_.front()->returned)) {
      longest = pool;
    }
  }
  if (longest == nullptr) {
    return nullptr;
  }
  std::unique_ptr<Reader> reader = std::move(longest->idle_.front());
  longest->idle_.erase(longest->idle_.begin());
  return reader;
}

void ConnectionBudget::give_back() noexcept {
  const std::lock_guard lock(mutex_);
  --used_;
  if (waiting_ > 0) {
    freed_.notify_all();
  }
}

}  // namespace reeve::state
