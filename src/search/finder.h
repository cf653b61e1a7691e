#pragma once
// A search as it is asked: by words, by meaning or by both, within filters and a lineage, what comes first before all else
// (docs/search.md).

#include "search/embedders.h"
#include "search/searcher.h"
#include "search/vector_memory.h"
#include "vectors/search.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::search {

/// Throws Error invalid_input for what is out of its bounds, or can't be asked of this index. `has_vector`: one is given.
void check_options(const blueprint::SearchIndex& index, const SearchOptions& options);

/// Of one connection, inside the snapshot of a read transaction, for one search. Not thread-safe.
class Finder {
 public:
  struct Ledger {
    engine::Connection& connection;
    Store& store;
    const blueprint::Blueprint& blueprint;
    const journal::Layout& layout;
    const journal::Head& head;  ///< of the snapshot
    VectorMemories& memories;
  };
  /// All outlive this. Throws Error not_found when the blueprint has no such index.
  Finder(const Ledger& ledger, std::string_view index);

  /// `vector` when it is by meaning and not like a row. Throws Error as Ledger::search.
  SearchAnswer find(std::string_view words, const SearchOptions& options, std::optional<QueryVector> vector);

 private:
  struct Near {
    std::string key;
    double similarity = 0;
  };
  /// A part of the rows: all, or those of the definition's `first`, or the others.
  struct Part {
    std::vector<Ranking::Row> by_words;
    std::vector<Near> by_meaning;
  };

  QueryVector vector_of_row(const std::string& key);
  std::vector<Near> nearest(const SearchOptions& options, const Scope& scope, std::size_t count,
                            SearchAnswer& answer);
  struct Source;
  void open_source(Source& source, const SearchOptions& options, const Scope& scope);
  void open_memory(Source& source);
  void choose_copy(Source& source, const SearchOptions& options);
  std::optional<vectors::Answer> ask_server(Source& source, const vectors::Query& query, std::size_t k);
  vectors::Answer ask(Source& source, const vectors::Query& query, const vectors::SearchOptions& asked);
  bool is_of_its_text(const std::string& key, const std::string& text_hash);
  std::vector<Condition> conditions(const SearchOptions& options, const Scope& scope) const;
  void search_part(const SearchOptions& options, const Scope& scope, std::size_t limit, SearchAnswer& answer);
  void add_hits(const SearchOptions& options, const Part& part, std::size_t limit, SearchAnswer& answer);

  Ledger ledger_;
  const blueprint::SearchIndex& declared_;
  Definition definition_;
  words::Query query_;
  std::optional<QueryVector> vector_;
  std::string left_out_;  ///< the key of the row that others are like
  std::vector<std::string> lineage_;
  std::optional<Searcher> searcher_;
  std::optional<RowReader> texts_;
  std::vector<std::string> keys_;  ///< of the answer's hits
};

}  // namespace reeve::search
