#pragma once
// The rows nearest to a vector, by the path that suits their number (docs/vectors.md): an exact scan, a sieve, a scan of
// codes. All but the first only propose; every result's score is computed from the row's own vector.

#include "vectors/row_set.h"
#include "vectors/similarity.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::vectors {

class Graph;

enum class Path : std::uint8_t {
  scan,      ///< every vector
  sieve,     ///< every signature, then the vectors of the best
  codes,     ///< every code, then the vectors of the best
  graph,     ///< what a graph proposes and the rows that it does not know yet, their vectors
  pgvector,  ///< what the database's own index proposes: who has one asks it, search() doesn't
};
std::string_view name_of(Path path);
std::optional<Path> path_named(std::string_view name);

/// Up to so many rows, every vector is looked at.
inline constexpr std::uint64_t scan_rows_max = 8'000;
/// With fewer dimensions a signature tells too little: the codes are scanned.
inline constexpr std::size_t sieve_dimensions_min = 256;
/// From so many rows on, a graph is asked if there is one.
inline constexpr std::uint64_t graph_rows_min = 20'000;
/// A graph that is further behind is not asked: the rows behind it are looked at one by one.
inline constexpr std::uint64_t graph_events_behind_max = 20'000;
inline constexpr std::size_t k_max = 10'000;

struct SearchOptions {
  std::size_t k = 10;  ///< 1 to k_max
  /// Empty: chosen by the number of rows. A path that can't be taken is an Error invalid_input.
  std::optional<Path> path = std::nullopt;
  /// How many candidates the approximate paths look at; 0: by the path and k. More is slower and misses less.
  std::size_t candidates = 0;
};

/// How an answer came about, for `--explain`.
struct Explanation {
  Path path = Path::scan;
  bool is_exact = true;          ///< the k nearest, and not most of them
  std::uint64_t rows = 0;        ///< that the caller's snapshot and filters leave
  std::uint64_t candidates = 0;  ///< whose vectors were looked at
  std::uint64_t tail = 0;        ///< rows that the graph did not know yet
  int widened = 0;               ///< how often the graph was asked for more
  std::string reason;            ///< why this path, a sentence
  /// `approximate, sieve: 400 candidates of 100000 rows; REASON`.
  std::string to_string() const;
};

struct Answer {
  /// The nearest first; k of them, or as many as there are rows.
  std::vector<Hit> hits;
  Explanation explanation;
};

/// `graph`, when there is one, is of these rows and metric, for the same index and journal. Thread-safe as far as the rows
/// are, beside no change of the graph. Throws Error invalid_input for options out of their bounds, corrupt when the rows
/// hold bytes that are none, or of other dimensions than the query's.
Answer search(RowSet& rows, const Query& query, const SearchOptions& options, const Graph* graph = nullptr);

}  // namespace reeve::vectors
