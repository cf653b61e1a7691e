#include "words/query.h"

#include "base/utf8.h"

#include <gtest/gtest.h>

#include <chrono>

namespace reeve::words {
namespace {

std::string shown(std::string_view text, const std::string& language = "none") {
  const Query query = read_query(text, language);
  std::string out;
  for (const std::vector<Unit>& alternatives : query.wanted) {
    out += out.empty() ? "" : " ";
    for (const Unit& unit : alternatives)
      out += (&unit == &alternatives.front() ? "" : "|") + unit.to_string();
  }
  for (const Unit& unit : query.excluded) out += " -" + unit.to_string();
  return out;
}

TEST(query, is_words_phrases_beginnings_alternatives_and_what_must_not_be_there) {
  EXPECT_EQ(shown("Dusty kick"), "dusty kick");
  EXPECT_EQ(shown("\"Dusty kick\" snare*"), "\"dusty kick\" snare*");
  EXPECT_EQ(shown("kick -snare -\"rim shot\""), "kick -snare -\"rim shot\"");
  EXPECT_EQ(shown("a b OR c or \"d e\" f"), "a b|c|\"d e\" f");
  EXPECT_EQ(shown("lo-fi 80's"), "\"lo fi\" 80s");
  // Twice the same is once, and `or` joins what stands on both sides of it.
  EXPECT_EQ(shown("kick kick or snare"), "kick kick|snare");
  EXPECT_EQ(shown("snare kick snare or hat"), "snare kick snare|hat");
  EXPECT_EQ(shown("kick or snare kick or snare"), "kick|snare");
  EXPECT_EQ(shown("kick -snare or zebra"), "kick zebra -snare");
  EXPECT_EQ(shown("“dusty kick” «a b»"), "\"dusty kick\" \"a b\"");
}

TEST(query, takes_what_is_no_query_for_one) {
  EXPECT_EQ(shown(""), "");
  EXPECT_EQ(shown("- -- * \"\" 🎵 \"🎵\" -*"), "");
  EXPECT_EQ(shown("kick or"), "kick");
  EXPECT_EQ(shown("or"), "or");
  EXPECT_EQ(shown("kick or 🎵"), "kick");
  EXPECT_EQ(shown("\"open end"), "\"open end\"");
  EXPECT_EQ(shown("a\"b\"c"), "a b c");
  EXPECT_EQ(shown("NEAR(a b) c0:x ^a AND (b)"), "\"near a\" b \"c0 x\" a and");
  EXPECT_EQ(shown("kick kick KICK"), "kick");
}

TEST(query, of_a_beginning_looks_for_what_stem_and_word_begin_with_alike) {
  EXPECT_EQ(shown("running*", "english"), "run*");
  EXPECT_EQ(shown("dusty*", "english"), "dust*");
  EXPECT_EQ(shown("kic*", "english"), "kic*");
  EXPECT_EQ(shown("ж*"), "ж*");
}

TEST(query, is_bounded_whatever_is_typed) {
  std::string rubbish;
  for (int i = 0; rubbish.size() < 1024 * 1024; ++i) {
    rubbish += "\"w" + std::to_string(i) + "* -x or \xF0\x9F ";
  }
  const Query query = read_query(rubbish, "english");
  EXPECT_TRUE(query.was_cut);
  std::size_t terms = 0;
  for (const auto& alternatives : query.wanted) {
    for (const Unit& unit : alternatives) terms += unit.terms.size();
  }
  EXPECT_LE(terms, query_terms_max);
  EXPECT_TRUE(read_query(std::string(1024 * 1024, '"'), "none").wanted.empty());
  EXPECT_TRUE(read_query(std::string(1024 * 1024, 'a'), "none").was_cut);
}

TEST(snippet, marks_what_was_found_in_the_text_as_it_is) {
  const Query query = read_query("kick \"lo fi\"", "english");
  EXPECT_EQ(make_snippet("A Dusty KICKS & lo-fi hiss.", query, "english", {}).text,
            "A Dusty [KICKS] & [lo]-[fi] hiss.");
  EXPECT_EQ(make_snippet("Nothing", query, "english", {}).text, "Nothing");
  EXPECT_EQ(make_snippet("", query, "english", {}).text, "");
}

TEST(snippet, is_the_part_with_the_most_of_what_is_looked_for) {
  std::string text = "kick ";
  for (int i = 0; i < 200; ++i) text += "word ";
  text += "a kick and lo-fi tape ";
  for (int i = 0; i < 200; ++i) text += "word ";
  const Snippet snippet = make_snippet(text, read_query("kick \"lo fi\"", "none"), "none", {.words_max = 8});
  EXPECT_EQ(snippet.units, 2U);
  EXPECT_EQ(snippet.text, "…a [kick] and [lo]-[fi] tape word word…");
}

TEST(snippet, of_a_text_that_is_hardly_words_stays_small_and_whole_characters) {
  std::string text(50'000, '.');
  for (int i = 0; i < 20'000; ++i) text += "…";
  text += " zebra " + std::string(40'000, '!') + std::string(9'000, 'z');
  const Snippet snippet = make_snippet(text, read_query("zebra", "none"), "none", {});
  EXPECT_NE(snippet.text.find("[zebra]"), std::string::npos);
  EXPECT_LT(snippet.text.size(), 1'000U);
  EXPECT_TRUE(is_valid_utf8(snippet.text));
}

}  // namespace
}  // namespace reeve::words
