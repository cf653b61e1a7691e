#include "answers.h"

#include "base/hash.h"
#include "base/json.h"
#include "sql/functions_internal.h"
#include "sql/parser.h"

#include <algorithm>
#include <string_view>

namespace reeve::test {

using sql::Type;

std::string for_postgres(const std::string& text) {
  std::string out;
  std::size_t copied = 0;
  for (const sql::Token& token : sql::scan(text, {})) {
    if (token.kind != PG_QUERY__TOKEN__FCONST) continue;
    const auto start = static_cast<std::size_t>(token.start);
    const auto end = static_cast<std::size_t>(token.end);
    const std::string digits = text.substr(start, end - start);
    if (digits.find_first_of(".eE") == std::string::npos) continue;
    out += text.substr(copied, start - copied) + "float8 '" + digits + "'";
    copied = end;
  }
  return out + text.substr(copied);
}

namespace {

/// jsonb writes 1e21 with all of its digits, as canonical JSON has no integers: an exponent marks a double.
std::string with_marked_doubles(const std::string& text) {
  constexpr std::string_view starts = "-0123456789";
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    if (!in_string && starts.find(text[i]) != std::string_view::npos) {
      const auto end = std::min(text.find_first_not_of("0123456789.eE+-", i), text.size());
      const std::string number = text.substr(i, end - i);
      out += number;
      if (number.size() >= 22 && number.find_first_of(".eE") == std::string::npos) out += "e0";
      i = end;
      continue;
    }
    if (text[i] == '"') in_string = !in_string;
    if (in_string && text[i] == '\\') out += text[i++];
    out += text[i++];
  }
  return out;
}

}  // namespace

std::string normal(const std::string& text, Type type) {
  switch (type) {
    case Type::boolean: return text == "t" || text == "1" ? "1" : "0";
    case Type::double_precision: return sql::write_double(sql::text_to_double(text) + 0.0);
    case Type::jsonb: return json::canonical(with_marked_doubles(text));
    case Type::timestamptz: return sql::text_to_time(text);
    default: return text;
  }
}

std::string written(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value))
    return sql::write_double(*real + 0.0);  // Stored, a zero has no sign.
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  const auto& bytes = std::get<Bytes>(value);
  return "\\x" + to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

bool fits(const Value& value, Type type) {
  if (std::holds_alternative<Null>(value)) return true;
  switch (type) {
    case Type::boolean:
    case Type::integer:
    case Type::bigint: return std::holds_alternative<std::int64_t>(value);
    case Type::double_precision: return std::holds_alternative<double>(value);
    case Type::bytea: return std::holds_alternative<Bytes>(value);
    default: return std::holds_alternative<std::string>(value);
  }
}

Answer as_text(const SqliteAnswer& answer) {
  Answer out;
  out.error = answer.error;
  for (const auto& values : answer.rows) {
    Row row;
    for (const Value& value : values)
      row.push_back(std::holds_alternative<Null>(value) ? std::optional<std::string>{} : written(value));
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace reeve::test
