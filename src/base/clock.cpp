#include "base/clock.h"

#include <reeve/error.h>

#include <cerrno>
#include <chrono>

#include <sys/random.h>

namespace reeve {

namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr Microseconds second_us = 1'000'000;
constexpr Microseconds day_us = 86'400 * second_us;
constexpr Microseconds first_us = -62'135'596'800 * second_us;     // 0001-01-01T00:00:00Z
constexpr Microseconds last_us = 253'402'300'800 * second_us - 1;  // 9999-12-31T23:59:59.999999Z

class SystemClock final : public Clock {
 public:
  Microseconds now() override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count();
  }
};

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = getrandom(bytes.data(), bytes.size(), 0);
      if (count < 0) {
        if (errno == EINTR) continue;
        throw Error(ErrorCode::unavailable, "the operating system gives no random bytes");
      }
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes text from its front; after the first mismatch everything fails.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    if (rest_.size() < digits) return fail();
    int number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) return fail();
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return number;
  }

  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!skip(c)) fail();
  }

  bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  bool done() const { return good_ && rest_.empty(); }
  int fail() {
    good_ = false;
    rest_ = {};
    return 0;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

year_month_day take_date(Cursor& cursor) {
  const int year = cursor.number(4);
  cursor.expect('-');
  const int month = cursor.number(2);
  cursor.expect('-');
  const int day = cursor.number(2);
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1 || !date.ok()) cursor.fail();
  return date;
}

Microseconds take_time_of_day(Cursor& cursor) {
  const int hour = cursor.number(2);
  cursor.expect(':');
  const int minute = cursor.number(2);
  cursor.expect(':');
  const int second = cursor.number(2);
  if (hour > 23 || minute > 59 || second > 59) cursor.fail();
  Microseconds fraction = 0;
  if (cursor.skip('.')) {
    if (!cursor.at_digit()) cursor.fail();
    Microseconds unit = second_us;
    // A seventh digit is left over and fails as what should be the offset.
    while (unit > 1 && cursor.at_digit()) {
      unit /= 10;
      fraction += unit * cursor.number(1);
    }
  }
  return ((hour * 60 + minute) * 60 + second) * second_us + fraction;
}

Microseconds take_offset(Cursor& cursor) {
  if (cursor.skip('Z') || cursor.skip('z')) return 0;
  const bool west = cursor.skip('-');
  if (!west) cursor.expect('+');
  const int hour = cursor.number(2);
  cursor.expect(':');
  const int minute = cursor.number(2);
  if (hour > 23 || minute > 59) cursor.fail();
  const Microseconds offset = (hour * 60 + minute) * 60 * second_us;
  return west ? -offset : offset;
}

void put(char* out, unsigned number, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + number % 10U);
    number /= 10U;
  }
}

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

Random& system_random() {
  static SystemRandom random;
  return random;
}

std::string format_time(Microseconds time) {
  if (time < first_us || time > last_us) {
    throw Error(ErrorCode::invalid_input, "a time is outside the years 0001 to 9999");
  }
  const std::chrono::microseconds since_epoch(time);
  const auto day = std::chrono::floor<std::chrono::days>(since_epoch);
  const year_month_day date{sys_days(day)};
  const auto of_day = static_cast<std::uint64_t>((since_epoch - day).count());
  const auto seconds = static_cast<unsigned>(of_day / second_us);
  std::string text = "0000-00-00T00:00:00.000000Z";
  put(&text[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put(&text[5], static_cast<unsigned>(date.month()), 2);
  put(&text[8], static_cast<unsigned>(date.day()), 2);
  put(&text[11], seconds / 3600U, 2);
  put(&text[14], seconds / 60U % 60U, 2);
  put(&text[17], seconds % 60U, 2);
  put(&text[20], static_cast<unsigned>(of_day % second_us), 6);
  return text;
}

std::optional<Microseconds> parse_time(std::string_view text) {
  Cursor cursor(text);
  const year_month_day date = take_date(cursor);
  if (!cursor.skip('T')) cursor.expect('t');
  const Microseconds of_day = take_time_of_day(cursor);
  const Microseconds offset = take_offset(cursor);
  if (!cursor.done()) return std::nullopt;
  const Microseconds time = sys_days(date).time_since_epoch().count() * day_us + of_day - offset;
  if (time < first_us || time > last_us) return std::nullopt;
  return time;
}

bool is_date(std::string_view text) {
  Cursor cursor(text);
  take_date(cursor);
  return cursor.done();
}

}  // namespace reeve
