#pragma once
// What the files of registered functions share: PostgreSQL's input and output of values as text. The
// analyser uses the same for literals, so that a literal and a value at run time can't differ.

#include "base/json.h"
#include "base/value.h"
#include "sql/functions.h"

#include <reeve/error.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reeve::sql {

/// A finite double from decimal digits, correctly rounded; nothing for anything else.
std::optional<double> read_double(std::string_view text);
/// PostgreSQL's text of a float8: the fewest digits that read back as the same value.
std::string write_double(double value);

// Each throws invalid_input in PostgreSQL's words.
bool text_to_boolean(std::string_view text);
std::int64_t text_to_integer(std::string_view text, std::int64_t low, std::int64_t high);
double text_to_double(std::string_view text);
std::string text_to_uuid(std::string_view text);
std::string text_to_date(std::string_view text);
std::string text_to_time(std::string_view text);
Bytes text_to_bytes(std::string_view text);

/// Throws invalid_input unless finite.
double finite(double value);

using Arguments = std::span<const ValueView>;

/// As PostgreSQL's strict functions: NULL for a NULL.
template <Value (*Function)(Arguments)>
Value strict(Arguments arguments) {
  for (const ValueView& argument : arguments)
    if (argument.is_null()) return Null{};
  return Function(arguments);
}

[[noreturn]] inline void fail(const std::string& message) { throw Error(ErrorCode::invalid_input, message); }

/// The functions of each theme.
std::span<const ScalarFunction> number_functions();
std::span<const ScalarFunction> text_functions();
std::span<const ScalarFunction> time_functions();
std::span<const ScalarFunction> json_functions();
std::span<const ScalarFunction> json_path_functions();
std::span<const ScalarFunction> interval_functions();
std::span<const ScalarFunction> calendar_functions();
std::span<const AggregateFunction> collecting_functions();

/// The bytes that repeat() makes at most, and the letters of lpad() and rpad(); above it: limit_exceeded.
constexpr std::size_t text_max = std::size_t{16} * 1024 * 1024;

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, and back.
std::int64_t days_of(std::string_view date);
std::string date_of(std::int64_t days);

/// PostgreSQL's text of a part of jsonb.
void append_json_text(const simdjson::dom::element& value, std::string& out);

/// A value as canonical JSON by the translation's letter: j is JSON already, b a boolean, t by its kind.
void append_json(char letter, const ValueView& value, std::string& out);

}  // namespace reeve::sql
