#pragma once
// Time and randomness are injected: a ledger takes both from whoever opens it.

#include <cstdint>
#include <span>

namespace reeve {

/// Microseconds since 1970-01-01T00:00:00Z; the years 0001 to 9999.
using Microseconds = std::int64_t;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Microseconds now() = 0;
};

/// Thread-safe. What it gives decides the ledger's seed and the ids of events: unpredictable for a game
/// that is played for real, repeatable for one that must come out the same again.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

}  // namespace reeve
