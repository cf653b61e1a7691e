#pragma once
// Argon2id (RFC 9106, version 1.3, one lane). libsodium's.

#include <reeve/secret.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve {

struct HashingCost {
  std::uint32_t passes = 3;          ///< t of RFC 9106
  std::uint32_t memory_kib = 65536;  ///< m
};

/// `$argon2id$v=19$m=65536,t=3,p=1$SALT$HASH`; the salt is the operating system's entropy. Takes `memory_kib` of memory while it
/// runs. Throws Error unavailable when that is not to be had, invalid_input for a cost that Argon2 doesn't know.
std::string hash_password(const Secret& password, const HashingCost& cost);
/// In constant time for one cost. False also for a hash of another form. Throws Error unavailable when the memory of its cost
/// is not to be had.
bool is_password(const Secret& password, const std::string& hash);
/// What a hash was made with; nothing when it is none.
std::optional<HashingCost> cost_of(std::string_view hash);

}  // namespace reeve
