#include "storyforge/program/show.h"

#include "terminal.h"

#include <fmt/core.h>

#include <algorithm>

namespace demo {

namespace {

constexpr std::size_t page_width = 96;
constexpr std::size_t label_width = 72;

std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    const bool is_blank = letter == ' ' || letter == '\n';
    if (!is_blank) {
      out += letter;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string filled(std::string_view text, std::size_t indent) {
  const std::string words = on_one_line(text) + " ";
  std::string out;
  std::string line;
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = words.find(' ', at);
    const std::string word = words.substr(at, end - at);
    if (!line.empty() && indent + code_points(line) + 1 + code_points(word) > page_width) {
      out += std::string(indent, ' ') + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return out + std::string(indent, ' ') + line + "\n";
}

std::string counted(std::size_t number, std::string_view noun) {
  const bool is_one = number == 1;
  if (!is_one && noun.ends_with('y')) return fmt::format("{} {}ies", number, noun.substr(0, noun.size() - 1));
  return fmt::format("{} {}{}", number, noun, is_one ? "" : "s");
}

void print_found(const storyforge::Found& found, std::string_view asked) {
  fmt::print("\n  {}\n", asked);
  if (found.scenes.empty()) fmt::print("           nothing\n");
  for (const storyforge::FoundScene& scene : found.scenes) {
    fmt::print("    {:6.3f} {}\n", scene.score, shorten(on_one_line(scene.node.content), label_width));
    if (!scene.snippet.empty()) fmt::print("{}", filled(scene.snippet, 11));
  }
}

void print_context(const storyforge::Context& context, std::int64_t budget) {
  fmt::print("\n  of {} tokens {} and {} of the world take {}; for {} there is no room\n", budget,
             counted(context.scenes.size(), "scene"), counted(context.world.size(), "entry"), context.tokens,
             counted(static_cast<std::size_t>(context.left_out), "older scene"));
  for (const storyforge::ContextScene& scene : context.scenes) {
    fmt::print("    {:4} {}  {}\n", scene.tokens, scene.is_summary ? "summary" : "in full",
               shorten(on_one_line(scene.text), label_width));
  }
  for (const storyforge::ContextEntry& entry : context.world)
    fmt::print("    {:4} {:7}  {}: {}\n", entry.tokens, "world", entry.name, entry.description);
}

void print_comparison(const storyforge::Comparison& comparison) {
  const auto label = [](const storyforge::Node& node) {
    return shorten(on_one_line(node.choice_text.value_or(node.content)), label_width);
  };
  fmt::print("\n  both hang on       {}\n", label(comparison.fork));
  fmt::print("  the first alone    {}\n", counted(comparison.left_alone.size(), "scene"));
  if (!comparison.left_alone.empty())
    fmt::print("                     from {}\n", label(comparison.left_alone[0].node));
  fmt::print("  the second alone   {}\n", counted(comparison.right_alone.size(), "scene"));
  if (!comparison.right_alone.empty())
    fmt::print("                     from {}\n", label(comparison.right_alone[0].node));
  fmt::print("  equal copies       {}\n", counted(comparison.equal.size(), "scene"));
  fmt::print("  changed copies     {}\n", counted(comparison.changed.size(), "scene"));
  for (const storyforge::Counterparts& changed : comparison.changed) {
    // What both begin with is left out.
    const std::string left = on_one_line(changed.left.content);
    const std::string right = on_one_line(changed.right.content);
    const auto differ = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    const std::size_t common = static_cast<std::size_t>(differ.first - left.begin());
    const std::size_t space = common == 0 ? std::string::npos : left.rfind(' ', common - 1);
    const std::size_t begin = space == std::string::npos ? 0 : space + 1;
    const std::string gap = begin > 0 ? "… " : "";
    fmt::print("    first:\n{}    second:\n{}", filled(gap + shorten(left.substr(begin), 300), 6),
               filled(gap + shorten(right.substr(begin), 300), 6));
  }
}

}  // namespace demo
