#include "sql/interval.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace reeve::sql {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;

struct Unit {
  std::string_view name;
  std::int64_t months;
  std::int64_t days;
  std::int64_t microseconds;
};

/// Singular; an s may follow.
constexpr Unit units[] = {
    {"microsecond", 0, 0, 1}, {"millisecond", 0, 0, 1000}, {"second", 0, 0, second}, {"sec", 0, 0, second},
    {"minute", 0, 0, minute}, {"min", 0, 0, minute},       {"hour", 0, 0, hour},     {"day", 0, 1, 0},
    {"week", 0, 7, 0},        {"month", 1, 0, 0},          {"mon", 1, 0, 0},         {"year", 12, 0, 0},
    {"decade", 120, 0, 0},    {"century", 1200, 0, 0},     {"centurie", 1200, 0, 0},
};

const Unit* unit_named(std::string_view name) {
  for (const Unit& unit : units)
    if (unit.name == name || (name.ends_with('s') && unit.name == name.substr(0, name.size() - 1)))
      return &unit;
  return nullptr;
}

/// Digits with at most one point: whole units, and the rest in millionths.
struct Number {
  bool negative = false;
  std::int64_t whole = 0;
  std::int64_t millionths = 0;
};

std::optional<Number> read_number(std::string_view text) {
  Number out;
  if (text.starts_with('-') || text.starts_with('+')) {
    out.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (whole.empty() || whole.size() > 15) return {};
  auto [end, failure] = std::from_chars(whole.data(), whole.data() + whole.size(), out.whole);
  if (failure != std::errc() || end != whole.data() + whole.size() || whole[0] == '-') return {};
  if (point == std::string_view::npos) return out;
  std::string rest(text.substr(point + 1));
  if (rest.empty() || rest.size() > 6 || rest.find_first_not_of("0123456789") != std::string::npos) return {};
  rest.resize(6, '0');
  std::from_chars(rest.data(), rest.data() + rest.size(), out.millionths);
  return out;
}

/// `HH:MM` or `HH:MM:SS.ssssss`.
std::optional<std::int64_t> read_clock(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto first = text.find(':');
  const auto next = text.find(':', first + 1);
  const auto hours = read_number(text.substr(0, first));
  const auto minutes =
      read_number(text.substr(first + 1, next == std::string_view::npos ? next : next - first - 1));
  std::optional<Number> seconds = Number{};
  if (next != std::string_view::npos) seconds = read_number(text.substr(next + 1));
  if (!hours || !minutes || !seconds || minutes->whole > 59 || seconds->whole > 59 ||
      hours->millionths != 0 || minutes->millionths != 0 || hours->negative || minutes->negative ||
      seconds->negative)
    return {};
  const std::int64_t total =
      hours->whole * hour + minutes->whole * minute + seconds->whole * second + seconds->millionths;
  return negative ? -total : total;
}

bool add(Interval& out, const Number& number, const Unit& unit) {
  if (number.whole > 10'000LL * 366 * 86'400 * second) return false;
  if (number.millionths != 0 && unit.months != 0)
    return false;  // A part of a month has no length of its own.
  const std::int64_t sign = number.negative ? -1 : 1;
  std::int64_t fixed = 0;
  if (__builtin_mul_overflow(number.whole, unit.microseconds, &fixed)) return false;
  const std::int64_t of_days = number.millionths * unit.days;  // in millionths of a day
  fixed += number.millionths * unit.microseconds / second + of_days % second * 86'400;
  std::int64_t days = 0;
  std::int64_t months = 0;
  if (__builtin_mul_overflow(number.whole, unit.days, &days) ||
      __builtin_mul_overflow(number.whole, unit.months, &months))
    return false;
  out.days += sign * (days + of_days / second);
  out.months += sign * months;
  return !__builtin_add_overflow(out.microseconds, sign * fixed, &out.microseconds);
}

bool within_bounds(const Interval& interval) {
  const double days = static_cast<double>(interval.months) * 30 + static_cast<double>(interval.days) +
                      static_cast<double>(interval.microseconds) / 86'400e6;
  return std::fabs(days) < 10'000.0 * 366 && std::abs(interval.months) < 1'000'000 &&
         std::abs(interval.days) < 10'000'000;
}

/// The words, and a unit that is written against its number, as in `3h`, by itself.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  bool open = false;
  bool digits = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t') {
      open = false;
      continue;
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!open || (letter && digits)) out.emplace_back();
    open = true;
    digits = !letter;
    out.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

void append_part(std::int64_t value, std::string_view unit, bool& negative, std::string& out) {
  if (value == 0) return;
  if (!out.empty()) out += ' ';
  if (negative && value > 0) out += '+';
  out += std::to_string(value) + " " + std::string(unit) + (value == 1 ? "" : "s");
  negative = value < 0;
}

std::string two_digits(std::int64_t value) {
  const std::string text = std::to_string(value);
  return text.size() < 2 ? "0" + text : text;
}

}  // namespace

std::optional<Interval> read_interval(std::string_view text) {
  std::vector<std::string> words = words_of(text);
  if (words.empty()) return {};
  const bool ago = words.back() == "ago";
  if (ago) words.pop_back();
  Interval out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].find(':') != std::string::npos) {
      const auto clock = read_clock(words[i]);
      if (!clock) return {};
      out.microseconds += *clock;
      continue;
    }
    const auto number = read_number(words[i]);
    const Unit* unit = i + 1 < words.size() ? unit_named(words[i + 1]) : nullptr;
    if (!number || unit == nullptr || !add(out, *number, *unit)) return {};
    ++i;
  }
  if (ago) out = {-out.months, -out.days, -out.microseconds};
  if (words.empty() || !within_bounds(out)) return {};
  return out;
}

std::string interval_text(const Interval& interval) {
  std::string out;
  bool negative = false;
  append_part(interval.months / 12, "year", negative, out);
  append_part(interval.months % 12, "mon", negative, out);
  append_part(interval.days, "day", negative, out);
  if (!out.empty() && interval.microseconds == 0) return out;
  const bool below = interval.microseconds < 0;
  if (!out.empty()) out += ' ';
  if (below) out += '-';
  if (!below && negative) out += '+';
  const std::int64_t size = below ? -interval.microseconds : interval.microseconds;
  out +=
      two_digits(size / hour) + ":" + two_digits(size / minute % 60) + ":" + two_digits(size / second % 60);
  if (size % second == 0) return out;
  std::string fraction = std::to_string(size % second + second).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return out + "." + fraction;
}

std::string interval_numbers(const Interval& interval) {
  return std::to_string(interval.months) + " " + std::to_string(interval.days) + " " +
         std::to_string(interval.microseconds);
}

std::string interval_for_postgres(const Interval& interval) {
  return std::to_string(interval.months) + " months " + std::to_string(interval.days) + " days " +
         std::to_string(interval.microseconds) + " microseconds";
}

}  // namespace reeve::sql
