#include "base/sha256_many.h"

#include <reeve/error.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

// The vectors below pass between inlined functions only: no call ever has one in its interface.
#pragma GCC diagnostic ignored "-Wpsabi"

// A vector holds the same word of eight messages; each of its lanes is one message.

namespace reeve {

namespace {

using Words = std::uint32_t __attribute__((vector_size(32)));

constexpr std::size_t lanes = 8;
constexpr std::size_t block_bytes = 64;

constexpr std::array<std::uint32_t, 8> start_words{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

constexpr std::array<std::uint32_t, 64> round_words{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

struct Eight {
  Words state[8];
  const std::uint8_t* block[lanes];  ///< the next 64 bytes of each
};

template <int bits>
[[gnu::always_inline]] inline Words rotate_right(Words words) {
  return (words >> bits) | (words << (32 - bits));
}

[[gnu::always_inline]] inline void compress(Eight& eight) {
  Words w[16];
  for (std::size_t word = 0; word < 16; ++word) {
    std::uint32_t column[lanes];
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      std::uint32_t value = 0;
      std::memcpy(&value, eight.block[lane] + word * sizeof value, sizeof value);
      column[lane] = std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
    }
    std::memcpy(&w[word], column, sizeof w[word]);
  }
  Words v[8];
  std::memcpy(v, eight.state, sizeof v);
  for (std::size_t round = 0; round < round_words.size(); ++round) {
    Words& next = w[round % 16];
    if (round >= 16) {
      const Words early = w[(round + 1) % 16];
      const Words late = w[(round + 14) % 16];
      next += (rotate_right<7>(early) ^ rotate_right<18>(early) ^ (early >> 3)) + w[(round + 9) % 16] +
              (rotate_right<17>(late) ^ rotate_right<19>(late) ^ (late >> 10));
    }
    const Words chosen = (v[4] & v[5]) ^ (~v[4] & v[6]);
    const Words first = v[7] + (rotate_right<6>(v[4]) ^ rotate_right<11>(v[4]) ^ rotate_right<25>(v[4])) +
                        chosen + round_words[round] + next;
    const Words majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
    const Words second = (rotate_right<2>(v[0]) ^ rotate_right<13>(v[0]) ^ rotate_right<22>(v[0])) + majority;
    for (std::size_t i = 7; i > 0; --i) v[i] = v[i - 1];
    v[4] += first;
    v[0] = first + second;
  }
  for (int i = 0; i < 8; ++i) eight.state[i] += v[i];
}

REEVE_AVX512 void compress_by_avx512(Eight& eight) { compress(eight); }
REEVE_AVX2 void compress_by_avx2(Eight& eight) { compress(eight); }
void compress_by_any(Eight& eight) { compress(eight); }

using Compress = void (*)(Eight&);

Compress compress_by(Processor processor) {
  switch (processor) {
    case Processor::avx512: return compress_by_avx512;
    case Processor::avx2: return compress_by_avx2;
    case Processor::any: break;
  }
  return compress_by_any;
}

}  // namespace

void sha256_many(std::span<const std::uint8_t> messages, std::size_t message_bytes, std::span<Digest> digests,
                 Processor processor) {
  ensure(messages.size() == message_bytes * digests.size(), "a digest for each message");
  const Compress step = compress_by(processor);
  constexpr std::size_t length_bytes = 8;
  const std::size_t blocks = (message_bytes + 1 + length_bytes + block_bytes - 1) / block_bytes;
  // Each lane's message with its padding: 0x80, zeros, the length in bits.
  std::vector<std::uint8_t> padded(lanes * blocks * block_bytes, 0);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    std::uint8_t* end = padded.data() + (lane + 1) * blocks * block_bytes;
    padded[lane * blocks * block_bytes + message_bytes] = 0x80;
    for (std::size_t byte = 0; byte < length_bytes; ++byte) {
      *(end - 1 - byte) = static_cast<std::uint8_t>((message_bytes * 8) >> (8 * byte));
    }
  }
  for (std::size_t first = 0; first < digests.size(); first += lanes) {
    const std::size_t count = std::min(lanes, digests.size() - first);
    Eight eight;
    for (std::size_t word = 0; word < 8; ++word) eight.state[word] = Words{} + start_words[word];
    for (std::size_t lane = 0; lane < count && message_bytes > 0; ++lane) {
      std::memcpy(padded.data() + lane * blocks * block_bytes,
                  messages.data() + (first + lane) * message_bytes, message_bytes);
    }
    for (std::size_t block = 0; block < blocks; ++block) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        eight.block[lane] = padded.data() + (lane * blocks + block) * block_bytes;
      }
      step(eight);
    }
    for (std::size_t lane = 0; lane < count; ++lane) {
      for (std::size_t word = 0; word < 8; ++word) {
        const std::uint32_t value = eight.state[word][lane];
        for (std::size_t byte = 0; byte < 4; ++byte) {
          digests[first + lane][word * 4 + byte] = static_cast<std::uint8_t>(value >> (24 - 8 * byte));
        }
      }
    }
  }
}

}  // namespace reeve
