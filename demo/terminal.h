#pragma once
// What the demonstration shows: a bar where somebody watches, a line now and then where a file does.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace demo {

/// Not thread-safe.
class Progress {
 public:
  Progress(std::string title, std::int64_t total);
  /// `what` stands behind the bar.
  void show(std::int64_t done, std::string_view what);
  void end(std::string_view what);

 private:
  std::string title_;
  std::int64_t total_;
  std::int64_t shown_ = 0;
  bool terminal_;
};

void print_title(std::string_view title);

/// Columns as wide as their widest cell (in code points); those named in `right` are set flush right.
void print_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                 const std::vector<std::size_t>& right = {});

/// At most `width` code points, the last replaced by an ellipsis when something is cut.
std::string shorten(std::string_view text, std::size_t width);

}  // namespace demo
