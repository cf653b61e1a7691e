// Intervals at run time: sums, products, parts, and what they make of times.

#include "base/clock.h"
#include "sql/functions_internal.h"
#include "sql/interval.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace reeve::sql {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;

Interval interval_of(const ValueView& value) {
  const std::string_view text = value.text();
  Interval out;
  const char* end = text.data() + text.size();
  const char* at = text.data();
  for (std::int64_t* part : {&out.months, &out.days, &out.microseconds}) {
    const auto [stop, failure] = std::from_chars(at, end, *part);
    if (failure != std::errc()) fail("this is no interval");
    at = std::min(stop + 1, end);
  }
  return out;
}

Value made(const Interval& interval) {
  if (std::llabs(interval.months) > 1'000'000 || std::llabs(interval.days) > 10'000'000)
    fail("interval out of range");
  return interval_numbers(interval);
}

std::int64_t time_of(const ValueView& value) {
  const auto time = parse_time(value.text());
  if (!time) fail("invalid timestamp");
  return *time;
}

Value time_text(std::int64_t time) {
  if (time < days_of("0001-01-01") * day || time > days_of("9999-12-31") * day + day - 1)
    fail("timestamp out of range");
  return format_time(time);
}

int days_in_month(int year, int month) {
  static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

std::int64_t number_at(std::string_view text, std::size_t at, std::size_t size) {
  std::int64_t value = 0;
  std::from_chars(text.data() + at, text.data() + at + size, value);
  return value;
}

/// The first day of a month, as text.
std::string time_on(int year, int month) {
  std::string text = std::to_string(year);
  text.insert(0, 4 - text.size(), '0');
  return text + (month < 10 ? "-0" : "-") + std::to_string(month) + "-01";
}

std::int64_t plus_months(std::int64_t time, std::int64_t months) {
  if (months == 0) return time;
  const std::string text = format_time(time);
  const std::int64_t all = number_at(text, 0, 4) * 12 + number_at(text, 5, 2) - 1 + months;
  const std::int64_t year = all / 12;
  if (all < 12 || year > 9999) fail("timestamp out of range");
  const int month = static_cast<int>(all % 12) + 1;
  const int of_month =
      std::min(static_cast<int>(number_at(text, 8, 2)), days_in_month(static_cast<int>(year), month));
  const std::string first = time_on(static_cast<int>(year), month);
  const std::string date = first.substr(0, 8) + (of_month < 10 ? "0" : "") + std::to_string(of_month);
  const std::int64_t of_day = ((time % day) + day) % day;
  return days_of(date) * day + of_day;
}

/// Months first, then days, then the rest, as PostgreSQL does.
std::int64_t plus(std::int64_t time, const Interval& interval) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(plus_months(time, interval.months) + interval.days * day, interval.microseconds,
                             &sum))
    fail("timestamp out of range");
  return sum;
}

Interval negated(const Interval& interval) {
  return {-interval.months, -interval.days, -interval.microseconds};
}

Value time_plus(Arguments a) { return time_text(plus(time_of(a[0]), interval_of(a[1]))); }
Value time_minus(Arguments a) { return time_text(plus(time_of(a[0]), negated(interval_of(a[1])))); }

Value time_difference(Arguments a) {
  const std::int64_t total = time_of(a[0]) - time_of(a[1]);
  return made({0, total / day, total % day});
}

Value sum(Arguments a) {
  const Interval left = interval_of(a[0]);
  const Interval right = interval_of(a[1]);
  return made({left.months + right.months, left.days + right.days, left.microseconds + right.microseconds});
}

Value difference(Arguments a) {
  const Interval left = interval_of(a[0]);
  const Interval right = negated(interval_of(a[1]));
  return made({left.months + right.months, left.days + right.days, left.microseconds + right.microseconds});
}

double rounded(double value) { return std::rint(value * 1e6) / 1e6; }

