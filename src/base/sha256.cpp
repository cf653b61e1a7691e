#include "base/sha256.h"

#include "base/secret.h"

namespace reeve {

Sha256::Sha256() {
  start_sodium();
  crypto_hash_sha256_init(&state_);
}

Sha256& Sha256::update(const void* data, std::size_t size) {
  crypto_hash_sha256_update(&state_, static_cast<const unsigned char*>(data), size);
  return *this;
}

Digest Sha256::finish() {
  Digest digest;
  crypto_hash_sha256_final(&state_, digest.data());
  return digest;
}

}  // namespace reeve
