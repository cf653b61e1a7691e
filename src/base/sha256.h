#pragma once
// SHA-256 (FIPS 180-4) of what comes in parts. Of a text at once: base/hash.h.

#include "base/hash.h"

#include <cstddef>

#include <sodium.h>

namespace reeve {

class Sha256 {
 public:
  Sha256();
  Sha256& update(const void* data, std::size_t size);
  /// Once; it is used up.
  Digest finish();

 private:
  crypto_hash_sha256_state state_;
};

}  // namespace reeve
