#pragma once
// Sums over the components of two vectors, in the instructions that the processor has. Every form gives the same bits:
// the sums of integers are exact, and those of floats are taken in an order that is part of their definition.

#include "base/processor.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace reeve::vectors {

/// Which instructions a kernel uses. avx512_vnni has the 8-bit products and the counts of bits too (Ice Lake, Zen 4).
enum class Instructions : std::uint8_t { plain, avx2, avx512, avx512_vnni };

std::string_view name_of(Instructions instructions);
/// Those that can run here, the best first.
std::vector<Instructions> available_instructions();
Instructions best_instructions();

/// A float's component i is added to lane i modulo 32; then lane j and lane j + 16 are added, j and j + 8, 4, 2, 1.
/// Products of two floats are exact in a double, so a fused multiply and add gives what the two operations give.
inline constexpr std::size_t float_lanes = 32;
/// Codes and signatures are fastest when their bytes are a multiple of this.
inline constexpr std::size_t code_lanes = 64;

struct DotAndSquare {
  double dot = 0;
  double square = 0;  ///< of the row
};

/// The kernels of one set of instructions. All are pure and thread-safe. `row` need not be aligned.
struct Kernels {
  /// Sum of query x row, and of row x row. `query` holds the components as doubles, with zeros up to a multiple of
  /// float_lanes; `size` is the number of the row's components.
  DotAndSquare (*dot_and_square)(const double* query, const float* row, std::size_t size);
  /// Sum of query x row.
  double (*dot)(const double* query, const float* row, std::size_t size);
  /// Sum of (query - row) squared: the difference and its square are rounded, never fused.
  double (*squared_distance)(const double* query, const float* row, std::size_t size);
  /// Sum of left x right; exact up to 2^17 components from -127 to 127. `right_sum` is the sum of the right ones: who
  /// compares one with many knows it.
  std::int32_t (*code_dot)(const std::int8_t* left, const std::int8_t* right, std::int32_t right_sum,
                           std::size_t size);
  /// The number of bits that differ in `size` bytes.
  std::uint32_t (*hamming)(const std::uint8_t* left, const std::uint8_t* right, std::size_t size);
};

/// What code_dot asks for.
std::int32_t code_sum(std::span<const std::int8_t> components);

/// Precondition: `instructions` is available.
const Kernels& kernels_of(Instructions instructions);
inline const Kernels& best_kernels() {
  static const Kernels& best = kernels_of(best_instructions());
  return best;
}

}  // namespace reeve::vectors
