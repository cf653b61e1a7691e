#pragma once
// Vectors of texts, from whatever makes them.

#include "vectors/stored_vector.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::vectors {

/// What makes vectors. Those of two models can't be compared; a caller stores name and version beside each vector and takes
/// one of another model for stale.
struct Model {
  std::string name;
  std::string version;
  std::size_t dimensions = 0;
  /// False when near vectors mean the same words, and not the same meaning.
  bool is_semantic = false;
};

/// A vector, or why there is none.
struct Embedding {
  std::vector<float> vector;  ///< of the model's dimensions and finite, or empty
  std::string failure;        ///< a sentence when there is no vector; no secret, and nothing of the text
  /// Of a failure: the same text will fail again, so that trying again is of no use.
  bool is_lasting = false;
};

/// Texts are UTF-8 of up to text_bytes_max bytes; what is not fails alone.
inline constexpr std::size_t text_bytes_max = 1024 * 1024;

class Embedder {
 public:
  virtual ~Embedder() = default;
  virtual const Model& model() const = 0;
  /// One for each text, in their order. A text that fails is none of its neighbours' business. Thread-safe unless the
  /// implementation says otherwise.
  virtual std::vector<Embedding> embed(std::span<const std::string_view> texts) = 0;

  /// Of one text.
  Embedding embed_one(std::string_view text);
};

/// Why a text can't be embedded by anything: too long, not UTF-8, nothing but blanks. Empty when it can.
std::string fault_of_text(std::string_view text);
/// The failure that lasts.
Embedding lasting_failure(std::string failure);
/// Divides by the length; false when that is zero or not finite.
bool normalize(std::span<float> vector);

}  // namespace reeve::vectors
