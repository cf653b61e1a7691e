// Text by code points, digests and encodings.

#include "base/hash.h"
#include "base/regular_expression.h"
#include "base/utf8.h"
#include "sql/functions_internal.h"
#include "sql/letters.h"
#include "sql/md5.h"

#include <algorithm>
#include <vector>

namespace reeve::sql {
namespace {

std::vector<char32_t> decoded(std::string_view text) {
  std::vector<char32_t> out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    char32_t point = more == 0 ? lead : more == 1 ? lead & 0x1FU : more == 2 ? lead & 0x0FU : lead & 0x07U;
    for (int k = 0; k < more && i + 1 < text.size(); ++k)
      point = (point << 6U) | (static_cast<unsigned char>(text[++i]) & 0x3FU);
    out.push_back(point);
  }
  return out;
}

void append(char32_t point, std::string& out) {
  const auto byte = [&](char32_t value) { out += static_cast<char>(value); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0U | (point >> 6U));
    byte(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    byte(0xE0U | (point >> 12U));
    byte(0x80U | ((point >> 6U) & 0x3FU));
    byte(0x80U | (point & 0x3FU));
  } else {
    byte(0xF0U | (point >> 18U));
    byte(0x80U | ((point >> 12U) & 0x3FU));
    byte(0x80U | ((point >> 6U) & 0x3FU));
    byte(0x80U | (point & 0x3FU));
  }
}

std::string encoded(std::span<const char32_t> points) {
  std::string out;
  for (const char32_t point : points) append(point, out);
  return out;
}

Value lower_value(Arguments a) {
  auto points = decoded(a[0].text());
  for (char32_t& point : points) point = lower_letter(point);
  return encoded(points);
}

Value upper_value(Arguments a) {
  auto points = decoded(a[0].text());
  for (char32_t& point : points) point = upper_letter(point);
  return encoded(points);
}

Value initcap_value(Arguments a) {
  auto points = decoded(a[0].text());
  bool inside = false;
  for (char32_t& point : points) {
    point = inside ? lower_letter(point) : upper_letter(point);
    inside = (point >= '0' && point <= '9') || lower_letter(point) != point || upper_letter(point) != point ||
             point >= 0x80;
  }
  return encoded(points);
}

Value substr_value(Arguments a) {
  const auto points = decoded(a[0].text());
  const auto size = static_cast<std::int64_t>(points.size());
  std::int64_t first = a[1].integer();
  std::int64_t last = size + 1;
  if (a.size() > 2) {
    if (a[2].integer() < 0) fail("negative substring length not allowed");
    if (__builtin_add_overflow(first, a[2].integer(), &last)) last = size + 1;
  }
  first = std::clamp<std::int64_t>(first, 1, size + 1);
  last = std::clamp<std::int64_t>(last, first, size + 1);
  return encoded(
      std::span(points).subspan(static_cast<std::size_t>(first - 1), static_cast<std::size_t>(last - first)));
}

/// How many code points a count, from the end when negative, leaves of `size`.
std::size_t taken(std::int64_t count, std::size_t size) {
  const auto whole = static_cast<std::int64_t>(size);
  return static_cast<std::size_t>(count < 0 ? std::max<std::int64_t>(whole + std::max(count, -whole), 0)
                                            : std::min(count, whole));
}

Value left_value(Arguments a) {
  const auto points = decoded(a[0].text());
  return encoded(std::span(points).first(taken(a[1].integer(), points.size())));
}

Value right_value(Arguments a) {
  const auto points = decoded(a[0].text());
  return encoded(std::span(points).last(taken(a[1].integer(), points.size())));
}

void check_size(std::size_t size) {
  if (size > text_max) throw Error(ErrorCode::limit_exceeded, "the text would be larger than 16 MB");
}

Value repeat_value(Arguments a) {
  std::string out;
  const std::int64_t count = std::max<std::int64_t>(a[1].integer(), 0);
  if (a[0].text().empty()) return out;
  check_size(static_cast<std::size_t>(std::min<std::int64_t>(count, text_max + 1)) * a[0].text().size());
  for (std::int64_t i = 0; i < count; ++i) out += a[0].text();
  return out;
}

Value reverse_value(Arguments a) {
  auto points = decoded(a[0].text());
  std::reverse(points.begin(), points.end());
  return encoded(points);
}

template <bool Left>
Value pad_value(Arguments a) {
  auto points = decoded(a[0].text());
  const auto fill = decoded(a[2].text());
  const std::int64_t wanted = std::max<std::int64_t>(a[1].integer(), 0);
  check_size(static_cast<std::size_t>(wanted));
  const auto width = static_cast<std::size_t>(wanted);
  if (points.size() >= width || fill.empty())
    return encoded(std::span(points).first(std::min(points.size(), width)));
  std::vector<char32_t> padding;
  for (std::size_t i = 0; i < width - points.size(); ++i) padding.push_back(fill[i % fill.size()]);
  return Left ? encoded(padding) + encoded(points) : encoded(points) + encoded(padding);
}

Value translate_value(Arguments a) {
  const auto from = decoded(a[1].text());
  const auto to = decoded(a[2].text());
  std::string out;
  for (const char32_t point : decoded(a[0].text())) {
    const auto found = static_cast<std::size_t>(std::find(from.begin(), from.end(), point) - from.begin());
    if (found == from.size())
      append(point, out);
    else if (found < to.size())
      append(to[found], out);
  }
  return out;
}

Value ascii_value(Arguments a) {
  const auto points = decoded(a[0].text());
  return points.empty() ? std::int64_t{0} : static_cast<std::int64_t>(points[0]);
}

Value chr_value(Arguments a) {
  const std::int64_t point = a[0].integer();
  if (point <= 0 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
    fail("requested character is not valid");
  std::string out;
  append(static_cast<char32_t>(point), out);
  return out;
}

Value starts_with_value(Arguments a) { return std::int64_t{a[0].text().starts_with(a[1].text()) ? 1 : 0}; }

Value split_part_value(Arguments a) {
  const std::string_view text = a[0].text();
  const std::string_view separator = a[1].text();
  std::int64_t wanted = a[2].integer();
  if (wanted == 0) fail("field position must not be zero");
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  while (!separator.empty()) {
    const auto at = text.find(separator, from);
    if (at == std::string_view::npos) break;
    parts.push_back(text.substr(from, at - from));
    from = at + separator.size();
  }
  parts.push_back(text.substr(from));
  if (text.empty()) return std::string();
  if (wanted < 0) wanted += static_cast<std::int64_t>(parts.size()) + 1;
  if (wanted < 1 || wanted > static_cast<std::int64_t>(parts.size())) return std::string();
  return std::string(parts[static_cast<std::size_t>(wanted) - 1]);
}

Value concat_value(Arguments a) {
  std::string out;
  for (const ValueView& part : a)
    if (!part.is_null()) out += part.text();
  return out;
}

Value concat_ws_value(Arguments a) {
  if (a[0].is_null()) return Null{};
  std::string out;
  bool first = true;
  for (const ValueView& part : a.subspan(1)) {
    if (part.is_null()) continue;
    if (!first) out += a[0].text();
    first = false;
    out += part.text();
  }
  return out;
}

/// LIKE: % any text, _ one code point, the escape takes the next literally. Backtracks to the last % only,
/// so its time is bounded by the product of the lengths.
bool like(std::span<const char32_t> text, std::span<const char32_t> pattern, std::optional<char32_t> escape) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = SIZE_MAX;
  std::size_t resume = 0;
  while (t < text.size()) {
    bool matched = false;
    std::size_t width = 1;
    if (p < pattern.size() && !(escape && pattern[p] == *escape) && pattern[p] == '%') {
      star = p++;
      resume = t;
      continue;
    }
    if (p < pattern.size()) {
      if (escape && pattern[p] == *escape) {
        if (p + 1 == pattern.size()) fail("LIKE pattern must not end with escape character");
        matched = pattern[p + 1] == text[t];
        width = 2;
      } else {
        matched = pattern[p] == '_' || pattern[p] == text[t];
      }
    }
    if (matched) {
      p += width;
      ++t;
    } else if (star != SIZE_MAX) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%' && !(escape && *escape == '%')) ++p;
  return p == pattern.size();
}

template <bool Fold>
Value like_value(Arguments a) {
  auto text = decoded(a[0].text());
  auto pattern = decoded(a[1].text());
  if (Fold) {
    for (char32_t& point : text) point = lower_letter(point);
    for (char32_t& point : pattern) point = lower_letter(point);
  }
  std::optional<char32_t> escape = U'\\';
  if (a.size() > 2) {
    const auto given = decoded(a[2].text());
    if (given.size() > 1) fail("invalid escape string");
    escape = given.empty() ? std::optional<char32_t>{} : given[0];
  }
  return std::int64_t{like(text, pattern, escape) ? 1 : 0};
}

Bytes bytes_of(std::string_view text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return Bytes(data, data + text.size());
}

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

Value md5_value(Arguments a) { return hex(md5(a[0].text())); }

Value sha256_value(Arguments a) {
  Bytes out(crypto_hash_sha256_BYTES);
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()),
                     reinterpret_cast<const unsigned char*>(a[0].text().data()), a[0].text().size());
  return out;
}

