#include "cli/display_width.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

TEST(display_width, counts_columns_and_not_bytes) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("Curie"), 5u);
  EXPECT_EQ(display_width("Ångström"), 8u);
  EXPECT_EQ(display_width("関孝和"), 6u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("🔭"), 2u);
}

TEST(display_width, takes_bytes_that_are_no_utf8_one_by_one) {
  EXPECT_EQ(display_width("\xff\xfe"), 2u);
  EXPECT_EQ(display_width("\xe2\x82"), 2u);
}

TEST(cut_to_width, keeps_what_fits_and_marks_what_was_cut) {
  EXPECT_EQ(cut_to_width("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_to_width("abcdefg", 6), "abcde…");
  EXPECT_EQ(cut_to_width("関孝和", 6), "関孝和");
  EXPECT_EQ(cut_to_width("関孝和", 5), "関孝…");
  EXPECT_EQ(cut_to_width("関孝和", 4), "関…");
}

}  // namespace
}  // namespace reeve::cli
