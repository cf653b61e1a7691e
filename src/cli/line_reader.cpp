#include "cli/line_reader.h"

#include <reeve/error.h>

#include <poll.h>
#include <unistd.h>
#include <cerrno>
#include <utility>

namespace reeve::cli {

namespace {
constexpr std::size_t read_bytes = 64 * 1024;
/// A signal may reach any thread, so waiting ends by looking and not by being interrupted.
constexpr int look_ms = 200;
}  // namespace

LineReader::LineReader(int descriptor, std::string name, std::size_t line_bytes_max,
                       const std::atomic<bool>& stop)
    : descriptor_(descriptor), name_(std::move(name)), line_bytes_max_(line_bytes_max), stop_(stop) {}

LineReader::Fill LineReader::fill() {
  if (ended_) return Fill::end;
  pollfd waits{descriptor_, POLLIN, 0};
  while (!stop_.load() && ::poll(&waits, 1, look_ms) == 0) {}
  if (stop_.load()) return Fill::stopped;
  buffer_.resize(read_bytes);
  at_ = 0;
  ssize_t count = 0;
  do {
    count = ::read(descriptor_, buffer_.data(), buffer_.size());
  } while (count < 0 && errno == EINTR);
  buffer_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  if (count > 0) return Fill::some;
  if (count < 0) throw Error(ErrorCode::unavailable, name_ + " can't be read", "give a file or a pipe");
  ended_ = true;
  return Fill::end;
}

LineReader::Result LineReader::next(std::string& line) {
  while (true) {
    if (at_ == buffer_.size()) {
      const Fill filled = fill();
      if (filled == Fill::stopped) return Result::stopped;
      if (filled == Fill::end) {
        if (partial_.empty() && !dropping_) return Result::end;
        break;
      }
    }
    const std::size_t newline = buffer_.find('\n', at_);
    const std::size_t until = newline == std::string::npos ? buffer_.size() : newline;
    if (!dropping_ && partial_.size() + (until - at_) > line_bytes_max_) {
      dropping_ = true;
      partial_.clear();
    }
    if (!dropping_) partial_.append(buffer_, at_, until - at_);
    at_ = newline == std::string::npos ? until : until + 1;
    if (newline != std::string::npos) break;
  }
  ++number_;
  line = std::exchange(partial_, {});
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return std::exchange(dropping_, false) ? Result::too_long : Result::line;
}

}  // namespace reeve::cli
