// PostgreSQL's text of jsonb, as ->> and its kin give it: members by length and then by bytes, a blank behind each
// colon and comma, numbers with all of their digits.

#include "base/json.h"
#include "sql/functions_internal.h"

#include <algorithm>
#include <vector>

namespace reeve::sql {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// Of 1.5e-7 the digits 15, their sign, and how many of them stand before the point: -6.
struct Decimal {
  bool negative = false;
  std::string digits;
  int whole = 0;
};

Decimal decimal_of(std::string_view number) {
  Decimal out;
  out.negative = number.starts_with('-');
  if (out.negative) number.remove_prefix(1);
  const auto e = number.find('e');
  int exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view digits = number.substr(e + 1);
    const bool below = digits.starts_with('-');
    if (below || digits.starts_with('+')) digits.remove_prefix(1);
    for (const char c : digits) exponent = exponent * 10 + (c - '0');
    if (below) exponent = -exponent;
    number = number.substr(0, e);
  }
  const auto point = number.find('.');
  out.digits = number.substr(0, point);
  out.whole = static_cast<int>(out.digits.size()) + exponent;
  if (point != std::string_view::npos) out.digits += number.substr(point + 1);
  return out;
}

void append_plain_number(double value, std::string& out) {
  std::string number;
  json::append_canonical_number(value, number);
  if (number.find('e') == std::string::npos) {
    out += number;
    return;
  }
  const Decimal decimal = decimal_of(number);
  const auto size = static_cast<int>(decimal.digits.size());
  if (decimal.negative) out += '-';
  if (decimal.whole <= 0) {
    out += "0." + std::string(static_cast<std::size_t>(-decimal.whole), '0') + decimal.digits;
  } else if (decimal.whole >= size) {
    out += decimal.digits + std::string(static_cast<std::size_t>(decimal.whole - size), '0');
  } else {
    const auto whole = static_cast<std::size_t>(decimal.whole);
    out += decimal.digits.substr(0, whole) + "." + decimal.digits.substr(whole);
  }
}

void append_object(simdjson::dom::object object, std::string& out) {
  std::vector<std::pair<std::string_view, element>> members;
  for (const auto& [key, value] : object) members.emplace_back(key, value);
  std::sort(members.begin(), members.end(), [](const auto& left, const auto& right) {
    if (left.first.size() != right.first.size()) return left.first.size() < right.first.size();
    return left.first < right.first;
  });
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ", ";
    json::append_canonical_string(members[i].first, out);
    out += ": ";
    append_json_text(members[i].second, out);
  }
  out += '}';
}

}  // namespace

void append_json_text(const element& value, std::string& out) {
  switch (value.type()) {
    case element_type::OBJECT: append_object(simdjson::dom::object(value), out); return;
    case element_type::ARRAY: {
      out += '[';
      bool first = true;
      for (const element item : simdjson::dom::array(value)) {
        if (!first) out += ", ";
        first = false;
        append_json_text(item, out);
      }
      out += ']';
      return;
    }
    case element_type::DOUBLE: append_plain_number(double(value), out); return;
    default: json::append_canonical(value, out);
  }
}

}  // namespace reeve::sql
