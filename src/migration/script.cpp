#include "migration/script.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace reeve::migration {

namespace {

/// The number of bytes of blanks at the beginning; SQLite takes a byte order mark between two tokens for one.
std::size_t blanks_of(std::string_view script) {
  if (script.starts_with("\xEF\xBB\xBF")) return 3;
  return !script.empty() && (script[0] == ' ' || (script[0] >= '\t' && script[0] <= '\r')) ? 1 : 0;
}

bool is_word(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' ||
         static_cast<unsigned char>(letter) >= 0x80;
}

std::size_t after(std::string_view script, std::string_view what, std::size_t from) {
  const std::size_t found = script.find(what, from);
  return found == std::string_view::npos ? script.size() : found + what.size();
}

/// The end of a block comment that begins at `at`. PostgreSQL's may be nested; where that leaves one open it ends at
/// its first end, as SQLite's does.
std::size_t end_of_comment(std::string_view script, std::size_t at) {
  const std::size_t begin = at;
  int depth = 0;
  while (at < script.size()) {
    if (script.substr(at, 2) == "/*") {
      ++depth;
      at += 2;
    } else if (script.substr(at, 2) == "*/") {
      at += 2;
      if (--depth == 0) return at;
    } else {
      ++at;
    }
  }
  return after(script, "*/", begin + 2);
}

/// The end of PostgreSQL's E'...', in which a backslash takes the next letter with it; `at` is that of the quote.
std::size_t end_of_escaped(std::string_view script, std::size_t at) {
  for (++at; at < script.size() && script[at] != '\''; ++at)
    if (script[at] == '\\') ++at;
  return std::min(at + 1, script.size());
}

/// The end of $tag$...$tag$ that begins at `at`; `at` itself when nothing of the kind does.
std::size_t end_of_dollar(std::string_view script, std::size_t at) {
  std::size_t end = at + 1;
  while (end < script.size() && is_word(script[end])) ++end;
  if (end >= script.size() || script[end] != '$' ||
      std::isdigit(static_cast<unsigned char>(script[at + 1])) != 0)
    return at;
  return after(script, script.substr(at, end + 1 - at), end + 1);
}

std::size_t end_of_token(std::string_view script, std::size_t at) {
  const char first = script[at];
  if (first == '\'' || first == '"' || first == '`') return after(script, {&first, 1}, at + 1);
  if (first == '$') {
    const std::size_t end = end_of_dollar(script, at);
    if (end != at) return end;
  }
  if (!is_word(first)) return at + 1;
  std::size_t end = at;
  while (end < script.size() && is_word(script[end])) ++end;
  const bool escapes =
      end == at + 1 && (first == 'E' || first == 'e') && end < script.size() && script[end] == '\'';
  return escapes ? end_of_escaped(script, end) : end;
}

}  // namespace

bool is_same_word(std::string_view left, std::string_view right) {
  const auto small = [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
  };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return small(a) == small(b); });
}

std::vector<Token> tokens_of(std::string_view script) {
  std::vector<Token> tokens;
  bool begins = true;
  std::size_t at = 0;
  while (at < script.size()) {
    if (const std::size_t blanks = blanks_of(script.substr(at)); blanks > 0) {
      at += blanks;
    } else if (script.substr(at, 2) == "--") {
      at = after(script, "\n", at);
    } else if (script.substr(at, 2) == "/*") {
      at = end_of_comment(script, at);
    } else {
      const std::size_t end = end_of_token(script, at);
      tokens.push_back({script.substr(at, end - at), begins});
      begins = tokens.back().text == ";";
      at = end;
    }
  }
  return tokens;
}

std::string meaning_of(std::string_view script) {
  std::string meaning;
  for (const Token& token : tokens_of(script)) {
    meaning += token.text;
    meaning += '\n';
  }
  return meaning;
}

std::string_view word_against_transaction(std::string_view script) {
  constexpr std::array<std::string_view, 7> own = {"BEGIN",    "START", "COMMIT", "VACUUM",
                                                   "ROLLBACK", "ABORT", "ATTACH"};
  constexpr std::array<std::string_view, 3> pragmas = {"foreign_keys", "journal_mode", "synchronous"};
  const std::vector<Token> tokens = tokens_of(script);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view word = tokens[i].text;
    const auto is_it = [&](std::string_view other) { return is_same_word(word, other); };
    if (is_it("CONCURRENTLY")) return "CONCURRENTLY";
    if (!tokens[i].begins_statement) continue;
    if (const auto* found = std::find_if(own.begin(), own.end(), is_it); found != own.end()) return *found;
    if (!is_it("PRAGMA") || i + 1 == tokens.size()) continue;
    for (const std::string_view pragma : pragmas)
      if (is_same_word(tokens[i + 1].text, pragma)) return pragma;
  }
  return {};
}

}  // namespace reeve::migration
