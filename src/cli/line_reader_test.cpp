#include "cli/line_reader.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <thread>

namespace reeve::cli {
namespace {

/// A pipe that a thread fills.
class Pipe {
 public:
  explicit Pipe(std::string text) {
    EXPECT_EQ(::pipe(ends_), 0);
    writer_ = std::thread([this, text = std::move(text)] {
      for (std::size_t at = 0; at < text.size();) {
        const ssize_t count = ::write(ends_[1], text.data() + at, text.size() - at);
        if (count < 0) break;
        at += static_cast<std::size_t>(count);
      }
      ::close(ends_[1]);
    });
  }
  ~Pipe() {
    ::close(ends_[0]);
    writer_.join();
  }
  int reading_end() const { return ends_[0]; }

 private:
  int ends_[2] = {-1, -1};
  std::thread writer_;
};

using Result = LineReader::Result;
const std::atomic<bool> never = false;

TEST(line_reader, gives_lines_without_their_ends_and_counts_them) {
  const Pipe pipe("one\ntwo\r\n\nlast");
  LineReader lines(pipe.reading_end(), "input", 100, never);
  std::string line;
  for (const char* expected : {"one", "two", "", "last"}) {
    ASSERT_EQ(lines.next(line), Result::line);
    EXPECT_EQ(line, expected);
  }
  EXPECT_EQ(lines.number(), 4);
  EXPECT_EQ(lines.next(line), Result::end);
  EXPECT_EQ(lines.next(line), Result::end);
}

TEST(line_reader, joins_a_line_that_comes_in_many_pieces) {
  const std::string big(300'000, 'x');
  const Pipe pipe(big + "\nshort\n");
  LineReader lines(pipe.reading_end(), "input", 1'000'000, never);
  std::string line;
  ASSERT_EQ(lines.next(line), Result::line);
  EXPECT_EQ(line, big);
  ASSERT_EQ(lines.next(line), Result::line);
  EXPECT_EQ(line, "short");
}

TEST(line_reader, drops_a_line_that_is_too_long_and_goes_on_after_it) {
  const Pipe pipe("first\n" + std::string(500'000, 'x') + "\nthird\n" + std::string(101, 'y'));
  LineReader lines(pipe.reading_end(), "input", 100, never);
  std::string line;
  EXPECT_EQ(lines.next(line), Result::line);
  EXPECT_EQ(lines.next(line), Result::too_long);
  EXPECT_EQ(lines.number(), 2);
  ASSERT_EQ(lines.next(line), Result::line);
  EXPECT_EQ(line, "third");
  EXPECT_EQ(lines.next(line), Result::too_long);
  EXPECT_EQ(lines.next(line), Result::end);
}

TEST(line_reader, stops_waiting_when_it_is_told_to) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::atomic<bool> stop = false;
  LineReader lines(ends[0], "input", 100, stop);
  std::thread stopper([&stop] { stop = true; });
  std::string line;
  EXPECT_EQ(lines.next(line), Result::stopped);
  stopper.join();
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace reeve::cli
