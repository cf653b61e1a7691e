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

TEST(normal_form, folded_is_one_for_both_cases_and_nothing_for_what_unicode_does_not_have) {
  EXPECT_EQ(folded_form(""), "");
  EXPECT_EQ(folded_form("Wren@Keep.Example"), "wren@keep.example");
  EXPECT_EQ(folded_form("Stra\u00dfe"), "strasse");
  EXPECT_EQ(folded_form("\uff37\u00ad\u212b"), "w\u00e5") << "wide, a soft hyphen, a unit";
  EXPECT_EQ(folded_form("\u03a3\u03c2\u03c3"), "\u03c3\u03c3\u03c3");
  EXPECT_EQ(folded_form("\u1e9b\u0323"), "\u1e69");
  EXPECT_EQ(folded_form("a\u0378"), std::nullopt);
  for (const char* text : {"\u0130stanbul", "\u01c5", "\u1f88"})
    EXPECT_EQ(folded_form(*folded_form(text)), folded_form(text)) << "folded twice is folded once";
}

TEST(normal_form, composed_is_one_for_what_looks_the_same_and_keeps_what_does_not) {
  const auto composed = [](std::string_view text) { return std::string(composed_secret(text).text()); };
  EXPECT_EQ(composed(""), "");
  EXPECT_EQ(composed("plain 1"), "plain 1");
  EXPECT_EQ(composed("e\u0301"), "\u00e9");
  EXPECT_EQ(composed("\u00e9"), "\u00e9");
  EXPECT_EQ(composed("e\u0301\u0323"), "\u1eb9\u0301");
  EXPECT_EQ(composed("\u1100\u1161\u11a8"), "\uac01");
  EXPECT_EQ(composed("\u0344"), "\u0308\u0301") << "longer than it was";
  EXPECT_EQ(composed("\U0001d160"), "\U0001d158\U0001d165\U0001d16e") << "and so is this";
  EXPECT_EQ(composed("\ufb01\uff21"), "\ufb01\uff21") << "compatible is not the same";
}

}  // namespace
}  // namespace reeve::words
