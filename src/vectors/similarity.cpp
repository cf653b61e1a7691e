#include "vectors/similarity.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

// This file is compiled with -ffp-contract=off: a double is computed from others by the same roundings everywhere.

namespace reeve::vectors {

std::string_view name_of(Metric metric) {
  switch (metric) {
    case Metric::cosine: return "cosine";
    case Metric::inner_product: return "inner_product";
    case Metric::l2: return "l2";
  }
  return "cosine";
}

std::optional<Metric> metric_named(std::string_view name) {
  for (const Metric metric : {Metric::cosine, Metric::inner_product, Metric::l2}) {
    if (name_of(metric) == name) return metric;
  }
  return std::nullopt;
}

Score score_of(double similarity) {
  constexpr double largest = std::numeric_limits<float>::max();
  const auto rounded = static_cast<float>(std::clamp(similarity, -largest, largest));
  const auto bits = std::bit_cast<std::int32_t>(rounded);
  // The bits of a float, sign apart, grow with its magnitude. Both zeros are 0.
  return bits >= 0 ? bits : -(bits & 0x7fffffff);
}

float similarity_of(Score score) {
  const float magnitude = std::bit_cast<float>(score < 0 ? -score : score);
  return score < 0 ? -magnitude : magnitude;
}

void Nearest::insert(const Hit& hit) {
  if (hits_.size() == size_) {
    std::pop_heap(hits_.begin(), hits_.end(), is_nearer);
    hits_.back() = hit;
  } else {
    hits_.push_back(hit);
  }
  std::push_heap(hits_.begin(), hits_.end(), is_nearer);
}

std::vector<Hit> Nearest::take() {
  std::sort_heap(hits_.begin(), hits_.end(), is_nearer);
  return std::move(hits_);
}

double code_similarity(Metric metric, std::int32_t dot, float left_scale, std::uint32_t left_square,
                       float right_scale, std::uint32_t right_square) {
  const double left = left_scale;
  const double right = right_scale;
  switch (metric) {
    case Metric::cosine: {
      const double squares = static_cast<double>(left_square) * static_cast<double>(right_square);
      return squares > 0 ? static_cast<double>(dot) / std::sqrt(squares) : 0;
    }
    case Metric::inner_product: return left * right * static_cast<double>(dot);
    case Metric::l2: {
      const double squares =
          left * left * static_cast<double>(left_square) + right * right * static_cast<double>(right_square);
      return 2 * left * right * static_cast<double>(dot) - squares;
    }
  }
  return 0;
}

Query::Query(Metric metric, std::span<const float> vector, const Kernels& kernels)
    : metric_(metric), kernels_(&kernels), vector_(vector.begin(), vector.end()) {
  check_vector(vector);
  wide_.assign((vector.size() + float_lanes - 1) / float_lanes * float_lanes, 0.0);
  std::copy(vector.begin(), vector.end(), wide_.begin());
  square_ = kernels_->dot(wide_.data(), vector_.data(), vector_.size());
  code_ = encode_code(vector);
  code_sum_ = code_sum(read_code(code_, vector.size()).components);
  signature_ = encode_signature(vector);
}

Score Query::exact(std::string_view stored) const {
  const std::string_view payload = payload_of(stored, Kind::vector, dimensions());
  // The kernels load from any address.
  const auto* const row = reinterpret_cast<const float*>(payload.data());
  double similarity = 0;
  switch (metric_) {
    case Metric::cosine: {
      const DotAndSquare sums = kernels_->dot_and_square(wide_.data(), row, dimensions());
      if (std::isfinite(sums.square)) {
        const double squares = square_ * sums.square;
        similarity = squares > 0 ? sums.dot / std::sqrt(squares) : 0;
      } else {
        similarity = sums.square;
      }
      break;
    }
    case Metric::inner_product:
      similarity = kernels_->dot(wide_.data(), row, dimensions());
      // An infinity would vanish against a zero only by becoming a NaN, so that it is seen here too.
      break;
    case Metric::l2: similarity = -kernels_->squared_distance(wide_.data(), row, dimensions()); break;
  }
  if (!std::isfinite(similarity)) {
    throw Error(ErrorCode::corrupt, "a stored vector has a component that is no finite number",
                "derive the vectors of this table again");
  }
  return score_of(similarity);
}

Score Query::by_code(std::string_view stored) const {
  const Code row = read_code(stored, dimensions());
  const Code asked = read_code(code_, dimensions());
  const std::int32_t dot =
      kernels_->code_dot(row.components.data(), asked.components.data(), code_sum_, dimensions());
  return score_of(code_similarity(metric_, dot, asked.scale, asked.square, row.scale, row.square));
}

Score Query::by_signature(std::string_view stored) const {
  const std::string_view row = payload_of(stored, Kind::signature, dimensions());
  const auto* const asked = reinterpret_cast<const std::uint8_t*>(signature_.data()) + header_bytes;
  const std::uint32_t bits =
      kernels_->hamming(asked, reinterpret_cast<const std::uint8_t*>(row.data()), row.size());
  return -static_cast<Score>(bits);
}

}  // namespace reeve::vectors
