#pragma once
// PostgreSQL's interval: months, days and microseconds, each for itself. The dialect computes with intervals and
// stores none. SQLite's text of one is the three numbers: `14 3 14400000000`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::sql {

struct Interval {
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t microseconds = 0;
  bool operator==(const Interval&) const = default;
};

/// `1 year 2 months`, `-3 days 04:05:06.5`, `2 hours ago`: numbers with their units, fractions of weeks and below.
/// Nothing for another text, or one beyond 10,000 years.
std::optional<Interval> read_interval(std::string_view text);

/// PostgreSQL's text: `1 year 2 mons 3 days 04:00:00`.
std::string interval_text(const Interval& interval);

/// The form in which SQLite keeps it, and what PostgreSQL is given.
std::string interval_numbers(const Interval& interval);
std::string interval_for_postgres(const Interval& interval);

}  // namespace reeve::sql
