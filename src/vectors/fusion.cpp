#include "vectors/fusion.h"

#include <reeve/error.h>

#include <algorithm>
#include <cmath>
#include <map>

// This file is compiled with -ffp-contract=off, as similarity.cpp is.

namespace reeve::vectors {

namespace {

constexpr std::int64_t weight_max = 1'000'000;
constexpr std::size_t list_max = 1'000'000;
constexpr std::int64_t rank_offset = 60;
constexpr std::int64_t unit = 1'000'000;

void check(std::span<const Ranked> list, std::int64_t weight) {
  if (weight < 0 || weight > weight_max) {
    throw Error(ErrorCode::invalid_input, "the weight of a list is out of its bounds",
                "0 to 1000000 thousandths");
  }
  if (list.size() > list_max) {
    throw Error(ErrorCode::invalid_input, "a list of more than a million results", "ask for fewer");
  }
  if (!std::all_of(list.begin(), list.end(),
                   [](const Ranked& ranked) { return std::isfinite(ranked.score); })) {
    throw Error(ErrorCode::invalid_input, "a result whose score is no finite number");
  }
}

/// What each place of a list is worth, in millionths.
std::vector<std::int64_t> worths_of(std::span<const Ranked> list, Fusion fusion) {
  std::vector<std::int64_t> worths;
  if (fusion == Fusion::reciprocal_rank) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      worths.push_back(unit * 1000 / (rank_offset + static_cast<std::int64_t>(i) + 1));
    }
    return worths;
  }
  const auto less = [](const Ranked& left, const Ranked& right) { return left.score < right.score; };
  const auto [least, most] = std::minmax_element(list.begin(), list.end(), less);
  for (const Ranked& ranked : list) {
    // Halves, so that the widest range there is does not overflow.
    const double range = most->score / 2 - least->score / 2;
    const double share = range > 0 ? (ranked.score / 2 - least->score / 2) / range : 1;
    worths.push_back(static_cast<std::int64_t>(std::nearbyint(share * static_cast<double>(unit))));
  }
  return worths;
}

}  // namespace

FusionWeights weights_for(const Model& model) {
  const bool is_weak = !model.is_semantic || model.name == "use-lite-en";
  return {.words = 1000, .vectors = is_weak ? 200 : 1000};
}

std::vector<Fused> fuse(std::span<const Ranked> words, std::span<const Ranked> vectors, Fusion fusion,
                        const FusionWeights& weights) {
  check(words, weights.words);
  check(vectors, weights.vectors);
  std::map<std::int64_t, Fused> by_id;
  const auto take = [&](std::span<const Ranked> list, std::int64_t weight, std::uint32_t Fused::*rank) {
    const std::vector<std::int64_t> worths = worths_of(list, fusion);
    for (std::size_t i = 0; i < list.size(); ++i) {
      Fused& fused = by_id.try_emplace(list[i].id, Fused{.id = list[i].id}).first->second;
      if (fused.*rank != 0) continue;
      fused.*rank = static_cast<std::uint32_t>(i + 1);
      fused.score += weight * worths[i];
    }
  };
  take(words, weights.words, &Fused::words_rank);
  take(vectors, weights.vectors, &Fused::vectors_rank);
  std::vector<Fused> all;
  all.reserve(by_id.size());
  for (const auto& [id, fused] : by_id) all.push_back(fused);
  std::stable_sort(all.begin(), all.end(),
                   [](const Fused& left, const Fused& right) { return left.score > right.score; });
  return all;
}

}  // namespace reeve::vectors
