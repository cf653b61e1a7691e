#include "cli/display_width.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

namespace reeve::cli {

namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// From Unicode's EastAsianWidth.txt (W and F) and the blocks of combining marks, joined where the gaps
// between them hold nothing that is printed in practice.
constexpr Range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},   {0x25fd, 0x25fe},
    {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26a1, 0x26a1},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},
    {0x2705, 0x2705},   {0x2728, 0x2728},   {0x274c, 0x274c},   {0x2753, 0x2755},   {0x2795, 0x2797},
    {0x2b50, 0x2b50},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
    {0xa000, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff}, {0x1f004, 0x1f004},
    {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f7e0, 0x1f7eb}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
};
constexpr Range none[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x2064},   {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};

template <std::size_t size>
bool is_in(const Range (&ranges)[size], std::uint32_t point) {
  const Range* after =
      std::upper_bound(std::begin(ranges), std::end(ranges), point,
                       [](std::uint32_t value, const Range& range) { return value < range.first; });
  return after != std::begin(ranges) && point <= std::prev(after)->last;
}

std::size_t width_of(std::uint32_t point) {
  if (point < 0x300) return 1;
  if (is_in(none, point)) return 0;
  return is_in(wide, point) ? 2 : 1;
}

struct Decoded {
  std::uint32_t point = 0;
  std::size_t bytes = 1;
};

/// Of the first character; a byte that starts none stands for itself.
Decoded decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  if (bytes == 1 || text.size() < bytes) return {lead, 1};
  std::uint32_t point = lead & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {lead, 1};
    point = (point << 6) | (byte & 0x3fu);
  }
  return {point, bytes};
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Decoded character = decode(text);
    width += width_of(character.point);
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width_max) {
  std::size_t width = 0;
  std::size_t fits = 0;  // bytes that leave room for the mark
  for (std::size_t at = 0; at < text.size();) {
    const Decoded character = decode(text.substr(at));
    width += width_of(character.point);
    if (width > width_max) return std::string(text.substr(0, fits)) + "…";
    at += character.bytes;
    if (width + 1 <= width_max) fits = at;
  }
  return std::string(text);
}

std::string on_one_line(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded character = decode(text.substr(at));
    const bool control = character.point < 0x20 || (character.point >= 0x7f && character.point < 0xa0);
    if (character.point == '\n') {
      out += "\\n";
    } else if (character.point == '\t') {
      out += "\\t";
    } else if (control && (character.bytes > 1 || character.point < 0x80)) {
      out += fmt::format("\\u{:04x}", character.point);
    } else {
      out += text.substr(at, character.bytes);
    }
    at += character.bytes;
  }
  return out;
}

}  // namespace reeve::cli
