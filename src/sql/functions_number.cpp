// Integers that never wrap, doubles that are never infinite, and their text.

#include "sql/functions_internal.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

namespace reeve::sql {
namespace {

std::string_view trim_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r\f\v";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

double real_of(const ValueView& value) {
  if (value.kind() == ValueView::Kind::integer) return static_cast<double>(value.integer());
  if (value.kind() != ValueView::Kind::real) throw Error(ErrorCode::type_mismatch, "a number is expected");
  return value.real();
}

std::int64_t integer_of(const ValueView& value) {
  if (value.kind() == ValueView::Kind::integer) return value.integer();
  // Plain arithmetic of SQLite gives a REAL where 64 bits overflow.
  if (value.kind() == ValueView::Kind::real) fail("bigint out of range");
  throw Error(ErrorCode::type_mismatch, "an integer is expected");
}

Value integer(Arguments a) {
  const std::int64_t value = a[0].kind() == ValueView::Kind::real ? INT64_MAX : integer_of(a[0]);
  if (value < INT32_MIN || value > INT32_MAX) fail("integer out of range");
  return value;
}

Value add(Arguments a) {
  std::int64_t out = 0;
  if (__builtin_add_overflow(integer_of(a[0]), integer_of(a[1]), &out)) fail("bigint out of range");
  return out;
}

Value subtract(Arguments a) {
  std::int64_t out = 0;
  if (__builtin_sub_overflow(integer_of(a[0]), integer_of(a[1]), &out)) fail("bigint out of range");
  return out;
}

Value multiply(Arguments a) {
  std::int64_t out = 0;
  if (__builtin_mul_overflow(integer_of(a[0]), integer_of(a[1]), &out)) fail("bigint out of range");
  return out;
}

Value divide(Arguments a) {
  const std::int64_t left = integer_of(a[0]);
  const std::int64_t right = integer_of(a[1]);
  if (right == 0) fail("division by zero");
  if (left == INT64_MIN && right == -1) fail("bigint out of range");
  return left / right;
}

Value modulo(Arguments a) {
  const std::int64_t right = integer_of(a[1]);
  if (right == 0) fail("division by zero");
  return right == -1 ? std::int64_t{0} : integer_of(a[0]) % right;
}

Value greatest_divisor(Arguments a) {
  const std::int64_t left = integer_of(a[0]);
  const std::int64_t right = integer_of(a[1]);
  if (left == INT64_MIN || right == INT64_MIN) fail("bigint out of range");
  return std::gcd(left, right);
}

Value finite_value(Arguments a) { return finite(real_of(a[0])); }

Value double_multiply(Arguments a) {
  const double left = real_of(a[0]);
  const double right = real_of(a[1]);
  const double out = finite(left * right);
  if (out == 0 && left != 0 && right != 0) fail("value out of range: underflow");
  return out;
}

Value double_divide(Arguments a) {
  const double left = real_of(a[0]);
  const double right = real_of(a[1]);
  if (right == 0) fail("division by zero");
  const double out = finite(left / right);
  if (out == 0 && left != 0) fail("value out of range: underflow");
  return out;
}

Value to_integer(double value, double low, double high, const char* message) {
  const double rounded = std::nearbyint(value);  // Half to even, as PostgreSQL's rint().
  if (!(rounded >= low && rounded < high)) fail(message);
  return static_cast<std::int64_t>(rounded);
}

Value double_integer(Arguments a) {
  return to_integer(real_of(a[0]), -2147483648.0, 2147483648.0, "integer out of range");
}
Value double_bigint(Arguments a) {
  return to_integer(real_of(a[0]), -9223372036854775808.0, 9223372036854775808.0, "bigint out of range");
}
Value text_integer(Arguments a) { return text_to_integer(a[0].text(), INT32_MIN, INT32_MAX); }
Value text_bigint(Arguments a) { return text_to_integer(a[0].text(), INT64_MIN, INT64_MAX); }
Value text_double(Arguments a) { return text_to_double(a[0].text()); }
Value text_boolean(Arguments a) { return std::int64_t{text_to_boolean(a[0].text()) ? 1 : 0}; }
Value double_text(Arguments a) { return write_double(real_of(a[0])); }

Value floor_value(Arguments a) { return std::floor(real_of(a[0])); }
Value ceil_value(Arguments a) { return std::ceil(real_of(a[0])); }
Value round_value(Arguments a) { return std::nearbyint(real_of(a[0])); }
Value trunc_value(Arguments a) { return std::trunc(real_of(a[0])); }
Value sign_value(Arguments a) {
  const double value = real_of(a[0]);
  return value > 0 ? 1.0 : value < 0 ? -1.0 : 0.0;
}

Value sqrt_value(Arguments a) {
  const double value = real_of(a[0]);
  if (value < 0) fail("cannot take square root of a negative number");
  return std::sqrt(value);
}

Value power_value(Arguments a) {
  const double base = real_of(a[0]);
  const double exponent = real_of(a[1]);
  if (base == 0 && exponent < 0) fail("zero raised to a negative power is undefined");
  if (base < 0 && std::floor(exponent) != exponent)
    fail("a negative number raised to a non-integer power yields a complex result");
  const double out = finite(std::pow(base, exponent));
  if (out == 0 && base != 0) fail("value out of range: underflow");
  return out;
}

int compare(const ValueView& left, const ValueView& right) {
  if (left.kind() == ValueView::Kind::text || left.kind() == ValueView::Kind::bytes) {
    const int order = left.text().compare(right.text());
    return order;
  }
  if (left.kind() == ValueView::Kind::integer && right.kind() == ValueView::Kind::integer)
    return left.integer() < right.integer() ? -1 : left.integer() > right.integer() ? 1 : 0;
  const double a = real_of(left);
  const double b = real_of(right);
  return a < b ? -1 : a > b ? 1 : 0;
}

template <int Sign>
Value extreme(Arguments arguments) {
  const ValueView* best = nullptr;
  for (const ValueView& argument : arguments)
    if (!argument.is_null() && (best == nullptr || compare(argument, *best) * Sign > 0)) best = &argument;
  return best == nullptr ? Value{Null{}} : best->to_value();
}

template <bool Offset>
Value row_count(Arguments a) {
  if (a[0].is_null()) return Offset ? std::int64_t{0} : std::int64_t{-1};
  const std::int64_t value = integer_of(a[0]);
  if (value < 0) fail(Offset ? "OFFSET must not be negative" : "LIMIT must not be negative");
  return value;
}

constexpr std::int64_t series_max = 1000000;

Value series(Arguments a) {
  const std::int64_t first = integer_of(a[0]);
  const std::int64_t last = integer_of(a[1]);
  const std::int64_t step = a.size() > 2 ? integer_of(a[2]) : 1;
  if (step == 0) fail("step size cannot equal zero");
  std::string out = "[";
  std::int64_t count = 0;
  for (std::int64_t value = first; step > 0 ? value <= last : value >= last;) {
    if (++count > series_max)
      throw Error(ErrorCode::limit_exceeded, "generate_series() gives more than 1000000 rows");
    if (out.size() > 1) out += ',';
    out += std::to_string(value);
    if (__builtin_add_overflow(value, step, &value)) break;
  }
  return out + "]";
}

/// The least number that both divide; 0 with 0.
Value least_multiple(Arguments a) {
  if (a[0].integer() == 0 || a[1].integer() == 0) return std::int64_t{0};
  const std::int64_t divisor = std::get<std::int64_t>(greatest_divisor(a));
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a[0].integer() / divisor, a[1].integer(), &product) || product == INT64_MIN)
    fail("bigint out of range");
  return product < 0 ? -product : product;
}

