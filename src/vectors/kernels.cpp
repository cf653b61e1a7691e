#include "vectors/kernels.h"

#include <reeve/error.h>

#include <bit>
#include <cstring>

#if REEVE_X86
#ifndef __clang__
// g++ 12 takes its own headers' undefined vectors for a fault (its bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#define VECTORS_AVX2 [[gnu::target("avx2,fma,popcnt")]]
#define VECTORS_AVX512 [[gnu::target("arch=x86-64-v4")]]
#define VECTORS_VNNI [[gnu::target("arch=x86-64-v4,avx512vnni,avx512vpopcntdq")]]
#endif

// This file is compiled with -ffp-contract=off: what is to be fused is written as such.

namespace reeve::vectors {

namespace {

/// The lanes in the order that is part of the definition.
double sum_of(const double (&lanes)[float_lanes]) {
  double half[float_lanes / 2];
  for (std::size_t lane = 0; lane < 16; ++lane) half[lane] = lanes[lane] + lanes[lane + 16];
  for (std::size_t width = 8; width > 0; width /= 2) {
    for (std::size_t lane = 0; lane < width; ++lane) half[lane] += half[lane + width];
  }
  return half[0];
}

/// Calls `block(offset, components)` for each 32 components; those behind the last are zeros. They are copied: a row may
/// begin at any address.
template <typename Block>
void for_each_block(const float* row, std::size_t size, const Block& block) {
  const auto* const bytes = reinterpret_cast<const char*>(row);
  float components[float_lanes];
  for (std::size_t at = 0; at < size; at += float_lanes) {
    const std::size_t count = size - at < float_lanes ? size - at : float_lanes;
    if (count < float_lanes) std::memset(components, 0, sizeof components);
    std::memcpy(components, bytes + at * sizeof(float), count * sizeof(float));
    block(at, components);
  }
}

/// `block(left, right)` for each `lanes` bytes; those behind the last are zeros.
template <std::size_t lanes, typename Byte, typename Block>
void for_each_bytes(const Byte* left, const Byte* right, std::size_t size, const Block& block) {
  std::size_t at = 0;
  for (; at + lanes <= size; at += lanes) block(left + at, right + at);
  if (at < size) {
    Byte rest[2][lanes] = {};
    std::memcpy(rest[0], left + at, size - at);
    std::memcpy(rest[1], right + at, size - at);
    block(rest[0], rest[1]);
  }
}

namespace plain {

DotAndSquare dot_and_square(const double* query, const float* row, std::size_t size) {
  double dots[float_lanes] = {};
  double squares[float_lanes] = {};
  for_each_block(row, size, [&](std::size_t at, const float* block) {
    for (std::size_t lane = 0; lane < float_lanes; ++lane) {
      const double value = block[lane];
      dots[lane] += query[at + lane] * value;
      squares[lane] += value * value;
    }
  });
  return {sum_of(dots), sum_of(squares)};
}

double dot(const double* query, const float* row, std::size_t size) {
  double dots[float_lanes] = {};
  for_each_block(row, size, [&](std::size_t at, const float* block) {
    for (std::size_t lane = 0; lane < float_lanes; ++lane) {
      dots[lane] += query[at + lane] * static_cast<double>(block[lane]);
    }
  });
  return sum_of(dots);
}

double squared_distance(const double* query, const float* row, std::size_t size) {
  double sums[float_lanes] = {};
  for_each_block(row, size, [&](std::size_t at, const float* block) {
    for (std::size_t lane = 0; lane < float_lanes; ++lane) {
      const double difference = query[at + lane] - static_cast<double>(block[lane]);
      sums[lane] += difference * difference;
    }
  });
  return sum_of(sums);
}

std::int32_t code_dot(const std::int8_t* left, const std::int8_t* right, std::int32_t /*right_sum*/,
                      std::size_t size) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += left[i] * right[i];
  return sum;
}

std::uint32_t hamming(const std::uint8_t* left, const std::uint8_t* right, std::size_t size) {
  std::uint32_t sum = 0;
  for_each_bytes<8>(left, right, size, [&](const std::uint8_t* first, const std::uint8_t* second) {
    std::uint64_t words[2];
    std::memcpy(&words[0], first, sizeof words[0]);
    std::memcpy(&words[1], second, sizeof words[1]);
    sum += static_cast<std::uint32_t>(std::popcount(words[0] ^ words[1]));
  });
  return sum;
}

constexpr Kernels kernels{dot_and_square, dot, squared_distance, code_dot, hamming};

}  // namespace plain

#if REEVE_X86

namespace avx2 {

/// As sum_of adds lanes up.
VECTORS_AVX2 double sum_up(const __m256d (&lanes)[8]) {
  __m256d quarter[4];
  for (int i = 0; i < 4; ++i) quarter[i] = _mm256_add_pd(lanes[i], lanes[i + 4]);
  const __m256d eight =
      _mm256_add_pd(_mm256_add_pd(quarter[0], quarter[2]), _mm256_add_pd(quarter[1], quarter[3]));
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(eight), _mm256_extractf128_pd(eight, 1));
  return _mm_cvtsd_f64(two) + _mm_cvtsd_f64(_mm_unpackhi_pd(two, two));
}

VECTORS_AVX2 DotAndSquare dot_and_square(const double* query, const float* row, std::size_t size) {
  __m256d dots[8];
  __m256d squares[8];
  for (int i = 0; i < 8; ++i) dots[i] = squares[i] = _mm256_setzero_pd();
  std::size_t at = 0;
  float rest[float_lanes] = {};
  for (; at < size; at += float_lanes) {
    const float* block = row + at;
    if (at + float_lanes > size) {
      std::memcpy(rest, block, (size - at) * sizeof(float));
      block = rest;
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      const __m256d value = _mm256_cvtps_pd(_mm_loadu_ps(block + i * 4));
      dots[i] = _mm256_fmadd_pd(_mm256_loadu_pd(query + at + i * 4), value, dots[i]);
      squares[i] = _mm256_fmadd_pd(value, value, squares[i]);
    }
  }
  return {sum_up(dots), sum_up(squares)};
}

template <bool distance>
VECTORS_AVX2 double sum(const double* query, const float* row, std::size_t size) {
  __m256d sums[8];
  for (__m256d& part : sums) part = _mm256_setzero_pd();
  float rest[float_lanes] = {};
  for (std::size_t at = 0; at < size; at += float_lanes) {
    const float* block = row + at;
    if (at + float_lanes > size) {
      std::memcpy(rest, block, (size - at) * sizeof(float));
      block = rest;
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      const __m256d value = _mm256_cvtps_pd(_mm_loadu_ps(block + i * 4));
      const __m256d asked = _mm256_loadu_pd(query + at + i * 4);
      if constexpr (distance) {
        const __m256d difference = _mm256_sub_pd(asked, value);
        sums[i] = _mm256_add_pd(sums[i], _mm256_mul_pd(difference, difference));
      } else {
        sums[i] = _mm256_fmadd_pd(asked, value, sums[i]);
      }
    }
  }
  return sum_up(sums);
}

VECTORS_AVX2 std::int32_t sum_of_words(__m256i words) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
  return _mm_cvtsi128_si32(half);
}

