#include "base/clock.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <vector>

namespace reeve {
namespace {

constexpr Microseconds first = -62'135'596'800'000'000;
constexpr Microseconds last = 253'402'300'799'999'999;

TEST(time, is_written_with_six_fraction_digits) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(1), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_time(1'767'323'045'000'006), "2026-01-02T03:04:05.000006Z");
  EXPECT_EQ(format_time(951'782'400'000'000), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(format_time(first), "0001-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(last), "9999-12-31T23:59:59.999999Z");
}

TEST(time, outside_of_the_years_1_to_9999_is_refused) {
  EXPECT_THROW(format_time(first - 1), Error);
  EXPECT_THROW(format_time(last + 1), Error);
  EXPECT_THROW(format_time(INT64_MIN), Error);
  EXPECT_THROW(format_time(INT64_MAX), Error);
}

TEST(time, round_trips) {
  std::mt19937_64 random(20260102);
  std::uniform_int_distribution<Microseconds> times(first, last);
  for (int i = 0; i < 100'000; ++i) {
    const Microseconds time = times(random);
    ASSERT_EQ(parse_time(format_time(time)), time) << time;
  }
  EXPECT_EQ(parse_time(format_time(first)), first);
  EXPECT_EQ(parse_time(format_time(last)), last);
}

TEST(time, sorts_as_text_like_as_a_number) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<Microseconds> times(first, last);
  for (int i = 0; i < 10'000; ++i) {
    const Microseconds left = times(random);
    const Microseconds right = times(random);
    ASSERT_EQ(left < right, format_time(left) < format_time(right)) << left << ' ' << right;
  }
}

TEST(time, is_read_with_any_offset_and_up_to_six_fraction_digits) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_time("1970-01-01t00:00:00z"), 0);
  EXPECT_EQ(parse_time("1970-01-01T00:00:00-00:00"), 0);
  EXPECT_EQ(parse_time("1970-01-01T00:00:00.5Z"), 500'000);
  EXPECT_EQ(parse_time("1970-01-01T00:00:00.000001Z"), 1);
  EXPECT_EQ(parse_time("1970-01-01T01:30:00+01:30"), 0);
  EXPECT_EQ(parse_time("1969-12-31T23:00:00-01:00"), 0);
  EXPECT_EQ(parse_time("2026-01-02T03:04:05.000006+00:00"), 1'767'323'045'000'006);
}

TEST(time, refuses_everything_else) {
  for (const std::string_view text : {"",
                                      "1970",
                                      "1970-01-01",
                                      "1970-01-01T00:00:00",
                                      "1970-01-01 00:00:00Z",
                                      "1970-01-01T00:00Z",
                                      "1970-01-01T24:00:00Z",
                                      "1970-01-01T00:60:00Z",
                                      "1970-01-01T00:00:60Z",
                                      "2016-12-31T23:59:60Z",
                                      "1970-01-01T00:00:00.Z",
                                      "1970-01-01T00:00:00.1234567Z",
                                      "1970-01-01T00:00:00,5Z",
                                      "1970-01-01T00:00:00+0100",
                                      "1970-01-01T00:00:00+01",
                                      "1970-01-01T00:00:00+24:00",
                                      "1970-01-01T00:00:00+01:60",
                                      "1970-01-01T00:00:00ZZ",
                                      "1970-01-01T00:00:00Z ",
                                      " 1970-01-01T00:00:00Z",
                                      "1970-13-01T00:00:00Z",
                                      "1970-00-01T00:00:00Z",
                                      "1970-02-29T00:00:00Z",
                                      "0000-01-01T00:00:00Z",
                                      "-001-01-01T00:00:00Z",
                                      "+1970-01-01T00:00:00Z",
                                      "19700101T000000Z",
                                      "1970-1-1T00:00:00Z",
                                      "1970-01-01T-1:00:00Z",
                                      "0001-01-01T00:00:00+00:01",
                                      "9999-12-31T23:59:59-00:01"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(date, is_a_day_that_exists) {
  for (const std::string_view text : {"2026-01-02", "0001-01-01", "9999-12-31", "2000-02-29", "2024-02-29"}) {
    EXPECT_TRUE(is_date(text)) << text;
  }
  for (const std::string_view text : {"", "2026-1-2", "2026-01-32", "2026-00-10", "2026-13-01", "2026-01-00",
                                      "1900-02-29", "2023-02-29", "2026-04-31", "0000-01-01", "10000-01-01",
                                      "2026-01-02 ", "2026-01-02T", "2026/01/02", "-026-01-02"}) {
    EXPECT_FALSE(is_date(text)) << text;
  }
}

TEST(system_clock, shows_a_time_of_this_century) {
  EXPECT_GT(system_clock().now(), *parse_time("2020-01-01T00:00:00Z"));
  EXPECT_LT(system_clock().now(), *parse_time("2200-01-01T00:00:00Z"));
}

TEST(system_random, fills_every_byte_and_differs) {
  std::set<std::array<std::uint8_t, 16>> seen;
  for (int i = 0; i < 100; ++i) {
    std::array<std::uint8_t, 16> bytes{};
    system_random().fill(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
  // More than getrandom gives in one call that a signal can't interrupt.
  std::vector<std::uint8_t> many(100'000);
  system_random().fill(many);
  EXPECT_EQ(std::set<std::uint8_t>(many.end() - 10'000, many.end()).size(), 256U);
  system_random().fill({});
}

}  // namespace
}  // namespace reeve
