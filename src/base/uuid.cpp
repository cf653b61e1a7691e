#include "base/uuid.h"

#include <reeve/error.h>

#include <algorithm>

namespace reeve {

namespace {

using Bytes16 = std::array<std::uint8_t, 16>;

std::string to_text(Bytes16 bytes, unsigned version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | (version << 4U));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  std::string text = to_hex(bytes);
  for (const std::size_t position : {8U, 13U, 18U, 23U}) text.insert(position, 1, '-');
  return text;
}

}  // namespace

std::string uuid_v7(Microseconds time, Random& random) {
  if (time < 0) {
    throw Error(ErrorCode::invalid_input, "a version 7 UUID has no time before 1970", "set the clock");
  }
  Bytes16 bytes;
  random.fill(bytes);
  const auto milliseconds = static_cast<std::uint64_t>(time / 1000);
  for (unsigned i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::uint8_t>((milliseconds >> (40U - 8U * i)) & 0xFFU);
  }
  // The twelve bits after the version hold the fraction of the millisecond (RFC 9562, section 6.2, method 3),
  // so that identifiers sort by time down to the microsecond.
  const auto fraction = static_cast<std::uint64_t>(time % 1000) * 4096U / 1000U;
  bytes[6] = static_cast<std::uint8_t>(fraction >> 8U);
  bytes[7] = static_cast<std::uint8_t>(fraction & 0xFFU);
  return to_text(bytes, 7);
}

std::string uuid_v8(const Digest& digest) {
  Bytes16 bytes;
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  return to_text(bytes, 8);
}

bool is_uuid(std::string_view text) { return bytes_of_uuid(text).has_value(); }

std::optional<std::array<std::uint8_t, 16>> bytes_of_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Bytes16 bytes{};
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return std::nullopt;
      continue;
    }
    const bool is_letter = c >= 'a' && c <= 'f';
    if (!is_letter && (c < '0' || c > '9')) return std::nullopt;
    const auto digit = static_cast<unsigned>(is_letter ? c - 'a' + 10 : c - '0');
    const unsigned before = bytes[digits / 2];
    bytes[digits / 2] = static_cast<std::uint8_t>(before << 4U | digit);
    ++digits;
  }
  return bytes;
}

}  // namespace reeve
