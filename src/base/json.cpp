#include "base/json.h"

#include "base/json_fault.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace reeve::json {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// Objects of up to this many members are handled on the stack.
constexpr std::size_t few = 16;

// Differs for most pairs of names that differ; equal for equal names.
std::uint64_t fingerprint(std::string_view name) {
  std::uint64_t front = 0;
  std::uint64_t back = 0;
  if (name.size() >= 8) {
    std::memcpy(&front, name.data(), 8);
    std::memcpy(&back, name.data() + name.size() - 8, 8);
  } else {
    for (const char c : name) front = (front << 8U) | static_cast<unsigned char>(c);
  }
  return front ^ (back * 31U) ^ (static_cast<std::uint64_t>(name.size()) << 56U);
}

bool is_sound(element value, int depth_left);

bool is_sound(const simdjson::dom::object& object, int depth_left) {
  std::array<std::uint64_t, few> prints;
  std::array<std::string_view, few> names;
  std::vector<std::string_view> all;
  std::size_t count = 0;
  for (const auto& [name, value] : object) {
    if (count < few) {
      const std::uint64_t print = fingerprint(name);
      for (std::size_t i = 0; i < count; ++i) {
        if (prints[i] == print && names[i] == name) return false;
      }
      prints[count] = print;
      names[count] = name;
    } else {
      if (count == few) all.assign(names.begin(), names.end());
      all.push_back(name);
    }
    ++count;
    if (!is_sound(value, depth_left)) return false;
  }
  std::sort(all.begin(), all.end());
  return std::adjacent_find(all.begin(), all.end()) == all.end();
}

// Everything that the parser takes and Reeve doesn't, except what only the text shows (escapes).
bool is_sound(element value, int depth_left) {
  switch (value.type()) {
    case element_type::OBJECT:
      return depth_left > 0 && is_sound(simdjson::dom::object(value), depth_left - 1);
    case element_type::ARRAY:
      if (depth_left <= 0) return false;
      for (const element item : simdjson::dom::array(value)) {
        if (!is_sound(item, depth_left - 1)) return false;
      }
      return true;
    case element_type::INT64: {
      constexpr auto max = static_cast<std::int64_t>(integer_max);
      const auto integer = std::int64_t(value);
      return integer >= -max && integer <= max;
    }
    case element_type::UINT64: return false;
    case element_type::DOUBLE: return !is_beyond_integers(double(value));
    default: return true;
  }
}

unsigned code_unit_at(std::string_view text, std::size_t at) {
  unsigned unit = 0;
  std::from_chars(text.data() + at, text.data() + std::min(at + 4, text.size()), unit, 16);
  return unit;
}

// U+0000 and lone surrogates can only come from \u. Precondition: the text is JSON, so a backslash is inside
// a string and what follows it is complete.
bool has_sound_escapes(std::string_view text) {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    if (text[at + 1] != 'u') {
      at += 2;
      continue;
    }
    const unsigned unit = code_unit_at(text, at + 2);
    at += 6;
    if (unit == 0 || (unit >= 0xDC00U && unit < 0xE000U)) return false;
    if (unit < 0xD800U || unit >= 0xE000U) continue;
    if (text.substr(at, 2) != "\\u") return false;
    const unsigned low = code_unit_at(text, at + 2);
    if (low < 0xDC00U || low >= 0xE000U) return false;
    at += 6;
  }
  return true;
}

[[noreturn]] void refuse(std::string_view text, Limits limits) {
  const std::optional<Fault> fault = find_fault(text, limits);
  if (!fault) throw Error(ErrorCode::invalid_input, "the text is not JSON");
  std::string message = "the JSON has " + fault->what;
  if (!fault->pointer.empty()) message += " at " + cut(fault->pointer, 256);
  message += ", byte " + std::to_string(fault->offset + 1);
  throw Error(fault->code, std::move(message), fault->remedy);
}

struct Member {
  std::uint64_t front;  // the first eight bytes of the name, the first one highest
  std::string_view name;
  element value;
};

