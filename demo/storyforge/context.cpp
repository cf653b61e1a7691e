#include "storyforge/context.h"

#include "words/analyser.h"

#include <algorithm>
#include <limits>

namespace storyforge {

namespace {

constexpr std::int64_t code_points_of_token = 4;
constexpr std::int64_t world_share = 4;  ///< the budget is divided by it

std::int64_t code_points(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; });
}

std::int64_t tokens_of(std::int64_t points) {
  return (points + code_points_of_token - 1) / code_points_of_token;
}

/// Adds up what is chosen.
class Chooser {
 public:
  Chooser(const std::vector<WorldEntry>& world, std::int64_t tokens)
      : world_(world), left_(std::max<std::int64_t>(tokens, 0)), analyser_("english") {
    for (const WorldEntry& entry : world) names_.push_back(analyser_.terms(entry.name));
    taken_.resize(world.size(), false);
  }

  /// False when there is no room for the scene in either form.
  bool take_scene(const ContextCandidate& candidate) {
    for (const bool in_full : {true, false}) {
      const std::string& text = in_full ? candidate.content : candidate.summary;
      if (text.empty()) continue;
      const std::int64_t tokens = tokens_of(code_points(text) + code_points(candidate.choice_text));
      if (tokens > left_) continue;
      left_ -= tokens;
      context_.tokens += tokens;
      context_.scenes.push_back(
          {candidate.node_id, candidate.type, candidate.choice_text, text, !in_full, tokens});
      return true;
    }
    return false;
  }

  /// World entries that a scene names, as they come in it, for at most so many tokens.
  void take_named(const ContextScene& scene, std::int64_t tokens_max) {
    std::int64_t room = std::min(tokens_max, left_);
    for (const std::size_t entry : named_in(scene)) {
      if (taken_[entry]) continue;
      const WorldEntry& of = world_[entry];
      const std::int64_t tokens = tokens_of(code_points(of.name) + code_points(of.description));
      if (tokens > room) continue;
      room -= tokens;
      left_ -= tokens;
      taken_[entry] = true;
      context_.tokens += tokens;
    }
  }

  const std::vector<ContextScene>& scenes() const { return context_.scenes; }

  Context finish(std::size_t candidates) {
    std::reverse(context_.scenes.begin(), context_.scenes.end());
    std::vector<bool> shown(world_.size(), false);
    for (const ContextScene& scene : context_.scenes) {
      for (const std::size_t entry : named_in(scene)) {
        if (!taken_[entry] || shown[entry]) continue;
        shown[entry] = true;
        const WorldEntry& of = world_[entry];
        context_.world.push_back({of.entry_id, of.entry_type, of.name, of.description,
                                  tokens_of(code_points(of.name) + code_points(of.description))});
      }
    }
    context_.left_out = static_cast<std::int64_t>(candidates - context_.scenes.size());
    return std::move(context_);
  }

 private:
  /// In order of the place where each is named first, then as the world has them.
  std::vector<std::size_t> named_in(const ContextScene& scene) {
    const std::vector<std::string> words = analyser_.terms(scene.choice_text + "\n" + scene.text);
    std::vector<std::pair<std::ptrdiff_t, std::size_t>> places;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i].empty()) continue;
      const auto place = std::search(words.begin(), words.end(), names_[i].begin(), names_[i].end());
      if (place != words.end()) places.emplace_back(place - words.begin(), i);
    }
    std::sort(places.begin(), places.end());
    std::vector<std::size_t> entries;
    entries.reserve(places.size());
    for (const auto& [place, entry] : places) entries.push_back(entry);
    return entries;
  }

  const std::vector<WorldEntry>& world_;
  std::int64_t left_;
  reeve::words::Analyser analyser_;
  std::vector<std::vector<std::string>> names_;  ///< the words of each entry's name
  std::vector<bool> taken_;
  Context context_;
};

}  // namespace

std::int64_t estimate_tokens(std::string_view text) { return tokens_of(code_points(text)); }

Context choose_context(const std::vector<ContextCandidate>& lineage, const std::vector<WorldEntry>& world,
                       std::int64_t tokens) {
  Chooser chooser(world, tokens);
  if (lineage.empty() || !chooser.take_scene(lineage.front())) return chooser.finish(lineage.size());
  chooser.take_named(chooser.scenes().front(), tokens / world_share);
  for (std::size_t i = 1; i < lineage.size(); ++i) {
    if (!chooser.take_scene(lineage[i])) break;
  }
  for (const ContextScene& scene : chooser.scenes())
    chooser.take_named(scene, std::numeric_limits<std::int64_t>::max());
  return chooser.finish(lineage.size());
}

}  // namespace storyforge
