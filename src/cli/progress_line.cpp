#include "cli/progress_line.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::cli {

namespace {
constexpr Microseconds second = 1'000'000;
constexpr Microseconds quiet = 2 * second;
constexpr Microseconds between_lines = 5 * second;
constexpr Microseconds between_bars = second / 10;
constexpr std::int64_t bar_width = 24;
}  // namespace

ProgressLine::ProgressLine(Output& err, Clock& clock, std::string label)
    : err_(err), clock_(clock), label_(std::move(label)), started_(clock.now()), shown_(0) {}

void ProgressLine::report(std::int64_t done, std::int64_t total) {
  const Microseconds now = clock_.now();
  const Microseconds wait = err_.is_terminal() ? between_bars : shown_ == 0 ? quiet : between_lines;
  if (now - (shown_ == 0 ? started_ : shown_) < wait) return;
  shown_ = now;
  draw(done, total, now);
}

void ProgressLine::draw(std::int64_t done, std::int64_t total, Microseconds now) {
  const std::int64_t rate = done * second / std::max<Microseconds>(now - started_, 1);
  const std::int64_t part = total > 0 ? std::clamp<std::int64_t>(done, 0, total) : 0;
  const std::string count =
      total > 0 ? fmt::format("{} of {} ({} %)", done, total, part * 100 / total) : fmt::format("{}", done);
  if (!err_.is_terminal()) {
    err_.write(fmt::format("reeve: {}: {}, {} a second\n", label_, count, rate));
  } else {
    const auto filled = static_cast<std::size_t>(total > 0 ? part * bar_width / total : 0);
    const std::string bar = total > 0 ? fmt::format("[{:<{}}] ", std::string(filled, '#'), bar_width) : "";
    err_.write(fmt::format("\r\x1b[K{} {}{}, {} a second", label_, bar, count, rate));
    drawn_ = true;
  }
  err_.flush();
}

void ProgressLine::finish() {
  if (drawn_) err_.write("\r\x1b[K");
  if (drawn_) err_.flush();
  drawn_ = false;
}

}  // namespace reeve::cli
