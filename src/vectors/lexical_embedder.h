#pragma once
// Vectors of the words and parts of words that a text has: needs no model, knows no meaning.

#include "vectors/embedder.h"

namespace reeve::vectors {

/// Words and runs of three to five characters within them, hashed into the dimensions (feature hashing: Weinberger et al.,
/// 2009). The same text gives the same bits everywhere. Letters A to Z are taken in lower case, others as they are.
class LexicalEmbedder final : public Embedder {
 public:
  /// Throws Error invalid_input for dimensions out of 16 to dimensions_max.
  explicit LexicalEmbedder(std::size_t dimensions = 512);
  const Model& model() const override { return model_; }
  std::vector<Embedding> embed(std::span<const std::string_view> texts) override;

 private:
  Embedding of(std::string_view text) const;
  Model model_;
};

}  // namespace reeve::vectors
