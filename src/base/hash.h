#pragma once
// BLAKE2b with 256 bits of output (RFC 7693), incremental and at once, and SHA-256. libsodium's.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <sodium.h>

namespace reeve {

using Digest = std::array<std::uint8_t, 32>;

/// Hashes what it is given, in order. Integers are little-endian; text carries its length first, so that
/// no two lists of parts give the same bytes.
class Hasher {
 public:
  /// `domain` is hashed first (as text): no digest of one purpose is one of another.
  explicit Hasher(std::string_view domain);
  Hasher& raw(const void* data, std::size_t size);
  Hasher& digest(const Digest& digest);
  Hasher& number(std::uint64_t number);
  Hasher& text(std::string_view text);
  /// Once; the hasher is used up.
  Digest finish();

 private:
  crypto_generichash_blake2b_state state_;
};

std::string to_hex(std::span<const std::uint8_t> bytes);
/// Nothing unless exactly 64 lower-case hexadecimal digits.
std::optional<Digest> digest_from_hex(std::string_view hex);
/// SHA-256 (FIPS 180-4).
Digest sha256(std::string_view message);
/// HMAC-SHA-256 (RFC 2104).
Digest hmac_sha256(std::span<const std::uint8_t> key, std::string_view message);
/// In constant time.
bool equal_secret(std::span<const std::uint8_t> left, std::span<const std::uint8_t> right);

}  // namespace reeve
