#pragma once
// to_char of times: which formats the dialect takes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::sql {

/// A piece of a format: a pattern of PostgreSQL's (`YYYY`, `FMMonth`), or text that stands for itself.
struct FormatPiece {
  std::string text;
  bool pattern = false;
  bool fill = true;  ///< padded; without FM
};

/// Nothing for a format with a pattern that the dialect has not.
std::optional<std::vector<FormatPiece>> read_time_format(std::string_view format);

}  // namespace reeve::sql
