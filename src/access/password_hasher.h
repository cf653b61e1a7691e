#pragma once
// Passwords hashed within a bound of memory (docs/access.md).

#include "base/password_hash.h"

#include <reeve/access.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::access {

/// So much memory is given out at once and no more; who has to wait does so for a while, unless too many do already.
class MemoryGate {
 public:
  MemoryGate(std::uint32_t kib, int waiting_max, std::chrono::milliseconds wait_max)
      : free_kib_(kib), all_kib_(kib), waiting_max_(waiting_max), wait_max_(wait_max) {}

  /// Throws Error retryable when there is no place in time, limit_exceeded when there never would be.
  void take(std::uint32_t kib);
  void give_back(std::uint32_t kib);

 private:
  std::mutex mutex_;
  std::condition_variable returned_;
  std::uint32_t free_kib_;
  const std::uint32_t all_kib_;
  int waiting_ = 0;
  const int waiting_max_;
  const std::chrono::milliseconds wait_max_;
};

/// Thread-safe.
class PasswordHasher {
 public:
  /// Throws Error invalid_input for options that don't fit.
  explicit PasswordHasher(const PasswordOptions& options);

  /// Throws Error invalid_input for what is no password: empty, too long, or not UTF-8.
  std::string hash(std::string_view password);
  /// Without a hash it is nobody's: it takes as long, and never matches. What is no password doesn't match.
  PasswordCheck check(std::string_view password, std::optional<std::string_view> hash);

 private:
  std::string hash_within_bound(const Secret& password);
  bool matches_within_bound(const Secret& password, const std::string& hash);
  const std::string& nobodys();

  const HashingCost cost_;
  const std::size_t bytes_max_;
  MemoryGate gate_;
  std::mutex mutex_;
  std::string nobodys_;
};

}  // namespace reeve::access
