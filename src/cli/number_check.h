#pragma once
// What a number on the command line has to be.

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

namespace reeve::cli {

/// For an option's check(). CLI11's own checks of this kind name a limit of 309 digits, and take a number beyond
/// 64 bits for the last one within.
inline auto at_least(std::int64_t least) {
  return [least](const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool fits = error == std::errc() && end == text.data() + text.size() && number >= least;
    return fits ? std::string() : fmt::format("`{}` is no whole number from {} on", text, least);
  };
}

}  // namespace reeve::cli