std::uint64_t front_of(std::string_view name) {
  std::uint64_t front = 0;
  const std::size_t size = std::min<std::size_t>(name.size(), 8);
  for (std::size_t i = 0; i < size; ++i) {
    front |= static_cast<std::uint64_t>(static_cast<unsigned char>(name[i])) << (56U - 8U * i);
  }
  return front;
}

bool less(const Member& left, const Member& right) {
  constexpr std::uint64_t highs = 0x8080808080808080U;
  const bool ascii = ((left.front | right.front) & highs) == 0;
  if (ascii && left.front != right.front) return left.front < right.front;
  return member_less(left.name, right.name);
}

void append_members(const Member* members, std::size_t count, std::string& out) {
  out += '{';
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    append_canonical_string(members[i].name, out);
    out += ':';
    append_canonical(members[i].value, out);
  }
  out += '}';
}

void append_object(const simdjson::dom::object& object, std::string& out) {
  std::array<Member, few> members;
  std::vector<Member> all;
  std::size_t count = 0;
  for (const auto& [name, value] : object) {
    const Member member{front_of(name), name, value};
    if (count < few) {
      // Insertion sort: a text that is canonical already costs one comparison a member.
      std::size_t at = count;
      for (; at > 0 && less(member, members[at - 1]); --at) members[at] = members[at - 1];
      members[at] = member;
    } else {
      if (count == few) all.assign(members.begin(), members.end());
      all.push_back(member);
    }
    ++count;
  }
  if (all.empty()) return append_members(members.data(), count, out);
  std::sort(all.begin(), all.end(), less);
  append_members(all.data(), all.size(), out);
}

void append_array(const simdjson::dom::array& array, std::string& out) {
  out += '[';
  bool first = true;
  for (const element item : array) {
    if (!first) out += ',';
    first = false;
    append_canonical(item, out);
  }
  out += ']';
}

void append_integer(std::int64_t integer, std::string& out) {
  std::array<char, 24> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), integer);
  out.append(digits.data(), static_cast<std::size_t>(result.ptr - digits.data()));
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20U || c == '"' || c == '\\'; }

// True if one of eight bytes needs an escape. It may also be true for other bytes that stand after one that
// does, which is why the caller looks at each then.
bool any_needs_escape(const char* eight) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = 0x8080808080808080U;
  std::uint64_t word = 0;
  std::memcpy(&word, eight, 8);
  const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
  const std::uint64_t control = (word - ones * 0x20U) & ~word & highs;
  return (control | has_zero(word ^ (ones * std::uint64_t{'"'})) |
          has_zero(word ^ (ones * std::uint64_t{'\\'}))) != 0;
}

void append_escape(char c, std::string& out) {
  static constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += hex[byte >> 4U];
  out += hex[byte & 15U];
}

}  // namespace

Reader::Reader(Limits limits) : limits_(limits) {
  constexpr std::size_t capacity = 4096;
  // One level more than allowed: the walk refuses what is too deep and says where.
  const auto depth = static_cast<std::size_t>(limits.depth_max) + 1;
  ensure(parser_.allocate(capacity, depth) == simdjson::SUCCESS, "a JSON parser can't be allocated");
  buffer_.resize(capacity);
}

element Reader::read(std::string_view text) {
  if (text.size() > limits_.bytes_max) refuse(text, limits_);
  if (buffer_.size() < text.size() + simdjson::SIMDJSON_PADDING) {
    buffer_.resize(std::max(text.size() + simdjson::SIMDJSON_PADDING, 2 * buffer_.size()));
  }
  if (!text.empty()) std::memcpy(buffer_.data(), text.data(), text.size());
  element value;
  const auto error = parser_.parse(buffer_.data(), text.size(), false).get(value);
  if (error == simdjson::MEMALLOC)
    throw Error(ErrorCode::limit_exceeded, "no memory is left for a JSON text");
  if (error != simdjson::SUCCESS || !has_sound_escapes(text) || !is_sound(value, limits_.depth_max)) {
    refuse(text, limits_);
  }
  return value;
}

