// Stories: scenes by words and by meaning.

#include "storyforge/stories.h"

#include <map>

namespace storyforge {

namespace {

constexpr std::string_view scenes_index = "scenes";

std::string key_of(const std::string& node_id) {
  return reeve::JsonMembers().add("node_id", node_id).object();
}

/// The id in such a key.
std::string id_of(const std::string& key) {
  constexpr std::string_view begin = R"({"node_id":")";
  return key.substr(begin.size(), key.size() - begin.size() - 2);
}

}  // namespace

Found Stories::scenes_of(const std::string& typed, const reeve::SearchOptions& options) {
  ++questions_;
  const reeve::SearchAnswer answer = ledger_.search(scenes_index, typed, options);
  std::vector<std::string> ids;
  for (const reeve::SearchHit& hit : answer.hits) ids.push_back(id_of(hit.key));
  std::map<std::string, Node> by_id;
  for (Node& node : nodes(ids)) by_id.emplace(node.node_id, std::move(node));
  Found found{.scenes = {}, .matches = answer.matches};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto node = by_id.find(ids[i]);
    if (node == by_id.end()) continue;
    found.scenes.push_back({std::move(node->second), answer.hits[i].score, answer.hits[i].snippet});
  }
  return found;
}

Found Stories::find(const std::string& story_id, const std::string& typed, const FindOptions& options) {
  reeve::SearchOptions search;
  search.limit = options.limit;
  search.filters = {{"story_id", story_id}, {"is_deleted", "false"}};
  search.snippets = options.snippets;
  search.by = options.by;
  if (!options.lineage_of.empty()) search.lineage = key_of(options.lineage_of);
  return scenes_of(typed, search);
}

Found Stories::similar(const std::string& node_id, std::int64_t limit, bool in_lineage) {
  const auto of = node(node_id);
  if (!of) throw reeve::Error(reeve::ErrorCode::not_found, "there is no node " + node_id);
  reeve::SearchOptions search;
  search.limit = limit;
  search.filters = {{"story_id", of->story_id}, {"is_deleted", "false"}};
  search.by = reeve::SearchBy::meaning;
  search.like = key_of(node_id);
  if (in_lineage) search.lineage = key_of(node_id);
  return scenes_of("", search);
}

}  // namespace storyforge
