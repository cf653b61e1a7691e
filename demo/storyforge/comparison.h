#pragma once
// What two branches of a story do not share.

#include "storyforge/types.h"

#include <string>
#include <utility>
#include <vector>

namespace storyforge {

/// A node of one branch and its counterpart of the other: one is a copy of the other (Stories::fork), or both are copies of
/// the same.
struct Counterparts {
  Node left;
  Node right;
};

/// A branch is the way from the fork down to a node and, where neither node hangs on the other, all that hangs on it.
/// Depths count from the fork.
struct Comparison {
  Node fork;  ///< the deepest node that both hang on, or the one of the two that the other hangs on
  std::vector<NodeAtDepth> left_alone;  ///< level by level
  std::vector<NodeAtDepth> right_alone;
  std::vector<Counterparts> changed;  ///< whose text or choice differ
  std::vector<Counterparts> equal;

  bool differs() const { return !left_alone.empty() || !right_alone.empty() || !changed.empty(); }
};

/// A node of a branch before it is matched; origin is the node that it was copied of, or itself.
struct BranchNode {
  NodeAtDepth at;
  std::string origin;
};

/// Matches the nodes of two branches by their origins, each with one.
Comparison match_branches(Node fork, std::vector<BranchNode> left, std::vector<BranchNode> right);

}  // namespace storyforge
