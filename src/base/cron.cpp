#include "base/cron.h"

#include <reeve/error.h>

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace reeve {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using LocalMinute = date::local_time<minutes>;
using SystemMinute = date::sys_time<minutes>;

constexpr std::size_t expression_bytes_max = 256;
constexpr date::days horizon(8 * 366);

/// Values that fit, by their numbers.
using Mask = std::bitset<64>;

struct Field {
  std::string_view name;
  int low;
  int high;
  std::string_view names;  ///< three letters each, from `first`
  int first;
};

constexpr std::array fields = {
    Field{"minute", 0, 59, "", 0},
    Field{"hour", 0, 23, "", 0},
    Field{"day of the month", 1, 31, "", 0},
    Field{"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec", 1},
    Field{"day of the week", 0, 7, "sunmontuewedthufrisat", 0},
};

[[noreturn]] void refuse(std::string_view expression, const std::string& why) {
  throw Error(ErrorCode::invalid_input,
              fmt::format("`{}` is no cron expression: {}", expression.substr(0, expression_bytes_max), why),
              "write five fields, MINUTE HOUR DAY MONTH WEEKDAY, as \"30 3 * * mon-fri\"");
}

std::optional<int> value_of(const Field& field, std::string_view text) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
    return value >= field.low && value <= field.high ? std::optional(value) : std::nullopt;
  }
  if (text.size() != 3) return std::nullopt;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (std::size_t at = 0; at < field.names.size(); at += 3) {
    if (field.names.substr(at, 3) == lower) return field.first + static_cast<int>(at / 3);
  }
  return std::nullopt;
}

/// `*`, `N`, `N-M`, each with `/STEP`.
void add_part(std::string_view expression, const Field& field, std::string_view part, Mask& mask) {
  const auto wrong = [&] {
    refuse(expression, fmt::format("`{}` is no {} ({} to {})", part, field.name, field.low, field.high));
  };
  const std::size_t slash = part.find('/');
  const std::string_view range = part.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    const std::string_view text = part.substr(slash + 1);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), step);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || step < 1 || step > field.high)
      wrong();
  }
  const std::size_t dash = range.find('-');
  int low = field.low;
  int high = field.high;
  if (range != "*") {
    const auto first = value_of(field, range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : value_of(field, range.substr(dash + 1));
    // `N/STEP` has no end that anybody agrees on.
    if (!first || !last || *first > *last || (dash == std::string_view::npos && step != 1)) wrong();
    low = first.value_or(low);
    high = last.value_or(high);
  }
  for (int value = low; value <= high; value += step) mask.set(static_cast<std::size_t>(value));
}

Mask mask_of(std::string_view expression, const Field& field, std::string_view text) {
  Mask mask;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    add_part(expression, field, text.substr(begin, end - begin), mask);
    begin = end + 1;
  }
  return mask;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

std::string_view long_form(std::string_view expression) {
  if (expression == "@hourly") return "0 * * * *";
  if (expression == "@daily" || expression == "@midnight") return "0 0 * * *";
  if (expression == "@weekly") return "0 0 * * 0";
  if (expression == "@monthly") return "0 0 1 * *";
  if (expression == "@yearly" || expression == "@annually") return "0 0 1 1 *";
  return expression;
}

const date::time_zone* zone_of(std::string_view name) {
  if (name.empty() || name == "UTC") return nullptr;
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("there is no time zone `{}`", name.substr(0, expression_bytes_max)),
                "name one of the IANA database, as Europe/Berlin (and install tzdata)");
  }
}

SystemMinute minute_of(Microseconds time) {
  return date::floor<minutes>(date::sys_time<std::chrono::microseconds>(std::chrono::microseconds(time)));
}

Microseconds time_of(SystemMinute minute) {
  return std::chrono::microseconds(minute.time_since_epoch()).count();
}

}  // namespace

struct CronSchedule::Impl {
  std::array<Mask, fields.size()> masks;
  bool any_day = false;  ///< of the month
  bool any_weekday = false;
  bool every_hour = false;
  const date::time_zone* zone = nullptr;  ///< null: UTC

  bool has_day(date::local_days day) const {
    const date::year_month_day ymd(day);
    const auto weekday = date::weekday(day).c_encoding();
    const bool by_date = masks[2][static_cast<unsigned>(ymd.day())];
    const bool by_weekday = masks[4][weekday] || (weekday == 0 && masks[4][7]);
    const bool fits = any_day ? by_weekday : any_weekday ? by_date : by_date || by_weekday;
    return masks[3][static_cast<unsigned>(ymd.month())] && fits;
  }

