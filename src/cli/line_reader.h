#pragma once
// Lines of a file descriptor, one at a time: memory is bounded by the longest line that is let in.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace reeve::cli {

class LineReader {
 public:
  /// Does not own the descriptor. `name` is for errors. When `stop` becomes true, waiting for input ends.
  LineReader(int descriptor, std::string name, std::size_t line_bytes_max, const std::atomic<bool>& stop);

  enum class Result : std::uint8_t { line, too_long, end, stopped };
  /// Without its newline (and without a carriage return before it). Of a line that is too long nothing is
  /// kept, and the next call goes on after it. The last line may lack its newline. Throws Error unavailable.
  Result next(std::string& line);
  /// Of the line read last, from 1.
  std::int64_t number() const { return number_; }
  const std::string& name() const { return name_; }

 private:
  enum class Fill : std::uint8_t { some, end, stopped };
  Fill fill();

  int descriptor_;
  std::string name_;
  std::size_t line_bytes_max_;
  std::string buffer_;
  std::size_t at_ = 0;
  const std::atomic<bool>& stop_;
  std::string partial_;    ///< of the line being read
  bool dropping_ = false;  ///< the line being read is too long
  bool ended_ = false;
  std::int64_t number_ = 0;
};

}  // namespace reeve::cli