VECTORS_AVX2 std::int32_t code_dot(const std::int8_t* left, const std::int8_t* right,
                                   std::int32_t /*right_sum*/, std::size_t size) {
  __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  std::int8_t rest[2][32] = {};
  for (std::size_t at = 0; at < size; at += 32) {
    const std::int8_t* first = left + at;
    const std::int8_t* second = right + at;
    if (at + 32 > size) {
      std::memcpy(rest[0], first, size - at);
      std::memcpy(rest[1], second, size - at);
      first = rest[0];
      second = rest[1];
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      const __m256i one = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(first) + i));
      const __m256i two = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(second) + i));
      sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(one, two));
    }
  }
  return sum_of_words(_mm256_add_epi32(sums[0], sums[1]));
}

VECTORS_AVX2 std::uint32_t hamming(const std::uint8_t* left, const std::uint8_t* right, std::size_t size) {
  std::uint64_t sum = 0;
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t words[2];
    std::memcpy(&words[0], left + at, sizeof words[0]);
    std::memcpy(&words[1], right + at, sizeof words[1]);
    sum += static_cast<std::uint64_t>(__builtin_popcountll(words[0] ^ words[1]));
  }
  for (; at < size; ++at) sum += static_cast<std::uint64_t>(__builtin_popcount(left[at] ^ right[at]));
  return static_cast<std::uint32_t>(sum);
}

