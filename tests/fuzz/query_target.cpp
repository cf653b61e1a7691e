// Input: what was typed, `%%`, a text.
//   Anything is a query: nothing is refused, and what counts is bounded.
//   A unit of ASCII that is typed as it is shown is understood as that unit.
//   A snippet of any text for any query is text, no longer than its bound, and the same each time.

#include "base/utf8.h"
#include "fuzz/support.h"
#include "fuzz/targets.h"
#include "words/analyser.h"
#include "words/query.h"

#include <algorithm>

namespace reeve::fuzz {
namespace {

constexpr std::size_t word_bytes_max = 256;  ///< of a word in a snippet, and 64 of what lies between two
constexpr std::size_t gap_bytes_max = 64;
constexpr std::string_view ellipsis = "…";

std::size_t check_unit(const words::Unit& unit) {
  require(!unit.terms.empty(), "a unit has a term");
  for (const std::string& term : unit.terms) {
    require(!term.empty() && term.size() <= words::term_bytes_max, "a term has a length", term);
    require(is_valid_utf8(term), "a term is text", term);
  }
  return unit.terms.size();
}

std::size_t check_query(const words::Query& query) {
  std::size_t terms = 0;
  std::size_t units = 0;
  for (const auto& alternatives : query.wanted) {
    require(!alternatives.empty(), "there is something that is looked for");
    for (const words::Unit& unit : alternatives) terms += check_unit(unit);
    units += alternatives.size();
  }
  for (const words::Unit& unit : query.excluded) terms += check_unit(unit);
  require(terms <= words::query_terms_max, "a query has a bound");
  return units;
}

/// Without stems, whose own stems may be others. What folding makes of letters beyond ASCII may be cut otherwise when it is
/// typed: of those it is asked alone that something is looked for.
void check_shown(std::string_view typed) {
  for (const auto& alternatives : words::read_query(typed, "none").wanted) {
    for (const words::Unit& unit : alternatives) {
      const std::string shown = unit.to_string();
      const words::Query again = words::read_query(shown, "none");
      require(!again.wanted.empty() && again.excluded.empty(), "a unit that is typed is looked for", shown);
      if (!std::all_of(shown.begin(), shown.end(),
                       [](char byte) { return static_cast<signed char>(byte) > 0; }))
        continue;
      require(again.wanted.size() == 1 && again.wanted.front().size() == 1 &&
                  again.wanted.front().front() == unit,
              "a unit that is typed as it is shown is that unit", shown);
    }
  }
}

void check_snippet(std::string_view text, const words::Query& query, std::size_t units,
                   const std::string& language) {
  for (const std::size_t words_max : {1U, 3U, 24U}) {
    const words::SnippetOptions options{.words_max = words_max, .mark_begin = "<<", .mark_end = ">>"};
    const words::Snippet snippet = words::make_snippet(text, query, language, options);
    require(snippet.units <= units, "a snippet has units that are looked for");
    require(!is_valid_utf8(text) || is_valid_utf8(snippet.text), "a snippet of a text is text", snippet.text);
    const std::size_t bound = words_max * (word_bytes_max + gap_bytes_max + 2 * ellipsis.size() + 4) +
                              gap_bytes_max + 2 * ellipsis.size();
    require(snippet.text.size() <= bound, "a snippet has a bound", std::to_string(snippet.text.size()));
    const words::Snippet again = words::make_snippet(text, query, language, options);
    require(again.text == snippet.text && again.units == snippet.units, "a snippet is the same each time");
  }
}

}  // namespace

void query(std::string_view input) {
  const auto parts = parts_of(input, 2);
  for (const std::string language : {"none", "english", "russian"}) {
    const words::Query typed = words::read_query(parts[0], language);
    const std::size_t units = check_query(typed);
    require(parts[0].size() <= words::query_bytes_max || typed.was_cut,
            "it is said when more was typed than counts");
    check_snippet(parts[1], typed, units, language);
  }
  check_shown(parts[0]);
}

}  // namespace reeve::fuzz