  /// The first minute on the wall that fits and is not before `from`.
  std::optional<LocalMinute> next_on_wall(LocalMinute from, LocalMinute until) const {
    for (date::local_days day = date::floor<date::days>(from); day <= until; day += date::days(1)) {
      if (!has_day(day)) continue;
      const auto least = std::max(from - LocalMinute(day), minutes(0)).count();
      for (auto minute = least; minute < 24 * 60; ++minute) {
        if (!masks[1][static_cast<std::size_t>(minute / 60)]) {
          minute += 59 - minute % 60;
        } else if (masks[0][static_cast<std::size_t>(minute % 60)]) {
          return LocalMinute(day) + minutes(minute);
        }
      }
    }
    return std::nullopt;
  }

  /// When the wall shows it; after a gap, when it would have.
  SystemMinute resolve(LocalMinute wall) const {
    if (zone == nullptr) return SystemMinute(wall.time_since_epoch());
    const date::local_info info = zone->get_info(wall);
    if (info.result == date::local_info::nonexistent) return date::floor<minutes>(info.first.end);
    return date::floor<minutes>(date::sys_seconds(wall.time_since_epoch()) - info.first.offset);
  }

  std::optional<SystemMinute> next_by_wall(SystemMinute after) const {
    const LocalMinute start(after.time_since_epoch());
    const LocalMinute until = start + horizon;
    // A day earlier than any zone's wall could show.
    for (LocalMinute from = start - hours(24);;) {
      const auto wall = next_on_wall(from, until);
      if (!wall) return std::nullopt;
      const SystemMinute slot = resolve(*wall);
      if (slot > after) return slot;
      from = *wall + minutes(1);
    }
  }

  std::optional<SystemMinute> next_by_time(SystemMinute after) const {
    const SystemMinute until = after + horizon;
    for (SystemMinute from = after + minutes(1); from < until;) {
      const date::sys_info info = zone->get_info(from);
      const auto offset = date::floor<minutes>(info.offset);
      const SystemMinute end = std::min(date::floor<minutes>(info.end), until);
      const LocalMinute wall(from.time_since_epoch() + offset);
      const auto found = next_on_wall(wall, LocalMinute(end.time_since_epoch() + offset));
      if (found) {
        const SystemMinute slot(found->time_since_epoch() - offset);
        if (slot < end) return slot;
      }
      from = std::max(end, from + minutes(1));
    }
    return std::nullopt;
  }
};

CronSchedule::CronSchedule(std::string_view expression, std::string_view zone) {
  if (expression.size() > expression_bytes_max) refuse(expression, "it is too long");
  const std::vector<std::string_view> words = words_of(long_form(expression));
  if (words.size() != fields.size()) refuse(expression, fmt::format("it has {} fields", words.size()));
  auto impl = std::make_unique<Impl>();
  for (std::size_t i = 0; i < fields.size(); ++i) impl->masks[i] = mask_of(expression, fields[i], words[i]);
  impl->any_day = words[2] == "*";
  impl->any_weekday = words[4] == "*";
  impl->every_hour = impl->masks[1].count() == 24;
  impl->zone = zone_of(zone);
  impl_ = std::move(impl);
}

CronSchedule::~CronSchedule() = default;
CronSchedule::CronSchedule(CronSchedule&&) noexcept = default;
CronSchedule& CronSchedule::operator=(CronSchedule&&) noexcept = default;

std::optional<Microseconds> CronSchedule::next(Microseconds time) const {
  const SystemMinute after = minute_of(time);
  const auto slot =
      impl_->every_hour && impl_->zone != nullptr ? impl_->next_by_time(after) : impl_->next_by_wall(after);
  return slot ? std::optional(time_of(*slot)) : std::nullopt;
}

std::optional<Microseconds> CronSchedule::last(Microseconds from, Microseconds time) const {
  constexpr Microseconds hour = 3'600'000'000;
  for (Microseconds window = hour;; window *= 8) {
    const Microseconds begin = std::max(from, time - window);
    std::optional<Microseconds> found;
    for (auto slot = next(begin); slot && *slot <= time; slot = next(*slot)) found = slot;
    if (found || begin == from) return found;
  }
}

}  // namespace reeve
