#pragma once
// The nouns that cross Reeve's boundary, each a type of its own.

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace reeve {

/// An event's place in its ledger: 1, 2, 3, ... without gaps. 0: before the first.
struct Sequence {
  std::int64_t value = 0;
  auto operator<=>(const Sequence&) const = default;
};

/// 256 bits, written as 64 lower-case hexadecimal digits.
template <typename Purpose>
struct Hash256 {
  std::array<std::uint8_t, 32> bytes{};
  bool operator==(const Hash256&) const = default;

  std::string to_string() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
      text += digits[byte >> 4];
      text += digits[byte & 15];
    }
    return text;
  }
};

/// Over all canonical rows of a ledger's tables (docs/state_hash.md).
using StateHash = Hash256<struct StateHashPurpose>;
/// Over the journal up to an event (docs/journal_format.md).
using ChainHash = Hash256<struct ChainHashPurpose>;

struct Head {
  Sequence sequence;
  ChainHash chain_hash;
  StateHash state_hash;
};

}  // namespace reeve
