#include "whispyrkeep/keep.h"

#include <blueprints/whispyrkeep.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace whispyrkeep {

namespace {

constexpr std::string_view lore_index = "lore";

/// The id in a key of the index.
std::string id_of(const std::string& key) {
  return nlohmann::json::parse(key).at("chunk_id").get<std::string>();
}

std::string text_of(const nlohmann::json* value) { return value == nullptr ? "" : value->dump(); }

/// A name as a step of a path (RFC 6901).
std::string step_of(const std::string& name) {
  std::string step;
  for (const char letter : name) step += letter == '~' ? "~0" : letter == '/' ? "~1" : std::string(1, letter);
  return step;
}

const nlohmann::json* member_of(const nlohmann::json* object, const std::string& name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &*found;
}

const nlohmann::json* element_of(const nlohmann::json* list, std::size_t place) {
  return list != nullptr && list->is_array() && place < list->size() ? &(*list)[place] : nullptr;
}

bool is_of(const nlohmann::json* value, bool (nlohmann::json::*kind)() const noexcept) {
  return value == nullptr || (value->*kind)();
}

void compare(const std::string& path, const nlohmann::json* before, const nlohmann::json* after,
             std::vector<Difference>& out) {
  if (before != nullptr && after != nullptr && *before == *after) return;
  if (is_of(before, &nlohmann::json::is_object) && is_of(after, &nlohmann::json::is_object)) {
    std::map<std::string, int> names;
    for (const auto* side : {before, after})
      if (side != nullptr)
        for (const auto& [name, value] : side->items()) names[name] = 1;
    if (!names.empty()) {
      for (const auto& [name, there] : names)
        compare(path + "/" + step_of(name), member_of(before, name), member_of(after, name), out);
      return;
    }
  }
  if (is_of(before, &nlohmann::json::is_array) && is_of(after, &nlohmann::json::is_array)) {
    const std::size_t size =
        std::max(before == nullptr ? 0 : before->size(), after == nullptr ? 0 : after->size());
    for (std::size_t place = 0; place < size; ++place)
      compare(path + "/" + std::to_string(place), element_of(before, place), element_of(after, place), out);
    if (size > 0) return;
  }
  out.push_back({path, text_of(before), text_of(after)});
}

}  // namespace

std::optional<CampaignState> Keep::state_at(const std::string& campaign_id, std::int64_t turn_index) {
  const auto row =
      reeve::query_one(ledger_, queries::state_at_turn{.turn_index = turn_index, .campaign_id = campaign_id});
  if (!row) return std::nullopt;
  if (!row->state || row->state_hash != row->canonical_state_hash)
    throw reeve::Error(reeve::ErrorCode::corrupt,
                       "the turns up to " + std::to_string(turn_index) + " of the campaign " + campaign_id +
                           " do not give the state that turn " + std::to_string(turn_index) + " left",
                       "`wrong_turns` names the first; `reeve verify` says what was changed");
  return CampaignState{turn_index, row->state->text, *row->state_hash};
}

std::vector<Difference> Keep::difference(const std::string& campaign_id, std::int64_t from_turn,
                                         std::int64_t to_turn) {
  const auto before = state_at(campaign_id, from_turn);
  const auto after = state_at(campaign_id, to_turn);
  if (!before || !after)
    throw reeve::Error(reeve::ErrorCode::not_found, "the campaign " + campaign_id + " has no turn " +
                                                        std::to_string(before ? to_turn : from_turn));
  const nlohmann::json left = nlohmann::json::parse(before->state);
  const nlohmann::json right = nlohmann::json::parse(after->state);
  std::vector<Difference> differences;
  compare("", &left, &right, differences);
  return differences;
}

std::vector<Chunk> Keep::retrieve(const std::string& universe_id, const std::string& typed,
                                  const RetrieveOptions& options) {
  reeve::SearchOptions search;
  search.filters = {{"universe_id", universe_id}, {"is_active", "true"}};
  if (!options.chunk_type.empty()) search.filters.emplace_back("chunk_type", options.chunk_type);
  search.by = options.by;
  search.snippets = options.by != reeve::SearchBy::meaning;
  if (options.year) {
    search.filters.emplace_back("from_year? <=", std::to_string(*options.year));
    search.filters.emplace_back("to_year? >=", std::to_string(*options.year));
  }
  search.limit = static_cast<std::int64_t>(options.limit);
  const reeve::SearchAnswer answer = ledger_.search(lore_index, typed, search);
  nlohmann::json ids = nlohmann::json::array();
  std::map<std::string, const reeve::SearchHit*> hits;
  for (const reeve::SearchHit& hit : answer.hits) {
    ids.push_back(id_of(hit.key));
    hits[ids.back()] = &hit;
  }
  std::vector<Chunk> chunks;
  for (auto& row : reeve::query_all(ledger_, queries::chunks_by_id{.ids = reeve::Json{ids.dump()}})) {
    const reeve::SearchHit& hit = *hits.at(row.chunk_id);
    chunks.push_back({std::move(row.chunk_id), std::move(row.chunk_type), std::move(row.source_ref),
                      std::move(row.text), hit.score, hit.snippet});
  }
  return chunks;
}

}  // namespace whispyrkeep