constexpr Kernels kernels{dot_and_square, sum<false>, sum<true>, code_dot, hamming};

}  // namespace avx2

namespace avx512 {

/// The first `count` of 16 floats as a mask; 16 or more are all.
VECTORS_AVX512 __mmask16 mask_of(std::size_t count) {
  return static_cast<__mmask16>(count >= 16 ? 0xffffU : (1U << count) - 1U);
}

VECTORS_AVX512 __m512d half_of(__m512 floats, int half) {
  return _mm512_cvtps_pd(half == 0 ? _mm512_castps512_ps256(floats) : _mm512_extractf32x8_ps(floats, 1));
}

/// As sum_of adds lanes up.
VECTORS_AVX512 double sum_up(const __m512d (&lanes)[4]) {
  const __m512d sixteen = _mm512_add_pd(_mm512_add_pd(lanes[0], lanes[2]), _mm512_add_pd(lanes[1], lanes[3]));
  const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(sixteen), _mm512_extractf64x4_pd(sixteen, 1));
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(two) + _mm_cvtsd_f64(_mm_unpackhi_pd(two, two));
}

VECTORS_AVX512 DotAndSquare dot_and_square(const double* query, const float* row, std::size_t size) {
  __m512d dots[4];
  __m512d squares[4];
  for (int i = 0; i < 4; ++i) dots[i] = squares[i] = _mm512_setzero_pd();
  std::size_t at = 0;
  for (; at + float_lanes <= size; at += float_lanes) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const __m512d value = _mm512_cvtps_pd(_mm256_loadu_ps(row + at + i * 8));
      dots[i] = _mm512_fmadd_pd(_mm512_loadu_pd(query + at + i * 8), value, dots[i]);
      squares[i] = _mm512_fmadd_pd(value, value, squares[i]);
    }
  }
  if (at < size) {
    const std::size_t rest = size - at;
    const __m512 floats[2] = {
        _mm512_maskz_loadu_ps(mask_of(rest), row + at),
        rest > 16 ? _mm512_maskz_loadu_ps(mask_of(rest - 16), row + at + 16) : _mm512_setzero_ps()};
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const __m512d value = half_of(floats[i / 2], i % 2);
      dots[i] = _mm512_fmadd_pd(_mm512_loadu_pd(query + at + i * 8), value, dots[i]);
      squares[i] = _mm512_fmadd_pd(value, value, squares[i]);
    }
  }
  return {sum_up(dots), sum_up(squares)};
}

template <bool distance>
VECTORS_AVX512 __m512d add(__m512d sum, __m512d asked, __m512d value) {
  if constexpr (distance) {
    const __m512d difference = _mm512_sub_pd(asked, value);
    return _mm512_add_pd(sum, _mm512_mul_pd(difference, difference));
  } else {
    return _mm512_fmadd_pd(asked, value, sum);
  }
}

template <bool distance>
VECTORS_AVX512 double sum(const double* query, const float* row, std::size_t size) {
  __m512d sums[4];
  for (__m512d& part : sums) part = _mm512_setzero_pd();
  std::size_t at = 0;
  for (; at + float_lanes <= size; at += float_lanes) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      sums[i] = add<distance>(sums[i], _mm512_loadu_pd(query + at + i * 8),
                              _mm512_cvtps_pd(_mm256_loadu_ps(row + at + i * 8)));
    }
  }
  if (at < size) {
    const std::size_t rest = size - at;
    const __m512 floats[2] = {
        _mm512_maskz_loadu_ps(mask_of(rest), row + at),
        rest > 16 ? _mm512_maskz_loadu_ps(mask_of(rest - 16), row + at + 16) : _mm512_setzero_ps()};
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      sums[i] = add<distance>(sums[i], _mm512_loadu_pd(query + at + i * 8), half_of(floats[i / 2], i % 2));
    }
  }
  return sum_up(sums);
}

VECTORS_AVX512 __mmask32 byte_mask_of(std::size_t count) {
  return static_cast<__mmask32>(count >= 32 ? 0xffffffffU : (1U << count) - 1U);
}

VECTORS_AVX512 std::int32_t code_dot(const std::int8_t* left, const std::int8_t* right,
                                     std::int32_t /*right_sum*/, std::size_t size) {
  __m512i sum = _mm512_setzero_si512();
  for (std::size_t at = 0; at < size; at += 32) {
    const __mmask32 mask = byte_mask_of(size - at);
    const __m512i one = _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(mask, left + at));
    const __m512i two = _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(mask, right + at));
    sum = _mm512_add_epi32(sum, _mm512_madd_epi16(one, two));
  }
  return _mm512_reduce_add_epi32(sum);
}

