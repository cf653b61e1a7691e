#pragma once
// What the stories of a StoryForge ledger consist of (blueprints/storyforge), as values.

#include <reeve/error.h>
#include <reeve/typed.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace storyforge {

enum class NodeType { root, scene, choice };
std::string_view name_of(NodeType type);
/// Nothing for a word that names none.
std::optional<NodeType> node_type_of(std::string_view name);

/// A scene, a choice or the root of a story. Ids are UUIDs, times RFC 3339 in UTC.
struct Node {
  std::string node_id;
  std::string story_id;
  std::optional<std::string> parent_id = {};  ///< nothing of a root
  NodeType type = NodeType::scene;
  std::string content;
  std::optional<std::string> summary = {};
  bool summary_is_stale = false;  ///< the content was edited since
  std::optional<std::string> choice_text = {};
  reeve::Json metadata;
  std::int64_t version = 0;
  std::string created_at;
  std::string updated_at;
};

struct Story {
  std::string story_id;
  std::string owner;
  std::string title;
  std::string genre;
  std::string description;
  std::string status;
  std::int64_t context_depth = 0;
  reeve::Json metadata;
  std::int64_t version = 0;
  std::string created_at;
  std::string updated_at;
};

/// A story with where it begins and where its reader is.
struct OpenedStory {
  Story story;
  std::string root_id;
  std::optional<std::string> current_leaf_id = {};
};

struct NodeWithStory {
  Node node;
  Story story;
};

struct NodeAtDepth {
  Node node;
  std::int64_t depth = 0;  ///< 0 of the node that was asked for
};

/// A node on the way from one to another.
struct Step {
  std::string node_id;
  NodeType type = NodeType::scene;
  std::string content;
};

struct WorldEntry {
  std::string entry_id;
  std::string entry_type;  ///< character, location, prop
  std::string name;
  std::string description;
  std::int64_t version = 0;
};

/// The rules said no, and nothing was stored.
struct Refusal {
  enum class Kind {
    not_found,  ///< what it is about is not there, or is deleted
    conflict,   ///< somebody else changed it since it was read: read it again and decide anew
    rule,       ///< whatever else the blueprint refuses
  };
  Kind kind = Kind::rule;
  std::string reason;
  std::optional<std::int64_t> version = {};  ///< of a conflict: the one that is there
};

/// What was asked for, or why not: an outcome, not a fault.
template <typename T>
class Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Refusal refusal) : value_(std::move(refusal)) {}

  explicit operator bool() const { return std::holds_alternative<T>(value_); }
  /// Throws Error internal if it is the other.
  const T& value() const {
    reeve::ensure(std::holds_alternative<T>(value_), "a refusal has no value");
    return std::get<T>(value_);
  }
  const Refusal& refusal() const {
    reeve::ensure(std::holds_alternative<Refusal>(value_), "nothing was refused");
    return std::get<Refusal>(value_);
  }

 private:
  std::variant<T, Refusal> value_;
};

}  // namespace storyforge
