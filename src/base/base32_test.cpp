#include "base/base32.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace reeve {
namespace {

std::string text_of(std::string_view bytes) {
  std::string text(base32_size(bytes.size()), '\0');
  to_base32({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, text);
  return text;
}

// RFC 4648, section 10, without its padding.
TEST(base32, gives_what_its_standard_says) {
  EXPECT_EQ(text_of(""), "");
  EXPECT_EQ(text_of("f"), "my");
  EXPECT_EQ(text_of("fo"), "mzxq");
  EXPECT_EQ(text_of("foo"), "mzxw6");
  EXPECT_EQ(text_of("foob"), "mzxw6yq");
  EXPECT_EQ(text_of("fooba"), "mzxw6ytb");
  EXPECT_EQ(text_of("foobar"), "mzxw6ytboi");
}

TEST(base32, gives_back_what_it_was_given) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 60; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    std::vector<std::uint8_t> back(size);
    ASSERT_TRUE(from_base32(text_of(bytes), back));
    EXPECT_EQ(std::string(back.begin(), back.end()), bytes);
  }
}

TEST(base32, takes_one_text_alone_for_the_same_bytes) {
  std::vector<std::uint8_t> one(1);
  EXPECT_TRUE(from_base32("my", one));
  for (const char* wrong : {"mz", "MY", "m", "my=", "m1", "m ", "", "mya", "m\xff"}) {
    EXPECT_FALSE(from_base32(wrong, one)) << wrong;
  }
}

}  // namespace
}  // namespace reeve
