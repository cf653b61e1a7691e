#pragma once
// SQL of either engine, read no deeper than its tokens: what is comment, what is quoted, where a statement begins.

#include <string>
#include <string_view>
#include <vector>

namespace reeve::migration {

/// A token of a script: a word, a quoted thing, or one sign.
struct Token {
  std::string_view text;  ///< points into the script
  bool begins_statement = false;
};

/// ASCII letters of either case are the same.
bool is_same_word(std::string_view left, std::string_view right);

/// Comments and blanks left out. Quotes are '...', E'...', "...", `...` and $tag$...$tag$; block comments may be nested. What
/// is not closed goes to the end.
std::vector<Token> tokens_of(std::string_view script);

/// The same for two scripts that differ in comments, blanks and nothing else: the tokens, a line each.
std::string meaning_of(std::string_view script);

/// Why a script can't run inside of a transaction that somebody else keeps: the word that says so (BEGIN, VACUUM,
/// CONCURRENTLY, PRAGMA foreign_keys, ...), or nothing.
std::string_view word_against_transaction(std::string_view script);

}  // namespace reeve::migration
