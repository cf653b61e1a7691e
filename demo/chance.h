#pragma once
// Chance and time of the demonstration: both are functions of the seed, so that a campaign comes out the
// same again, hash by hash.

#include <reeve/clock.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace demo {

/// SplitMix64 (Steele, Lea, Flood 2014): small, and enough for choosing moves.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t value = (state_ += 0x9e3779b97f4a7c15ULL);
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
  }
  /// 0 to count - 1; 0 if count is 0.
  std::size_t below(std::size_t count) { return count == 0 ? 0 : static_cast<std::size_t>(next() % count); }
  /// From the first to the last.
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + static_cast<std::int64_t>(below(static_cast<std::size_t>(last - first + 1)));
  }
  bool percent(unsigned share) { return next() % 100 < share; }
  /// Precondition: there is one.
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  /// Up to `count` different ones, in the order drawn.
  template <typename T>
  std::vector<T> draw(std::vector<T> from, std::size_t count) {
    std::vector<T> drawn;
    while (drawn.size() < count && !from.empty()) {
      const std::size_t place = below(from.size());
      drawn.push_back(from[place]);
      from.erase(from.begin() + static_cast<std::ptrdiff_t>(place));
    }
    return drawn;
  }

 private:
  std::uint64_t state_;
};

/// What a ledger draws its seed and its ids from. Thread-safe.
class RepeatableRandom : public reeve::Random {
 public:
  explicit RepeatableRandom(std::uint64_t seed) : chance_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override {
    const std::lock_guard lock(mutex_);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(chance_.next() >> 56);
  }

 private:
  std::mutex mutex_;
  Chance chance_;
};

/// Stands still until it is moved. Thread-safe.
class HandClock : public reeve::Clock {
 public:
  explicit HandClock(reeve::Microseconds start) : now_(start) {}
  reeve::Microseconds now() override { return now_.load(); }
  void set(reeve::Microseconds time) { now_.store(time); }

 private:
  std::atomic<reeve::Microseconds> now_;
};

}  // namespace demo
