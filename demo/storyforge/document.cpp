#include "storyforge/document.h"

#include "storyforge/document_members.h"
#include "storyforge/document_tree.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace storyforge {

namespace {

constexpr std::int64_t version_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t integer_max = 9'007'199'254'740'991;  // of JSON: 2^53 - 1
constexpr std::string_view format_name = "storyforge.story";

/// Bounds of the columns, in characters (blueprints/storyforge/events).
constexpr std::size_t name_max = 200;
constexpr std::size_t title_max = 300;
constexpr std::size_t genre_max = 100;
constexpr std::size_t description_max = 20'000;
constexpr std::size_t content_max = 200'000;
constexpr std::size_t choice_max = 1'000;
constexpr std::size_t file_max = 1'000;
constexpr std::size_t media_type_max = 100;
constexpr std::int64_t depth_max = 20;

Story read_story(Members members) {
  Story story{.story_id = members.uuid("story_id"),
              .owner = members.text("owner", 1, name_max),
              .title = members.text("title", 1, title_max),
              .genre = members.text("genre", 0, genre_max),
              .description = members.text("description", 0, description_max),
              .status = members.word("status", {"draft", "active", "finished", "archived"}),
              .context_depth = members.integer("context_depth", 1, depth_max),
              .metadata = {members.object("metadata")},
              .version = members.integer("version", 1, version_max),
              .created_at = members.time("created_at"),
              .updated_at = members.time("updated_at")};
  members.finish();
  return story;
}

Leaf read_leaf(Members members) {
  Leaf leaf{.node_id = members.uuid("node_id"),
            .created_at = members.time("created_at"),
            .updated_at = members.time("updated_at")};
  members.finish();
  return leaf;
}

Node read_node(Members members) {
  Node node{.node_id = members.uuid("node_id"),
            .story_id = {},
            .parent_id = members.optional_uuid("parent_id"),
            .type = *node_type_of(members.word("node_type", {"root", "scene", "choice"})),
            .content = members.text("content", 1, content_max),
            .summary = members.optional_text("summary", 0, description_max),
            .summary_is_stale = members.boolean("summary_is_stale"),
            .choice_text = members.optional_text("choice_text", 1, choice_max),
            .metadata = {members.object("metadata")},
            .version = members.integer("version", 1, version_max),
            .created_at = members.time("created_at"),
            .updated_at = members.time("updated_at")};
  if (node.summary_is_stale && !node.summary) {
    refuse(members.pointer_of("summary_is_stale"), "there is no summary", "say false, or give the summary");
  }
  members.finish();
  return node;
}

TimedEntry read_entry(Members members) {
  TimedEntry entry{.entry = {.entry_id = members.uuid("entry_id"),
                             .entry_type = members.word("entry_type", {"character", "location", "prop"}),
                             .name = members.text("name", 1, name_max),
                             .description = members.text("description", 0, description_max),
                             .version = members.integer("version", 1, version_max)},
                   .created_at = members.time("created_at"),
                   .updated_at = members.time("updated_at")};
  members.finish();
  return entry;
}

Asset read_asset(Members members) {
  Asset asset{.asset_id = members.uuid("asset_id"),
              .node_id = members.uuid("node_id"),
              .file = members.text("file", 1, file_max),
              .media_type = members.text("media_type", 1, media_type_max),
              .bytes = members.integer("bytes", 0, integer_max),
              .sha256 = members.text("sha256", 64, 64),
              .created_at = members.time("created_at"),
              .updated_at = members.time("updated_at")};
  if (asset.sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
    refuse(members.pointer_of("sha256"), "is no SHA-256", "write 64 hexadecimal digits in lower case");
  members.finish();
  return asset;
}

/// Each item of an array by `read`.
template <typename Read>
auto read_items(Members& members, std::string_view name, const Read& read) {
  std::vector<decltype(read(std::declval<Members>()))> items;
  for (const simdjson::dom::element item : members.array(name))
    items.push_back(read(Members(item, fmt::format("{}/{}", members.pointer_of(name), items.size()))));
  return items;
}

void check_format(Members& members) {
  if (members.text("format", 0, std::string::npos) != format_name)
    refuse("/format", "this is no StoryForge story", fmt::format("its format is \"{}\"", format_name));
  const std::int64_t version = members.integer("version", 0, integer_max);
  if (version != document_version) {
    refuse("/version", fmt::format("version {} of the format is not known here", version),
           fmt::format("export it again as version {}, or import it with the program that wrote it",
                       document_version));
  }
}

}  // namespace

StoryDocument read_document(std::string_view text) {
  if (text.size() > document_bytes_max) {
    throw reeve::Error(
        reeve::ErrorCode::limit_exceeded,
        fmt::format("the document has {} bytes, more than {}", text.size(), document_bytes_max),
        "a story is one document; images stand beside it, not in it");
  }
  reeve::json::Reader reader({.bytes_max = document_bytes_max});
  Members members(reader.read(text), "");
  check_format(members);
  StoryDocument document;
  document.story = read_story(Members(members.element("story"), "/story"));
  if (const auto leaf = members.optional_element("current_leaf"))
    document.current_leaf = read_leaf(Members(*leaf, "/current_leaf"));
  document.nodes = read_items(members, "nodes", read_node);
  document.world = read_items(members, "world_entries", read_entry);
  document.assets = read_items(members, "assets", read_asset);
  members.finish();
  check_references(document);
  arrange(document);
  return document;
}

void DocumentBuilder::add(std::int64_t part, std::string_view item) {
  reeve::json::Reader reader({.bytes_max = document_bytes_max});
  Members members(reader.read(item), fmt::format("/story_parts/{}", part));
  switch (part) {
    case 1:
      document_.story = read_story(std::move(members));
      has_story_ = true;
      break;
    case 2: document_.current_leaf = read_leaf(std::move(members)); break;
    case 3: document_.nodes.push_back(read_node(std::move(members))); break;
    case 4: document_.world.push_back(read_entry(std::move(members))); break;
    default: document_.assets.push_back(read_asset(std::move(members))); break;
  }
}

std::optional<StoryDocument> DocumentBuilder::finish() {
  if (!has_story_) return std::nullopt;
  check_references(document_);
  arrange(document_);
  return std::move(document_);
}

}  // namespace storyforge
