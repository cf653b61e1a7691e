#pragma once
// A game of The Great Work with a long past, to look back in.

#include "shared/support.h"

#include <cstdint>
#include <filesystem>

namespace bench {

/// A ledger with at least so many events.
std::filesystem::path make_past(const Folder& folder, std::int64_t events);

/// The event behind which a stretch begins, at random, the same in each run.
class Places {
 public:
  explicit Places(std::int64_t events) : events_(events) {}
  std::int64_t next(std::int64_t stretch);

 private:
  std::int64_t events_;
  std::uint64_t state_ = 1;
};

}  // namespace bench
