#include "storyforge/tale_file.h"

#include <fmt/format.h>

#include <fstream>
#include <set>
#include <string_view>

namespace storyforge {

namespace {

/// Up to the first blank, and what follows the blanks behind it.
std::pair<std::string, std::string> split(const std::string& text) {
  const std::size_t end = text.find(' ');
  if (end == std::string::npos) return {text, ""};
  const std::size_t next = text.find_first_not_of(' ', end);
  return {text.substr(0, end), next == std::string::npos ? "" : text.substr(next)};
}

/// What stands before `: `, and behind it.
std::pair<std::string, std::string> split_at_colon(const std::string& text) {
  const std::size_t end = text.find(": ");
  if (end == std::string::npos) return {text, ""};
  return {text.substr(0, end), text.substr(end + 2)};
}

class TaleReader {
 public:
  explicit TaleReader(const std::filesystem::path& file) : file_(file) {}

  Tale read() {
    std::ifstream stream(file_, std::ios::binary);
    if (!stream) refuse("the file can't be read");
    for (std::string line; std::getline(stream, line);) {
      ++line_;
      if (line.ends_with('\r')) line.pop_back();
      take(line);
    }
    end_node();
    if (tale_.nodes.empty() || tale_.story.title.empty()) refuse("there is no @story, or no @node");
    return std::move(tale_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw reeve::Error(reeve::ErrorCode::invalid_input, what, "tale_file.h says how such a file is written",
                       {.file = file_.string(), .line = line_});
  }

  void take(const std::string& line) {
    if (line.starts_with('@')) {
      take_directive(line.substr(1));
    } else if (!tale_.nodes.empty()) {
      take_text(line);
    } else if (!line.empty() && !line.starts_with('#')) {
      refuse("text stands before the first @node");
    }
  }

  void take_directive(const std::string& line) {
    const auto [word, rest] = split(line);
    if (word == "story") {
      tale_.story.title = rest;
    } else if (word == "owner") {
      tale_.story.owner = rest;
    } else if (word == "genre") {
      tale_.story.genre = rest;
    } else if (word == "description") {
      tale_.story.description = rest;
    } else if (word == "entry") {
      take_entry(rest);
    } else if (word == "node") {
      take_node(rest);
    } else if (word == "summary" && !tale_.nodes.empty()) {
      tale_.nodes.back().summary = rest;
    } else {
      refuse("there is no @" + word + " here");
    }
  }

  void take_entry(const std::string& rest) {
    const auto [type, named] = split(rest);
    const auto [name, description] = split_at_colon(named);
    if (type.empty() || name.empty()) refuse("an entry has a type and a name");
    tale_.world.push_back({.story_id = {}, .entry_type = type, .name = name, .description = description});
  }

  void take_node(const std::string& rest) {
    end_node();
    const auto [head, choice] = split_at_colon(rest);
    const auto [key, more] = split(head);
    const auto [parent, type] = split(more);
    const auto known = node_type_of(type);
    if (!known) refuse("a node has a key, a parent and a type: root, scene, choice");
    if ((*known == NodeType::root) != (parent == "-") || (parent == "-") != tale_.nodes.empty())
      refuse("the first node, and no other, is the root and hangs on -");
    if (parent != "-" && !keys_.contains(parent)) refuse("no node " + parent + " came before");
    if (!keys_.insert(key).second) refuse("there is a node " + key + " already");
    tale_.nodes.push_back({key, parent == "-" ? "" : parent, *known, choice, "", ""});
  }

  void take_text(const std::string& line) {
    std::string& content = tale_.nodes.back().content;
    const std::size_t first = line.find_first_not_of(' ');
    if (first == std::string::npos) {
      is_new_paragraph_ = !content.empty();
      return;
    }
    const bool is_verse = first > 0;
    if (is_new_paragraph_) {
      content += "\n\n";
    } else if (!content.empty()) {
      content += is_verse || was_verse_ ? '\n' : ' ';
    }
    content += line.substr(first);
    is_new_paragraph_ = false;
    was_verse_ = is_verse;
  }

  void end_node() {
    if (!tale_.nodes.empty() && tale_.nodes.back().content.empty())
      refuse("the node " + tale_.nodes.back().key + " has no text");
    is_new_paragraph_ = false;
    was_verse_ = false;
  }

  const std::filesystem::path& file_;
  int line_ = 0;
  Tale tale_;
  std::set<std::string> keys_;
  bool is_new_paragraph_ = false;
  bool was_verse_ = false;
};

/// The tale is known to keep the rules.
template <typename T>
const T& accepted(const Result<T>& result) {
  if (!result) throw reeve::Error(reeve::ErrorCode::internal, "refused: " + result.refusal().reason);
  return result.value();
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

Tale read_tale(const std::filesystem::path& file) { return TaleReader(file).read(); }

PlantedTale plant(Stories& stories, const Tale& tale) {
  PlantedTale planted;
  StoryDraft draft = tale.story;
  draft.content = tale.nodes.front().content;
  const auto created = stories.create(draft);
  planted.story_id = accepted(created).story_id;
  planted.nodes[tale.nodes.front().key] = created.value().root_id;
  for (EntryDraft entry : tale.world) {
    entry.story_id = planted.story_id;
    accepted(stories.add_entry(entry));
  }
  for (const TaleNode& node : tale.nodes) {
    if (!node.parent.empty()) {
      planted.nodes[node.key] = accepted(stories.add({.parent_id = planted.nodes.at(node.parent),
                                                      .content = node.content,
                                                      .type = node.type,
                                                      .choice_text = unless_empty(node.choice_text)}));
    }
    if (!node.summary.empty()) accepted(stories.summarize(planted.nodes.at(node.key), 1, node.summary));
  }
  return planted;
}

}  // namespace storyforge
