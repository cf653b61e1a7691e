#include "storyforge/document_tree.h"

#include "storyforge/document_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

namespace storyforge {

namespace {

using Places = std::map<std::string_view, std::size_t>;

/// Where each id stands; a second time is refused.
template <typename Items, typename Id>
Places places_of(const Items& items, std::string_view array, std::string_view member, const Id& id) {
  Places places;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto [first, is_new] = places.emplace(id(items[i]), i);
    if (!is_new) {
      refuse(fmt::format("/{}/{}/{}", array, i, member),
             fmt::format("/{}/{} has the same", array, first->second), "each stands in a document once");
    }
  }
  return places;
}

std::string member_of_node(std::size_t node, std::string_view member) {
  return fmt::format("/nodes/{}/{}", node, member);
}

/// One root, and every other node on a node of the document.
std::size_t check_parents(const std::vector<Node>& nodes, const Places& places) {
  std::optional<std::size_t> root;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    if (node.type == NodeType::root) {
      if (root) {
        refuse(member_of_node(i, "node_type"), fmt::format("/nodes/{} is a root already", *root),
               "a story has one root; hang the other on it");
      }
      if (node.parent_id) refuse(member_of_node(i, "parent_id"), "a root hangs on nothing", "leave it out");
      root = i;
    } else if (!node.parent_id) {
      refuse(member_of_node(i, "parent_id"), "is missing",
             "say which node it hangs on; the root alone hangs on none");
    } else if (!places.contains(*node.parent_id)) {
      refuse(member_of_node(i, "parent_id"),
             fmt::format("there is no node {} in the document", *node.parent_id),
             "add that node, or hang this one on another");
    }
  }
  if (!root) refuse("/nodes", "there is no root", "one node has node_type \"root\"");
  return *root;
}

std::vector<std::vector<std::size_t>> children_of(const std::vector<Node>& nodes, const Places& places) {
  std::vector<std::vector<std::size_t>> children(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].parent_id) children[places.at(*nodes[i].parent_id)].push_back(i);
  }
  const auto older = [&](std::size_t left, std::size_t right) {
    return std::tie(nodes[left].created_at, nodes[left].node_id) <
           std::tie(nodes[right].created_at, nodes[right].node_id);
  };
  for (auto& siblings : children) std::sort(siblings.begin(), siblings.end(), older);
  return children;
}

/// The root, and each node before what hangs on it. Deep stories need no deep stack.
std::vector<std::size_t> walk(const std::vector<std::vector<std::size_t>>& children, std::size_t root) {
  std::vector<std::size_t> order;
  std::vector<std::size_t> waiting = {root};
  while (!waiting.empty()) {
    const std::size_t node = waiting.back();
    waiting.pop_back();
    order.push_back(node);
    waiting.insert(waiting.end(), children[node].rbegin(), children[node].rend());
  }
  return order;
}

Places places_of_nodes(const std::vector<Node>& nodes) {
  return places_of(nodes, "nodes", "node_id",
                   [](const Node& node) { return std::string_view(node.node_id); });
}

/// A node that no way from the root leads to hangs on itself, or on one that does.
void check_tree(const std::vector<Node>& nodes, const Places& places) {
  const std::size_t root = check_parents(nodes, places);
  const std::vector<std::size_t> order = walk(children_of(nodes, places), root);
  if (order.size() == nodes.size()) return;
  std::vector<bool> reached(nodes.size(), false);
  for (const std::size_t node : order) reached[node] = true;
  const auto first = std::find(reached.begin(), reached.end(), false);
  refuse(member_of_node(static_cast<std::size_t>(first - reached.begin()), "parent_id"),
         "the way up from here leads back to itself and never to the root",
         "hang one of the nodes on this way on another node");
}

}  // namespace

void check_references(const StoryDocument& document) {
  const Places nodes = places_of_nodes(document.nodes);
  check_tree(document.nodes, nodes);
  if (document.current_leaf && !nodes.contains(document.current_leaf->node_id)) {
    refuse("/current_leaf/node_id",
           fmt::format("there is no node {} in the document", document.current_leaf->node_id),
           "name one of the nodes, or leave current_leaf out");
  }
  places_of(document.world, "world_entries", "entry_id",
            [](const TimedEntry& of) { return std::string_view(of.entry.entry_id); });
  places_of(document.world, "world_entries", "name",
            [](const TimedEntry& of) { return std::string_view(of.entry.name); });
  places_of(document.assets, "assets", "asset_id",
            [](const Asset& of) { return std::string_view(of.asset_id); });
  places_of(document.assets, "assets", "file", [](const Asset& of) { return std::string_view(of.file); });
  for (std::size_t i = 0; i < document.assets.size(); ++i) {
    if (!nodes.contains(document.assets[i].node_id)) {
      refuse(fmt::format("/assets/{}/node_id", i),
             fmt::format("there is no node {} in the document", document.assets[i].node_id),
             "name one of the nodes, or leave the image out");
    }
  }
}

void arrange(StoryDocument& document) {
  std::vector<Node>& nodes = document.nodes;
  const Places places = places_of_nodes(nodes);
  const auto root =
      std::find_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.type == NodeType::root; });
  const std::vector<std::size_t> order =
      walk(children_of(nodes, places), static_cast<std::size_t>(root - nodes.begin()));
  std::vector<Node> arranged;
  arranged.reserve(nodes.size());
  for (const std::size_t node : order) {
    arranged.push_back(std::move(nodes[node]));
    arranged.back().story_id = document.story.story_id;
  }
  nodes = std::move(arranged);
  std::sort(document.world.begin(), document.world.end(),
            [](const TimedEntry& left, const TimedEntry& right) {
              return std::tie(left.entry.entry_type, left.entry.name) <
                     std::tie(right.entry.entry_type, right.entry.name);
            });
  std::sort(document.assets.begin(), document.assets.end(),
            [](const Asset& left, const Asset& right) { return left.file < right.file; });
}

}  // namespace storyforge
