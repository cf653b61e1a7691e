#include "journal/merkle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace reeve::journal {
namespace {

std::vector<Digest> hashes_of(std::size_t count) {
  std::vector<Digest> leaves(count);
  std::vector<Digest> hashes(count);
  for (std::size_t i = 0; i < count; ++i) {
    leaves[i].fill(static_cast<std::uint8_t>(i));
    leaves[i][0] = static_cast<std::uint8_t>(i >> 8U);
  }
  leaf_hashes(leaves, hashes);
  return hashes;
}

/// RFC 9162, 2.1.1, word for word.
Digest root_by_definition(std::span<const Digest> leaves) {
  if (leaves.empty()) return empty_root();
  if (leaves.size() == 1) return leaves.front();
  std::size_t split = 1;
  while (split * 2 < leaves.size()) split *= 2;
  return node_hash(root_by_definition(leaves.first(split)), root_by_definition(leaves.subspan(split)));
}

MerkleTree tree_of(const std::vector<Digest>& leaves, int tile_bits) {
  return MerkleTree(
      [&leaves](std::int64_t first, std::span<Digest> out) {
        std::copy_n(leaves.begin() + first, out.size(), out.begin());
      },
      tile_bits);
}

/// The eight leaves, and the roots of each size, of the test data that certificate transparency's programs share.
TEST(merkle, gives_the_roots_of_certificate_transparencys_test_data) {
  const std::vector<std::string> leaves{"",
                                        std::string(1, '\0'),
                                        "\x10",
                                        "\x20\x21",
                                        "\x30\x31",
                                        "\x40\x41\x42\x43",
                                        "\x50\x51\x52\x53\x54\x55\x56\x57",
                                        "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  EXPECT_EQ(to_hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  std::vector<Digest> hashes;
  for (const std::string& leaf : leaves) hashes.push_back(leaf_hash(leaf));
  EXPECT_EQ(to_hex(hashes.front()), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  MerkleTree tree = tree_of(hashes, 1);
  tree.grow(8);
  EXPECT_EQ(to_hex(tree.root(8)), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(merkle, gives_roots_by_definition_at_every_size_and_width_of_tiles) {
  const std::vector<Digest> leaves = hashes_of(300);
  for (const int tile_bits : {0, 1, 3, 10}) {
    MerkleTree tree = tree_of(leaves, tile_bits);
    GrowingRoot growing;
    EXPECT_EQ(growing.root(), empty_root());
    for (std::size_t size = 1; size <= leaves.size(); ++size) {
      tree.grow(static_cast<std::int64_t>(size));
      growing.append(leaves[size - 1]);
      const Digest expected = root_by_definition(std::span(leaves).first(size));
      ASSERT_EQ(tree.root(static_cast<std::int64_t>(size)), expected) << size << " leaves";
      ASSERT_EQ(growing.root(), expected) << size << " leaves";
      const std::size_t earlier = size * 2 / 3;
      ASSERT_EQ(tree.root(static_cast<std::int64_t>(earlier)),
                root_by_definition(std::span(leaves).first(earlier)));
    }
  }
}

TEST(merkle, a_path_leads_from_its_leaf_to_its_root_and_no_other_does) {
  constexpr std::int64_t size_max = 66;
  const std::vector<Digest> leaves = hashes_of(size_max);
  MerkleTree tree = tree_of(leaves, 3);
  tree.grow(size_max);
  for (std::int64_t size = 1; size <= size_max; ++size) {
    const Digest root = tree.root(size);
    for (std::int64_t index = 0; index < size; ++index) {
      const auto leaf = leaves[static_cast<std::size_t>(index)];
      std::vector<Digest> path = tree.inclusion_path(index, size);
      ASSERT_EQ(root_of_inclusion(leaf, index, size, path), root) << index << " of " << size;
      for (std::int64_t other = -1; other <= size; ++other) {
        if (other == index) continue;
        ASSERT_NE(root_of_inclusion(leaf, other, size, path), root) << other << " for " << index;
      }
      for (Digest& node : path) {
        node[31] ^= 1U;
        ASSERT_NE(root_of_inclusion(leaf, index, size, path), root);
        node[31] ^= 1U;
      }
      path.push_back(root);
      ASSERT_EQ(root_of_inclusion(leaf, index, size, path), std::nullopt);
      path.pop_back();
      if (!path.empty()) {
        path.pop_back();
        ASSERT_EQ(root_of_inclusion(leaf, index, size, path), std::nullopt);
      }
    }
  }
}

TEST(merkle, a_consistency_path_holds_for_its_trees_and_for_no_rewritten_one) {
  constexpr std::int64_t size_max = 50;
  const std::vector<Digest> leaves = hashes_of(size_max);
  MerkleTree tree = tree_of(leaves, 2);
  tree.grow(size_max);
  for (std::int64_t size = 1; size <= size_max; ++size) {
    for (std::int64_t first = 1; first <= size; ++first) {
      std::vector<Digest> path = tree.consistency_path(first, size);
      const Digest older = tree.root(first);
      const Digest newer = tree.root(size);
      ASSERT_TRUE(is_consistent(first, older, size, newer, path)) << first << " to " << size;
      // Any one leaf of the older tree rewritten gives another older root.
      std::vector<Digest> rewritten = leaves;
      rewritten[static_cast<std::size_t>(first / 2)][0] ^= 1U;
      const Digest other = root_by_definition(std::span(rewritten).first(static_cast<std::size_t>(first)));
      ASSERT_FALSE(is_consistent(first, other, size, newer, path));
      const Digest after = root_by_definition(std::span(rewritten).first(static_cast<std::size_t>(size)));
      ASSERT_FALSE(is_consistent(first, older, size, after, path));
      for (Digest& node : path) {
        node[0] ^= 1U;
        ASSERT_FALSE(is_consistent(first, older, size, newer, path));
        node[0] ^= 1U;
      }
      path.push_back(newer);
      ASSERT_FALSE(is_consistent(first, older, size, newer, path));
      path.pop_back();
      ASSERT_FALSE(is_consistent(first + 1, older, size, newer, path));
    }
  }
}

}  // namespace
}  // namespace reeve::journal
