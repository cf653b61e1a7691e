#pragma once
// How long work tells where it is and learns that it should stop.

#include <atomic>
#include <cstdint>
#include <functional>

namespace reeve::state {

struct Progress {
  /// Called now and then; `total` is 0 when it is not known.
  std::function<void(std::int64_t done, std::int64_t total)> report;
  /// Set by a signal handler: the work ends with Error retryable and leaves nothing half done.
  const std::atomic<bool>* stop = nullptr;

  /// To be called for each step; reports every 512 of them.
  void step(std::int64_t done, std::int64_t total) const;
};

}  // namespace reeve::state
