#pragma once
// The Merkle tree over a journal's chain hashes, and paths in it: RFC 9162 (the same as RFC 6962), section 2.1.

#include "base/hash.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace reeve::journal {

/// SHA-256(0x00 leaf).
Digest leaf_hash(std::string_view leaf);
/// The same of many leaves of 32 bytes.
void leaf_hashes(std::span<const Digest> leaves, std::span<Digest> hashes);
/// SHA-256(0x01 left right).
Digest node_hash(const Digest& left, const Digest& right);
/// The root of a tree without leaves: SHA-256 of nothing.
Digest empty_root();

/// What the path leads to from a leaf of a tree of so many leaves; nothing when the path has another length than
/// such a leaf's. `index` counts from 0. (2.1.3.2)
std::optional<Digest> root_of_inclusion(const Digest& leaf_hash, std::int64_t index, std::int64_t size,
                                        std::span<const Digest> path);
/// Whether the path shows that the first tree is what the second one began as. (2.1.4.2)
bool is_consistent(std::int64_t first_size, const Digest& first_root, std::int64_t second_size,
                   const Digest& second_root, std::span<const Digest> path);

/// The root of leaves that come one after the other. Memory: 32 bytes for each doubling of their number.
class GrowingRoot {
 public:
  void append(const Digest& leaf_hash);
  Digest root() const;

 private:
  std::int64_t size_ = 0;
  std::vector<Digest>
      full_;  ///< roots of the full subtrees from the left: one for each bit that is set in the size
};

/// A tree of leaves that are read when they are needed. It keeps the hash of each full tile, 2^tile_bits leaves
/// wide, and what is above: 64 bytes a tile. Everything below is computed again. Not thread-safe.
class MerkleTree {
 public:
  /// Gives the leaf hashes from `first` (counted from 0) on.
  using LeafReader = std::function<void(std::int64_t first, std::span<Digest> hashes)>;

  explicit MerkleTree(LeafReader read, int tile_bits = 10);

  std::int64_t size() const { return size_; }
  /// Reads the leaves up to a greater size.
  void grow(std::int64_t size);
  /// Of the first `size` leaves. Precondition: no more than there are; the same below.
  Digest root(std::int64_t size);
  /// Of a leaf in the tree of the first `size`. Precondition: 0 <= index < size. (2.1.3.1)
  std::vector<Digest> inclusion_path(std::int64_t index, std::int64_t size);
  /// Precondition: 0 <= first_size <= size. (2.1.4.1)
  std::vector<Digest> consistency_path(std::int64_t first_size, std::int64_t size);

 private:
  std::span<const Digest> tile(std::int64_t first, std::int64_t end);
  Digest range(std::int64_t first, std::int64_t end);
  void find_path(std::int64_t index, std::int64_t first, std::int64_t end, std::vector<Digest>& path);
  void find_consistency(std::int64_t first_size, std::int64_t first, std::int64_t end, bool is_whole,
                        std::vector<Digest>& path);

  LeafReader read_;
  int tile_bits_;
  std::int64_t size_ = 0;
  std::vector<std::vector<Digest>> levels_;  ///< of full subtrees: tiles, pairs of tiles, and so on
  std::vector<Digest> tile_;                 ///< leaf hashes of the tile that was read last
  std::int64_t tile_first_ = -1;
};

}  // namespace reeve::journal
