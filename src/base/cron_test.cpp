#include "base/cron.h"

#include "base/clock.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace reeve {
namespace {

/// The next `count` slots, in UTC, to the minute.
std::vector<std::string> slots(std::string_view expression, std::string_view zone, std::string_view from,
                               int count = 3) {
  const CronSchedule schedule(expression, zone);
  std::vector<std::string> found;
  auto time = parse_time(from);
  while (count-- > 0 && (time = schedule.next(time.value())))
    found.push_back(format_time(*time).substr(0, 16));
  return found;
}

using Slots = std::vector<std::string>;

TEST(cron, each_field_narrows) {
  EXPECT_EQ(slots("30 3 * * *", "", "2026-01-31T03:29:59.999999Z"),
            (Slots{"2026-01-31T03:30", "2026-02-01T03:30", "2026-02-02T03:30"}));
  EXPECT_EQ(slots("*/20 8-9 * * mon-fri", "", "2026-11-27T09:30:00Z", 4),
            (Slots{"2026-11-27T09:40", "2026-11-30T08:00", "2026-11-30T08:20", "2026-11-30T08:40"}));
  EXPECT_EQ(slots("0 0 29 feb *", "", "2026-01-01T00:00:00Z", 2),
            (Slots{"2028-02-29T00:00", "2032-02-29T00:00"}));
  EXPECT_EQ(slots("0 12 * JAN,jul 7", "", "2026-01-20T00:00:00Z"),
            (Slots{"2026-01-25T12:00", "2026-07-05T12:00", "2026-07-12T12:00"}));
  EXPECT_EQ(slots("5-59/30 * * * *", "", "2026-01-01T00:00:00Z"),
            (Slots{"2026-01-01T00:05", "2026-01-01T00:35", "2026-01-01T01:05"}));
}

TEST(cron, a_slot_is_later_than_the_time_and_never_the_time_itself) {
  EXPECT_EQ(slots("0 * * * *", "", "2026-01-01T05:00:00Z", 1), (Slots{"2026-01-01T06:00"}));
}

TEST(cron, a_day_fits_by_its_date_or_by_its_weekday_where_both_are_narrowed) {
  EXPECT_EQ(slots("0 0 13 * fri", "", "2026-02-01T00:00:00Z", 4),
            (Slots{"2026-02-06T00:00", "2026-02-13T00:00", "2026-02-20T00:00", "2026-02-27T00:00"}));
}

TEST(cron, names_of_whole_schedules) {
  EXPECT_EQ(slots("@daily", "", "2026-01-01T05:00:00Z", 1), (Slots{"2026-01-02T00:00"}));
  EXPECT_EQ(slots("@weekly", "", "2026-01-01T05:00:00Z", 1), (Slots{"2026-01-04T00:00"}));
  EXPECT_EQ(slots("@yearly", "", "2026-01-01T05:00:00Z", 1), (Slots{"2027-01-01T00:00"}));
}

TEST(cron, an_hour_that_is_left_out_has_its_slots_at_the_end_of_the_gap_once) {
  // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
  EXPECT_EQ(slots("15,45 2 * * *", "Europe/Berlin", "2026-03-28T02:00:00Z", 3),
            (Slots{"2026-03-29T01:00", "2026-03-30T00:15", "2026-03-30T00:45"}));
}

TEST(cron, an_hour_that_comes_twice_has_its_slots_the_first_time) {
  // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
  EXPECT_EQ(slots("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            (Slots{"2026-10-25T00:30", "2026-10-26T01:30"}));
}

TEST(cron, what_is_for_every_hour_goes_by_the_time_that_passes) {
  EXPECT_EQ(slots("30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", 3),
            (Slots{"2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30"}));
  EXPECT_EQ(slots("0 * * * *", "Europe/Berlin", "2026-03-29T00:15:00Z", 2),
            (Slots{"2026-03-29T01:00", "2026-03-29T02:00"}));
  // Half an hour from UTC, and a change of half an hour.
  EXPECT_EQ(slots("0 */1 * * *", "Australia/Lord_Howe", "2026-04-04T14:30:00Z", 2),
            (Slots{"2026-04-04T15:30", "2026-04-04T16:30"}));
}

TEST(cron, a_day_that_a_zone_left_out) {
  // Samoa had no 30 December 2011.
  EXPECT_EQ(slots("0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 3),
            (Slots{"2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"}));
}

TEST(cron, a_day_that_never_comes_has_no_slot) {
  EXPECT_FALSE(CronSchedule("0 0 30 2 *", "").next(0));
  EXPECT_FALSE(CronSchedule("* * 31 4,6 *", "Europe/Berlin").next(0));
}

TEST(cron, the_last_slot_is_found_from_the_end) {
  const CronSchedule schedule("0 6 * * *", "");
  const auto at = [](std::string_view text) { return parse_time(text).value(); };
  EXPECT_EQ(schedule.last(at("2020-01-01T00:00:00Z"), at("2026-05-05T05:00:00Z")),
            at("2026-05-04T06:00:00Z"));
  EXPECT_EQ(schedule.last(at("2026-05-04T07:00:00Z"), at("2026-05-05T05:00:00Z")), std::nullopt);
  EXPECT_EQ(schedule.last(at("2026-05-04T06:00:00Z"), at("2026-05-05T06:00:00Z")),
            at("2026-05-05T06:00:00Z"));
}

TEST(cron, every_minute_is_every_minute_over_a_change_of_the_clock) {
  const CronSchedule schedule("* * * * *", "America/New_York");
  Microseconds time = parse_time("2026-10-31T20:00:00Z").value();
  for (int i = 0; i < 2000; ++i) {
    const Microseconds next = schedule.next(time).value();
    ASSERT_EQ(next - time, 60'000'000);
    time = next;
  }
}

TEST(cron, what_is_wrong_is_named) {
  for (const auto& [expression, said] :
       std::vector<std::pair<std::string, std::string>>{{"", "it has 0 fields"},
                                                        {"* * * *", "it has 4 fields"},
                                                        {"60 * * * *", "`60` is no minute (0 to 59)"},
                                                        {"* 24 * * *", "`24` is no hour"},
                                                        {"* * 0 * *", "`0` is no day of the month"},
                                                        {"* * * 13 *", "`13` is no month"},
                                                        {"* * * * mox", "`mox` is no day of the week"},
                                                        {"*/0 * * * *", "`*/0` is no minute"},
                                                        {"9-5 * * * *", "`9-5` is no minute"},
                                                        {"5/10 * * * *", "`5/10` is no minute"},
                                                        {"1,,2 * * * *", "`` is no minute"},
                                                        {"-1 * * * *", "`-1` is no minute"},
                                                        {std::string(300, '*'), "it is too long"}}) {
    try {
      const CronSchedule schedule(expression, "");
      ADD_FAILURE() << expression << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_input);
      EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(CronSchedule("* * * * *", "Middle/Earth"), Error);
  EXPECT_THROW(CronSchedule("* * * * *", "../../etc/passwd"), Error);
}

}  // namespace
}  // namespace reeve
