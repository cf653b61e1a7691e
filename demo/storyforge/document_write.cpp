#include "storyforge/document.h"

#include "base/json.h"

#include <fmt/format.h>

namespace storyforge {

namespace {

/// Deeper than any metadata that a payload takes.
constexpr int depth_max = 128;

template <typename Items, typename Write>
reeve::Json json_array(const Items& items, const Write& write) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + write(item);
  return {"[" + text + "]"};
}

reeve::Json story_json(const Story& story) {
  return reeve::JsonMembers()
      .add("story_id", story.story_id)
      .add("owner", story.owner)
      .add("title", story.title)
      .add("genre", story.genre)
      .add("description", story.description)
      .add("status", story.status)
      .add("context_depth", story.context_depth)
      .add("metadata", story.metadata)
      .add("version", story.version)
      .add("created_at", story.created_at)
      .add("updated_at", story.updated_at)
      .json();
}

std::optional<reeve::Json> leaf_json(const std::optional<Leaf>& leaf) {
  if (!leaf) return std::nullopt;
  return reeve::JsonMembers()
      .add("node_id", leaf->node_id)
      .add("created_at", leaf->created_at)
      .add("updated_at", leaf->updated_at)
      .json();
}

std::string node_json(const Node& node) {
  return reeve::JsonMembers()
      .add("node_id", node.node_id)
      .add("parent_id", node.parent_id)
      .add("node_type", name_of(node.type))
      .add("content", node.content)
      .add("summary", node.summary)
      .add("summary_is_stale", node.summary_is_stale)
      .add("choice_text", node.choice_text)
      .add("metadata", node.metadata)
      .add("version", node.version)
      .add("created_at", node.created_at)
      .add("updated_at", node.updated_at)
      .object();
}

std::string entry_json(const TimedEntry& of) {
  return reeve::JsonMembers()
      .add("entry_id", of.entry.entry_id)
      .add("entry_type", of.entry.entry_type)
      .add("name", of.entry.name)
      .add("description", of.entry.description)
      .add("version", of.entry.version)
      .add("created_at", of.created_at)
      .add("updated_at", of.updated_at)
      .object();
}

std::string asset_json(const Asset& asset) {
  return reeve::JsonMembers()
      .add("asset_id", asset.asset_id)
      .add("node_id", asset.node_id)
      .add("file", asset.file)
      .add("media_type", asset.media_type)
      .add("bytes", asset.bytes)
      .add("sha256", asset.sha256)
      .add("created_at", asset.created_at)
      .add("updated_at", asset.updated_at)
      .object();
}

reeve::JsonMembers parts_of(const StoryDocument& document) {
  return reeve::JsonMembers()
      .add("story", story_json(document.story))
      .add("nodes", json_array(document.nodes, node_json))
      .add("current_leaf", leaf_json(document.current_leaf))
      .add("world_entries", json_array(document.world, entry_json))
      .add("assets", json_array(document.assets, asset_json));
}

std::string canonical(const std::string& text) {
  // Nothing is refused for its size that a ledger holds: a document may be large.
  return reeve::json::canonical(text, {.bytes_max = text.size(), .depth_max = depth_max});
}

template <typename Items, typename Write>
std::string difference_of(const Items& left, const Items& right, const Write& write, std::string_view array) {
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    if (canonical(write(left[i])) != canonical(write(right[i]))) return fmt::format("/{}/{}", array, i);
  }
  if (left.size() != right.size()) return fmt::format("/{}/{}", array, std::min(left.size(), right.size()));
  return "";
}

}  // namespace

std::string write_document(const StoryDocument& document) {
  return canonical(
      parts_of(document).add("format", "storyforge.story").add("version", document_version).object());
}

std::string import_parameters(const StoryDocument& document) { return parts_of(document).object(); }

std::string first_difference(const StoryDocument& left, const StoryDocument& right) {
  if (canonical(story_json(left.story).text) != canonical(story_json(right.story).text)) return "/story";
  const auto left_leaf = leaf_json(left.current_leaf);
  if (left_leaf != leaf_json(right.current_leaf)) return "/current_leaf";
  std::string found = difference_of(left.nodes, right.nodes, node_json, "nodes");
  if (found.empty()) found = difference_of(left.world, right.world, entry_json, "world_entries");
  if (found.empty()) found = difference_of(left.assets, right.assets, asset_json, "assets");
  return found;
}

}  // namespace storyforge
