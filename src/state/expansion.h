#pragma once
// The expansion of a row's digest to 1024 lanes of 16 bits, added to or subtracted from a sum in one pass.
//
// It is the key stream of ChaCha (Bernstein 2008) with 8 rounds, key = digest, nonce 0, 64-bit counter from 0,
// 32 blocks, in an order that needs no transposition of vectors: blocks go in groups of eight; within a group
// come the first words of its eight blocks, then their second words, and so on. Each word is 4 bytes,
// little-endian, and gives two lanes. What is needed of it is what a lattice hash needs: that expansions of
// different digests look independent; 8 rounds are a wide margin there (Aumasson, "Too Much Crypto", 2019).

#include "base/hash.h"
#include "base/processor.h"

#include <array>
#include <cstdint>

namespace reeve::state {

inline constexpr int lanes = 1024;

/// Aligned for vector instructions.
struct alignas(64) TableSum {
  std::array<std::uint16_t, lanes> lane{};
  bool operator==(const TableSum&) const = default;
  const void* data() const { return lane.data(); }
  void* data() { return lane.data(); }
};
static_assert(sizeof(TableSum) == 2048);

/// `processor` is one of processors().
void add_expansion(const Digest& digest, TableSum& sum, Processor processor = best_processor());
void subtract_expansion(const Digest& digest, TableSum& sum, Processor processor = best_processor());

}  // namespace reeve::state
