// Dates and times: ISO text of fixed width, so that text order is time order.

#include "base/clock.h"
#include "base/uuid.h"
#include "sql/functions_internal.h"

#include <charconv>

namespace reeve::sql {
namespace {

int number_at(std::string_view text, std::size_t at, std::size_t size) {
  int value = 0;
  std::from_chars(text.data() + at, text.data() + at + size, value);
  return value;
}

std::string padded(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

std::int64_t days_from(std::int64_t year, std::int64_t month, std::int64_t day) {
  // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil.
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

Value date_add(Arguments a) { return date_of(days_of(a[0].text()) + a[1].integer()); }
Value date_difference(Arguments a) { return days_of(a[0].text()) - days_of(a[1].text()); }

Value time_add(Arguments a) {
  constexpr std::int64_t day = 86'400'000'000;
  const auto time = parse_time(a[0].text());
  std::int64_t sum = 0;
  if (!time || __builtin_add_overflow(*time, a[1].integer(), &sum) || sum < days_from(1, 1, 1) * day ||
      sum >= days_from(10000, 1, 1) * day)
    fail("timestamp out of range");
  return format_time(sum);
}

Value make_date(Arguments a) {
  const std::int64_t year = a[0].integer();
  const std::int64_t month = a[1].integer();
  const std::int64_t day = a[2].integer();
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
    fail("date field value out of range");
  std::string text = padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2);
  if (!is_date(text)) fail("date field value out of range");
  return text;
}

/// Parts of a date are whole numbers, given as doubles.
double whole(std::int64_t number) { return static_cast<double>(number); }

double iso_week_and_year(std::int64_t days, bool year_wanted) {
  const std::int64_t thursday = days - ((days + 3) % 7 + 7) % 7 + 3;  // 1970-01-01 was a Thursday.
  const int year = number_at(date_of(thursday), 0, 4);
  if (year_wanted) return year;
  return whole((thursday - days_from(year, 1, 1)) / 7 + 1);
}

Value extract(Arguments a) {
  const std::string_view part = a[0].text();
  const std::string_view value = a[1].text();
  const std::int64_t days = days_of(value.substr(0, 10));
  const int year = number_at(value, 0, 4);
  const int month = number_at(value, 5, 2);
  if (part == "year") return static_cast<double>(year);
  if (part == "month") return static_cast<double>(month);
  if (part == "day") return static_cast<double>(number_at(value, 8, 2));
  if (part == "quarter") return whole((month + 2) / 3);
  if (part == "dow") return static_cast<double>(((days + 4) % 7 + 7) % 7);
  if (part == "isodow") return static_cast<double>(((days + 3) % 7 + 7) % 7 + 1);
  if (part == "doy") return static_cast<double>(days - days_from(year, 1, 1) + 1);
  if (part == "week") return iso_week_and_year(days, false);
  if (part == "isoyear") return iso_week_and_year(days, true);
  if (part == "decade") return whole(year / 10);
  if (part == "century") return whole((year + 99) / 100);
  if (part == "millennium") return whole((year + 999) / 1000);
  if (part == "epoch") {
    if (value.size() == 10) return static_cast<double>(days * 86400);
    const auto time = parse_time(value);
    if (!time) fail("invalid timestamp");
    return static_cast<double>(*time) / 1e6;
  }
  if (value.size() < 27) fail("this part is not in a date");
  if (part == "hour") return static_cast<double>(number_at(value, 11, 2));
  if (part == "minute") return static_cast<double>(number_at(value, 14, 2));
  const auto microseconds = static_cast<double>(number_at(value, 17, 2) * 1000000 + number_at(value, 20, 6));
  if (part == "second") return microseconds / 1e6;
  if (part == "milliseconds") return microseconds / 1e3;
  if (part == "microseconds") return microseconds;
  fail("unknown part of a date");
}

Value to_date(Arguments a) { return text_to_date(a[0].text()); }
Value to_time(Arguments a) { return text_to_time(a[0].text()); }
Value to_uuid(Arguments a) { return text_to_uuid(a[0].text()); }

constexpr ScalarFunction table[] = {
    {"reeve_date_add", 2, strict<date_add>},        {"reeve_date_difference", 2, strict<date_difference>},
    {"reeve_time_add", 2, strict<time_add>},        {"reeve_make_date", 3, strict<make_date>},
    {"reeve_extract", 2, strict<extract>},          {"reeve_text_date", 1, strict<to_date>},
    {"reeve_text_timestamptz", 1, strict<to_time>}, {"reeve_text_uuid", 1, strict<to_uuid>},
};

}  // namespace

std::int64_t days_of(std::string_view date) {
  if (!is_date(date)) fail("invalid date");
  return days_from(number_at(date, 0, 4), number_at(date, 5, 2), number_at(date, 8, 2));
}

std::string date_of(std::int64_t days) {
  if (days < days_from(1, 1, 1) || days > days_from(9999, 12, 31)) fail("date out of range");
  days += 719468;  // civil_from_days of the same source.
  const std::int64_t era = days / 146097;
  const std::int64_t of_era = days - era * 146097;
  const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * of_year + 2) / 153;
  const std::int64_t day = of_year - (153 * shifted + 2) / 5 + 1;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2);
}

std::string text_to_date(std::string_view text) {
  if (is_date(text)) return std::string(text);
  fail("invalid input syntax for type date: YYYY-MM-DD is expected");
}

std::string text_to_time(std::string_view text) {
  std::string form(text);
  if (is_date(form)) form += "T00:00:00Z";
  if (form.size() > 10 && form[10] == ' ') form[10] = 'T';
  const auto offset = form.size() > 19 ? form.find_first_of("+-Zz", 19) : std::string::npos;
  if (offset == std::string::npos) {
    form += 'Z';
  } else if (form.size() - offset == 3) {
    form += ":00";  // PostgreSQL writes whole hours so.
  }
  const auto time = parse_time(form);
  if (!time) fail("invalid input syntax for type timestamptz: RFC 3339 is expected");
  return format_time(*time);
}

std::string text_to_uuid(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (!is_uuid(lower)) fail("invalid input syntax for type uuid");
  return lower;
}

std::span<const ScalarFunction> time_functions() { return table; }

}  // namespace reeve::sql
