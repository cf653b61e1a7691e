#pragma once
// Answers queries from the words of an index: which rows match, ranked by BM25 (docs/search.md, "Ranking").

#include "journal/journal.h"
#include "search/definition.h"
#include "search/keeper.h"
#include "search/store.h"
#include "search/vector_table.h"
#include "words/query.h"

#include <reeve/search.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::search {

/// The rows that match some words, ranked.
struct Ranking {
  struct Row {
    std::string key;  ///< the JSON array that is stored
    double score = 0;
  };
  std::vector<Row> rows;  ///< the best first, then by key
  std::int64_t matches = 0;
  std::vector<SearchUnit> units;
};

/// Which rows a search is over, beside the filters that were asked for.
struct Scope {
  const std::vector<std::string>* keys = nullptr;  ///< only these
  std::optional<bool> is_first = {};  ///< only those of the definition's `first`, or only the others
};

/// Ranks by words. Of one connection, inside the snapshot of a read transaction. Not thread-safe.
class Searcher {
 public:
  /// `head` is that of the snapshot. Throws Error corrupt when what is stored is not that of the head and of the definition.
  /// `store` is the connection's: it keeps what was prepared from one search to the next. Both outlive this.
  Searcher(engine::Connection& connection, Store& store, const Definition& definition,
           const journal::Layout& layout, const journal::Head& head);

  /// Throws Error invalid_input for a filter that is none.
  Ranking rank(const words::Query& query, const SearchOptions& options, const Scope& scope,
               std::size_t limit);
  /// The part of a row's text that shows best what was looked for. Throws Error corrupt when the row is not there.
  std::string snippet(const words::Query& query, const SearchOptions& options, const std::string& key);

 private:
  /// A row that has a unit, and how much of it.
  struct Match {
    std::int64_t entry = 0;
    std::int64_t frequency = 0;  ///< occurrences, each times its column's weight
  };
  using Matches = std::vector<Match>;
  struct Scored {
    std::int64_t entry = 0;
    double score = 0;
    std::string key;
    std::vector<Value> values;  ///< of the key, read where scores are equal
  };

  Matches find(const words::Unit& unit);
  Matches find_phrase(const words::Unit& unit);
  Matches weigh(const std::vector<Occurrence>& occurrences) const;
  std::vector<Occurrence> occurrences(const words::Unit& unit, std::size_t place);
  std::vector<std::int64_t> having(const Definition::Column& filter, std::string_view value);
  void narrow_by(const Condition& condition, std::vector<std::int64_t>& entries);
  void narrow(const SearchOptions& options, const Scope& scope, std::vector<std::int64_t>& entries);
  void score(const Matches& matches, std::vector<Scored>& rows) const;
  std::vector<Scored> best(std::vector<Scored> rows, std::size_t limit);

  engine::Connection& connection_;
  const journal::Layout& layout_;
  const Definition& definition_;
  Store& store_;
  StoredIndex index_;
  std::optional<RowReader> rows_;
};

/// A filter as somebody typed it (docs/search.md, "Filters"): `genre`, `bpm <=`, `from_year? >=`, and a value. Throws Error
/// invalid_input for a column that is no filter, with those there are, a value that is none of its type, or one that has no order.
Condition asked_filter(const Definition& definition, std::string_view filter, std::string_view value);

/// Throws Error corrupt, with the remedy, unless the index is that of this head and definition.
void check_place(const StoredIndex* stored, const Definition& definition, const journal::Head& head);

/// What is stored of each index of the blueprint, in the snapshot.
std::vector<SearchIndexStatus> status_of(engine::Connection& connection,
                                         const blueprint::Blueprint& blueprint, const journal::Layout& layout,
                                         const journal::Head& head);

}  // namespace reeve::search
