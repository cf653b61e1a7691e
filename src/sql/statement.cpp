#include "sql/statement.h"

#include "base/utf8.h"
#include "sql/names.h"
#include "sql/parser.h"

#include <array>
#include <utility>

namespace reeve::sql {
namespace {

constexpr auto directive_words =
    std::to_array<std::string_view>({"backfill", "reference", "expect", "check", "emit", "name", "breaking",
                                     "irreversible", "personal", "tree"});

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_directive_word(std::string_view word) {
  for (const auto known : directive_words)
    if (known == word) return true;
  return false;
}

/// Cuts `-- WORD ARGUMENT: TEXT`. A word that is nearly one of the directives' is refused: a misspelt
/// `-- expect` would otherwise guard nothing.
bool read_directive(std::string_view line, const Place& place, Directive& directive) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view head = trim(line.substr(0, colon));
  const auto space = head.find(' ');
  const std::string_view word = head.substr(0, space);
  const std::string_view argument =
      space == std::string_view::npos ? std::string_view{} : trim(head.substr(space));
  if (argument.find(' ') != std::string_view::npos) return false;
  if (!is_directive_word(word)) {
    const auto meant = nearest(word, directive_words);
    if (meant.empty()) return false;
    throw Error(ErrorCode::bad_statement, "unknown directive '" + std::string(word) + "'",
                "did you mean '" + std::string(meant) + "'?", place);
  }
  directive = {std::string(word), std::string(argument), std::string(trim(line.substr(colon + 1))), place};
  return true;
}

void check_text(std::string_view text, const Place& start) {
  if (text.size() > file_bytes_max)
    throw Error(ErrorCode::limit_exceeded, "the file is larger than 256 KB", "split it", start);
  // Each of them that begins within another makes PostgreSQL's scanner read the rest once more.
  constexpr int comments_max = 1'000;
  int comments = 0;
  for (auto at = text.find("/*"); at != std::string_view::npos; at = text.find("/*", at + 2)) {
    if (++comments > comments_max)
      throw Error(ErrorCode::limit_exceeded, "the file has more than 1,000 comments that begin with /*",
                  "begin comments with --", place_at(text, start, at));
  }
  const auto zero = text.find('\0');
  if (zero != std::string_view::npos)
    throw Error(ErrorCode::bad_statement, "U+0000 in SQL", "", place_at(text, start, zero));
  if (is_valid_utf8(text)) return;
  std::size_t line_start = 0;  // The place is the line: the bytes of one line are checked at a time.
  while (line_start < text.size()) {
    const auto line_end = std::min(text.find('\n', line_start), text.size());
    if (!is_valid_utf8(text.substr(line_start, line_end - line_start))) break;
    line_start = line_end + 1;
  }
  throw Error(ErrorCode::bad_statement, "the file is not UTF-8", "save it as UTF-8",
              place_at(text, start, line_start));
}

bool is_too_long(std::string_view text, const Token& name) {
  constexpr int name_bytes_max = 63;
  const bool is_quoted = text[static_cast<std::size_t>(name.start)] == '"';
  return name.end - name.start - (is_quoted ? 2 : 0) > name_bytes_max;
}

}  // namespace

std::vector<Statement> split(std::string_view file, std::string_view text) {
  const Place start{std::string(file), 1, 1};
  check_text(text, start);
  std::vector<Statement> statements;
  Statement current;
  int first = -1;
  int last = -1;
  std::size_t tokens = 0;
  int colon_end = -1;     // of the token before, if it was a colon
  int previous_end = -1;  // of the statement before, until a comment stands on a later line
  Place place = start;
  std::size_t placed = 0;
  const auto finish = [&] {
    if (first < 0) return;
    current.text = text.substr(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
    statements.push_back(std::move(current));
    current = {};
    first = -1;
    tokens = 0;
  };
  for (const Token& token : scan(text, start)) {
    const auto begin = static_cast<std::size_t>(token.start);
    place = place_at(text.substr(placed), place, begin - placed);
    placed = begin;
    if (token.kind == PG_QUERY__TOKEN__SQL_COMMENT || token.kind == PG_QUERY__TOKEN__C_COMMENT) {
      const bool trailing = previous_end >= 0 && text.substr(static_cast<std::size_t>(previous_end),
                                                             begin - static_cast<std::size_t>(previous_end))
                                                         .find('\n') == std::string_view::npos;
      if (first >= 0 || trailing || token.kind == PG_QUERY__TOKEN__C_COMMENT) continue;
      const auto line = trim(text.substr(begin + 2, static_cast<std::size_t>(token.end) - begin - 2));
      Directive directive;
      if (read_directive(line, place, directive)) {
        current.directives.push_back(std::move(directive));
      } else {
        current.comments.emplace_back(line);
      }
      continue;
    }
    if (token.kind == PG_QUERY__TOKEN__ASCII_59) {
      finish();
      previous_end = token.end;
      continue;
    }
    if (first < 0) {
      first = token.start;
      current.place = place;
    }
    last = token.end;
    const bool of_parameter = std::exchange(colon_end, -1) == token.start;
    if (token.kind == PG_QUERY__TOKEN__ASCII_58) colon_end = token.end;
    // PostgreSQL's parser would cut it without a word, and another one with the same beginning would be the same.
    if (token.kind == PG_QUERY__TOKEN__IDENT && !of_parameter && is_too_long(text, token))
      throw Error(ErrorCode::bad_statement, "a name is longer than PostgreSQL's 63 bytes",
                  "choose a shorter name", place);
    if (++tokens > statement_tokens_max)
      throw Error(ErrorCode::limit_exceeded, "the statement has more than 5000 tokens",
                  "split it into several statements", current.place);
  }
  finish();
  return statements;
}

}  // namespace reeve::sql
