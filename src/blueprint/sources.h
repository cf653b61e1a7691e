#pragma once
// What a file of the sources must be before anybody parses it.

#include "blueprint/blueprint.h"

#include <optional>
#include <string_view>

namespace reeve::blueprint {

inline constexpr std::size_t file_bytes_max = sql::file_bytes_max;
inline constexpr std::size_t files_max = 10'000;
inline constexpr std::size_t sources_bytes_max = 16 * 1024 * 1024;

/// Text is UTF-8 without a byte order mark and without U+0000, of at most file_bytes_max.
std::optional<Finding> check_text(std::string_view path, std::string_view text);

}  // namespace reeve::blueprint
