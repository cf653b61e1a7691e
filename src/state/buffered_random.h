#pragma once
// Randomness for ids: drawn in blocks, since a call of the kernel for each event costs as much as its hash.

#include <reeve/clock.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace reeve::state {

/// Not thread-safe; belongs to one writer. What it hands out it forgets.
class BufferedRandom : public Random {
 public:
  explicit BufferedRandom(Random& source) : source_(source) {}

  void fill(std::span<std::uint8_t> bytes) override {
    if (bytes.size() > buffer_.size()) {
      return source_.fill(bytes);
    }
    if (bytes.size() > buffer_.size() - used_) {
      source_.fill(buffer_);
      used_ = 0;
    }
    std::memcpy(bytes.data(), buffer_.data() + used_, bytes.size());
    std::memset(buffer_.data() + used_, 0, bytes.size());
    used_ += bytes.size();
  }

 private:
  Random& source_;
  std::array<std::uint8_t, 1024> buffer_{};
  std::size_t used_ = 1024;
};

}  // namespace reeve::state
