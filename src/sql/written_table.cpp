#include "sql/written_table.h"

#include "sql/parser.h"

#include <vector>

namespace reeve::sql {

namespace {

bool is_comment(const Token& token) {
  return token.kind == PG_QUERY__TOKEN__SQL_COMMENT || token.kind == PG_QUERY__TOKEN__C_COMMENT;
}

/// As PostgreSQL reads a name: folded unless it is quoted.
std::string name_of(std::string_view text) {
  std::string name;
  if (!text.starts_with('"')) {
    for (const char letter : text) {
      name += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return name;
  }
  for (std::size_t place = 1; place + 1 < text.size(); ++place) {
    name += text[place];
    place += text[place] == '"' ? 1 : 0;
  }
  return name;
}

}  // namespace

std::string written_table(const Statement& statement) {
  const std::string_view text = statement.text;
  int depth = 0;
  bool is_verb_seen = false;
  for (const Token& token : scan(text, statement.place)) {
    if (is_comment(token)) {
      continue;
    }
    switch (token.kind) {
      case PG_QUERY__TOKEN__ASCII_40: ++depth; continue;
      case PG_QUERY__TOKEN__ASCII_41: --depth; continue;
      case PG_QUERY__TOKEN__INSERT:
      case PG_QUERY__TOKEN__UPDATE:
      case PG_QUERY__TOKEN__DELETE_P: is_verb_seen = is_verb_seen || depth == 0; continue;
      case PG_QUERY__TOKEN__INTO:
      case PG_QUERY__TOKEN__FROM:
      case PG_QUERY__TOKEN__ONLY: continue;
      default: break;
    }
    if (is_verb_seen && depth == 0) {
      return name_of(text.substr(static_cast<std::size_t>(token.start),
                                 static_cast<std::size_t>(token.end - token.start)));
    }
  }
  return {};
}

}  // namespace reeve::sql
