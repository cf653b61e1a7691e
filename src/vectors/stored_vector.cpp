#include "vectors/stored_vector.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

static_assert(std::endian::native == std::endian::little, "stored vectors are copied as they are");

namespace reeve::vectors {

namespace {

constexpr char version = 1;
constexpr std::size_t code_head_bytes = 8;

std::string header_of(Kind kind, std::size_t dimensions) {
  std::string bytes;
  bytes.reserve(stored_bytes(kind, dimensions));
  bytes += version;
  bytes += static_cast<char>(kind);
  bytes += static_cast<char>(dimensions & 0xff);
  bytes += static_cast<char>(dimensions >> 8);
  return bytes;
}

void append(std::string& bytes, const void* data, std::size_t size) {
  bytes.append(static_cast<const char*>(data), size);
}

/// A float's bits without its sign: they grow with its magnitude, and those of what is not finite are the largest.
std::int32_t magnitude_bits(float value) { return std::bit_cast<std::int32_t>(value) & 0x7fffffff; }

/// Without a branch for each component, so that many are looked at at once.
std::int32_t largest_bits(std::span<const float> vector) {
  std::int32_t largest = 0;
  for (const float value : vector) largest = std::max(largest, magnitude_bits(value));
  return largest;
}

/// Of what is not finite, and of nothing else, the magnitude's bits and this reach the sign's.
bool are_finite(std::span<const float> vector) {
  std::uint32_t all = 0;
  for (const float value : vector) all |= static_cast<std::uint32_t>(magnitude_bits(value)) + 0x00800000U;
  return (all & 0x80000000U) == 0;
}

[[noreturn]] void refuse(std::string what) {
  throw Error(ErrorCode::corrupt, std::move(what), "derive the vectors of this table again");
}

}  // namespace

void check_vector(std::span<const float> vector) {
  if (vector.empty() || vector.size() > dimensions_max) {
    throw Error(ErrorCode::invalid_input, fmt::format("a vector of {} components", vector.size()),
                fmt::format("vectors have 1 to {} components", dimensions_max));
  }
  if (are_finite(vector)) return;
  const auto odd =
      std::find_if(vector.begin(), vector.end(), [](float value) { return !std::isfinite(value); });
  throw Error(ErrorCode::invalid_input,
              fmt::format("component {} of a vector is no finite number", odd - vector.begin()),
              "embed the text again");
}

std::string encode_vector(std::span<const float> vector) {
  check_vector(vector);
  std::string bytes = header_of(Kind::vector, vector.size());
  append(bytes, vector.data(), vector.size_bytes());
  return bytes;
}

std::vector<float> decode_vector(std::string_view stored, std::size_t dimensions) {
  if (dimensions == 0 && stored.size() >= header_bytes) {
    dimensions = static_cast<std::uint8_t>(stored[2]) +
                 static_cast<std::size_t>(static_cast<std::uint8_t>(stored[3])) * 256;
  }
  const std::string_view payload = payload_of(stored, Kind::vector, dimensions);
  std::vector<float> vector(dimensions);
  std::memcpy(vector.data(), payload.data(), payload.size());
  if (!are_finite(vector)) {
    refuse("a stored vector has a component that is no finite number");
  }
  return vector;
}

bool is_vector(std::string_view stored, std::size_t dimensions) {
  if (dimensions == 0 || dimensions > dimensions_max ||
      stored.size() != stored_bytes(Kind::vector, dimensions) ||
      stored.substr(0, header_bytes) != header_of(Kind::vector, dimensions)) {
    return false;
  }
  // All bits of the exponent are set in what is no finite number.
  constexpr std::uint32_t exponent = 0x7f800000;
  std::uint32_t infinite = 0;
  for (std::size_t at = header_bytes; at < stored.size(); at += sizeof(std::uint32_t)) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, stored.data() + at, sizeof bits);
    infinite |= static_cast<std::uint32_t>((bits & exponent) == exponent);
  }
  return infinite == 0;
}

std::string encode_code(std::span<const float> vector) {
  check_vector(vector);
  const float scale = std::bit_cast<float>(largest_bits(vector)) / 127.0F;
  std::vector<std::int8_t> codes(vector.size());
  std::uint32_t square = 0;
  // A vector so small that its scale is no number of its own is coded as zero.
  if (scale > 0) {
    // To and from where doubles have no fractions: the processor rounds half to even.
    constexpr double rounder = 6755399441055744.0;  // 1.5 x 2^52
    const double divisor = scale;
    for (std::size_t i = 0; i < vector.size(); ++i) {
      const double code = (static_cast<double>(vector[i]) / divisor + rounder) - rounder;
      codes[i] = static_cast<std::int8_t>(std::clamp(static_cast<int>(code), -127, 127));
      square += static_cast<std::uint32_t>(codes[i] * codes[i]);
    }
  }
  std::string bytes = header_of(Kind::code, vector.size());
  append(bytes, &scale, sizeof scale);
  append(bytes, &square, sizeof square);
  append(bytes, codes.data(), codes.size());
  return bytes;
}

Code read_code(std::string_view stored, std::size_t dimensions, bool checked) {
  const std::string_view payload = payload_of(stored, Kind::code, dimensions);
  Code code;
  std::memcpy(&code.scale, payload.data(), sizeof code.scale);
  std::memcpy(&code.square, payload.data() + sizeof code.scale, sizeof code.square);
  code.components = {reinterpret_cast<const std::int8_t*>(payload.data()) + code_head_bytes, dimensions};
  if (!std::isfinite(code.scale) || code.scale < 0) refuse("a stored code has a scale that can't be");
  if (checked) {
    std::uint32_t square = 0;
    for (const std::int8_t component : code.components) {
      square += static_cast<std::uint32_t>(component * component);
    }
    if (square != code.square) refuse("a stored code is not what was written");
  }
  return code;
}

std::string encode_signature(std::span<const float> vector) {
  check_vector(vector);
  std::string bytes = header_of(Kind::signature, vector.size());
  bytes.resize(stored_bytes(Kind::signature, vector.size()));
  for (std::size_t at = 0; at < vector.size(); at += 8) {
    const std::size_t count = std::min<std::size_t>(8, vector.size() - at);
    unsigned byte = 0;
    for (std::size_t i = 0; i < count; ++i) byte |= (vector[at + i] > 0 ? 1U : 0U) << i;
    bytes[header_bytes + at / 8] = static_cast<char>(byte);
  }
  return bytes;
}

std::size_t stored_bytes(Kind kind, std::size_t dimensions) {
  switch (kind) {
    case Kind::vector: return header_bytes + dimensions * sizeof(float);
    case Kind::code: return header_bytes + code_head_bytes + dimensions;
    case Kind::signature: return header_bytes + (dimensions + 7) / 8;
  }
  return 0;
}

std::string_view payload_of(std::string_view stored, Kind kind, std::size_t dimensions) {
  if (dimensions == 0 || dimensions > dimensions_max || stored.size() != stored_bytes(kind, dimensions) ||
      stored[0] != version || stored[1] != static_cast<char>(kind) ||
      stored[2] != static_cast<char>(dimensions & 0xff) || stored[3] != static_cast<char>(dimensions >> 8)) {
    refuse(fmt::format("{} bytes are no stored vector of {} components, kind {}", stored.size(), dimensions,
                       static_cast<int>(kind)));
  }
  return stored.substr(header_bytes);
}

}  // namespace reeve::vectors
