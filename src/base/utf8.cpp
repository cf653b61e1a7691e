#include "base/utf8.h"

#include <simdjson.h>

#include <algorithm>

namespace reeve {

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size()) && text.find('\0') == std::string_view::npos;
}

std::size_t code_points(std::string_view text) {
  // Every code point has one byte that is not a continuation byte (10xxxxxx).
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace reeve
