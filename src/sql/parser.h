#pragma once
// PostgreSQL's parser, kept within bounds: text in, PostgreSQL's raw parse tree out. The tree carries
// neither resolved names nor types; the analyser finds them.

#include "sql/large_stack.h"
#include "sql/statement.h"

#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::sql {

/// One token of PostgreSQL's scanner; comments are tokens too.
struct Token {
  int start = 0;
  int end = 0;
  int kind = 0;  ///< PgQuery__Token
};

/// Throws Error bad_statement with the place of an unterminated text or comment. `start` is the place of the
/// first byte of `text`.
std::vector<Token> scan(std::string_view text, const Place& start);

/// The place of the byte `offset` of a text that starts at `start`.
Place place_at(std::string_view text, const Place& start, std::size_t offset);

/// A statement whose `:name` parameters are numbered: what PostgreSQL's parser is given.
class NumberedText {
 public:
  explicit NumberedText(const Statement& statement);

  const std::string& text() const { return text_; }
  /// In order of first appearance, each once; parameter $n is names()[n - 1].
  const std::vector<std::string>& names() const { return names_; }
  /// Of a byte of the numbered text, in the file that the statement was read from.
  Place place(int location) const;

 private:
  std::string original_;
  Place start_;
  std::string text_;
  std::vector<std::string> names_;
  std::vector<std::pair<std::size_t, std::size_t>> offsets_;  ///< (numbered, original) after each parameter
};

struct FreeTree {
  void operator()(PgQuery__ParseResult* tree) const { pg_query__parse_result__free_unpacked(tree, nullptr); }
};
using Tree = std::unique_ptr<PgQuery__ParseResult, FreeTree>;

/// The tree of exactly one statement. Call it on a large stack. Throws Error bad_statement.
Tree parse(const NumberedText& text);

/// PostgreSQL's text of an expression or of a SELECT.
std::string deparse(PgQuery__Node* expression);
std::string deparse_select(PgQuery__SelectStmt* select);

/// A repeated field of the tree.
template <typename T>
std::span<T*> list(std::size_t count, T** items) {
  return {items, count};
}

/// The text of a String node; empty for another.
std::string_view string_of(const PgQuery__Node* node);

}  // namespace reeve::sql
