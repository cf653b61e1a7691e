#include "words/normal_form.h"

#include <gtest/gtest.h>

namespace reeve::words {
namespace {

TEST(normal_form, makes_compatible_characters_one) {
  EXPECT_EQ(compatibility_form(""), "");
  EXPECT_EQ(compatibility_form("plain"), "plain");
  EXPECT_EQ(compatibility_form("e\u0301\u0323"), "\u1eb9\u0301");
  EXPECT_EQ(compatibility_form("\ufb01ne\u2026 \u00bd\uff21\u00a0x"), "fine... 1\u20442A x");
  EXPECT_EQ(compatibility_form("\u1100\u1161\u11a8"), "\uac01");
}

}  // namespace
}  // namespace reeve::words
