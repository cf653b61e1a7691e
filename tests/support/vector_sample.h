#pragma once
// Vectors for tests and measurements: clusters, as embeddings of texts lie, from a seed.

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace reeve::testing {

/// The same numbers on every machine: nothing of std's distributions, which libraries define as they like.
class VectorSample {
 public:
  VectorSample(std::size_t dimensions, std::size_t clusters, std::uint64_t seed)
      : dimensions_(dimensions), random_(seed) {
    for (std::size_t i = 0; i < clusters; ++i) centres_.push_back(noise());
  }
  /// Near one of the centres; `spread` 1 is as far from it as the centres are from zero.
  std::vector<float> next(double spread = 0.7) {
    const std::vector<float>& centre = centres_[static_cast<std::size_t>(random_() % centres_.size())];
    std::vector<float> vector = noise();
    for (std::size_t i = 0; i < dimensions_; ++i) {
      vector[i] = static_cast<float>(static_cast<double>(vector[i]) * spread) + centre[i];
    }
    return vector;
  }
  std::uint64_t number() { return random_(); }

 private:
  /// Sums of four uniform numbers: near enough to a normal distribution, in a fixed order of operations.
  std::vector<float> noise() {
    std::vector<float> vector(dimensions_);
    for (float& value : vector) {
      const std::uint64_t bits = random_();
      std::int64_t sum = 0;
      for (int part = 0; part < 4; ++part) sum += static_cast<std::int64_t>((bits >> (part * 16)) & 0xffff);
      value = static_cast<float>(sum - 131070) / 65536.0F;
    }
    return vector;
  }

  std::size_t dimensions_;
  std::mt19937_64 random_;
  std::vector<std::vector<float>> centres_;
};

}  // namespace reeve::testing