/// The pattern is what the translation made of PostgreSQL's.
Value regular_match(Arguments a) {
  return std::int64_t{matches(a[0].text(), std::string(a[1].text())) ? 1 : 0};
}

Value regular_replace(Arguments a) {
  return replace_matches(a[0].text(), std::string(a[1].text()), a[2].text(), a[3].integer() != 0);
}

Value sha512_value(Arguments a) {
  Bytes out(crypto_hash_sha512_BYTES);
  crypto_hash_sha512(reinterpret_cast<unsigned char*>(out.data()),
                     reinterpret_cast<const unsigned char*>(a[0].text().data()), a[0].text().size());
  return out;
}

Value bytea_concat(Arguments a) {
  Bytes out = bytes_of(a[0].text());
  const Bytes right = bytes_of(a[1].text());
  out.insert(out.end(), right.begin(), right.end());
  return out;
}

/// What is asked for before the first byte counts towards the length.
Value bytea_substr(Arguments a) {
  const auto size = static_cast<std::int64_t>(a[0].text().size());
  const std::int64_t start = a[1].integer();
  const std::int64_t end = a.size() > 2 ? start + a[2].integer() : size + 1;
  if (a.size() > 2 && a[2].integer() < 0) fail("negative substring length not allowed");
  const std::int64_t from = std::clamp<std::int64_t>(start, 1, size + 1);
  const std::int64_t until = std::clamp<std::int64_t>(end, from, size + 1);
  return bytes_of(
      a[0].text().substr(static_cast<std::size_t>(from - 1), static_cast<std::size_t>(until - from)));
}

