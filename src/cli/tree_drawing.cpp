#include "cli/tree_drawing.h"

#include "cli/display_width.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace reeve::cli {
namespace {

constexpr std::size_t label_columns_max = 40;
constexpr int level_width = 300;
constexpr int leaf_height = 26;
constexpr int margin = 16;
constexpr int radius = 4;

/// Calls with each node, its ancestors before it and its children behind it, and its depth. Deep trees need no deep stack.
template <typename Visit>
void walk(const Forest& forest, const Visit& visit) {
  struct Step {
    std::size_t node;
    std::size_t depth;
  };
  std::vector<Step> waiting;
  const auto add = [&](const std::vector<std::size_t>& nodes, std::size_t depth) {
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) waiting.push_back({*node, depth});
  };
  add(forest.roots(), 0);
  while (!waiting.empty()) {
    const Step step = waiting.back();
    waiting.pop_back();
    visit(step.node, step.depth);
    add(forest.nodes()[step.node].children, step.depth + 1);
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += letter;
    }
  }
  return out;
}

struct Place {
  std::size_t depth = 0;
  double row = 0;  ///< in leaves from the top
};

/// A leaf takes a row of its own, another node the middle of its children's.
std::vector<Place> lay_out(const Forest& forest, std::size_t& rows) {
  std::vector<Place> places(forest.nodes().size());
  std::vector<std::size_t> order;
  walk(forest, [&](std::size_t node, std::size_t depth) {
    places[node].depth = depth;
    order.push_back(node);
    if (forest.nodes()[node].children.empty()) places[node].row = static_cast<double>(rows++);
  });
  for (auto node = order.rbegin(); node != order.rend(); ++node) {
    const auto& children = forest.nodes()[*node].children;
    if (!children.empty())
      places[*node].row = (places[children.front()].row + places[children.back()].row) / 2;
  }
  return places;
}

}  // namespace

void Forest::add(std::string key, std::string parent, std::string label) {
  nodes_.push_back({std::move(key), std::move(parent), std::move(label), {}});
}

void Forest::grow() {
  std::unordered_map<std::string_view, std::size_t> by_key;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!by_key.emplace(nodes_[i].key, i).second) {
      throw Error(ErrorCode::invalid_input, fmt::format("two rows have the key {}", nodes_[i].key),
                  "name the column that singles out a row: --key COLUMN");
    }
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto parent = by_key.find(nodes_[i].parent);
    (parent == by_key.end() || nodes_[i].parent.empty() ? roots_ : nodes_[parent->second].children)
        .push_back(i);
  }
  std::size_t reached = 0;
  walk(*this, [&](std::size_t, std::size_t) { ++reached; });
  if (reached != nodes_.size()) {
    throw Error(ErrorCode::invalid_input, fmt::format("{} rows hang on themselves", nodes_.size() - reached),
                "name the column by which a row hangs on another: --parent COLUMN");
  }
}

std::string draw_text(const Forest& forest, std::size_t width) {
  std::string out;
  std::vector<bool> goes_on;  ///< of the ancestors below the root: whether siblings of theirs follow
  std::vector<std::size_t> way;
  walk(forest, [&](std::size_t node, std::size_t depth) {
    way.resize(depth);
    goes_on.resize(depth);
    std::string line;
    // Of a deep one as much as is seen.
    const std::size_t shown = width > 0 ? std::min(depth, width / 3 + 2) : depth;
    for (std::size_t i = 1; i < shown; ++i) line += goes_on[i] ? "│  " : "   ";
    if (depth > 0) {
      const bool is_last = forest.nodes()[way.back()].children.back() == node;
      line += is_last ? "└─ " : "├─ ";
      goes_on.push_back(!is_last);
    } else {
      goes_on.push_back(false);
    }
    way.push_back(node);
    line += on_one_line(forest.nodes()[node].label);
    out += width > 0 ? cut_to_width(line, width) : line;
    out += '\n';
  });
  return out;
}

std::string draw_svg(const Forest& forest, std::string_view title) {
  std::size_t rows = 0;
  std::size_t levels = 1;
  const std::vector<Place> places = lay_out(forest, rows);
  for (const Place& place : places) levels = std::max(levels, place.depth + 1);
  const auto x = [](const Place& place) {
    return margin + radius + static_cast<int>(place.depth) * level_width;
  };
  const auto y = [](const Place& place) { return margin + (place.row + 0.5) * leaf_height; };
  const int width = 2 * margin + static_cast<int>(levels) * level_width;
  const int height = 2 * margin + static_cast<int>(std::max<std::size_t>(rows, 1)) * leaf_height;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "role=\"img\">\n"
      "<title>{2}</title>\n"
      "<style>svg{{background:#fff;color:#1f2328;font:13px "
      "system-ui,sans-serif}}path{{fill:none;stroke:#8c959f}}"
      "circle{{fill:#0969da}}text{{fill:currentColor}}@media(prefers-color-scheme:dark){{svg{{background:#"
      "0d1117;"
      "color:#e6edf3}}path{{stroke:#6e7681}}circle{{fill:#4493f8}}}}</style>\n",
      width, height, escaped(title));
  walk(forest, [&](std::size_t node, std::size_t) {
    for (const std::size_t child : forest.nodes()[node].children) {
      const int from = x(places[node]);
      const int to = x(places[child]);
      // From the end of the label's line to the child, level at both ends.
      out += fmt::format("<path d=\"M{} {:.1f}C{} {:.1f} {} {:.1f} {} {:.1f}\"/>\n", from + radius,
                         y(places[node]), to - 30, y(places[node]), to - 30, y(places[child]), to - radius,
                         y(places[child]));
    }
  });
  walk(forest, [&](std::size_t node, std::size_t) {
    const std::string label = on_one_line(forest.nodes()[node].label);
    // Above the line that leaves to the right; a leaf's beside its dot.
    const bool is_leaf = forest.nodes()[node].children.empty();
    out += fmt::format(
        "<g><title>{}</title><circle cx=\"{}\" cy=\"{:.1f}\" r=\"{}\"/><text x=\"{}\" "
        "y=\"{:.1f}\">{}</text></g>\n",
        escaped(label), x(places[node]), y(places[node]), radius, x(places[node]) + (is_leaf ? 10 : 6),
        y(places[node]) + (is_leaf ? 4.5 : -6.0), escaped(cut_to_width(label, label_columns_max)));
  });
  return out + "</svg>\n";
}

}  // namespace reeve::cli
