#pragma once
// Regular expressions without backtracking: the time to match grows with the text only.

#include <string>
#include <string_view>

namespace reeve {

/// Whether a part of the text matches. `.` matches a line's end too, `^` and `$` the ends of the text. The pattern, in
/// RE2's syntax, is compiled once for a thread. Throws Error invalid_input for a pattern that is none.
bool matches(std::string_view text, const std::string& pattern);

}  // namespace reeve
