#pragma once
// Search by words, by meaning and by descent: what is asked of an index of the blueprint, and what comes back
// (docs/search.md).

#include <reeve/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace reeve {

/// What the rows are ranked by.
enum class SearchBy : std::uint8_t {
  words,    ///< BM25
  meaning,  ///< how near the rows' vectors are
  both,     ///< one order out of the two
};

/// How one order is made out of two.
enum class SearchFusion : std::uint8_t { reciprocal_rank, weighted_scores };

/// Where vectors of texts come from when a blueprint's index names a model that is not built in.
struct EmbeddingEndpoint {
  std::string url =
      {};  ///< of the embeddings themselves, as OpenAI's protocol has it; '' is REEVE_EMBEDDING_URL
  std::string key_variable =
      {};  ///< the variable of the environment with its key; '' is REEVE_EMBEDDING_KEY, if it is set
  std::string key_file = {};  ///< or a file with it
};

/// Every member has an initializer, so that naming a few of them is no warning.
struct SearchOptions {
  std::int64_t limit = 20;  ///< rows at most; 1 to 10,000
  /// Filters and values as text, which a row passes all: {{"genre", "lo-fi"}, {"bpm <=", "90"}} (docs/search.md, "Filters").
  std::vector<std::pair<std::string, std::string>> filters = {};
  bool snippets = false;           ///< of each row; costs reading its text
  std::string mark_begin = "[";    ///< before what was found, in a snippet
  std::string mark_end = "]";      ///< behind it
  std::size_t snippet_words = 24;  ///< words of a snippet at most; 1 to 1,000

  SearchBy by = SearchBy::words;
  /// A row's key, as SearchHit has it: only that row and those it hangs on, up to the root. Of an index over a tree.
  std::string lineage = {};
  /// A row's key: near to that row's vector, instead of what the words mean; the row itself is left out.
  std::string like = {};
  /// The same of a vector of one's own, made by `model` (`NAME/VERSION`; '' where the application brings its own vectors).
  std::vector<float> vector = {};
  std::string model = {};
  /// How vectors are looked at: scan (exact), sieve, codes, graph, pgvector; '' is what suits the number of rows (docs/vectors.md).
  std::string path = {};
  SearchFusion fusion = SearchFusion::reciprocal_rank;
  /// In thousandths, both: what each order counts; below 0 is what was measured for the model.
  std::int64_t words_weight = -1;
  std::int64_t meaning_weight = -1;
};

struct SearchHit {
  std::string key;  ///< the row's primary key as a JSON object, fit to be parameters of a named query
  double score =
      0;  ///< BM25, or how near it is (docs/vectors.md), or of both, which compares within an answer only
  std::string snippet;            ///< '' unless asked for
  std::int64_t words_rank = 0;    ///< among the rows found by words, from 1; 0 for none
  std::int64_t meaning_rank = 0;  ///< among those found by meaning
};

/// A part of the query, as it was understood.
struct SearchUnit {
  std::string text;       ///< `kick`, `"lo fi"`, `kic*`
  std::int64_t rows = 0;  ///< that have it, filters or not
  bool excluded = false;
  int alternatives_of = 0;  ///< units with the same number are alternatives; 0 of an excluded one
};

struct SearchAnswer {
  std::vector<SearchHit> hits;  ///< by score, the highest first, then by key
  std::int64_t matches =
      0;              ///< rows that match the words, of which hits are the first; by meaning, rows looked at
  Sequence sequence;  ///< the head of the snapshot
  std::vector<SearchUnit> units;
  bool was_cut = false;  ///< more was typed than counts
  bool is_exact = true;  ///< false: found by an approximate path, which may have missed some of the nearest
  /// How vectors were looked at and why, a sentence for each part of the search.
  std::vector<std::string> paths;
};

/// How it stands with the vectors of an index's rows.
struct EmbeddingStatus {
  std::string index;
  std::string model;         ///< `NAME/VERSION`
  bool is_semantic = false;  ///< false: near vectors have the same words, not the same meaning
  std::int64_t rows = 0;     ///< of the table, those without any text left out
  std::int64_t fresh = 0;    ///< have a vector of their text by this model
  std::int64_t missing = 0;
  std::int64_t stale = 0;   ///< of another text, of another model, or no vector of the index's dimensions
  std::int64_t failed = 0;  ///< the model refused the text, and would again
  std::vector<std::string> missing_keys = {};  ///< the first of them, as many as were asked for
  std::vector<std::string> stale_keys = {};
  std::vector<std::string> failed_keys = {};
};

struct EmbedOptions {
  std::string actor = {};     ///< of the events
  bool retry_failed = false;  ///< what the model refused is tried again too
  std::int64_t rows_max = 0;  ///< at most so many; 0: all
  std::size_t batch = 64;     ///< texts that are given to the model at once; 1 to 2,048
  /// Told after each batch: rows done and rows to do. False ends it after that batch.
  std::function<bool(std::int64_t done, std::int64_t all)> progress = {};
};

struct EmbedReport {
  std::int64_t wanted = 0;  ///< rows that were missing, stale, or failed and tried again
  std::int64_t stored = 0;  ///< vectors
  std::int64_t failed = 0;  ///< refused for good, which is stored too
  std::int64_t left =
      0;  ///< not answered this time (an outage), or changed meanwhile: the next call takes them up
  std::string failure = {};  ///< the first reason of a failure or of what was left
};

/// An index as it is stored.
struct SearchIndexStatus {
  std::string name;
  std::string table;
  std::int64_t documents = 0;
  std::int64_t words = 0;
  bool fits = false;       ///< false: it has to be rebuilt before it is asked
  std::string model = {};  ///< that makes vectors, as the blueprint names it; '' for none
};

}  // namespace reeve
