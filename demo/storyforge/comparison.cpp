#include "storyforge/comparison.h"

#include <map>

namespace storyforge {

Comparison match_branches(Node fork, std::vector<BranchNode> left, std::vector<BranchNode> right) {
  Comparison comparison{
      .fork = std::move(fork), .left_alone = {}, .right_alone = {}, .changed = {}, .equal = {}};
  std::multimap<std::string, std::size_t> by_origin;
  for (std::size_t i = 0; i < right.size(); ++i) by_origin.emplace(right[i].origin, i);
  std::vector<bool> matched(right.size(), false);
  for (BranchNode& of : left) {
    const auto found = by_origin.find(of.origin);
    if (found == by_origin.end()) {
      comparison.left_alone.push_back(std::move(of.at));
      continue;
    }
    Node& other = right[found->second].at.node;
    matched[found->second] = true;
    by_origin.erase(found);
    const bool equal = of.at.node.content == other.content && of.at.node.choice_text == other.choice_text;
    (equal ? comparison.equal : comparison.changed).push_back({std::move(of.at.node), std::move(other)});
  }
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (!matched[i]) comparison.right_alone.push_back(std::move(right[i].at));
  }
  return comparison;
}

}  // namespace storyforge
