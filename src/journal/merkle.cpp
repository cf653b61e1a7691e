#include "journal/merkle.h"

#include "base/sha256_many.h"

#include <reeve/error.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace reeve::journal {

namespace {

/// The largest power of two below n. Precondition: n > 1.
std::int64_t split_of(std::int64_t n) {
  return static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(n - 1)));
}

/// The hashes of neighbours, two by two, and of a last one without neighbour itself: a level upwards.
void fold_level(std::vector<Digest>& level) {
  constexpr std::size_t message_bytes = 1 + 2 * sizeof(Digest);
  const std::size_t pairs = level.size() / 2;
  std::vector<std::uint8_t> messages(pairs * message_bytes);
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    messages[pair * message_bytes] = 1;
    std::memcpy(&messages[pair * message_bytes + 1], level[2 * pair].data(), 2 * sizeof(Digest));
  }
  if (level.size() % 2 != 0) level[pairs] = level.back();
  sha256_many(messages, message_bytes, std::span(level).first(pairs));
  if (level.size() % 2 != 0) {
    level.resize(pairs + 1);
  } else {
    level.resize(pairs);
  }
}

}  // namespace

Digest leaf_hash(std::string_view leaf) { return sha256('\0' + std::string(leaf)); }

void leaf_hashes(std::span<const Digest> leaves, std::span<Digest> hashes) {
  constexpr std::size_t message_bytes = 1 + sizeof(Digest);
  std::vector<std::uint8_t> messages(leaves.size() * message_bytes, 0);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    std::memcpy(&messages[i * message_bytes + 1], leaves[i].data(), sizeof(Digest));
  }
  sha256_many(messages, message_bytes, hashes);
}

Digest node_hash(const Digest& left, const Digest& right) {
  std::string message(1, '\1');
  message.append(reinterpret_cast<const char*>(left.data()), left.size());
  message.append(reinterpret_cast<const char*>(right.data()), right.size());
  return sha256(message);
}

Digest empty_root() { return sha256({}); }

std::optional<Digest> root_of_inclusion(const Digest& leaf_hash, std::int64_t index, std::int64_t size,
                                        std::span<const Digest> path) {
  if (index < 0 || index >= size) {
    return std::nullopt;
  }
  Digest root = leaf_hash;
  std::int64_t last = size - 1;
  for (const Digest& sibling : path) {
    if (last == 0) {
      return std::nullopt;
    }
    if ((index & 1) != 0 || index == last) {
      root = node_hash(sibling, root);
      while ((index & 1) == 0 && index != 0) {
        index >>= 1;
        last >>= 1;
      }
    } else {
      root = node_hash(root, sibling);
    }
    index >>= 1;
    last >>= 1;
  }
  return last == 0 ? std::optional(root) : std::nullopt;
}

bool is_consistent(std::int64_t first_size, const Digest& first_root, std::int64_t second_size,
                   const Digest& second_root, std::span<const Digest> path) {
  if (first_size < 0 || first_size > second_size) {
    return false;
  }
  if (first_size == second_size) {
    return path.empty() && first_root == second_root;
  }
  if (first_size == 0) {
    return path.empty() && first_root == empty_root();
  }
  // A first tree that is full is a node of the second: its root begins the path, unsaid.
  const bool is_full = std::has_single_bit(static_cast<std::uint64_t>(first_size));
  if (!is_full && path.empty()) {
    return false;
  }
  Digest first = is_full ? first_root : path.front();
  Digest second = first;
  std::int64_t index = first_size - 1;
  std::int64_t last = second_size - 1;
  while ((index & 1) != 0) {
    index >>= 1;
    last >>= 1;
  }
  for (const Digest& node : path.subspan(is_full ? 0 : 1)) {
    if (last == 0) {
      return false;
    }
    if ((index & 1) != 0 || index == last) {
      first = node_hash(node, first);
      second = node_hash(node, second);
      while ((index & 1) == 0 && index != 0) {
        index >>= 1;
        last >>= 1;
      }
    } else {
      second = node_hash(second, node);
    }
    index >>= 1;
    last >>= 1;
  }
  return last == 0 && first == first_root && second == second_root;
}

void GrowingRoot::append(const Digest& leaf_hash) {
  Digest node = leaf_hash;
  for (std::int64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    node = node_hash(full_.back(), node);
    full_.pop_back();
  }
  full_.push_back(node);
  ++size_;
}

Digest GrowingRoot::root() const {
  if (full_.empty()) {
    return empty_root();
  }
  Digest root = full_.back();
  for (std::size_t i = full_.size() - 1; i > 0; --i) root = node_hash(full_[i - 1], root);
  return root;
}

