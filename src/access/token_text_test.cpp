#include "access/token_text.h"

#include "base/clock.h"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace reeve::access {
namespace {

TEST(token_text, is_of_one_form_with_its_id_in_it) {
  const CreatedToken token = make_token(system_random());
  const std::string_view text = token.text.text();
  ASSERT_EQ(text.size(), 80U);
  EXPECT_TRUE(text.starts_with("rvk_" + token.id + "_"))
      << "its form is what scanners for lost keys look for";
  for (const char c : text) {
    EXPECT_TRUE(c == '_' || (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'));
  }
  EXPECT_EQ(parse_token(text).id, token.id);
  EXPECT_FALSE(parse_token(text).is_mistyped);
}

TEST(token_text, of_two_is_never_the_same) {
  EXPECT_NE(make_token(system_random()).text.text(), make_token(system_random()).text.text());
}

TEST(token_text, with_any_character_changed_or_cut_is_told_without_a_database) {
  const CreatedToken token = make_token(system_random());
  const std::string text(token.text.text());
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char other : {'a', '7', '_', 'A', '\0'}) {
      std::string changed = text;
      changed[i] = other;
      if (changed == text) continue;
      const ParsedToken parsed = parse_token(changed);
      EXPECT_TRUE(parsed.id.empty() || parsed.is_mistyped) << i << other;
    }
    std::string swapped = text;
    if (i > 0) std::swap(swapped[i - 1], swapped[i]);
    if (swapped != text) {
      const ParsedToken parsed = parse_token(swapped);
      EXPECT_TRUE(parsed.id.empty() || parsed.is_mistyped) << i;
    }
    EXPECT_TRUE(parse_token(text.substr(0, i)).id.empty());
  }
  EXPECT_TRUE(parse_token(text + "a").id.empty());
  EXPECT_TRUE(parse_token(" " + text).id.empty());
  EXPECT_TRUE(parse_token("").id.empty());
}

TEST(patterns, match_whole_names_in_which_a_star_is_anything) {
  struct Case {
    const char* pattern;
    const char* name;
    bool matches;
  };
  for (const Case& one : std::vector<Case>{{"ann", "ann", true},
                                           {"ann", "anna", false},
                                           {"ann", "xann", false},
                                           {"ann", "Ann", false},
                                           {"*", "ann", true},
                                           {"*", "", true},
                                           {"a*", "ann", true},
                                           {"a*", "bann", false},
                                           {"*n", "ann", true},
                                           {"*n", "anna", false},
                                           {"a*a", "anna", true},
                                           {"a*a", "a", false},
                                           {"org/*/x", "org/1/x", true},
                                           {"org/*/x", "org/1/y", false},
                                           {"*ab*ab*", "abcab", true},
                                           {"*ab*ab*", "abc", false},
                                           {"**a**", "bab", true},
                                           {"a?", "ab", false},
                                           {"", "", true},
                                           {"", "a", false},
                                           {"a*b*c", "axxbyybzzc", true}}) {
    EXPECT_EQ(matches(one.pattern, one.name), one.matches) << one.pattern << " " << one.name;
  }
}

TEST(patterns, of_many_stars_take_no_longer_for_it) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";
  EXPECT_FALSE(matches(pattern + "b", std::string(200, 'a')));
}

}  // namespace
}  // namespace reeve::access
