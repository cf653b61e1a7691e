#pragma once
// A forest, drawn: as lines of text for a terminal, and as SVG.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli {

/// Rows by their keys, each under the row that it hangs on. What hangs on none of the rows is a root. The order of
/// siblings, and of roots, is that in which they were added.
class Forest {
 public:
  struct Node {
    std::string key;
    std::string parent;  ///< '' for none
    std::string label;
    std::vector<std::size_t> children;  ///< places in nodes()
  };

  /// Throws Error invalid_input for a key that is there already.
  void add(std::string key, std::string parent, std::string label);
  /// After the last add(): hangs each where it belongs. Throws Error invalid_input when rows hang on themselves.
  void grow();

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<std::size_t>& roots() const { return roots_; }

 private:
  std::vector<Node> nodes_;
  std::vector<std::size_t> roots_;
};

/// One line for each row, at most `width` columns wide; 0 cuts nothing.
std::string draw_text(const Forest& forest, std::size_t width);

/// A picture of its own size, in pixels as of 96 to the inch: roots on the left, one row of the picture for each leaf. Its
/// colours follow whether the reader prefers dark.
std::string draw_svg(const Forest& forest, std::string_view title);

}  // namespace reeve::cli
