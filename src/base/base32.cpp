#include "base/base32.h"

#include <reeve/error.h>

namespace reeve {

namespace {

constexpr unsigned digit_bits = 5;

/// -1 for what is no digit.
int value_of(char digit) {
  if (digit >= 'a' && digit <= 'z') return digit - 'a';
  if (digit >= '2' && digit <= '7') return digit - '2' + 26;
  return -1;
}

}  // namespace

void to_base32(std::span<const std::uint8_t> bytes, std::span<char> text) {
  ensure(text.size() == base32_size(bytes.size()), "there is as much place as base32 takes");
  std::uint32_t held = 0;
  unsigned bits = 0;
  std::size_t next = 0;
  for (char& digit : text) {
    if (bits < digit_bits) {
      held = held << 8U | (next < bytes.size() ? bytes[next] : 0U);
      ++next;
      bits += 8;
    }
    bits -= digit_bits;
    const std::uint32_t value = held >> bits & 0x1fU;
    digit = static_cast<char>(value < 26 ? 'a' + value : '2' + (value - 26));
  }
}

bool from_base32(std::string_view text, std::span<std::uint8_t> bytes) {
  if (text.size() != base32_size(bytes.size())) {
    return false;
  }
  std::uint32_t held = 0;
  unsigned bits = 0;
  std::size_t next = 0;
  for (const char digit : text) {
    const int value = value_of(digit);
    if (value < 0) {
      return false;
    }
    held = held << digit_bits | static_cast<std::uint32_t>(value);
    bits += digit_bits;
    if (bits >= 8) {
      bits -= 8;
      bytes[next++] = static_cast<std::uint8_t>(held >> bits);
    }
  }
  // What is left of the last digit is zero, so that no two texts give the same bytes.
  return (held & ((1U << bits) - 1U)) == 0;
}

}  // namespace reeve
