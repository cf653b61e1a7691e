#include "base/hash.h"

#include "base/secret.h"

#include <reeve/error.h>

namespace reeve {

namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Hasher::Hasher(std::string_view domain) {
  start_sodium();
  ensure(crypto_generichash_blake2b_init(&state_, nullptr, 0, sizeof(Digest)) == 0, "BLAKE2b doesn't start");
  text(domain);
}

Hasher& Hasher::raw(const void* data, std::size_t size) {
  crypto_generichash_blake2b_update(&state_, static_cast<const unsigned char*>(data), size);
  return *this;
}

Hasher& Hasher::digest(const Digest& digest) { return raw(digest.data(), digest.size()); }

Hasher& Hasher::number(std::uint64_t number) {
  std::array<std::uint8_t, 8> bytes;
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(number & 0xFFU);
    number >>= 8U;
  }
  return raw(bytes.data(), bytes.size());
}

Hasher& Hasher::text(std::string_view text) {
  number(text.size());
  return raw(text.data(), text.size());
}

Digest Hasher::finish() {
  Digest digest;
  ensure(crypto_generichash_blake2b_final(&state_, digest.data(), digest.size()) == 0,
         "a hash is finished once");
  return digest;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

std::optional<Digest> digest_from_hex(std::string_view hex) {
  Digest digest;
  if (hex.size() != digest.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = digit_of(hex[2 * i]);
    const int low = digit_of(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

Digest sha256(std::string_view message) {
  Digest digest;
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(message.data()), message.size());
  return digest;
}

Digest hmac_sha256(std::span<const std::uint8_t> key, std::string_view message) {
  start_sodium();
  crypto_auth_hmacsha256_state state;
  Digest digest;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()),
                                message.size());
  crypto_auth_hmacsha256_final(&state, digest.data());
  sodium_memzero(&state, sizeof(state));
  return digest;
}

bool equal_secret(std::span<const std::uint8_t> left, std::span<const std::uint8_t> right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace reeve
