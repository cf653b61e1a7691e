#pragma once
// One order out of two: of a search by words and a search by vectors.

#include "vectors/embedder.h"

#include <cstdint>
#include <span>
#include <vector>

namespace reeve::vectors {

/// A result of one search; a list of them begins with the best.
struct Ranked {
  std::int64_t id = 0;
  double score = 0;  ///< greater is better; finite
};

enum class Fusion : std::uint8_t {
  /// By rank alone: weight / (60 + rank) (Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion", 2009).
  reciprocal_rank,
  /// By the scores, each list's stretched from 0, its worst, to 1, its best.
  weighted_scores,
};

/// In thousandths, 0 to 1,000,000.
struct FusionWeights {
  std::int64_t words = 1000;
  std::int64_t vectors = 200;
};
/// What was measured: with weak vectors (the lexical ones, the small encoder's) equal weights are worse than words alone,
/// and 0.2 is better. Of other models nothing is known here, and both weigh the same.
FusionWeights weights_for(const Model& model);

struct Fused {
  std::int64_t id = 0;
  std::int64_t score = 0;
  /// From 1 on; 0 when the list does not have it.
  std::uint32_t words_rank = 0;
  std::uint32_t vectors_rank = 0;
  bool operator==(const Fused&) const = default;
};

/// All ids of both lists, by (score, greatest first; id, smallest first): integers, so that it is the same everywhere. An id
/// that a list has twice counts where it stands first. Throws Error invalid_input for weights out of their bounds, scores that
/// are not finite, and lists of more than a million.
std::vector<Fused> fuse(std::span<const Ranked> words, std::span<const Ranked> vectors, Fusion fusion,
                        const FusionWeights& weights);

}  // namespace reeve::vectors
