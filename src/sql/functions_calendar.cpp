// date_trunc, to_char, to_timestamp: times in UTC, names in English.

#include "base/clock.h"
#include "sql/calendar.h"
#include "sql/functions_internal.h"

#include <array>
#include <charconv>
#include <cmath>

namespace reeve::sql {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;

/// The longest first, where one begins with another.
constexpr std::string_view patterns[] = {
    "HH24", "HH12", "MONTH", "Month", "month", "YYYY", "IYYY", "DAY", "Day", "day", "DDD",
    "MON",  "Mon",  "mon",   "A.M.",  "P.M.",  "a.m.", "p.m.", "YYY", "YY",  "HH",  "MI",
    "SS",   "MS",   "US",    "MM",    "DD",    "DY",   "Dy",   "dy",  "ID",  "IW",  "WW",
    "AM",   "PM",   "am",    "pm",    "CC",    "Y",    "D",    "Q",   "W",   "J"};

constexpr std::array<std::string_view, 12> months = {"January",   "February", "March",    "April",
                                                     "May",       "June",     "July",     "August",
                                                     "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                      "Thursday", "Friday", "Saturday"};

int number_at(std::string_view text, std::size_t at, std::size_t size) {
  int value = 0;
  std::from_chars(text.data() + at, text.data() + at + size, value);
  return value;
}

std::int64_t time_of(const ValueView& value) {
  const auto time = parse_time(value.text());
  if (!time) fail("invalid timestamp");
  return *time;
}

/// What the patterns ask of a time.
struct Parts {
  int year, month, of_month, hour, minute, of_minute, microsecond, of_year, weekday, iso_week, iso_year;
  std::int64_t days;
};

Parts parts_of(std::string_view text) {
  Parts out{};
  out.year = number_at(text, 0, 4);
  out.month = number_at(text, 5, 2);
  out.of_month = number_at(text, 8, 2);
  out.hour = number_at(text, 11, 2);
  out.minute = number_at(text, 14, 2);
  out.of_minute = number_at(text, 17, 2);
  out.microsecond = number_at(text, 20, 6);
  out.days = days_of(text.substr(0, 10));
  const auto first_of = [](std::string_view year) { return days_of(std::string(year) + "-01-01"); };
  out.of_year = static_cast<int>(out.days - first_of(text.substr(0, 4))) + 1;
  out.weekday = static_cast<int>(((out.days + 4) % 7 + 7) % 7);
  const std::int64_t thursday = out.days - (out.weekday + 6) % 7 + 3;
  const std::string of_thursday = date_of(thursday);
  out.iso_year = number_at(of_thursday, 0, 4);
  out.iso_week = static_cast<int>((thursday - first_of(std::string_view(of_thursday).substr(0, 4))) / 7) + 1;
  return out;
}

std::string number(std::int64_t value, std::size_t width, bool fill) {
  std::string text = std::to_string(value);
  if (fill && text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

/// In the case of the pattern: `MON`, `Mon` or `mon`.
std::string word(std::string_view name, std::string_view pattern, std::size_t width, bool fill) {
  std::string out;
  const bool upper = pattern[1] >= 'A' && pattern[1] <= 'Z';
  const bool lower = pattern[0] >= 'a' && pattern[0] <= 'z';
  for (const char c : name) {
    const bool is_lower = c >= 'a' && c <= 'z';
    if (upper && is_lower)
      out += static_cast<char>(c - 'a' + 'A');
    else if (lower && !is_lower)
      out += static_cast<char>(c - 'A' + 'a');
    else
      out += c;
  }
  if (fill && out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

std::optional<std::string> named(const FormatPiece& piece, const Parts& parts) {
  const std::string_view p = piece.text;
  const std::string_view month = months.at(static_cast<std::size_t>(parts.month) - 1);
  const std::string_view weekday = weekdays.at(static_cast<std::size_t>(parts.weekday));
  if (p.size() == 5) return word(month, p, 9, piece.fill);
  if (p == "MON" || p == "Mon" || p == "mon") return word(month.substr(0, 3), p, 0, false);
  if (p == "DAY" || p == "Day" || p == "day") return word(weekday, p, 9, piece.fill);
  if (p == "DY" || p == "Dy" || p == "dy") return word(weekday.substr(0, 3), p, 0, false);
  const bool late = parts.hour >= 12;
  if (p == "AM" || p == "PM") return late ? "PM" : "AM";
  if (p == "am" || p == "pm") return late ? "pm" : "am";
  if (p == "A.M." || p == "P.M.") return late ? "P.M." : "A.M.";
  if (p == "a.m." || p == "p.m.") return late ? "p.m." : "a.m.";
  return {};
}

std::string counted(const FormatPiece& piece, const Parts& parts) {
  struct Count {
    std::string_view pattern;
    std::int64_t value;
    std::size_t width;
  };
  const int half = parts.hour % 12 == 0 ? 12 : parts.hour % 12;
  const Count counts[] = {{"YYYY", parts.year, 4},
                          {"YYY", parts.year % 1000, 3},
                          {"YY", parts.year % 100, 2},
                          {"Y", parts.year % 10, 1},
                          {"IYYY", parts.iso_year, 4},
                          {"MM", parts.month, 2},
                          {"DD", parts.of_month, 2},
                          {"DDD", parts.of_year, 3},
                          {"D", parts.weekday + 1, 1},
                          {"ID", (parts.weekday + 6) % 7 + 1, 1},
                          {"IW", parts.iso_week, 2},
                          {"WW", (parts.of_year - 1) / 7 + 1, 2},
                          {"W", (parts.of_month - 1) / 7 + 1, 1},
                          {"Q", (parts.month + 2) / 3, 1},
                          {"CC", (parts.year + 99) / 100, 2},
                          {"J", parts.days + 2440588, 1},
                          {"HH24", parts.hour, 2},
                          {"HH12", half, 2},
                          {"HH", half, 2},
                          {"MI", parts.minute, 2},
                          {"SS", parts.of_minute, 2},
                          {"MS", parts.microsecond / 1000, 3},
                          {"US", parts.microsecond, 6}};
  for (const Count& count : counts)
    if (count.pattern == piece.text)
      return number(count.value, count.width, piece.fill || piece.text == "MS" || piece.text == "US");
  fail("unknown pattern in to_char()");
}

Value to_char(Arguments a) {
  const auto format = read_time_format(a[1].text());
  if (!format) fail("unknown pattern in to_char()");
  const Parts parts = parts_of(format_time(time_of(a[0])));
  std::string out;
  for (const FormatPiece& piece : *format) {
    if (!piece.pattern) {
      out += piece.text;
      continue;
    }
    const auto name = named(piece, parts);
    out += name ? *name : counted(piece, parts);
  }
  return out;
}

std::string padded_year(int year) {
  std::string text = std::to_string(year);
  if (year < 1) fail("timestamp out of range");
  return std::string(4 - text.size(), '0') + text;
}

Value date_trunc(Arguments a) {
  const std::string_view unit = a[0].text();
  const std::int64_t time = time_of(a[1]);
  const std::string text = format_time(time);
  const auto down_to = [&](std::int64_t step) { return format_time(time - ((time % step) + step) % step); };
  if (unit == "microseconds") return text;
  if (unit == "milliseconds") return down_to(1000);
  if (unit == "second") return down_to(second);
  if (unit == "minute") return down_to(60 * second);
  if (unit == "hour") return down_to(3600 * second);
  if (unit == "day") return down_to(day);
  const Parts parts = parts_of(text);
  const std::string midnight = "T00:00:00.000000Z";
  if (unit == "week") return date_of(parts.days - (parts.weekday + 6) % 7) + midnight;
  const std::string year = text.substr(0, 4);
  if (unit == "month") return text.substr(0, 7) + "-01" + midnight;
  if (unit == "quarter")
    return year + "-" + number((parts.month - 1) / 3 * 3 + 1, 2, true) + "-01" + midnight;
  if (unit == "year") return year + "-01-01" + midnight;
  if (unit == "decade") return padded_year(parts.year / 10 * 10) + "-01-01" + midnight;
  if (unit == "century") return padded_year((parts.year - 1) / 100 * 100 + 1) + "-01-01" + midnight;
  if (unit == "millennium") return padded_year((parts.year - 1) / 1000 * 1000 + 1) + "-01-01" + midnight;
  fail("unknown unit in date_trunc()");
}

/// Reckoned from 2000-01-01 on, as PostgreSQL rounds.
Value to_timestamp(Arguments a) {
  constexpr double epoch = 946'684'800;
  const double microseconds = std::rint((a[0].real() - epoch) * 1e6);
  if (!(std::fabs(microseconds) < 3e17)) fail("timestamp out of range");
  const std::int64_t time =
      static_cast<std::int64_t>(microseconds) + static_cast<std::int64_t>(epoch) * second;
  if (time < days_of("0001-01-01") * day || time >= (days_of("9999-12-31") + 1) * day)
    fail("timestamp out of range");
  return format_time(time);
}

constexpr ScalarFunction table[] = {
    {"reeve_date_trunc", 2, strict<date_trunc>},
    {"reeve_to_char", 2, strict<to_char>},
    {"reeve_to_timestamp", 1, strict<to_timestamp>},
};

}  // namespace

std::optional<std::vector<FormatPiece>> read_time_format(std::string_view format) {
  std::vector<FormatPiece> out;
  while (!format.empty()) {
    if (format[0] == '"') {
      const auto end = format.find('"', 1);
      if (end == std::string_view::npos) return {};
      out.push_back({std::string(format.substr(1, end - 1))});
      format.remove_prefix(end + 1);
      continue;
    }
    FormatPiece piece;
    std::string_view rest = format;
    if (rest.starts_with("FM")) {
      piece.fill = false;
      rest.remove_prefix(2);
    }
    // Longer patterns of PostgreSQL's that begin like ours.
    if (rest.starts_with("SSSS") || rest.starts_with("Y,YYY")) return {};
    for (const std::string_view pattern : patterns)
      if (!piece.pattern && rest.starts_with(pattern)) {
        piece.pattern = true;
        piece.text = pattern;
      }
    if (piece.pattern) {
      rest.remove_prefix(piece.text.size());
      if (rest.starts_with("TH") || rest.starts_with("th") || rest.starts_with("SP")) return {};
    } else {
      const bool letter = (rest.empty() || (rest[0] >= 'a' && rest[0] <= 'z') ||
                           (rest[0] >= 'A' && rest[0] <= 'Z') || rest[0] == '\\');
      if (letter) return {};  // A pattern that is not known, or text that is not in quotes.
      piece.text = rest.substr(0, 1);
      rest.remove_prefix(1);
    }
    format = rest;
    out.push_back(std::move(piece));
  }
  return out;
}

std::span<const ScalarFunction> calendar_functions() { return table; }

}  // namespace reeve::sql
