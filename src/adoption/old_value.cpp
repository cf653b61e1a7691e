#include "adoption/old_value.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace reeve::adoption {

namespace {

using sql::Type;

/// Integers up to here are exact as doubles.
constexpr std::int64_t exact_max = std::int64_t{1} << 53;

bool holds(std::string_view declared, std::string_view word) {
  return declared.find(word) != std::string_view::npos;
}

/// `2024-05-06 07:08[:09[.123456]]`, with a T too, and with or without a zone: SQLite's own functions take and give UTC
/// where none is said.
std::optional<std::string> time_of(std::string_view text) {
  constexpr std::size_t date_size = 10;
  constexpr std::size_t minutes_size = 16;
  if (text.size() < minutes_size || (text[date_size] != ' ' && text[date_size] != 'T')) {
    return std::nullopt;
  }
  std::string whole(text);
  whole[date_size] = 'T';
  const std::size_t zone = whole.find_first_of("Z+-", date_size + 1);
  std::string clock = whole.substr(0, zone);
  if (clock.size() == minutes_size) {
    clock += ":00";
  }
  const std::size_t point = clock.find('.');
  if (point != std::string::npos && clock.size() - point > 7) {
    return std::nullopt;  // finer than microseconds
  }
  const auto time = parse_time(clock + (zone == std::string::npos ? std::string("Z") : whole.substr(zone)));
  return time ? std::optional(format_time(*time)) : std::nullopt;
}

std::string hexadecimal(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\\x";
  for (const char byte : bytes) {
    out += digits[static_cast<unsigned char>(byte) >> 4U];
    out += digits[static_cast<unsigned char>(byte) & 15U];
  }
  return out;
}

std::string text_of_real(double real) {
  if (std::isinf(real)) {
    return real > 0 ? "Infinity" : "-Infinity";
  }
  std::string out;
  json::append_canonical_number(real, out);
  return out;
}

}  // namespace

std::vector<Type> types_declared(std::string_view declared) {
  std::string upper(declared);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (upper.empty() || upper == "ANY") return {Type::bytea, Type::bigint, Type::double_precision, Type::text};
  if (holds(upper, "BOOL")) return {Type::boolean};
  if (holds(upper, "DATETIME") || holds(upper, "TIMESTAMP")) return {Type::timestamptz};
  if (upper == "DATE") return {Type::date};
  if (holds(upper, "INT")) return {Type::bigint};
  if (holds(upper, "CHAR") || holds(upper, "CLOB") || holds(upper, "TEXT") || holds(upper, "JSON") ||
      holds(upper, "UUID") || holds(upper, "STRING")) {
    return {Type::text};
  }
  if (holds(upper, "BLOB")) return {Type::bytea};
  if (holds(upper, "REAL") || holds(upper, "FLOA") || holds(upper, "DOUB")) return {Type::double_precision};
  return {Type::bigint, Type::double_precision};
}

bool fits(Type type, const ValueView& value) {
  using Kind = ValueView::Kind;
  const Kind kind = value.kind();
  if (kind == Kind::null) return true;
  switch (type) {
    case Type::boolean: return kind == Kind::integer && (value.integer() == 0 || value.integer() == 1);
    case Type::integer:
    case Type::bigint: return kind == Kind::integer;
    case Type::double_precision:
      return kind == Kind::real
                 ? std::isfinite(value.real())
                 : kind == Kind::integer && value.integer() <= exact_max && value.integer() >= -exact_max;
    case Type::text: return kind == Kind::text && is_valid_utf8(value.text());
    case Type::date: return kind == Kind::text && is_date(value.text());
    case Type::timestamptz: return kind == Kind::text && time_of(value.text());
    case Type::bytea: return kind == Kind::bytes;
    default: return false;
  }
}

ValueView converted(Type type, const ValueView& value, std::string& scratch) {
  using Kind = ValueView::Kind;
  if (value.kind() == Kind::null) return {};
  if (type == Type::double_precision && value.kind() == Kind::integer) {
    return ValueView::of(static_cast<double>(value.integer()));
  }
  if (type == Type::timestamptz) {
    scratch = time_of(value.text()).value();
    return ValueView::of(std::string_view(scratch));
  }
  if (type != Type::text || fits(Type::text, value)) {
    return value;
  }
  switch (value.kind()) {
    case Kind::integer: scratch = std::to_string(value.integer()); break;
    case Kind::real: scratch = text_of_real(value.real()); break;
    default: scratch = hexadecimal(value.text()); break;
  }
  return ValueView::of(std::string_view(scratch));
}

bool is_rewritten(Type type, const ValueView& value) {
  if (value.is_null() || type != Type::timestamptz) {
    return false;
  }
  std::string scratch;
  return converted(type, value, scratch).text() != value.text();
}

std::string shown(const ValueView& value) {
  std::string scratch;
  const ValueView text = converted(Type::text, value, scratch);
  return text.is_null() ? std::string("NULL") : std::string(text.text());
}

}  // namespace reeve::adoption
