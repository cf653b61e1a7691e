#pragma once
// The bytes in which a vector, its 8-bit code and its 1-bit signature are stored (docs/vectors.md). Whatever bytes they
// are given, the readers never read beyond them, and what is not such a vector is an Error corrupt.

#include <reeve/error.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::vectors {

inline constexpr std::size_t dimensions_max = 4096;
inline constexpr std::size_t header_bytes = 4;

/// The second byte of the header.
enum class Kind : std::uint8_t { vector = 1, code = 2, signature = 3 };

/// Throws Error invalid_input unless it has 1 to dimensions_max components, all finite.
void check_vector(std::span<const float> vector);

/// The stored bytes of a vector. invalid_input as check_vector.
std::string encode_vector(std::span<const float> vector);
/// Throws Error corrupt unless these are the bytes of a vector; of `dimensions` components, unless that is 0.
std::vector<float> decode_vector(std::string_view stored, std::size_t dimensions = 0);

/// Whether decode_vector would give a vector of `dimensions` components.
bool is_vector(std::string_view stored, std::size_t dimensions);

/// A component's code is component / scale, rounded half to even; scale is the largest magnitude / 127.
std::string encode_code(std::span<const float> vector);

/// What a code says; it points into the stored bytes.
struct Code {
  float scale = 0;
  std::uint32_t square = 0;  ///< the sum of the squares of the codes
  std::span<const std::int8_t> components;
};
/// Throws Error corrupt unless they are the bytes of a code with `dimensions` components. With `checked` the sum of
/// squares is computed again; without, it is believed: it only orders candidates.
Code read_code(std::string_view stored, std::size_t dimensions, bool checked = false);

/// Bit i, from the lowest bit of the first byte on, is set when component i is greater than zero.
std::string encode_signature(std::span<const float> vector);

std::size_t stored_bytes(Kind kind, std::size_t dimensions);
/// The bytes behind the header. Throws Error corrupt unless the header is that of `kind` and `dimensions`, and the size fits.
std::string_view payload_of(std::string_view stored, Kind kind, std::size_t dimensions);

}  // namespace reeve::vectors
