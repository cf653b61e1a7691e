#pragma once
// PostgreSQL's advanced regular expressions, as far as RE2 answers alike whether a text matches.

#include <stdexcept>
#include <string>
#include <string_view>

namespace reeve::sql {

/// What of a pattern is not read; its text says what, and what to write instead.
struct PatternRefused : std::runtime_error {
  PatternRefused(const std::string& what, std::string instead)
      : std::runtime_error(what), remedy(std::move(instead)) {}
  std::string remedy;
};

/// The pattern in RE2's syntax. With `ignore_case` ASCII letters stand for both cases. Throws PatternRefused.
std::string to_re2(std::string_view pattern, bool ignore_case);

}  // namespace reeve::sql
