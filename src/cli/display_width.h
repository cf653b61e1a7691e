#pragma once
// How many columns of a terminal a text takes.

#include <cstddef>
#include <string>
#include <string_view>

namespace reeve::cli {

/// Simple: combining marks and joiners take none, East Asian wide characters and emoji two, all others one.
/// Bytes that are not UTF-8 take one each.
std::size_t display_width(std::string_view text);
/// The longest start that fits, with `…` in place of what was cut.
std::string cut_to_width(std::string_view text, std::size_t width_max);
/// On one line and harmless to a terminal: control characters are written as JSON writes them.
std::string on_one_line(std::string_view text);

}  // namespace reeve::cli
