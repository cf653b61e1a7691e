#include "state/expansion.h"

#include <bit>
#include <cstring>

// The vectors below pass between inlined functions only: no call ever has one in its interface.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace reeve::state {

namespace {

// Eight blocks side by side. The compiler lowers these to AVX2 where the processor has it (chosen once, at
// load) and to SSE2 elsewhere: one source, the same results.
using Words = std::uint32_t __attribute__((vector_size(32)));
using Lanes = std::uint16_t __attribute__((vector_size(32)));

constexpr int rounds = 8;
constexpr int groups = 4;

#define REEVE_EVERY_PROCESSOR __attribute__((target_clones("avx2", "default")))

template <int bits>
[[gnu::always_inline]] inline Words rotate(Words words) {
  return (words << bits) | (words >> (32 - bits));
}

[[gnu::always_inline]] inline void quarter_round(Words& a, Words& b, Words& c, Words& d) {
  a += b;
  d = rotate<16>(d ^ a);
  c += d;
  b = rotate<12>(b ^ c);
  a += b;
  d = rotate<8>(d ^ a);
  c += d;
  b = rotate<7>(b ^ c);
}

[[gnu::always_inline]] inline Words repeat(std::uint32_t word) { return Words{} + word; }

/// The 16 vectors of one group of blocks, of which `counter` is the first.
[[gnu::always_inline]] inline void expand_group(const Digest& digest, std::uint32_t counter,
                                                Words (&out)[16]) {
  static_assert(std::endian::native == std::endian::little);
  std::uint32_t key[8];
  std::memcpy(key, digest.data(), sizeof key);
  Words start[16] = {repeat(0x61707865), repeat(0x3320646e), repeat(0x79622d32), repeat(0x6b206574)};
  for (int word = 0; word < 8; ++word) {
    start[4 + word] = repeat(key[word]);
  }
  start[12] = repeat(counter) + Words{0, 1, 2, 3, 4, 5, 6, 7};
  std::memcpy(&out[0], &start[0], sizeof start);
  for (int round = 0; round < rounds; round += 2) {
    quarter_round(out[0], out[4], out[8], out[12]);
    quarter_round(out[1], out[5], out[9], out[13]);
    quarter_round(out[2], out[6], out[10], out[14]);
    quarter_round(out[3], out[7], out[11], out[15]);
    quarter_round(out[0], out[5], out[10], out[15]);
    quarter_round(out[1], out[6], out[11], out[12]);
    quarter_round(out[2], out[7], out[8], out[13]);
    quarter_round(out[3], out[4], out[9], out[14]);
  }
  for (int word = 0; word < 16; ++word) {
    out[word] += start[word];
  }
}

template <bool add>
[[gnu::always_inline]] inline void accumulate(const Digest& digest, TableSum& sum) {
  for (int group = 0; group < groups; ++group) {
    Words words[16];
    expand_group(digest, static_cast<std::uint32_t>(group * 8), words);
    auto* place = reinterpret_cast<Lanes*>(sum.lane.data()) + group * 16;
    for (int word = 0; word < 16; ++word) {
      const auto lanes_of_word = reinterpret_cast<Lanes>(words[word]);
      place[word] = add ? place[word] + lanes_of_word : place[word] - lanes_of_word;
    }
  }
}

}  // namespace

REEVE_EVERY_PROCESSOR void add_expansion(const Digest& digest, TableSum& sum) {
  accumulate<true>(digest, sum);
}

REEVE_EVERY_PROCESSOR void subtract_expansion(const Digest& digest, TableSum& sum) {
  accumulate<false>(digest, sum);
}

}  // namespace reeve::state
