#pragma once
// How near two vectors are, as an integer: the order of results is by (score, id), and the same on every machine.

#include "vectors/kernels.h"
#include "vectors/stored_vector.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::vectors {

enum class Metric : std::uint8_t {
  cosine = 1,         ///< from -1 to 1; 0 when one of them is the zero vector
  inner_product = 2,  ///< the sum of products
  l2 = 3,             ///< the negative square of the distance, so that greater is nearer here too
};

/// As a blueprint spells it: `cosine`, `inner_product`, `l2`.
std::string_view name_of(Metric metric);
std::optional<Metric> metric_named(std::string_view name);

/// The order of similarities as an integer; greater is nearer. Two similarities that a float can't tell apart have the
/// same score, and then the smaller id comes first.
using Score = std::int32_t;
/// The similarity is rounded to a float, infinities to the largest. Precondition: no NaN.
Score score_of(double similarity);
float similarity_of(Score score);

struct Hit {
  std::int64_t id = 0;
  Score score = 0;
  bool operator==(const Hit&) const = default;
};
/// The order of results.
inline bool is_nearer(const Hit& left, const Hit& right) {
  return left.score != right.score ? left.score > right.score : left.id < right.id;
}

/// The `size` nearest of the hits that it is offered, in whatever order. Each id is offered once.
class Nearest {
 public:
  explicit Nearest(std::size_t size) : size_(size) {}
  void offer(const Hit& hit) {
    if (hits_.size() == size_ && (size_ == 0 || !is_nearer(hit, hits_.front()))) return;
    insert(hit);
  }
  std::size_t count() const { return hits_.size(); }
  /// The nearest first; the object is used up.
  std::vector<Hit> take();

 private:
  void insert(const Hit& hit);

  std::size_t size_;
  std::vector<Hit> hits_;  // a heap, the farthest at the front
};

/// A vector that is searched for, made ready for the kernels. Thread-safe once made.
class Query {
 public:
  /// Throws Error invalid_input as check_vector does.
  Query(Metric metric, std::span<const float> vector, const Kernels& kernels = best_kernels());

  Metric metric() const { return metric_; }
  std::size_t dimensions() const { return vector_.size(); }
  std::span<const float> vector() const { return vector_; }
  std::string_view code() const { return code_; }
  const Kernels& kernels() const { return *kernels_; }

  /// From stored bytes of a vector: the score that counts. Throws Error corrupt when they are none, or have a NaN or an
  /// infinity.
  Score exact(std::string_view stored) const;
  /// From stored bytes of a code; orders candidates. The same on every machine.
  Score by_code(std::string_view stored) const;
  /// From stored bytes of a signature: minus the number of bits that differ.
  Score by_signature(std::string_view stored) const;

 private:
  Metric metric_;
  const Kernels* kernels_;
  std::vector<float> vector_;
  std::vector<double> wide_;
  double square_ = 0;
  std::string code_;
  std::int32_t code_sum_ = 0;
  std::string signature_;
};

/// The similarity of two codes, from the exact sum of their products.
double code_similarity(Metric metric, std::int32_t dot, float left_scale, std::uint32_t left_square,
                       float right_scale, std::uint32_t right_square);

}  // namespace reeve::vectors