Value get_byte(Arguments a) {
  const std::string_view bytes = a[0].text();
  const std::int64_t place = a[1].integer();
  if (place < 0 || place >= static_cast<std::int64_t>(bytes.size())) fail("index out of the bytes' range");
  return std::int64_t{static_cast<unsigned char>(bytes[static_cast<std::size_t>(place)])};
}

std::string base64(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();
  std::string lines;  // PostgreSQL breaks lines after 76 characters.
  for (std::size_t i = 0; i < out.size(); i += 76) lines += (i > 0 ? "\n" : "") + out.substr(i, 76);
  return lines;
}

Value encode_value(Arguments a) {
  if (a[1].text() == "hex") return hex(a[0].text());
  if (a[1].text() == "base64") return base64(a[0].text());
  fail("unrecognized encoding: hex and base64 are supported");
}

Value decode_value(Arguments a) {
  const std::string_view text = a[0].text();
  Bytes out(text.size());
  std::size_t size = 0;
  int result = -1;
  // libsodium takes bytes beyond ASCII for letters of base64.
  if (std::ranges::any_of(text, [](char letter) { return static_cast<unsigned char>(letter) >= 0x80; })) {
    fail("invalid input for decode()");
  }
  auto* data = reinterpret_cast<unsigned char*>(out.data());
  if (a[1].text() == "hex")
    result = sodium_hex2bin(data, out.size(), text.data(), text.size(), " \n\t\r", &size, nullptr);
  else if (a[1].text() == "base64")
    result = sodium_base642bin(data, out.size(), text.data(), text.size(), " \n\t\r", &size, nullptr,
                               sodium_base64_VARIANT_ORIGINAL);
  else
    fail("unrecognized encoding: hex and base64 are supported");
  if (result != 0) fail("invalid input for decode()");
  out.resize(size);
  return out;
}

void check_encoding(std::string_view name) {
  if (name != "UTF8" && name != "utf8" && name != "UTF-8" && name != "utf-8") fail("only UTF8 is supported");
}

Value convert_to_value(Arguments a) {
  check_encoding(a[1].text());
  return bytes_of(a[0].text());
}

Value convert_from_value(Arguments a) {
  check_encoding(a[1].text());
  if (!is_valid_utf8(a[0].text()) || a[0].text().find('\0') != std::string_view::npos)
    fail("invalid byte sequence for encoding UTF8");
  return std::string(a[0].text());
}

