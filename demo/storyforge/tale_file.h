#pragma once
// A branching tale in a text file, for people to write.

#include "storyforge/stories.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace storyforge {

/// A file of lines:
///
///     # a comment                               before the first @node only
///     @story TITLE
///     @owner NAME        @genre TEXT        @description TEXT
///     @entry TYPE NAME: DESCRIPTION             an entry of the world
///     @node KEY PARENT TYPE: CHOICE             a node; `: CHOICE` is optional, the root's PARENT is -
///     @summary TEXT                             of the node above
///
/// What follows a node is its text, up to the next @: paragraphs are separated by empty lines and their lines joined, but for
/// those that begin with a blank, which are verse.
struct TaleNode {
  std::string key;
  std::string parent;  ///< a key that came before; '' of the root
  NodeType type = NodeType::scene;
  std::string choice_text;
  std::string summary;
  std::string content;
};

struct Tale {
  StoryDraft story;  ///< without its content
  std::vector<EntryDraft> world;
  std::vector<TaleNode> nodes;  ///< the root first
};

/// Throws Error invalid_input with file and line.
Tale read_tale(const std::filesystem::path& file);

struct PlantedTale {
  std::string story_id;
  std::map<std::string, std::string> nodes;  ///< ids by key
};

/// Tells the tale to a ledger, command by command. Throws Error internal when the rules refuse one of them.
PlantedTale plant(Stories& stories, const Tale& tale);

}  // namespace storyforge