void append_canonical(element value, std::string& out) {
  switch (value.type()) {
    case element_type::OBJECT: return append_object(simdjson::dom::object(value), out);
    case element_type::ARRAY: return append_array(simdjson::dom::array(value), out);
    case element_type::STRING: return append_canonical_string(std::string_view(value), out);
    case element_type::INT64: {
      const auto integer = std::int64_t(value);
      constexpr auto max = static_cast<std::int64_t>(integer_max);
      if (integer >= -max && integer <= max) return append_integer(integer, out);
      return append_canonical_number(static_cast<double>(integer), out);
    }
    case element_type::UINT64: return append_canonical_number(static_cast<double>(std::uint64_t(value)), out);
    case element_type::DOUBLE: return append_canonical_number(double(value), out);
    case element_type::BOOL: out += bool(value) ? "true" : "false"; return;
    case element_type::NULL_VALUE: out += "null"; return;
  }
}

void append_canonical_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t from = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    // The last eight bytes may overlap with those before; a shorter text is looked at byte by byte.
    const std::size_t step = std::min<std::size_t>(text.size() - at, 8);
    if (text.size() >= 8 && !any_needs_escape(text.data() + at + step - 8)) {
      at += step;
      continue;
    }
    const std::size_t end = std::min(at + 8, text.size());
    for (; at < end; ++at) {
      if (!needs_escape(text[at])) continue;
      out.append(text, from, at - from);
      append_escape(text[at], out);
      from = at + 1;
    }
  }
  out.append(text, from, text.size() - from);
  out += '"';
}

// ECMAScript's Number::toString (ECMA-262, 6.1.6.1.20) over the shortest digits that round trip.
void append_canonical_number(double number, std::string& out) {
  ensure(std::isfinite(number), "canonical JSON has no number that is not finite");
  if (std::abs(number) <= integer_max && number == std::trunc(number)) {
    return append_integer(static_cast<std::int64_t>(number), out);
  }
  std::array<char, 32> text;
  const auto result =
      std::to_chars(text.data(), text.data() + text.size(), std::abs(number), std::chars_format::scientific);
  // `d.ddde+XX` or `de-XX`.
  const std::string_view scientific(text.data(), static_cast<std::size_t>(result.ptr - text.data()));
  const std::size_t mark = scientific.find('e');
  std::array<char, 20> digits;
  std::size_t count = 0;
  for (const char c : scientific.substr(0, mark)) {
    if (c != '.') digits[count++] = c;
  }
  int exponent = 0;
  std::from_chars(scientific.data() + mark + 2, result.ptr, exponent);
  if (scientific[mark + 1] == '-') exponent = -exponent;

  if (number < 0) out += '-';
  const int point = exponent + 1;  // how many digits stand before the decimal point
  const auto digit_count = static_cast<int>(count);
  if (point >= digit_count && point <= 21) {
    out.append(digits.data(), count).append(static_cast<std::size_t>(point - digit_count), '0');
  } else if (point > 0 && point <= 21) {
    const auto whole = static_cast<std::size_t>(point);
    out.append(digits.data(), whole).append(1, '.').append(digits.data() + whole, count - whole);
  } else if (point > -6 && point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits.data(), count);
  } else {
    out += digits[0];
    if (count > 1) out.append(1, '.').append(digits.data() + 1, count - 1);
    out.append(exponent < 0 ? "e-" : "e+");
    append_integer(std::abs(exponent), out);
  }
}

// Bytes of UTF-8 compare like code points. UTF-16 differs in one case only: U+10000 and above (whose first
// byte is F0 to F4) are surrogates there, which sort before U+E000 to U+FFFF (first byte EE or EF).
bool member_less(std::string_view left, std::string_view right) {
  const std::size_t size = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < size; ++i) {
    const auto a = static_cast<unsigned char>(left[i]);
    const auto b = static_cast<unsigned char>(right[i]);
    if (a == b) continue;
    if (a >= 0xEEU && b >= 0xEEU && (a >= 0xF0U) != (b >= 0xF0U)) return a >= 0xF0U;
    return a < b;
  }
  return left.size() < right.size();
}

std::string canonical(std::string_view text, Limits limits) {
  Reader reader(limits);
  std::string out;
  out.reserve(text.size());
  append_canonical(reader.read(text), out);
  return out;
}

}  // namespace reeve::json
