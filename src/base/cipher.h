#pragma once
// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, the IETF form): nobody reads it without the key, nobody changes a byte of it
// or of what goes with it unseen. libsodium's.

#include <reeve/secret.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reeve {

inline constexpr std::size_t cipher_key_bytes = 32;
inline constexpr std::size_t cipher_nonce_bytes = 24;
inline constexpr std::size_t cipher_tag_bytes = 16;

/// The ciphertext, as long as `plain`, and its tag. A nonce of 24 random bytes is used once with a key. Precondition: a key of
/// cipher_key_bytes, a nonce of cipher_nonce_bytes.
std::string encrypt(const Secret& key, std::string_view nonce, std::string_view plain,
                    std::string_view associated);
/// Nothing when it is not what encrypt gave for this key, nonce and associated data.
std::optional<Secret> decrypt(const Secret& key, std::string_view nonce, std::string_view ciphertext,
                              std::string_view associated);

}  // namespace reeve
