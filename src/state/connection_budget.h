#pragma once
// A bound on open connections, which one ledger has for itself or several share.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace reeve::state {

class ReaderPool;
struct Reader;

/// Thread-safe. Whoever wants a connection takes a place first; when there is none, an idle reader of another ledger
/// is closed, or else one is waited for. Its lock guards the idle readers of all pools that belong to it.
class ConnectionBudget {
 public:
  ConnectionBudget(int connections_max, int wait_ms_max)
      : connections_max_(connections_max), wait_ms_max_(wait_ms_max) {}

  /// The right to have one connection open; is given back at the end. Must not be destroyed under the lock.
  class Place {
   public:
    Place() = default;
    explicit Place(ConnectionBudget& budget) : budget_(&budget) {}
    Place(Place&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(budget_, other.budget_);
      return *this;
    }
    ~Place() {
      if (budget_ != nullptr) budget_->give_back();
    }
    explicit operator bool() const { return budget_ != nullptr; }

   private:
    ConnectionBudget* budget_ = nullptr;
  };

  /// For a writer. Throws Error retryable when no place became free in time.
  Place take();
  /// Places taken.
  int used();

 private:
  friend class ReaderPool;

  /// Under the lock. No place when the pool that asks has got an idle reader meanwhile. What was closed for it is put
  /// into `closed`, to be destroyed without the lock before the place is used.
  Place take(std::unique_lock<std::mutex>& lock, const ReaderPool* asking, std::unique_ptr<Reader>& closed);
  std::unique_ptr<Reader> idle_of_another(const ReaderPool* asking);
  void give_back() noexcept;

  const int connections_max_;
  const int wait_ms_max_;
  std::mutex mutex_;
  std::condition_variable freed_;
  int used_ = 0;
  int waiting_ = 0;
  std::uint64_t returns_ = 0;  ///< of readers: which was idle longest
  std::vector<ReaderPool*> pools_;
};

}  // namespace reeve::state
