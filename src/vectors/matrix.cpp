#include "vectors/matrix.h"

#include <reeve/error.h>

#include <algorithm>
#include <cstring>

// The vectors below pass between inlined functions only: no call ever has one in its interface.
#pragma GCC diagnostic ignored "-Wpsabi"

// This file is compiled with -ffp-contract=off.

namespace reeve::vectors {

namespace {

using Floats = float __attribute__((vector_size(64)));
constexpr std::size_t floats = 16;
static_assert(Dense::block == 2 * floats);

struct Product {
  const float* input;
  std::size_t inputs;
  const float* blocks;
  const float* bias;
  float* output;
  std::size_t outputs;
};

/// `rows` rows of a block of columns, from its bias on.
template <int rows>
[[gnu::always_inline]] inline void multiply_rows(const Product& product, std::size_t row,
                                                 std::size_t column) {
  const float* weights = product.blocks + column * product.inputs;
  const float* input = product.input + row * product.inputs;
  Floats sums[rows][2];
  for (int i = 0; i < rows; ++i) std::memcpy(sums[i], product.bias + column, sizeof sums[i]);
  for (std::size_t k = 0; k < product.inputs; ++k) {
    Floats weight[2];
    std::memcpy(weight, weights + k * Dense::block, sizeof weight);
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) {
      const float value = input[static_cast<std::size_t>(i) * product.inputs + k];
      sums[i][0] += weight[0] * value;
      sums[i][1] += weight[1] * value;
    }
  }
  for (int i = 0; i < rows; ++i) {
    std::memcpy(product.output + (row + static_cast<std::size_t>(i)) * product.outputs + column, sums[i],
                sizeof sums[i]);
  }
}

[[gnu::always_inline]] inline void multiply(const Product& product, std::size_t rows) {
  for (std::size_t column = 0; column < product.outputs; column += Dense::block) {
    std::size_t row = 0;
    for (; row + 4 <= rows; row += 4) multiply_rows<4>(product, row, column);
    for (; row < rows; ++row) multiply_rows<1>(product, row, column);
  }
}

void multiply_any(const Product& product, std::size_t rows) { multiply(product, rows); }
REEVE_AVX2 void multiply_avx2(const Product& product, std::size_t rows) { multiply(product, rows); }
REEVE_AVX512 void multiply_avx512(const Product& product, std::size_t rows) { multiply(product, rows); }

}  // namespace

Dense::Dense(std::span<const float> weights, std::span<const float> bias)
    : inputs_(weights.size() / bias.size()), bias_(bias.begin(), bias.end()), blocks_(weights.size()) {
  ensure(bias.size() % block == 0 && inputs_ * bias.size() == weights.size(),
         "a matrix has whole blocks of columns");
  float* to = blocks_.data();
  for (std::size_t column = 0; column < outputs(); column += block) {
    for (std::size_t row = 0; row < inputs_; ++row, to += block) {
      std::copy_n(weights.data() + row * outputs() + column, block, to);
    }
  }
}

Matrix Dense::operator()(const Matrix& input, Processor processor) const {
  ensure(input.columns == inputs_, "a product has as many columns as rows");
  Matrix output(input.rows, outputs());
  const Product product{input.values.data(),  inputs_,  blocks_.data(), bias_.data(),
                        output.values.data(), outputs()};
  switch (processor) {
    case Processor::any: multiply_any(product, input.rows); break;
    case Processor::avx2: multiply_avx2(product, input.rows); break;
    case Processor::avx512: multiply_avx512(product, input.rows); break;
  }
  return output;
}

}  // namespace reeve::vectors
