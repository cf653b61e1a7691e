#pragma once
// Text is UTF-8 without U+0000.

#include <cstddef>
#include <string_view>

namespace reeve {

/// False for U+0000 too.
bool is_valid_utf8(std::string_view text);
/// Code points. Precondition: valid UTF-8.
std::size_t code_points(std::string_view text);

}  // namespace reeve
