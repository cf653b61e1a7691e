#include "words/analyser.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

namespace reeve::words {
namespace {

std::vector<std::string> terms(std::string_view text, const std::string& language = "none") {
  return Analyser(language).terms(text);
}
using Terms = std::vector<std::string>;

TEST(analyser, takes_words_as_people_type_them) {
  EXPECT_EQ(terms("80's kick"), (Terms{"80s", "kick"}));
  EXPECT_EQ(terms("lo-fi"), (Terms{"lo", "fi"}));
  EXPECT_EQ(terms("Ōtāhuhu"), (Terms{"otahuhu"}));
  EXPECT_EQ(terms("drums/kick_01.wav"), (Terms{"drums", "kick", "01", "wav"}));
  EXPECT_EQ(terms("Ada's l'eau don't O\u2019Brien's"), (Terms{"ada", "l", "eau", "don", "t", "o", "brien"}));
}

TEST(analyser, folds_what_reads_the_same) {
  EXPECT_EQ(terms("Straße ﬁn Ⅳ ＡＢＣ İstanbul"), (Terms{"strasse", "fin", "iv", "abc", "istanbul"}));
  EXPECT_EQ(terms("e\u0301te\u0301 été"), (Terms{"ete", "ete"}));
  EXPECT_EQ(terms("Ёлка йод"), (Terms{"елка", "йод"}));
  EXPECT_EQ(terms("σίσυφος ΣΊΣΥΦΟΣ"), (Terms{"σισυφοσ", "σισυφοσ"}));
  EXPECT_EQ(terms("שָׁלוֹם"), (Terms{"שלום"}));
}

TEST(analyser, takes_each_letter_of_a_script_without_blanks_for_a_word) {
  EXPECT_EQ(terms("東京タワー"), (Terms{"東", "京", "タ", "ワ", "ー"}));
  EXPECT_EQ(terms("가나 다"), (Terms{"가나", "다"}));
}

TEST(analyser, passes_over_what_is_no_word) {
  EXPECT_EQ(terms("🎵 !!! \u200D\u0301 -- \xFF\xFE\xC3"), Terms{});
  EXPECT_EQ(terms(std::string("a\0b", 3)), (Terms{"a", "b"}));
  EXPECT_EQ(terms("½ x²"), (Terms{"12", "x2"}));
}

TEST(analyser, reduces_words_of_its_language_to_stems) {
  EXPECT_EQ(terms("running dusty kicks", "english"), (Terms{"run", "dusti", "kick"}));
  EXPECT_EQ(terms("Häuser", "german"), terms("hauser", "german"));
  EXPECT_EQ(terms("красивые", "russian"), terms("красивый", "russian"));
  EXPECT_THROW(Analyser("klingon"), Error);
}

TEST(analyser, says_which_bytes_a_word_was_made_of) {
  const std::string text = "An 80's Ōta";
  std::vector<std::string> shown;
  Analyser("english").read(text, [&](const Word& word) {
    shown.push_back(text.substr(word.begin, word.end - word.begin));
    return true;
  });
  EXPECT_EQ(shown, (Terms{"An", "80's", "Ōta"}));
}

TEST(analyser, cuts_a_long_word_between_characters) {
  std::string word;
  for (int i = 0; i < 1000; ++i) word += "ж";
  const Terms found = terms(word);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].size(), term_bytes_max);
}

}  // namespace
}  // namespace reeve::words