/// PostgreSQL's interval_mul: what is left of a month becomes days of thirty to a month, and of a day time.
Interval scaled(double months, double days, double microseconds) {
  Interval out;
  if (!(std::fabs(months) < 1e6 && std::fabs(days) < 1e7 && std::fabs(microseconds) < 9e18))
    fail("interval out of range");
  out.months = static_cast<std::int64_t>(months);
  out.days = static_cast<std::int64_t>(days);
  const double month_days = rounded((months - static_cast<double>(out.months)) * 30);
  const double whole = std::trunc(month_days);
  double seconds = rounded((days - static_cast<double>(out.days) + month_days - whole) * 86'400);
  if (std::fabs(seconds) >= 86'400) {
    const double more = std::trunc(seconds / 86'400);
    out.days += static_cast<std::int64_t>(more);
    seconds -= more * 86'400;
  }
  out.days += static_cast<std::int64_t>(whole);
  out.microseconds = static_cast<std::int64_t>(std::rint(microseconds + seconds * 1e6));
  return out;
}

Value multiplied(Arguments a) {
  const Interval span = interval_of(a[0]);
  const double by = a[1].real();
  return made(scaled(static_cast<double>(span.months) * by, static_cast<double>(span.days) * by,
                     static_cast<double>(span.microseconds) * by));
}

Value divided(Arguments a) {
  const Interval span = interval_of(a[0]);
  const double by = a[1].real();
  if (by == 0) fail("division by zero");
  return made(scaled(static_cast<double>(span.months) / by, static_cast<double>(span.days) / by,
                     static_cast<double>(span.microseconds) / by));
}

Value minus(Arguments a) { return made(negated(interval_of(a[0]))); }

/// A month has thirty days where intervals are compared.
Value order(Arguments a) {
  const Interval span = interval_of(a[0]);
  std::int64_t total = 0;
  if (__builtin_mul_overflow(span.months * 30 + span.days, day, &total) ||
      __builtin_add_overflow(total, span.microseconds, &total))
    fail("interval out of range");
  return total;
}

Value text(Arguments a) { return interval_text(interval_of(a[0])); }

Value from_text(Arguments a) {
  const auto interval = read_interval(a[0].text());
  if (!interval) fail("invalid input syntax for type interval: '1 day 2 hours' is expected");
  return made(*interval);
}

Value make(Arguments a) {
  Interval out;
  out.months = a[0].integer() * 12 + a[1].integer();
  out.days = a[2].integer() * 7 + a[3].integer();
  const double seconds = a[6].real();
  if (!(std::fabs(seconds) < 1e12)) fail("interval out of range");
  out.microseconds = (a[4].integer() * 3600 + a[5].integer() * 60) * second +
                     static_cast<std::int64_t>(std::llround(seconds * 1e6));
  return made(out);
}

Value part(Arguments a) {
  const std::string_view name = a[0].text();
  const Interval span = interval_of(a[1]);
  const std::int64_t time = span.microseconds;
  const std::int64_t years = span.months / 12;
  if (name == "epoch") {
    // A year has 365.25 days here, and a month that is left of it 30.
    const std::int64_t seconds = (years * 1461 / 4 * 86'400) + (years * 1461 % 4) * 21'600 +
                                 (span.months % 12) * 30 * 86'400 + span.days * 86'400;
    return static_cast<double>(seconds * second + time) / 1e6;
  }
  if (name == "year") return static_cast<double>(years);
  if (name == "month") return static_cast<double>(span.months % 12);
  if (name == "day") return static_cast<double>(span.days);
  if (name == "hour") return static_cast<double>(time / (3600 * second));
  if (name == "minute") return static_cast<double>(time / (60 * second) % 60);
  if (name == "second") return static_cast<double>(time % (60 * second)) / 1e6;
  if (name == "milliseconds") return static_cast<double>(time % (60 * second)) / 1e3;
  if (name == "microseconds") return static_cast<double>(time % (60 * second));
  fail("unknown part of an interval");
}

/// As a JSON array of texts.
Value series(Arguments a) {
  constexpr int most = 1'000'000;
  std::int64_t at = time_of(a[0]);
  const std::int64_t last = time_of(a[1]);
  const Interval step = interval_of(a[2]);
  const std::int64_t way = std::get<std::int64_t>(order(a.subspan(2, 1)));
  if (way == 0) fail("step size cannot equal zero");
  std::string out = "[";
  for (int i = 0; way > 0 ? at <= last : at >= last; ++i) {
    if (i == most) fail("generate_series() gives more than a million rows");
    out += (i > 0 ? ",\"" : "\"") + format_time(at) + "\"";
    at = plus(at, step);
  }
  return out + "]";
}

constexpr ScalarFunction table[] = {
    {"reeve_time_plus", 2, strict<time_plus>},
    {"reeve_time_minus", 2, strict<time_minus>},
    {"reeve_time_difference", 2, strict<time_difference>},
    {"reeve_time_series", 3, strict<series>},
    {"reeve_interval_plus", 2, strict<sum>},
    {"reeve_interval_minus", 2, strict<difference>},
    {"reeve_interval_multiply", 2, strict<multiplied>},
    {"reeve_interval_divide", 2, strict<divided>},
    {"reeve_interval_negate", 1, strict<minus>},
    {"reeve_interval_order", 1, strict<order>},
    {"reeve_interval_text", 1, strict<text>},
    {"reeve_text_interval", 1, strict<from_text>},
    {"reeve_make_interval", 7, strict<make>},
    {"reeve_interval_part", 2, strict<part>},
};

}  // namespace

std::span<const ScalarFunction> interval_functions() { return table; }

}  // namespace reeve::sql