MerkleTree::MerkleTree(LeafReader read, int tile_bits) : read_(std::move(read)), tile_bits_(tile_bits) {}

void MerkleTree::grow(std::int64_t size) {
  ensure(size >= size_, "a tree grows");
  const std::int64_t width = std::int64_t{1} << tile_bits_;
  const auto full = static_cast<std::size_t>(size >> tile_bits_);
  size_ = size;
  if (levels_.empty()) levels_.emplace_back();
  while (levels_.front().size() < full) {
    const auto first = static_cast<std::int64_t>(levels_.front().size()) * width;
    std::vector<Digest> level(static_cast<std::size_t>(width));
    read_(first, level);
    while (level.size() > 1) fold_level(level);
    levels_.front().push_back(level.front());
    for (std::size_t above = 0; levels_[above].size() % 2 == 0; ++above) {
      if (levels_.size() == above + 1) levels_.emplace_back();
      const std::vector<Digest>& below = levels_[above];
      levels_[above + 1].push_back(node_hash(below[below.size() - 2], below.back()));
    }
  }
  tile_first_ = -1;  // the last one may be longer now
}

/// The leaf hashes from first to end, which lie in one tile.
std::span<const Digest> MerkleTree::tile(std::int64_t first, std::int64_t end) {
  const std::int64_t tile_first = first >> tile_bits_ << tile_bits_;
  if (tile_first != tile_first_) {
    tile_.resize(static_cast<std::size_t>(std::min(std::int64_t{1} << tile_bits_, size_ - tile_first)));
    read_(tile_first, tile_);
    tile_first_ = tile_first;
  }
  return std::span(tile_).subspan(static_cast<std::size_t>(first - tile_first),
                                  static_cast<std::size_t>(end - first));
}

/// The hash of the leaves from first to end. `first` is a multiple of the power of two at or above the count.
Digest MerkleTree::range(std::int64_t first, std::int64_t end) {
  const auto count = static_cast<std::uint64_t>(end - first);
  if (count == 0) {
    return empty_root();
  }
  const int bits = std::countr_zero(count);
  if (std::has_single_bit(count) && bits >= tile_bits_) {
    return levels_[static_cast<std::size_t>(bits - tile_bits_)][static_cast<std::size_t>(first >> bits)];
  }
  if (count <= std::uint64_t{1} << tile_bits_) {
    const std::span<const Digest> leaves = tile(first, end);
    std::vector<Digest> level(leaves.begin(), leaves.end());
    while (level.size() > 1) fold_level(level);
    return level.front();
  }
  const std::int64_t middle = first + split_of(end - first);
  return node_hash(range(first, middle), range(middle, end));
}

Digest MerkleTree::root(std::int64_t size) {
  ensure(size >= 0 && size <= size_, "a tree has a root of each size up to its own");
  return range(0, size);
}

void MerkleTree::find_path(std::int64_t index, std::int64_t first, std::int64_t end,
                           std::vector<Digest>& path) {
  if (end - first == 1) {
    return;
  }
  const std::int64_t middle = first + split_of(end - first);
  if (index < middle) {
    find_path(index, first, middle, path);
    path.push_back(range(middle, end));
  } else {
    find_path(index, middle, end, path);
    path.push_back(range(first, middle));
  }
}

std::vector<Digest> MerkleTree::inclusion_path(std::int64_t index, std::int64_t size) {
  ensure(index >= 0 && index < size && size <= size_, "a path leads from a leaf of the tree");
  std::vector<Digest> path;
  find_path(index, 0, size, path);
  return path;
}

/// `is_whole`: the first tree is all of what the older root was made of (RFC 9162's b).
void MerkleTree::find_consistency(std::int64_t first_size, std::int64_t first, std::int64_t end,
                                  bool is_whole, std::vector<Digest>& path) {
  if (first_size == end) {
    if (!is_whole) path.push_back(range(first, end));
    return;
  }
  const std::int64_t middle = first + split_of(end - first);
  if (first_size <= middle) {
    find_consistency(first_size, first, middle, is_whole, path);
    path.push_back(range(middle, end));
  } else {
    find_consistency(first_size, middle, end, false, path);
    path.push_back(range(first, middle));
  }
}

std::vector<Digest> MerkleTree::consistency_path(std::int64_t first_size, std::int64_t size) {
  ensure(first_size >= 0 && first_size <= size && size <= size_, "an older tree is no larger");
  std::vector<Digest> path;
  if (first_size > 0 && first_size < size) {
    find_consistency(first_size, 0, size, true, path);
  }
  return path;
}

}  // namespace reeve::journal