constexpr ScalarFunction table[] = {
    {"reeve_integer", 1, strict<integer>},
    {"reeve_add", 2, strict<add>},
    {"reeve_subtract", 2, strict<subtract>},
    {"reeve_multiply", 2, strict<multiply>},
    {"reeve_divide", 2, strict<divide>},
    {"reeve_modulo", 2, strict<modulo>},
    {"reeve_gcd", 2, strict<greatest_divisor>},
    {"reeve_lcm", 2, strict<least_multiple>},
    {"reeve_finite", 1, strict<finite_value>},
    {"reeve_double_multiply", 2, strict<double_multiply>},
    {"reeve_double_divide", 2, strict<double_divide>},
    {"reeve_double_integer", 1, strict<double_integer>},
    {"reeve_double_bigint", 1, strict<double_bigint>},
    {"reeve_double_text", 1, strict<double_text>},
    {"reeve_double", 1, strict<text_double>},
    {"reeve_text_integer", 1, strict<text_integer>},
    {"reeve_text_bigint", 1, strict<text_bigint>},
    {"reeve_text_double", 1, strict<text_double>},
    {"reeve_text_boolean", 1, strict<text_boolean>},
    {"reeve_floor", 1, strict<floor_value>},
    {"reeve_ceil", 1, strict<ceil_value>},
    {"reeve_round", 1, strict<round_value>},
    {"reeve_trunc", 1, strict<trunc_value>},
    {"reeve_sign", 1, strict<sign_value>},
    {"reeve_sqrt", 1, strict<sqrt_value>},
    {"reeve_power", 2, strict<power_value>},
    {"reeve_greatest", -1, extreme<1>},
    {"reeve_least", -1, extreme<-1>},
    {"reeve_limit", 1, row_count<false>},
    {"reeve_offset", 1, row_count<true>},
    {"reeve_series", -1, strict<series>},
};

}  // namespace

double finite(double value) {
  if (!std::isfinite(value)) fail("value out of range: overflow");
  return value;
}

std::optional<double> read_double(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

std::string write_double(double value) {
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  char buffer[64];
  const auto scientific = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<std::size_t>(scientific.ptr - buffer));
  int exponent = 0;
  const auto mark = text.find('e');
  const char* digits = text.data() + mark + 1;
  if (*digits == '+') ++digits;
  std::from_chars(digits, scientific.ptr, exponent);
  if (exponent < -4 || exponent >= 15)
    return std::string(text);  // Both write two digits of exponent at least.
  const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  return std::string(buffer, fixed.ptr);
}

bool text_to_boolean(std::string_view text) {
  std::string word;
  for (const char c : trim_blanks(text)) word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto begins = [&](std::string_view whole, std::size_t least) {
    return word.size() >= least && whole.starts_with(word);
  };
  if (begins("true", 1) || begins("yes", 1) || begins("on", 2) || word == "1") return true;
  if (begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0") return false;
  fail("invalid input syntax for type boolean");
}

std::int64_t text_to_integer(std::string_view text, std::int64_t low, std::int64_t high) {
  std::string_view digits = trim_blanks(text);
  const char* type = low == INT32_MIN ? "integer" : "bigint";
  if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || end != digits.data() + digits.size() || failure == std::errc::invalid_argument)
    fail(std::string("invalid input syntax for type ") + type);
  if (failure != std::errc() || value < low || value > high)
    fail(std::string("value is out of range for type ") + type);
  return value;
}

double text_to_double(std::string_view text) {
  const auto value = read_double(trim_blanks(text));
  if (!value) fail("invalid input syntax for type double precision, or out of range");
  return *value;
}

std::span<const ScalarFunction> number_functions() { return table; }

}  // namespace reeve::sql