Value to_hex_value(Arguments a) {
  auto value = static_cast<std::uint64_t>(a[0].integer());
  if (a[1].integer() == 32) value &= 0xFFFFFFFFU;
  std::string out;
  do {
    out.insert(out.begin(), "0123456789abcdef"[value & 15U]);
    value >>= 4U;
  } while (value != 0);
  return out;
}

Value quote_literal_value(Arguments a) {
  std::string out = "'";
  bool slash = false;
  for (const char c : a[0].text()) {
    if (c == '\'' || c == '\\') out += c;
    slash = slash || c == '\\';
    out += c;
  }
  return (slash ? "E" : "") + out + "'";
}

Value bytea_text(Arguments a) { return "\\x" + hex(a[0].text()); }
Value text_bytea(Arguments a) { return text_to_bytes(a[0].text()); }

constexpr ScalarFunction table[] = {
    {"reeve_lower", 1, strict<lower_value>},
    {"reeve_upper", 1, strict<upper_value>},
    {"reeve_initcap", 1, strict<initcap_value>},
    {"reeve_substr", -1, strict<substr_value>},
    {"reeve_left", 2, strict<left_value>},
    {"reeve_right", 2, strict<right_value>},
    {"reeve_repeat", 2, strict<repeat_value>},
    {"reeve_reverse", 1, strict<reverse_value>},
    {"reeve_lpad", 3, strict<pad_value<true>>},
    {"reeve_rpad", 3, strict<pad_value<false>>},
    {"reeve_translate", 3, strict<translate_value>},
    {"reeve_ascii", 1, strict<ascii_value>},
    {"reeve_chr", 1, strict<chr_value>},
    {"reeve_starts_with", 2, strict<starts_with_value>},
    {"reeve_split_part", 3, strict<split_part_value>},
    {"reeve_concat", -1, concat_value},
    {"reeve_concat_ws", -1, concat_ws_value},
    {"reeve_like", -1, strict<like_value<false>>},
    {"reeve_ilike", -1, strict<like_value<true>>},
    {"reeve_md5", 1, strict<md5_value>},
    {"reeve_sha256", 1, strict<sha256_value>},
    {"reeve_regular_match", 2, strict<regular_match>},
    {"reeve_regular_replace", 4, strict<regular_replace>},
    {"reeve_sha512", 1, strict<sha512_value>},
    {"reeve_bytea_concat", 2, strict<bytea_concat>},
    {"reeve_bytea_substr", -1, strict<bytea_substr>},
    {"reeve_get_byte", 2, strict<get_byte>},
    {"reeve_encode", 2, strict<encode_value>},
    {"reeve_decode", 2, strict<decode_value>},
    {"reeve_convert_to", 2, strict<convert_to_value>},
    {"reeve_convert_from", 2, strict<convert_from_value>},
    {"reeve_to_hex", 2, strict<to_hex_value>},
    {"reeve_quote_literal", 1, strict<quote_literal_value>},
    {"reeve_bytea_text", 1, strict<bytea_text>},
    {"reeve_text_bytea", 1, strict<text_bytea>},
};

}  // namespace

Bytes text_to_bytes(std::string_view text) {
  Bytes out;
  if (text.starts_with("\\x")) {
    out.resize(text.size());
    std::size_t size = 0;
    const int result = sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                                      text.data() + 2, text.size() - 2, " \n\t\r", &size, nullptr);
    if (result != 0 || text.size() % 2 != 0) fail("invalid hexadecimal digits in bytea");
    out.resize(size);
    return out;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {  // The escape format: \\ and \ooo.
    if (text[i] != '\\') {
      out.push_back(static_cast<std::byte>(text[i]));
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      out.push_back(static_cast<std::byte>(text[i++]));
    } else {
      unsigned value = 0;
      if (i + 3 >= text.size()) fail("invalid input syntax for type bytea");
      for (std::size_t k = 1; k <= 3; ++k) {
        if (text[i + k] < '0' || text[i + k] > (k == 1 ? '3' : '7'))
          fail("invalid input syntax for type bytea");
        value = value * 8 + static_cast<unsigned>(text[i + k] - '0');
      }
      out.push_back(static_cast<std::byte>(value));
      i += 3;
    }
  }
  return out;
}

std::span<const ScalarFunction> text_functions() { return table; }

}  // namespace reeve::sql
