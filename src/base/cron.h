#pragma once
// Cron expressions in a time zone: POSIX.1-2017 crontab's five fields, with names, steps and ranges as cron(5) has them; the
// zones are those of the IANA database that the system carries.

#include <reeve/clock.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace reeve {

/// `MINUTE HOUR DAY MONTH WEEKDAY`, or @hourly, @daily, @weekly, @monthly, @yearly. A day matches by its date or by its weekday
/// where both are narrowed, as POSIX says. An expression of every hour goes by the time that passes; one of named hours
/// goes by the clock on the wall: an hour that is left out in spring has its slots at the end of the gap, and one that comes
/// twice in autumn has them the first time alone. Immutable.
class CronSchedule {
 public:
  /// `zone` is as `Pacific/Auckland`; '' is UTC. Throws Error invalid_input that says which field is wrong.
  CronSchedule(std::string_view expression, std::string_view zone);
  ~CronSchedule();
  CronSchedule(CronSchedule&&) noexcept;
  CronSchedule& operator=(CronSchedule&&) noexcept;

  /// The first slot that is later than `time`; nothing when there is none within eight years (the 30th of February).
  std::optional<Microseconds> next(Microseconds time) const;
  /// The last slot that is not later than `time`, looked for back to `from`; nothing when there is none.
  std::optional<Microseconds> last(Microseconds from, Microseconds time) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace reeve
