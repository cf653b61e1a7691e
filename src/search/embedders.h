#pragma once
// What makes vectors for an index: the model that its blueprint names.

#include "blueprint/blueprint.h"
#include "vectors/embedder.h"

#include <reeve/clock.h>
#include <reeve/search.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::search {

/// A model as it stands beside each vector: `NAME/VERSION`.
std::string stored_model(const vectors::Model& model);

/// A vector that is searched for, and what made it.
struct QueryVector {
  std::vector<float> vector;
  std::string model;  ///< as stored; '' where the application brings its own vectors
};

/// `lexical` and `use-lite-en` are built in, all others are an endpoint's. Throws Error invalid_input when the index has no
/// model or dimensions that the model has not, unavailable when there is no endpoint or no weights. `random` outlives it.
/// `hurries`: for words that somebody waits for; an endpoint is asked once, and for ten seconds at most.
std::unique_ptr<vectors::Embedder> make_embedder(const blueprint::SearchIndex& index,
                                                 const EmbeddingEndpoint& endpoint, Random& random,
                                                 bool hurries = false);
/// Its model alone, which an endpoint need not be known for. Throws Error as make_embedder otherwise.
vectors::Model model_of(const blueprint::SearchIndex& index, Random& random);

/// Keeps the embedders of a ledger's indexes for the words that are searched for: as many of a model as were asked at once.
/// Thread-safe.
class Embedders {
 public:
  Embedders(EmbeddingEndpoint endpoint, Random& random) : endpoint_(std::move(endpoint)), random_(random) {}
  /// Throws Error as make_embedder, and unavailable when the model gives no answer, invalid_input when it never would.
  QueryVector embed(const blueprint::SearchIndex& index, std::string_view words);

 private:
  EmbeddingEndpoint endpoint_;
  Random& random_;
  std::mutex mutex_;
  std::multimap<std::string, std::unique_ptr<vectors::Embedder>, std::less<>> idle_;  ///< by model
};

}  // namespace reeve::search
