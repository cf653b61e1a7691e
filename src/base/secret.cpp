#include "base/secret.h"

#include <reeve/error.h>

#include <sodium.h>

#include <cstring>
#include <type_traits>
#include <utility>

namespace reeve {

// Without it libsodium computes by its portable code, which is slower, and has no guarded memory.
void start_sodium() {
  static const bool started = sodium_init() >= 0;
  ensure(started, "libsodium doesn't start");
}

void wipe(void* data, std::size_t size) noexcept { sodium_memzero(data, size); }

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // never allocates
  sodium_memzero(text.data(), text.size());
  text.clear();
}

Digest digest_of_secret(std::string_view domain, std::string_view secret) {
  Hasher hasher(domain);
  const Digest digest = hasher.text(secret).finish();
  static_assert(std::is_trivially_copyable_v<Hasher>);
  sodium_memzero(&hasher, sizeof(hasher));
  return digest;
}

Secret secret_to_base64(const Secret& secret) {
  // With its final NUL.
  Secret text(sodium_base64_ENCODED_LEN(secret.size(), sodium_base64_VARIANT_ORIGINAL));
  sodium_bin2base64(reinterpret_cast<char*>(text.bytes().data()), text.size(), secret.bytes().data(),
                    secret.size(), sodium_base64_VARIANT_ORIGINAL);
  text.shorten(text.size() - 1);
  return text;
}

std::optional<Secret> secret_from_base64(std::string_view text) {
  Secret secret(text.size());
  if (text.empty()) {
    return secret;
  }
  std::size_t size = 0;
  if (sodium_base642bin(secret.bytes().data(), secret.size(), text.data(), text.size(), nullptr, &size,
                        nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  secret.shorten(size);
  // libsodium takes some bytes beyond ASCII for letters.
  if (secret_to_base64(secret).text() != text) {
    return std::nullopt;
  }
  return secret;
}

Secret::Secret(std::size_t size) {
  if (size == 0) {
    return;
  }
  start_sodium();
  data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  if (data_ == nullptr) {
    throw Error(ErrorCode::unavailable, "there is no memory for a secret", "free some memory");
  }
  size_ = size;
  std::memset(data_, 0, size);
}

Secret Secret::copy_of(std::string_view text) {
  Secret secret(text.size());
  if (!text.empty()) {
    std::memcpy(secret.data_, text.data(), text.size());
  }
  return secret;
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    sodium_free(data_);  // overwrites; of null: nothing
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() { sodium_free(data_); }

void Secret::shorten(std::size_t size) {
  ensure(size <= size_, "a secret becomes no longer by being shortened");
  if (size < size_) {
    sodium_memzero(data_ + size, size_ - size);
    size_ = size;
  }
}

}  // namespace reeve
