#include "cli/progress_line.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

class ManualClock : public Clock {
 public:
  Microseconds now() override { return time; }
  void pass_ms(std::int64_t ms) { time += ms * 1000; }
  Microseconds time = 1'000'000'000;
};

class Terminal : public StringOutput {
 public:
  bool is_terminal() const override { return true; }
};

TEST(progress_line, says_nothing_of_short_work_in_a_file) {
  ManualClock clock;
  StringOutput err;
  ProgressLine line(err, clock, "verifying");
  clock.pass_ms(1900);
  line.report(10, 100);
  line.finish();
  EXPECT_EQ(err.text, "");
}

TEST(progress_line, writes_a_line_every_few_seconds_of_long_work) {
  ManualClock clock;
  StringOutput err;
  ProgressLine line(err, clock, "verifying");
  clock.pass_ms(2000);
  line.report(50, 200);
  clock.pass_ms(4900);
  line.report(60, 200);
  clock.pass_ms(3100);
  line.report(100, 0);
  line.finish();
  EXPECT_EQ(err.text,
            "reeve: verifying: 50 of 200 (25 %), 25 a second\n"
            "reeve: verifying: 100, 10 a second\n");
}

TEST(progress_line, draws_a_bar_on_a_terminal_and_takes_it_away) {
  ManualClock clock;
  Terminal err;
  ProgressLine line(err, clock, "replaying");
  clock.pass_ms(50);
  line.report(1, 2);
  EXPECT_EQ(err.text, "");
  clock.pass_ms(450);
  line.report(1, 2);
  line.finish();
  EXPECT_EQ(err.text, "\r\x1b[Kreplaying [############            ] 1 of 2 (50 %), 2 a second\r\x1b[K");
}

TEST(progress_line, survives_a_clock_that_goes_back) {
  ManualClock clock;
  StringOutput err;
  ProgressLine line(err, clock, "verifying");
  clock.pass_ms(-5000);
  line.report(1, 2);
  EXPECT_EQ(err.text, "");
}

}  // namespace
}  // namespace reeve::cli
