#include "base/hash_many.h"

#include <reeve/error.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

// The vectors below pass between inlined functions only: no call ever has one in its interface.
#pragma GCC diagnostic ignored "-Wpsabi"

// BLAKE2b is RFC 7693. A vector holds the same word of four messages; each of its lanes is one message.

namespace reeve {

namespace {

using Words = std::uint64_t __attribute__((vector_size(32)));

constexpr std::size_t lanes = 4;
constexpr std::size_t block_bytes = 128;
constexpr int rounds = 12;

constexpr std::uint64_t start_words[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                          0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                          0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
/// The parameters of a digest of 32 bytes without key, sequential.
constexpr std::uint64_t parameters = 0x01010020;

constexpr int order_of_words[10][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                        {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
                                        {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
                                        {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
                                        {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
                                        {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
                                        {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
                                        {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
                                        {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
                                        {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

template <int bits>
[[gnu::always_inline]] inline Words rotate_right(Words words) {
  return (words >> bits) | (words << (64 - bits));
}

[[gnu::always_inline]] inline void mix(Words& a, Words& b, Words& c, Words& d, Words x, Words y) {
  a += b + x;
  d = rotate_right<32>(d ^ a);
  c += d;
  b = rotate_right<24>(b ^ c);
  a += b + y;
  d = rotate_right<16>(d ^ a);
  c += d;
  b = rotate_right<63>(b ^ c);
}

template <int round>
[[gnu::always_inline]] inline void mix_round(Words (&v)[16], const Words (&m)[16]) {
  constexpr const int(&order)[16] = order_of_words[round % 10];
  mix(v[0], v[4], v[8], v[12], m[order[0]], m[order[1]]);
  mix(v[1], v[5], v[9], v[13], m[order[2]], m[order[3]]);
  mix(v[2], v[6], v[10], v[14], m[order[4]], m[order[5]]);
  mix(v[3], v[7], v[11], v[15], m[order[6]], m[order[7]]);
  mix(v[0], v[5], v[10], v[15], m[order[8]], m[order[9]]);
  mix(v[1], v[6], v[11], v[12], m[order[10]], m[order[11]]);
  mix(v[2], v[7], v[8], v[13], m[order[12]], m[order[13]]);
  mix(v[3], v[4], v[9], v[14], m[order[14]], m[order[15]]);
}

template <int... round>
[[gnu::always_inline]] inline void mix_rounds(Words (&v)[16], const Words (&m)[16],
                                              std::integer_sequence<int, round...>) {
  (mix_round<round>(v, m), ...);
}

/// Four messages side by side.
struct Four {
  Words state[8];
  const char* block[lanes];        ///< the next 128 bytes of each
  std::uint64_t hashed[lanes]{};   ///< bytes, the next block counted in
  std::uint64_t is_last[lanes]{};  ///< all bits when the next block is the message's last, else none
  std::uint64_t is_done[lanes]{};  ///< all bits after its last block: its state stays
};

/// Word i of all four blocks in out[i].
[[gnu::always_inline]] inline void transpose(const Four& four, Words (&out)[16]) {
  static_assert(std::endian::native == std::endian::little);
  for (std::size_t part = 0; part < 4; ++part) {
    Words row[lanes];
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      std::memcpy(&row[lane], four.block[lane] + part * sizeof(Words), sizeof(Words));
    }
    const Words low01 = __builtin_shufflevector(row[0], row[1], 0, 4, 2, 6);
    const Words high01 = __builtin_shufflevector(row[0], row[1], 1, 5, 3, 7);
    const Words low23 = __builtin_shufflevector(row[2], row[3], 0, 4, 2, 6);
    const Words high23 = __builtin_shufflevector(row[2], row[3], 1, 5, 3, 7);
    out[part * 4 + 0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
    out[part * 4 + 1] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
    out[part * 4 + 2] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
    out[part * 4 + 3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
  }
}

[[gnu::always_inline]] inline Words load(const std::uint64_t (&words)[lanes]) {
  Words vector;
  std::memcpy(&vector, words, sizeof vector);
  return vector;
}

[[gnu::always_inline]] inline void compress(Four& four) {
  Words m[16];
  transpose(four, m);
  Words v[16];
  for (int i = 0; i < 8; ++i) {
    v[i] = four.state[i];
    v[8 + i] = Words{} + start_words[i];
  }
  v[12] ^= load(four.hashed);
  v[14] ^= load(four.is_last);
  mix_rounds(v, m, std::make_integer_sequence<int, rounds>());
  const Words goes_on = ~load(four.is_done);
  for (int i = 0; i < 8; ++i) {
    four.state[i] ^= (v[i] ^ v[8 + i]) & goes_on;
  }
}

REEVE_AVX512 void compress_by_avx512(Four& four) { compress(four); }
REEVE_AVX2 void compress_by_avx2(Four& four) { compress(four); }
void compress_by_any(Four& four) { compress(four); }

using Compress = void (*)(Four&);

Compress compress_by(Processor processor) {
  switch (processor) {
    case Processor::avx512: return compress_by_avx512;
    case Processor::avx2: return compress_by_avx2;
    case Processor::any: break;
  }
  return compress_by_any;
}

/// Up to four messages.
void hash_four(std::span<const std::string_view> messages, std::span<Digest> digests, Compress step) {
  static constexpr char nothing[block_bytes]{};
  char tails[lanes][block_bytes];  // the last blocks, filled up with zeros
  Four four;
  for (int i = 0; i < 8; ++i) {
    four.state[i] = Words{} + (i == 0 ? start_words[i] ^ parameters : start_words[i]);
  }
  std::size_t blocks = 1;
  for (const std::string_view message : messages) {
    blocks = std::max(blocks, (message.size() + block_bytes - 1) / block_bytes);
  }
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t from = block * block_bytes;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::string_view message = lane < messages.size() ? messages[lane] : std::string_view();
      if (from + block_bytes < message.size()) {
        four.block[lane] = message.data() + from;
        four.hashed[lane] = from + block_bytes;
      } else if (from < message.size() || block == 0) {
        four.block[lane] = tails[lane];
        std::memset(tails[lane], 0, block_bytes);
        if (!message.empty()) {
          std::memcpy(tails[lane], message.data() + from, message.size() - from);
        }
        four.hashed[lane] = message.size();
        four.is_last[lane] = ~std::uint64_t{0};
      } else {
        four.block[lane] = nothing;
        four.is_done[lane] = ~std::uint64_t{0};
      }
    }
    step(four);
  }
  for (std::size_t lane = 0; lane < messages.size(); ++lane) {
    for (std::size_t word = 0; word < sizeof(Digest) / sizeof(std::uint64_t); ++word) {
      const std::uint64_t value = four.state[word][lane];
      std::memcpy(digests[lane].data() + word * sizeof value, &value, sizeof value);
    }
  }
}

}  // namespace

void hash_many(std::span<const std::string_view> messages, std::span<Digest> digests, Processor processor) {
  ensure(messages.size() == digests.size(), "a digest for each message");
  const Compress step = compress_by(processor);
  for (std::size_t first = 0; first < messages.size(); first += lanes) {
    const std::size_t count = std::min(lanes, messages.size() - first);
    if (count == 1) {
      const auto* bytes = reinterpret_cast<const unsigned char*>(messages[first].data());
      crypto_generichash_blake2b(digests[first].data(), sizeof(Digest), bytes, messages[first].size(),
                                 nullptr, 0);
      continue;
    }
    hash_four(messages.subspan(first, count), digests.subspan(first, count), step);
  }
}

}  // namespace reeve
