// A story for people: Markdown (CommonMark) that reads as a book in which one turns to a number.

#include "storyforge/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

namespace storyforge {

namespace {

constexpr std::size_t label_points_max = 60;

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// What would be markup at the beginning of a line.
bool is_line_markup(std::string_view line) {
  if (line.empty()) return false;
  if (std::string_view("#+-=~|").find(line.front()) != std::string_view::npos) return true;
  const std::size_t digits =
      static_cast<std::size_t>(std::find_if_not(line.begin(), line.end(), is_digit) - line.begin());
  return digits > 0 && digits < line.size() && (line[digits] == '.' || line[digits] == ')');
}

/// Text in which nothing is markup. Lines stay lines, leading blanks go.
std::string escaped(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const std::size_t first = std::min(line.find_first_not_of(" \t"), line.size());
    line.remove_prefix(first);
    std::size_t digits = 0;
    if (is_line_markup(line)) {
      while (digits < line.size() && is_digit(line[digits])) out += line[digits++];
      out += '\\';
    }
    for (const char letter : line.substr(digits)) {
      if (std::string_view("\\`*_[]<>&").find(letter) != std::string_view::npos) out += '\\';
      out += letter;
    }
    if (end == text.size()) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

/// The first words of a text, on one line.
std::string beginning_of(std::string_view text) {
  std::string out;
  std::size_t points = 0;
  std::size_t cut = 0;  // behind the last whole word
  for (const char letter : text) {
    const bool is_blank = letter == ' ' || letter == '\n' || letter == '\t' || letter == '\r';
    if ((static_cast<unsigned char>(letter) & 0xC0U) != 0x80U && ++points > label_points_max)
      return (cut > 0 ? out.substr(0, cut) : out) + "…";
    if (is_blank) cut = out.size();
    out += is_blank ? ' ' : letter;
  }
  return out;
}

std::string label_of(const Node& node) {
  return escaped(node.choice_text ? beginning_of(*node.choice_text) : beginning_of(node.content));
}

void write_heading(const Story& story, std::string& out) {
  out += fmt::format("# {}\n\n*{}", escaped(beginning_of(story.title)), escaped(story.owner));
  if (!story.genre.empty()) out += ", " + escaped(story.genre);
  out += "*\n\n";
  if (!story.description.empty()) out += escaped(story.description) + "\n\n";
}

void write_scene(const Node& node, std::size_t number, const std::vector<std::size_t>& next,
                 const std::vector<Node>& nodes, std::string& out) {
  out += fmt::format("<a id=\"scene-{0}\"></a>\n\n## {0}", number + 1);
  if (node.choice_text) out += " " + escaped(beginning_of(*node.choice_text));
  out += "\n\n" + escaped(node.content) + "\n\n";
  if (next.empty()) {
    out += "*The end.*\n\n";
  } else if (next.size() == 1) {
    // What hangs on it alone follows at once.
    out += fmt::format("[Go on at {0}](#scene-{0})\n\n", next.front() + 1);
  } else {
    for (const std::size_t of : next)
      out += fmt::format("- {1}: [go to {0}](#scene-{0})\n", of + 1, label_of(nodes[of]));
    out += "\n";
  }
}

void write_world(const std::vector<TimedEntry>& world, std::string& out) {
  if (world.empty()) return;
  out += "## The world\n\n";
  const std::map<std::string_view, std::string_view> titles = {
      {"character", "Characters"}, {"location", "Places"}, {"prop", "Things"}};
  std::string_view type;
  for (const TimedEntry& of : world) {
    if (of.entry.entry_type != type) {
      out += fmt::format("{}### {}\n\n", type.empty() ? "" : "\n", titles.at(of.entry.entry_type));
      type = of.entry.entry_type;
    }
    out += fmt::format("- **{}**", escaped(of.entry.name));
    if (!of.entry.description.empty()) out += ": " + escaped(of.entry.description);
    out += "\n";
  }
}

}  // namespace

std::string write_markdown(const StoryDocument& document) {
  std::map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < document.nodes.size(); ++i) places.emplace(document.nodes[i].node_id, i);
  std::vector<std::vector<std::size_t>> next(document.nodes.size());
  for (std::size_t i = 0; i < document.nodes.size(); ++i) {
    if (document.nodes[i].parent_id) next[places.at(*document.nodes[i].parent_id)].push_back(i);
  }
  std::string out;
  write_heading(document.story, out);
  for (std::size_t i = 0; i < document.nodes.size(); ++i)
    write_scene(document.nodes[i], i, next[i], document.nodes, out);
  write_world(document.world, out);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace storyforge