constexpr Kernels kernels{dot_and_square, sum<false>, sum<true>, code_dot, avx2::hamming};

}  // namespace avx512

namespace avx512_vnni {

VECTORS_VNNI __mmask64 byte_mask_of(std::size_t count) {
  return count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
}

/// The instruction takes bytes without sign times bytes with one: 128 is added to the left ones, and 128 times the
/// right ones is taken off. Four sums, so that none waits for the one before.
VECTORS_VNNI std::int32_t code_dot(const std::int8_t* left, const std::int8_t* right, std::int32_t right_sum,
                                   std::size_t size) {
  const __m512i offset = _mm512_set1_epi8(-128);
  __m512i sums[4];
  for (__m512i& sum : sums) sum = _mm512_setzero_si512();
  std::size_t at = 0;
  for (; at + 256 <= size; at += 256) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) {
      const __m512i one = _mm512_xor_si512(_mm512_loadu_si512(left + at + i * 64), offset);
      sums[i] = _mm512_dpbusd_epi32(sums[i], one, _mm512_loadu_si512(right + at + i * 64));
    }
  }
  for (std::size_t i = 0; at < size; at += 64, ++i) {
    const __mmask64 mask = byte_mask_of(size - at);
    const __m512i one = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, left + at), offset);
    sums[i] = _mm512_dpbusd_epi32(sums[i], one, _mm512_maskz_loadu_epi8(mask, right + at));
  }
  const __m512i sum =
      _mm512_add_epi32(_mm512_add_epi32(sums[0], sums[1]), _mm512_add_epi32(sums[2], sums[3]));
  return _mm512_reduce_add_epi32(sum) - 128 * right_sum;
}

VECTORS_VNNI std::uint32_t hamming(const std::uint8_t* left, const std::uint8_t* right, std::size_t size) {
  __m512i sum = _mm512_setzero_si512();
  for (std::size_t at = 0; at < size; at += 64) {
    const __mmask64 mask = byte_mask_of(size - at);
    const __m512i differing =
        _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, left + at), _mm512_maskz_loadu_epi8(mask, right + at));
    sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(differing));
  }
  return static_cast<std::uint32_t>(_mm512_reduce_add_epi64(sum));
}

constexpr Kernels kernels{avx512::dot_and_square, avx512::sum<false>, avx512::sum<true>, code_dot, hamming};

}  // namespace avx512_vnni

#endif

}  // namespace

std::int32_t code_sum(std::span<const std::int8_t> components) {
  std::int32_t sum = 0;
  for (const std::int8_t component : components) sum = sum + component;
  return sum;
}

std::string_view name_of(Instructions instructions) {
  switch (instructions) {
    case Instructions::plain: return "plain";
    case Instructions::avx2: return "avx2";
    case Instructions::avx512: return "avx512";
    case Instructions::avx512_vnni: return "avx512_vnni";
  }
  return "plain";
}

std::vector<Instructions> available_instructions() {
  std::vector<Instructions> all;
#if REEVE_X86
  if (has_avx512() && __builtin_cpu_supports("avx512vnni") != 0 &&
      __builtin_cpu_supports("avx512vpopcntdq") != 0) {
    all.push_back(Instructions::avx512_vnni);
  }
  if (has_avx512()) all.push_back(Instructions::avx512);
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
      __builtin_cpu_supports("popcnt") != 0) {
    all.push_back(Instructions::avx2);
  }
#endif
  all.push_back(Instructions::plain);
  return all;
}

Instructions best_instructions() {
  static const Instructions best = available_instructions().front();
  return best;
}

const Kernels& kernels_of(Instructions instructions) {
#if REEVE_X86
  switch (instructions) {
    case Instructions::plain: return plain::kernels;
    case Instructions::avx2: return avx2::kernels;
    case Instructions::avx512: return avx512::kernels;
    case Instructions::avx512_vnni: return avx512_vnni::kernels;
  }
#endif
  ensure(instructions == Instructions::plain, "instructions that this processor lacks");
  return plain::kernels;
}

}  // namespace reeve::vectors
