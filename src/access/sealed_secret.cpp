#include "access/sealed_secret.h"

#include "base/cipher.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>

// sealed  := 0x01 key_version nonce ciphertext
//   key_version  four bytes, little-endian; the data key's, or of a wrapped key the master key's
//   nonce        24 random bytes
//   ciphertext   XChaCha20-Poly1305, as long as what is sealed, and 16 bytes of tag
// The associated data begins with a domain and has what the sealed bytes are bound to.

namespace reeve::access {

namespace {

constexpr char format = 1;
constexpr std::size_t version_bytes = 4;
constexpr std::size_t head_bytes = 1 + version_bytes + cipher_nonce_bytes;

void append_number(std::uint64_t number, std::size_t size, std::string& out) {
  for (std::size_t i = 0; i < size; ++i) {
    out += static_cast<char>(number >> (8 * i) & 0xffU);
  }
}

/// Its length first, so that no two lists of texts give the same bytes.
void append_text(std::string_view text, std::string& out) {
  append_number(text.size(), 8, out);
  out += text;
}

std::string data_of_secret(const Place& place, KeyVersion version) {
  std::string data;
  for (const std::string_view part :
       {std::string_view("reeve.secret.1"), place.purpose, place.ledger, place.name}) {
    append_text(part, data);
  }
  append_number(version, version_bytes, data);
  return data;
}

std::string data_of_key(std::string_view purpose, KeyVersion version, KeyVersion master_version) {
  std::string data;
  append_text("reeve.data_key.1", data);
  append_text(purpose, data);
  append_number(version, version_bytes, data);
  append_number(master_version, version_bytes, data);
  return data;
}

std::string seal_bytes(const Secret& key, KeyVersion version, std::string_view plain, std::string_view data,
                       Random& random) {
  std::array<std::uint8_t, cipher_nonce_bytes> nonce{};
  random.fill(nonce);
  std::string sealed(1, format);
  append_number(version, version_bytes, sealed);
  const std::string_view nonce_text(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  sealed += nonce_text;
  return sealed + encrypt(key, nonce_text, plain, data);
}

std::optional<KeyVersion> version_of(std::string_view sealed) {
  if (sealed.size() < head_bytes + cipher_tag_bytes || sealed.front() != format) {
    return std::nullopt;
  }
  KeyVersion version = 0;
  for (std::size_t i = 0; i < version_bytes; ++i) {
    version |= static_cast<KeyVersion>(static_cast<unsigned char>(sealed[1 + i])) << (8 * i);
  }
  return version;
}

/// Precondition: version_of has one.
std::optional<Secret> open_bytes(const Secret& key, std::string_view sealed, std::string_view data) {
  return decrypt(key, sealed.substr(1 + version_bytes, cipher_nonce_bytes), sealed.substr(head_bytes), data);
}

}  // namespace

std::string seal(const Secret& key, KeyVersion version, const Place& place, std::string_view plain,
                 Random& random) {
  return seal_bytes(key, version, plain, data_of_secret(place, version), random);
}

KeyVersion key_version_of(std::string_view sealed) {
  const auto version = version_of(sealed);
  if (!version) {
    throw Error(ErrorCode::corrupt, "the bytes are no sealed secret of a version that this Reeve reads",
                "give them as they were returned by seal");
  }
  return *version;
}

Secret unseal(const Secret& key, const Place& place, std::string_view sealed) {
  const KeyVersion version = key_version_of(sealed);
  std::optional<Secret> plain = open_bytes(key, sealed, data_of_secret(place, version));
  if (!plain) {
    throw Error(ErrorCode::corrupt,
                fmt::format("the sealed secret {}{}{} was changed, or sealed for another place", place.ledger,
                            place.ledger.empty() ? "" : " ", place.name),
                "set it again, or take the database from a backup");
  }
  return std::move(*plain);
}

std::string wrap(const Secret& master, KeyVersion master_version, std::string_view purpose,
                 KeyVersion version, const Secret& key, Random& random) {
  return seal_bytes(master, master_version, key.text(), data_of_key(purpose, version, master_version),
                    random);
}

Secret unwrap(const Secret& master, KeyVersion master_version, std::string_view purpose, KeyVersion version,
              std::string_view wrapped) {
  const auto stored = version_of(wrapped);
  std::optional<Secret> key;
  if (stored == master_version) {
    key = open_bytes(master, wrapped, data_of_key(purpose, version, master_version));
  }
  if (!key || key->size() != cipher_key_bytes) {
    throw Error(
        ErrorCode::corrupt,
        fmt::format("data key {} can't be opened: master key {} is another than the one that wrapped it, or "
                    "the stored bytes were changed",
                    version, master_version),
        "give the master key of that version as it was");
  }
  return std::move(*key);
}

}  // namespace reeve::access
