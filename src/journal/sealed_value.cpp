#include "journal/sealed_value.h"

#include "base/base64.h"
#include "base/json.h"

#include <reeve/error.h>

#include <array>
#include <span>
#include <utility>

namespace reeve::journal {

namespace {

using Nonce = std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES>;

[[noreturn]] void corrupt(const char* what) {
  throw Error(ErrorCode::corrupt, std::string("a sealed value ") + what);
}

std::string associated_data(std::string_view subject) {
  std::string data("reeve.sealed.1");
  data += '\0';
  data += subject;
  return data;
}

std::string commitment_of(const SubjectKey& key, std::span<const std::uint8_t> nonce,
                          std::string_view plain) {
  Digest blinding;
  std::string input("reeve.blinding.1");
  input.append(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  crypto_generichash_blake2b(blinding.data(), blinding.size(),
                             reinterpret_cast<const unsigned char*>(input.data()), input.size(), key.data(),
                             key.size());
  return to_hex(Hasher("reeve.commitment.1").digest(blinding).text(plain).finish());
}

std::string bytes_of_base64(std::string_view text) {
  std::optional<std::string> bytes = from_base64(text);
  if (!bytes) {
    corrupt("is not base64");
  }
  return std::move(*bytes);
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string member(simdjson::dom::element tree, const char* name) {
  std::string_view text;
  if (tree[name].get(text) != simdjson::SUCCESS) {
    corrupt("lacks a member");
  }
  return std::string(text);
}

bool is_sealed(simdjson::dom::element tree) {
  std::int64_t version = 0;
  return tree["reeve_sealed"].get(version) == simdjson::SUCCESS && version == 1;
}

}  // namespace

std::string seal_value(std::string_view subject, const SubjectKey& key, std::string_view plain,
                       Random& random) {
  Nonce nonce{};
  random.fill(nonce);
  std::string ciphertext(plain.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  const std::string data = associated_data(subject);
  unsigned long long size = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      reinterpret_cast<unsigned char*>(ciphertext.data()), &size,
      reinterpret_cast<const unsigned char*>(plain.data()), plain.size(),
      reinterpret_cast<const unsigned char*>(data.data()), data.size(), nullptr, nonce.data(), key.data());
  std::string out = "{\"ciphertext\":\"" + to_base64(ciphertext) + "\",\"commitment\":\"" +
                    commitment_of(key, nonce, plain) + "\",\"nonce\":\"" + to_base64(nonce) +
                    "\",\"reeve_sealed\":1,\"subject\":";
  json::append_canonical_string(subject, out);
  return out + "}";
}

std::string unseal_value(std::string_view sealed, const SubjectKey& key) {
  json::Reader reader;
  const simdjson::dom::element tree = reader.read(sealed);
  if (!is_sealed(tree)) {
    corrupt("is none");
  }
  const std::string data = associated_data(member(tree, "subject"));
  const std::string nonce = bytes_of_base64(member(tree, "nonce"));
  const std::string ciphertext = bytes_of_base64(member(tree, "ciphertext"));
  if (nonce.size() != std::tuple_size_v<Nonce> ||
      ciphertext.size() < crypto_aead_xchacha20poly1305_ietf_ABYTES) {
    corrupt("has a nonce or ciphertext of another length");
  }
  std::string plain(ciphertext.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  unsigned long long size = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(plain.data()), &size, nullptr,
          reinterpret_cast<const unsigned char*>(ciphertext.data()), ciphertext.size(),
          reinterpret_cast<const unsigned char*>(data.data()), data.size(),
          reinterpret_cast<const unsigned char*>(nonce.data()), key.data()) != 0) {
    corrupt("was changed, or sealed with another key");
  }
  const std::string commitment = commitment_of(key, bytes_of(nonce), plain);
  if (!equal_secret(bytes_of(commitment), bytes_of(member(tree, "commitment")))) {
    corrupt("has a commitment to another value");
  }
  return plain;
}

std::optional<std::string> subject_of(std::string_view sealed) {
  try {
    json::Reader reader;
    const simdjson::dom::element tree = reader.read(sealed);
    if (!tree.is_object() || !is_sealed(tree)) {
      return std::nullopt;
    }
    return member(tree, "subject");
  } catch (const Error&) {
    return std::nullopt;  // whatever it is, it is no sealed value
  }
}

}  // namespace reeve::journal
