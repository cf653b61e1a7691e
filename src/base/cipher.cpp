#include "base/cipher.h"

#include "base/secret.h"

#include <reeve/error.h>

#include <sodium.h>

namespace reeve {

namespace {

static_assert(cipher_key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(cipher_nonce_bytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(cipher_tag_bytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

const unsigned char* data_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void check(const Secret& key, std::string_view nonce) {
  ensure(key.size() == cipher_key_bytes && nonce.size() == cipher_nonce_bytes, "a cipher's key or nonce");
  start_sodium();
}

}  // namespace

std::string encrypt(const Secret& key, std::string_view nonce, std::string_view plain,
                    std::string_view associated) {
  check(key, nonce);
  std::string out(plain.size() + cipher_tag_bytes, '\0');
  unsigned long long size = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(out.data()), &size,
                                             data_of(plain), plain.size(), data_of(associated),
                                             associated.size(), nullptr, data_of(nonce), key.bytes().data());
  return out;
}

std::optional<Secret> decrypt(const Secret& key, std::string_view nonce, std::string_view ciphertext,
                              std::string_view associated) {
  check(key, nonce);
  if (ciphertext.size() < cipher_tag_bytes) {
    return std::nullopt;
  }
  Secret plain(ciphertext.size() - cipher_tag_bytes);
  unsigned long long size = 0;
  const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      plain.bytes().data(), &size, nullptr, data_of(ciphertext), ciphertext.size(), data_of(associated),
      associated.size(), data_of(nonce), key.bytes().data());
  if (code != 0) {
    return std::nullopt;
  }
  return plain;
}

}  // namespace reeve
