#pragma once
// Bytes that nobody should see, in memory that is kept from where others look.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace reeve {

/// Bytes on pages of their own: kept out of core dumps, locked in memory as far as the process may lock (RLIMIT_MEMLOCK),
/// between pages that fault, and overwritten when they go (libsodium's sodium_malloc). Costs some pages each: for keys,
/// passwords and the like. Moved, never copied by accident. Not thread-safe while it changes.
class Secret {
 public:
  Secret() noexcept = default;
  /// So many bytes, all zero. Throws Error unavailable when there is no memory.
  explicit Secret(std::size_t size);
  static Secret copy_of(std::string_view text);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  Secret clone() const { return copy_of(text()); }
  /// The first bytes alone; the others are overwritten. Precondition: no more than there are.
  void shorten(std::size_t size);

  std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }
  std::span<std::uint8_t> bytes() noexcept { return {data_, size_}; }
  std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace reeve
