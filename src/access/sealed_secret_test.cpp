#include "access/sealed_secret.h"

#include "base/cipher.h"
#include "base/hash.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <numeric>
#include <span>
#include <vector>

namespace reeve::access {
namespace {

/// 40 41 42 ..., as the worked example of docs/secrets.md has it.
class CountingRandom : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    std::iota(bytes.begin(), bytes.end(), static_cast<std::uint8_t>(0x40));
  }
};

Secret counting_key(std::uint8_t first) {
  Secret key(cipher_key_bytes);
  std::iota(key.bytes().begin(), key.bytes().end(), first);
  return key;
}

std::string hex_of(std::string_view bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

ErrorCode code_of(const Secret& key, const Place& place, std::string_view sealed) {
  try {
    unseal(key, place, sealed);
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "it opened";
  return ErrorCode::internal;
}

constexpr Place place{.purpose = "secrets", .ledger = "ann", .name = "openai"};

// The bytes were computed by another program from docs/secrets.md.
TEST(sealed_secret, is_what_its_document_says) {
  CountingRandom random;
  const std::string sealed = seal(counting_key(0), 7, place, "sk-example", random);
  EXPECT_EQ(hex_of(sealed),
            "0107000000404142434445464748494a4b4c4d4e4f5051525354555657a7522815a8811466e3918fb5c4ba5e36cccba3"
            "279e2d14"
            "eb746b");
  EXPECT_EQ(unseal(counting_key(0), place, sealed).text(), "sk-example");
  const std::string wrapped = wrap(counting_key(0x80), 2, "secrets", 7, counting_key(0), random);
  EXPECT_EQ(hex_of(wrapped),
            "0102000000404142434445464748494a4b4c4d4e4f5051525354555657f10d71f75ff5f25df31b7dd8faa3935a225660"
            "7d11518a"
            "fbd2a3ef175e4813d7efbb7985f6d135e5ae0f47f8ad93e9a2");
  EXPECT_EQ(unwrap(counting_key(0x80), 2, "secrets", 7, wrapped).text(), counting_key(0).text());
}

TEST(sealed_secret, with_any_bit_changed_or_cut_anywhere_is_refused) {
  CountingRandom random;
  const std::string sealed = seal(counting_key(0), 7, place, "sk-example", random);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      EXPECT_EQ(code_of(counting_key(0), place, changed), ErrorCode::corrupt) << i;
    }
    EXPECT_EQ(code_of(counting_key(0), place, sealed.substr(0, i)), ErrorCode::corrupt);
  }
  EXPECT_EQ(code_of(counting_key(0), place, sealed + "x"), ErrorCode::corrupt);
}

TEST(sealed_secret, opens_in_no_other_place_and_with_no_other_key) {
  CountingRandom random;
  const std::string sealed = seal(counting_key(0), 7, place, "sk-example", random);
  for (const Place& other : std::vector<Place>{{"secrets", "ann", "anthropic"},
                                               {"secrets", "bob", "openai"},
                                               {"rows", "ann", "openai"},
                                               {"secrets", "annopenai", ""},
                                               {"secrets", "", "annopenai"}}) {
    EXPECT_EQ(code_of(counting_key(0), other, sealed), ErrorCode::corrupt);
  }
  EXPECT_EQ(code_of(counting_key(1), place, sealed), ErrorCode::corrupt);
}

TEST(data_key, wrapped_by_another_master_key_names_both_versions) {
  CountingRandom random;
  const std::string wrapped = wrap(counting_key(0x80), 2, "secrets", 7, counting_key(0), random);
  try {
    unwrap(counting_key(0x81), 2, "secrets", 7, wrapped);
    ADD_FAILURE() << "it opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::corrupt);
    EXPECT_NE(error.message().find("data key 7 can't be opened: master key 2"), std::string::npos)
        << error.what();
  }
  EXPECT_THROW(unwrap(counting_key(0x80), 2, "rows", 7, wrapped), Error) << "of another purpose";
  EXPECT_THROW(unwrap(counting_key(0x80), 2, "secrets", 8, wrapped), Error) << "of another version";
  EXPECT_THROW(unwrap(counting_key(0x80), 3, "secrets", 7, wrapped), Error) << "by another master";
  EXPECT_THROW(unwrap(counting_key(0x80), 2, "secrets", 7, wrapped.substr(1)), Error);
}

}  // namespace
}  // namespace reeve::access
