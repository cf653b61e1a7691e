#include "base/password_hash.h"

#include "base/secret.h"

#include <reeve/error.h>

#include <sodium.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace reeve {

namespace {

constexpr std::size_t kib = 1024;

[[noreturn]] void refuse_memory() {
  throw Error(ErrorCode::unavailable, "there is no memory to hash a password",
              "free some memory, or ask for less");
}

/// Takes `prefix` and the number behind it off the front.
bool take(std::string_view& text, std::string_view prefix, std::uint32_t& number) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) {
    return false;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

std::string hash_password(const Secret& password, const HashingCost& cost) {
  start_sodium();
  const std::size_t memory = cost.memory_kib * kib;
  if (cost.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN || memory < crypto_pwhash_argon2id_MEMLIMIT_MIN ||
      memory > crypto_pwhash_argon2id_MEMLIMIT_MAX) {
    throw Error(ErrorCode::invalid_input, "Argon2 knows no such cost",
                "at least 1 pass and 8 KiB, below 4 GiB");
  }
  std::array<char, crypto_pwhash_argon2id_STRBYTES> hash{};
  const char* const text = password.empty() ? "" : password.text().data();  // libsodium takes no null pointer
  if (crypto_pwhash_argon2id_str(hash.data(), text, password.size(), cost.passes, memory) != 0) {
    refuse_memory();
  }
  return hash.data();
}

bool is_password(const Secret& password, const std::string& hash) {
  start_sodium();
  if (!cost_of(hash)) {
    return false;
  }
  errno = 0;
  const char* const text = password.empty() ? "" : password.text().data();  // libsodium takes no null pointer
  const int code = crypto_pwhash_argon2id_str_verify(hash.c_str(), text, password.size());
  if (code != 0 && errno == ENOMEM) {
    refuse_memory();
  }
  return code == 0;
}

std::optional<HashingCost> cost_of(std::string_view hash) {
  HashingCost cost;
  std::uint32_t lanes = 0;
  if (hash.size() >= crypto_pwhash_argon2id_STRBYTES || !take(hash, "$argon2id$v=19$m=", cost.memory_kib) ||
      !take(hash, ",t=", cost.passes) || !take(hash, ",p=", lanes) || !hash.starts_with('$')) {
    return std::nullopt;
  }
  return cost;
}

}  // namespace reeve
