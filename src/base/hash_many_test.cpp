#include "base/hash_many.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace reeve {
namespace {

Digest one(std::string_view message) {
  Digest digest;
  crypto_generichash_blake2b(digest.data(), digest.size(),
                             reinterpret_cast<const unsigned char*>(message.data()), message.size(), nullptr,
                             0);
  return digest;
}

void expect_equal(const std::vector<std::string>& texts) {
  const std::vector<std::string_view> messages(texts.begin(), texts.end());
  for (const Processor processor : processors()) {
    std::vector<Digest> digests(texts.size());
    hash_many(messages, digests, processor);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      ASSERT_EQ(digests[i], one(texts[i]))
          << "message " << i << " of " << texts.size() << ", " << texts[i].size() << " bytes, processor "
          << static_cast<int>(processor);
    }
  }
}

TEST(hash_many, gives_libsodiums_digests_at_every_length_around_the_blocks) {
  std::mt19937_64 random(7);
  for (std::size_t size = 0; size < 600; ++size) {
    std::vector<std::string> texts;
    for (std::size_t lane = 0; lane < 4; ++lane) {
      std::string text(size + lane * (size % 3), '\0');
      for (char& letter : text) letter = static_cast<char>(random());
      texts.push_back(std::move(text));
    }
    expect_equal(texts);
  }
}

TEST(hash_many, gives_libsodiums_digests_of_any_number_of_messages_of_any_lengths) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> texts(random() % 12);
    for (std::string& text : texts) {
      text.resize(random() % (random() % 8 == 0 ? 5000 : 400));
      for (char& letter : text) letter = static_cast<char>(random());
    }
    expect_equal(texts);
  }
}

TEST(hash_many, of_the_letters_abc_is_what_the_reference_implementation_gives) {
  const std::vector<std::string_view> messages(3, "abc");
  std::vector<Digest> digests(3);
  hash_many(messages, digests);
  for (const Digest& digest : digests) {
    EXPECT_EQ(to_hex(digest), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  }
}

}  // namespace
}  // namespace reeve
