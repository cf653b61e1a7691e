#pragma once
// Regular expressions without backtracking: the time to match grows with the text only.

#include <string>
#include <string_view>

namespace reeve {

/// Whether a part of the text matches. `.` matches a line's end too, `^` and `$` the ends of the text. The pattern, in
/// RE2's syntax, is compiled once for a thread. Throws Error invalid_input for a pattern that is none.
bool matches(std::string_view text, const std::string& pattern);

/// The text with the first part that matches, or all of them, replaced: of the parts that begin first the longest, as POSIX
/// and PostgreSQL have it. Behind a part that matches an empty one may match too, as PostgreSQL has it.
std::string replace_matches(std::string_view text, const std::string& pattern, std::string_view replacement,
                            bool all);

}  // namespace reeve
