#include "search/embedders.h"

#include "vectors/http_embedder.h"
#include "vectors/lexical_embedder.h"
#include "vectors/sentence_encoder.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

namespace reeve::search {

namespace {

constexpr const char* url_variable = "REEVE_EMBEDDING_URL";
constexpr const char* key_variable = "REEVE_EMBEDDING_KEY";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

std::string version_of(const blueprint::SearchIndex::Embedding& embedding) {
  return embedding.version.empty() ? "1" : embedding.version;
}

std::unique_ptr<vectors::Embedder> make_http(const blueprint::SearchIndex::Embedding& embedding,
                                             const EmbeddingEndpoint& endpoint, Random& random,
                                             bool hurries) {
  vectors::HttpEmbedderOptions options;
  if (hurries) {
    options.attempts_max = 1;
    options.answer_max = std::chrono::seconds(10);
  }
  options.url = endpoint.url.empty() ? variable(url_variable) : endpoint.url;
  if (options.url.empty()) {
    throw Error(ErrorCode::unavailable,
                fmt::format("nothing says where the model {} answers", embedding.model),
                fmt::format("set {} to the address of the embeddings, or name the built-in model lexical or "
                            "use-lite-en in the blueprint",
                            url_variable));
  }
  options.model = embedding.model;
  options.version = version_of(embedding);
  options.dimensions = static_cast<std::size_t>(embedding.dimensions);
  options.key_variable = endpoint.key_variable;
  options.key_file = endpoint.key_file;
  if (options.key_variable.empty() && options.key_file.empty() && !variable(key_variable).empty()) {
    options.key_variable = key_variable;
  }
  return std::make_unique<vectors::HttpEmbedder>(std::move(options), random);
}

}  // namespace

std::string stored_model(const vectors::Model& model) { return model.name + "/" + model.version; }

std::unique_ptr<vectors::Embedder> make_embedder(const blueprint::SearchIndex& index,
                                                 const EmbeddingEndpoint& endpoint, Random& random,
                                                 bool hurries) {
  if (!index.embedding || index.embedding->model.empty()) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("the search index {} has no model that makes vectors", index.name),
                index.embedding ? "ask for rows that are like another, or give a vector"
                                : "add a section [embedding] to search/" + index.name + ".toml");
  }
  const auto& embedding = *index.embedding;
  if (embedding.model == "lexical") {
    return std::make_unique<vectors::LexicalEmbedder>(static_cast<std::size_t>(embedding.dimensions));
  }
  if (embedding.model != "use-lite-en") {
    return make_http(embedding, endpoint, random, hurries);
  }
  auto encoder = std::make_unique<vectors::SentenceEncoder>();
  if (encoder->model().dimensions != static_cast<std::size_t>(embedding.dimensions)) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("the search index {} has {} dimensions, its model {} has {}", index.name,
                            embedding.dimensions, embedding.model, encoder->model().dimensions),
                fmt::format("write dimensions = {}", encoder->model().dimensions));
  }
  return encoder;
}

vectors::Model model_of(const blueprint::SearchIndex& index, Random& random) {
  const auto& embedding = index.embedding;
  const bool is_built_in = !embedding || embedding->model.empty() || embedding->model == "lexical" ||
                           embedding->model == "use-lite-en";
  if (is_built_in) {
    return make_embedder(index, {}, random)->model();
  }
  return {embedding->model, version_of(*embedding), static_cast<std::size_t>(embedding->dimensions), true};
}

QueryVector Embedders::embed(const blueprint::SearchIndex& index, std::string_view words) {
  const std::string name = index.embedding
                               ? fmt::format("{}\n{}\n{}", index.embedding->model, index.embedding->version,
                                             index.embedding->dimensions)
                               : std::string();
  std::unique_ptr<vectors::Embedder> embedder;
  {
    const std::lock_guard lock(mutex_);
    if (const auto idle = idle_.find(name); idle != idle_.end()) {
      embedder = std::move(idle->second);
      idle_.erase(idle);
    }
  }
  if (!embedder) embedder = make_embedder(index, endpoint_, random_, true);
  vectors::Embedding embedding = embedder->embed_one(words);
  std::string model = stored_model(embedder->model());
  {
    const std::lock_guard lock(mutex_);
    idle_.emplace(name, std::move(embedder));
  }
  if (embedding.vector.empty()) {
    throw Error(embedding.is_lasting ? ErrorCode::invalid_input : ErrorCode::unavailable,
                fmt::format("no vector of the words: {}", embedding.failure),
                embedding.is_lasting ? "write other words" : "search by words, or try again");
  }
  return {std::move(embedding.vector), std::move(model)};
}

}  // namespace reeve::search
