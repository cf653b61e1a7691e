#include "base/signature.h"

namespace reeve {

SigningKey::SigningKey(const Digest& secret) : secret_(secret) {
  crypto_sign_seed_keypair(public_key_.data(), expanded_.data(), secret_.data());
}

SigningKey SigningKey::make(Random& random) {
  Digest secret;
  random.fill(secret);
  return SigningKey(secret);
}

SigningKey::~SigningKey() {
  sodium_memzero(secret_.data(), secret_.size());
  sodium_memzero(expanded_.data(), expanded_.size());
}

Signature SigningKey::sign(std::string_view message) const {
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(message.data()),
                       message.size(), expanded_.data());
  return signature;
}

bool is_signed_by(const PublicKey& key, std::string_view message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.data(), reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(), key.data()) == 0;
}

}  // namespace reeve
