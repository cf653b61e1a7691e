#pragma once
// Ed25519 (RFC 8032). libsodium's.

#include "base/clock.h"
#include "base/hash.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace reeve {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

/// A secret key. Its bytes are overwritten when it goes.
class SigningKey {
 public:
  /// From RFC 8032's 32 secret bytes.
  explicit SigningKey(const Digest& secret);
  static SigningKey make(Random& random);
  ~SigningKey();
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;

  const PublicKey& public_key() const { return public_key_; }
  /// For who stores it. Secret.
  const Digest& secret() const { return secret_; }
  Signature sign(std::string_view message) const;

 private:
  Digest secret_;
  PublicKey public_key_{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> expanded_{};
};

bool is_signed_by(const PublicKey& key, std::string_view message, const Signature& signature);

}  // namespace reeve
