#pragma once
// Products of matrices of floats, for the sentence encoder. The same bits in all instructions: each element is a sum in the
// order of the columns, and nothing is fused.

#include "base/processor.h"

#include <cstddef>
#include <span>
#include <vector>

namespace reeve::vectors {

/// Rows one behind the other.
struct Matrix {
  Matrix(std::size_t row_count, std::size_t column_count)
      : rows(row_count), columns(column_count), values(row_count * column_count) {}
  float* row(std::size_t number) { return values.data() + number * columns; }
  const float* row(std::size_t number) const { return values.data() + number * columns; }

  std::size_t rows;
  std::size_t columns;
  std::vector<float> values;
};

/// A matrix of weights with a bias, laid out for products.
class Dense {
 public:
  static constexpr std::size_t block = 32;

  Dense() = default;
  /// `weights` has inputs rows of outputs columns, `bias` has outputs. Precondition: outputs is a multiple of `block`.
  Dense(std::span<const float> weights, std::span<const float> bias);
  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const { return bias_.size(); }
  /// Precondition: as many columns as inputs.
  Matrix operator()(const Matrix& input, Processor processor = best_processor()) const;

 private:
  std::size_t inputs_ = 0;
  std::vector<float> bias_;
  std::vector<float> blocks_;  // `block` columns after the other, of all rows each
};

}  // namespace reeve::vectors
