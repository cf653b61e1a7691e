#pragma once
// Vectors from an endpoint that speaks OpenAI's protocol for embeddings: a service, or a server of one's own (Ollama,
// llama.cpp, vLLM, text-embeddings-inference).

#include "vectors/embedder.h"

#include <reeve/clock.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace reeve::vectors {

struct HttpEmbedderOptions {
  /// Of the embeddings themselves, `https://host/v1/embeddings`. http or https, without a user or a password in it.
  std::string url = {};
  std::string model = {};    ///< as the endpoint calls it
  std::string version = {};  ///< the caller's: a change makes vectors of before stale
  std::size_t dimensions = 0;
  /// Asks the endpoint for vectors of `dimensions`; of models that can shorten theirs.
  bool sends_dimensions = false;
  /// Where the key is: a variable of the environment or a file, read for each call of embed; both empty without a key.
  std::string key_variable = {};
  std::filesystem::path key_file = {};

  std::size_t batch_max = 64;                ///< texts in one request, 1 to 2,048
  std::size_t batch_bytes_max = 256 * 1024;  ///< of texts in one request; a longer text goes alone
  int attempts_max = 4;                      ///< of a request, 1 to 20
  std::chrono::milliseconds connect_max{5'000};
  std::chrono::milliseconds answer_max{60'000};
  /// Before the second attempt; doubled before each one after, up to wait_max. Half of it is random.
  std::chrono::milliseconds wait{500};
  std::chrono::milliseconds wait_max{30'000};
};

/// Waits; a test does not.
using Sleep = std::function<void(std::chrono::milliseconds)>;

/// Outcomes of requests are failures of their texts, and never throw: time-outs, refusals, answers that are no JSON, too short,
/// too long, of other dimensions or with what is no number. 408, 409, 425, 429 and 5xx are tried again, and what never
/// reached the endpoint; a Retry-After is kept to, up to wait_max. When a batch of several is refused as bad input (400,
/// 413, 422) its texts are sent one by one. Redirects are not followed.
/// The key is in no failure and no error. embed throws Error not_found when the variable or the file of the key is not there,
/// invalid_input when what it holds is no key, unavailable without libcurl. Not thread-safe: one for each thread.
class HttpEmbedder final : public Embedder {
 public:
  /// Throws Error invalid_input for options out of their bounds. `random` outlives the embedder.
  HttpEmbedder(HttpEmbedderOptions options, Random& random, Sleep sleep = {});
  ~HttpEmbedder() override;
  HttpEmbedder(const HttpEmbedder&) = delete;
  HttpEmbedder& operator=(const HttpEmbedder&) = delete;

  const Model& model() const override;
  std::vector<Embedding> embed(std::span<const std::string_view> texts) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reeve::vectors
