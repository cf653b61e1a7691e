#pragma once
// Integers of few bytes: seven bits a byte, least significant first, the top bit says that more follow
// (LEB128). Zigzag makes small negative numbers small.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::journal {

inline void append_varint(std::uint64_t number, std::string& out) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number));
}

/// Takes one from the front. Nothing when it is not all there or has more than 64 bits; what is left is then undefined.
inline std::optional<std::uint64_t> take_varint(std::string_view& rest) {
  std::uint64_t number = 0;
  std::size_t place = 0;
  for (unsigned shift = 0; shift < 64 && place < rest.size(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(rest[place++]);
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      rest.remove_prefix(place);
      return number;
    }
  }
  return std::nullopt;
}

/// Takes bytes with their length before them. Nothing when they are not all there.
inline std::optional<std::string_view> take_sized(std::string_view& rest) {
  const auto size = take_varint(rest);
  if (!size || *size > rest.size()) {
    return std::nullopt;
  }
  const std::string_view taken = rest.substr(0, *size);
  rest.remove_prefix(*size);
  return taken;
}

inline std::uint64_t zigzag(std::int64_t number) {
  return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}

inline std::int64_t unzigzag(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

}  // namespace reeve::journal
