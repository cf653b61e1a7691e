#pragma once
// What people type into a search box, as what is looked for (docs/search.md, "Queries"). Anything is a query.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::words {

inline constexpr std::size_t query_bytes_max = 16 * 1024;
inline constexpr std::size_t query_terms_max = 64;

/// A word, a phrase, or either of them with the beginning of a word at its end.
struct Unit {
  std::vector<std::string> terms;  ///< never empty; one behind the other in one column
  bool is_prefix = false;          ///< the last term is the beginning of one
  bool operator==(const Unit&) const = default;
  /// `kick`, `"lo fi"`, `kic*`.
  std::string to_string() const;
  /// Whether a row's term is the unit's at a place.
  bool has(std::size_t place, std::string_view term) const {
    return is_prefix && place + 1 == terms.size() ? term.starts_with(terms[place]) : term == terms[place];
  }
};

struct Query {
  std::vector<std::vector<Unit>> wanted;  ///< one of each
  std::vector<Unit> excluded;
  bool was_cut = false;  ///< more was typed than counts
};

/// `language` as an Analyser takes it.
Query read_query(std::string_view text, const std::string& language);

/// Where a text is shown and how.
struct SnippetOptions {
  std::size_t words_max = 24;
  std::string mark_begin = "[";
  std::string mark_end = "]";
};

struct Snippet {
  std::string text;
  std::size_t units = 0;  ///< different ones in it
};

/// The part of a text that has the most units that are looked for; its beginning where it has none.
Snippet make_snippet(std::string_view text, const Query& query, const std::string& language,
                     const SnippetOptions& options);

}  // namespace reeve::words
