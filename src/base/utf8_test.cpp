#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace reeve {
namespace {

using namespace std::literals;

TEST(utf8, takes_every_length_of_code_point) {
  for (const std::string_view text :
       {""sv, "a"sv, "\x7F"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv,
        "\xEE\x80\x80"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
}

TEST(utf8, refuses_what_is_not_utf8) {
  for (const std::string_view text :
       {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC3"sv, "\xE0\x80\x80"sv, "\xE2\x82"sv,
        "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xF0\x80\x80\x80"sv, "\xF0\x9F\x98"sv, "\xF4\x90\x80\x80"sv,
        "\xF5\x80\x80\x80"sv, "\xFF"sv, "a\xFE z"sv}) {
    EXPECT_FALSE(is_valid_utf8(text));
    EXPECT_FALSE(is_valid_utf8(std::string(100, 'a') + std::string(text)));
  }
}

TEST(utf8, refuses_the_character_zero) {
  EXPECT_FALSE(is_valid_utf8("a\0b"sv));
  EXPECT_FALSE(is_valid_utf8("\0"sv));
}

TEST(utf8, counts_code_points) {
  EXPECT_EQ(code_points(""), 0U);
  EXPECT_EQ(code_points("J\xC3\xBCrgen"), 6U);
  EXPECT_EQ(code_points("\xE2\x82\xAC\xF0\x9F\x98\x80"), 2U);
  EXPECT_EQ(code_points("e\xCC\x81"), 2U);
}

}  // namespace
}  // namespace reeve
