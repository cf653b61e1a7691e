#pragma once
// A story as a document (blueprints/storyforge/story_format.md): read with all of its rules, and written.

#include "storyforge/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storyforge {

inline constexpr int document_version = 1;
inline constexpr std::size_t document_bytes_max = std::size_t{64} * 1024 * 1024;

/// Where the reader of a story is.
struct Leaf {
  std::string node_id;
  std::string created_at;
  std::string updated_at;
};

struct TimedEntry {
  WorldEntry entry;
  std::string created_at;
  std::string updated_at;
};

/// An image of a node: what is known of it, not the image.
struct Asset {
  std::string asset_id;
  std::string node_id;
  std::string file;
  std::string media_type;
  std::int64_t bytes = 0;
  std::string sha256;
  std::string created_at;
  std::string updated_at;
};

struct StoryDocument {
  Story story;
  std::optional<Leaf> current_leaf = {};
  std::vector<Node> nodes;  ///< in story order: the root first, each before what hangs on it
  std::vector<TimedEntry> world;
  std::vector<Asset> assets;
};

/// Reads JSON of the format. Throws Error invalid_input, which names the member by its JSON pointer (RFC 6901) and says what
/// would mend it: malformed JSON or UTF-8, another version, a member that is missing, unknown, of another type or too long, a
/// node twice, none or two roots, a parent that is not there, nodes that hang on themselves. Throws limit_exceeded
/// beyond document_bytes_max or 64 levels of nesting.
StoryDocument read_document(std::string_view text);

/// The canonical JSON (RFC 8785) of a document, without a newline at its end.
std::string write_document(const StoryDocument& document);

/// Parts of a document as the query story_parts gives them, in any order.
class DocumentBuilder {
 public:
  /// `part` is 1 for the story, 2 where its reader is, 3 a node, 4 a world entry, 5 an image.
  void add(std::int64_t part, std::string_view item);
  /// Nothing when no story was added.
  std::optional<StoryDocument> finish();

 private:
  StoryDocument document_;
  bool has_story_ = false;
};

/// The command import_story's parameters for a document.
std::string import_parameters(const StoryDocument& document);

/// The JSON pointer of the first part in which two documents differ, or ''.
std::string first_difference(const StoryDocument& left, const StoryDocument& right);

/// For people: scenes by number, choices as links to them, the world at the end.
std::string write_markdown(const StoryDocument& document);

}  // namespace storyforge
