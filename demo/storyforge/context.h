#pragma once
// What a new scene behind a node has to know, within a budget of tokens.

#include "storyforge/types.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace storyforge {

/// The estimate that budgets are counted by: four code points of text to a token, rounded up. It is about what the byte pair
/// encoders of language models make of English prose; it is a measure and no promise of theirs.
std::int64_t estimate_tokens(std::string_view text);

struct ContextScene {
  std::string node_id;
  NodeType type = NodeType::scene;
  std::string choice_text;  ///< '' for none
  std::string text;         ///< the content, or the summary of it
  bool is_summary = false;
  std::int64_t tokens = 0;
};

struct ContextEntry {
  std::string entry_id;
  std::string entry_type;
  std::string name;
  std::string description;
  std::int64_t tokens = 0;
};

struct Context {
  std::vector<ContextScene> scenes;  ///< in story order, the node itself last
  std::vector<ContextEntry> world;   ///< in the order in which the scenes name them
  std::int64_t tokens = 0;           ///< of both
  std::int64_t left_out = 0;         ///< scenes within the depth for which there was no room
};

struct ContextCandidate {
  std::string node_id;
  NodeType type = NodeType::scene;
  std::string choice_text;
  std::string content;
  std::string summary;  ///< '' for none, or one of an older text
};

/// Chooses, the newest first: the node's own scene; then world entries that it names, for at most a quarter of the budget;
/// then the scenes before it, as far back as each fits; then world entries that those name. A scene is taken in full, or
/// by its summary where only that fits; where neither does, the context begins behind it. An entry that does not fit is
/// passed over. An entry is named by a text that has its name's words one behind the other, as search compares words
/// (docs/search.md). `lineage` is the node and what it hangs on, the node first. The same arguments give the same
/// context.
Context choose_context(const std::vector<ContextCandidate>& lineage, const std::vector<WorldEntry>& world,
                       std::int64_t tokens);

}  // namespace storyforge
