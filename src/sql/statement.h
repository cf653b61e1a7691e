#pragma once
// The front of the dialect: SQL as people write it, cut into statements, with what their comments say.

#include <reeve/error.h>

#include <string>
#include <string_view>
#include <vector>

namespace reeve::sql {

/// Bounds on what is parsed. libpg_query crashes on some 100,000 chained operators; a statement within
/// these bounds is parsed on a thread whose stack they fit.
inline constexpr std::size_t file_bytes_max = 256 * 1024;
inline constexpr std::size_t statement_tokens_max = 5000;

/// A comment line `-- WORD: TEXT` or `-- WORD ARGUMENT: TEXT` directly before a statement: expect,
/// check, emit, name, breaking, irreversible, backfill, reference.
struct Directive {
  std::string word;      ///< `expect`
  std::string argument;  ///< `1`, may be empty
  std::string text;      ///< what follows the colon, trimmed
  Place place;
};

struct Statement {
  std::string text;  ///< without the final semicolon and without comments before it
  Place place;       ///< of its first token
  std::vector<Directive> directives;
  std::vector<std::string> comments;  ///< the comment lines directly before it that are no directives
};

/// Cuts a file into statements. `file` is used in places only. Comments at the end belong to none.
/// Errors: bad_statement with place (unterminated text or comment, invalid UTF-8, U+0000), limit_exceeded.
std::vector<Statement> split(std::string_view file, std::string_view text);

}  // namespace reeve::sql
