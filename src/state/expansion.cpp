#include "state/expansion.h"

#include <bit>
#include <cstring>

// The vectors below pass between inlined functions only: no call ever has one in its interface.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace reeve::state {

namespace {

// Blocks side by side: a vector holds the same word of eight of them, or of sixteen where the processor has
// vectors of 512 bits. The compiler lowers both to what there is: one source, the same results.
template <int blocks>
struct Side {
  using Words [[gnu::vector_size(blocks * 4)]] = std::uint32_t;
};
using Lanes = std::uint16_t __attribute__((vector_size(32)));

constexpr int rounds = 8;
constexpr int blocks_in_all = 32;
constexpr int blocks_of_group = 8;

template <int bits, typename Words>
[[gnu::always_inline]] inline Words rotate(Words words) {
  return (words << bits) | (words >> (32 - bits));
}

template <typename Words>
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

/// The 16 vectors of the blocks from `counter` on.
template <int blocks, typename Words = typename Side<blocks>::Words>
[[gnu::always_inline]] inline void expand(const Digest& digest, std::uint32_t counter, Words (&out)[16]) {
  static_assert(std::endian::native == std::endian::little);
  std::uint32_t key[8];
  std::memcpy(key, digest.data(), sizeof key);
  Words first{};
#pragma GCC unroll 16
  for (std::uint32_t block = 0; block < blocks; ++block) {
    first[block] = block;
  }
  Words start[16] = {Words{} + 0x61707865U, Words{} + 0x3320646eU, Words{} + 0x79622d32U,
                     Words{} + 0x6b206574U};
#pragma GCC unroll 8
  for (int word = 0; word < 8; ++word) {
    start[4 + word] = Words{} + key[word];
  }
  start[12] = first + counter;
#pragma GCC unroll 16
  for (int word = 0; word < 16; ++word) {
    out[word] = start[word];
  }
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
#pragma GCC unroll 16
  for (int word = 0; word < 16; ++word) {
    out[word] += start[word];
  }
}

/// Adds the expansion to the sum, or subtracts it, `blocks` at a time.
template <bool add, int blocks>
[[gnu::always_inline]] inline void accumulate(const Digest& digest, TableSum& sum) {
  using Words = typename Side<blocks>::Words;
  constexpr int groups = blocks / blocks_of_group;
  auto* place = reinterpret_cast<Lanes*>(sum.lane.data());
  for (int block = 0; block < blocks_in_all; block += blocks) {
    Words words[16];
    expand<blocks>(digest, static_cast<std::uint32_t>(block), words);
#pragma GCC unroll 16
    for (int word = 0; word < 16; ++word) {
      Lanes halves[groups];
      std::memcpy(&halves[0], &words[word], sizeof halves);
#pragma GCC unroll 2
      for (int group = 0; group < groups; ++group) {
        Lanes& lanes_of_word = place[group * 16 + word];
        lanes_of_word = add ? lanes_of_word + halves[group] : lanes_of_word - halves[group];
      }
    }
    place += groups * 16;
  }
}

// Vectors of 512 bits take half of the time of two of 256: additions and rotations cost no frequency on any
// processor that is known to have them.
REEVE_AVX512 void add_by_avx512(const Digest& digest, TableSum& sum) { accumulate<true, 16>(digest, sum); }
REEVE_AVX512 void subtract_by_avx512(const Digest& digest, TableSum& sum) {
  accumulate<false, 16>(digest, sum);
}
REEVE_AVX2 void add_by_avx2(const Digest& digest, TableSum& sum) { accumulate<true, 8>(digest, sum); }
REEVE_AVX2 void subtract_by_avx2(const Digest& digest, TableSum& sum) { accumulate<false, 8>(digest, sum); }

}  // namespace

void add_expansion(const Digest& digest, TableSum& sum, Processor processor) {
  switch (processor) {
    case Processor::avx512: return add_by_avx512(digest, sum);
    case Processor::avx2: return add_by_avx2(digest, sum);
    case Processor::any: return accumulate<true, 8>(digest, sum);
  }
}

void subtract_expansion(const Digest& digest, TableSum& sum, Processor processor) {
  switch (processor) {
    case Processor::avx512: return subtract_by_avx512(digest, sum);
    case Processor::avx2: return subtract_by_avx2(digest, sum);
    case Processor::any: return accumulate<false, 8>(digest, sum);
  }
}

}  // namespace reeve::state
