#include "base/secret.h"

#include "base/cipher.h"
#include "base/password_hash.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <cstdint>
#include <fstream>
#include <string>

// Under the address sanitizer mlock() does nothing.
#if defined(__SANITIZE_ADDRESS__)
#define REEVE_TEST_LOCKS_NOTHING 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REEVE_TEST_LOCKS_NOTHING 1
#endif
#endif

namespace reeve {
namespace {

/// The flags of the mapping that an address is in (proc(5), smaps).
std::string flags_of(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t from = 0;
    std::uintptr_t to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) {
      const auto place = reinterpret_cast<std::uintptr_t>(address);
      inside = place >= from && place < to;
    } else if (inside && line.starts_with("VmFlags:")) {
      return line + " ";
    }
  }
  return {};
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

Secret counting_key(int first) {
  Secret key(cipher_key_bytes);
  for (std::size_t i = 0; i < key.size(); ++i)
    key.bytes()[i] = static_cast<std::uint8_t>(first + static_cast<int>(i));
  return key;
}

TEST(secret, is_left_out_of_core_dumps_and_locked_in_memory) {
  const Secret secret = Secret::copy_of("nobody sees this");
  const std::string flags = flags_of(secret.text().data());
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
#if !REEVE_TEST_LOCKS_NOTHING
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_cur >= 65536) {
    EXPECT_NE(flags.find(" lo "), std::string::npos) << flags;
  }
#endif
  const std::string plain(4096, 'x');
  EXPECT_EQ(flags_of(plain.data()).find(" dd "), std::string::npos) << "what others may have is told apart";
}

TEST(secret, is_moved_cloned_and_shortened) {
  Secret secret = Secret::copy_of("a longer one");
  const Secret clone = secret.clone();
  const Secret moved = std::move(secret);
  EXPECT_EQ(moved.text(), "a longer one");
  EXPECT_EQ(clone.text(), "a longer one");
  Secret shortened = moved.clone();
  shortened.shorten(8);
  EXPECT_EQ(shortened.text(), "a longer");
  EXPECT_TRUE(Secret().empty());
  EXPECT_EQ(Secret::copy_of("").text(), "");
}

TEST(secret, in_base64_is_what_it_was_and_nothing_else_is_taken) {
  const Secret secret = Secret::copy_of(std::string_view("\0\xff\x10 bytes", 9));
  const Secret text = secret_to_base64(secret);
  EXPECT_EQ(text.text(), "AP8QIGJ5dGVz");
  EXPECT_EQ(secret_from_base64(text.text())->text(), secret.text());
  for (const char* wrong :
       {"AP8QIGJ5dGV", "AP8QIGJ5dGV=", "AP8Q IGJ5", "AP8QIGJ5dGVz\n", "====", "AP8QIGJ5dG-_"}) {
    EXPECT_FALSE(secret_from_base64(wrong)) << wrong;
  }
}

TEST(secret, texts_are_wiped_in_place) {
  std::string text(100, 's');
  text.resize(10);
  const char* const buffer = text.data();
  const std::size_t size = text.capacity();
  wipe(text);
  EXPECT_EQ(text, "");
  EXPECT_EQ(std::string(buffer, size).find('s'), std::string::npos);
}

// Section A.3.1 of draft-irtf-cfrg-xchacha-03.
TEST(cipher, gives_what_its_draft_says) {
  const std::string plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
      "would be it.";
  const std::string associated = bytes_of_hex("50515253c0c1c2c3c4c5c6c7");
  const std::string nonce = bytes_of_hex("404142434445464748494a4b4c4d4e4f5051525354555657");
  const std::string sealed = encrypt(counting_key(0x80), nonce, plain, associated);
  EXPECT_EQ(sealed.substr(0, 16), bytes_of_hex("bd6d179d3e83d43b9576579493c0e939"));
  EXPECT_EQ(sealed.substr(plain.size()), bytes_of_hex("c0875924c1c7987947deafd8780acf49"));
  EXPECT_EQ(decrypt(counting_key(0x80), nonce, sealed, associated)->text(), plain);
}

TEST(cipher, opens_nothing_that_was_changed_cut_or_is_of_another_key) {
  const std::string nonce(cipher_nonce_bytes, 'n');
  const std::string sealed = encrypt(counting_key(1), nonce, "value", "place");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      EXPECT_FALSE(decrypt(counting_key(1), nonce, changed, "place"));
    }
    EXPECT_FALSE(decrypt(counting_key(1), nonce, sealed.substr(0, i), "place"));
  }
  EXPECT_FALSE(decrypt(counting_key(2), nonce, sealed, "place"));
  EXPECT_FALSE(decrypt(counting_key(1), nonce, sealed, "another"));
  EXPECT_FALSE(decrypt(counting_key(1), std::string(cipher_nonce_bytes, 'm'), sealed, "place"));
}

TEST(password_hash, is_argon2id_with_its_cost_and_a_salt_of_its_own) {
  const Secret password = Secret::copy_of("correct horse");
  const std::string hash = hash_password(password, {.passes = 2, .memory_kib = 64});
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=64,t=2,p=1$")) << hash;
  EXPECT_NE(hash, hash_password(password, {.passes = 2, .memory_kib = 64}));
  EXPECT_TRUE(is_password(password, hash));
  EXPECT_FALSE(is_password(Secret::copy_of("correct horsf"), hash));
  EXPECT_FALSE(is_password(Secret(), hash));
  EXPECT_EQ(cost_of(hash)->passes, 2U);
  EXPECT_EQ(cost_of(hash)->memory_kib, 64U);
}

// Made by the reference implementation's command: `printf password | argon2 somesalt -id -t 2 -k 65536 -p 1 -e`; the hash is
// the one of its own tests.
TEST(password_hash, takes_what_the_reference_implementation_made) {
  EXPECT_TRUE(
      is_password(Secret::copy_of("password"),
                  "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"));
}

TEST(password_hash, of_another_form_is_no_password) {
  const Secret password = Secret::copy_of("password");
  for (const char* hash :
       {"", "password", "$argon2i$v=19$m=64,t=2,p=1$c2FsdA$aGFzaA", "$argon2id$v=19$m=64,t=2$x$y",
        "$argon2id$v=19$m=99999999999,t=2,p=1$c2FsdA$aGFzaA"}) {
    EXPECT_FALSE(cost_of(hash)) << hash;
    EXPECT_FALSE(is_password(password, hash)) << hash;
  }
  EXPECT_THROW(hash_password(password, {.passes = 0, .memory_kib = 64}), Error);
  EXPECT_THROW(hash_password(password, {.passes = 1, .memory_kib = 1}), Error);
}

}  // namespace
}  // namespace reeve
