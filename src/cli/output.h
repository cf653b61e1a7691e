#pragma once
// Where text goes: a file descriptor, or a string in tests.

#include <exception>
#include <string>
#include <string_view>

namespace reeve::cli {

/// The reader of a pipe has gone away: nobody wants the rest, and that is no fault.
struct PipeClosed : std::exception {
  const char* what() const noexcept override { return "the reader of the output went away"; }
};

/// Not thread-safe: one thread at a time.
class Output {
 public:
  virtual ~Output() = default;
  virtual void write(std::string_view text) = 0;
  virtual void flush() {}
  /// Whether a person watches: bars are drawn for people only.
  virtual bool is_terminal() const { return false; }
};

/// Buffered. Does not own the descriptor. Throws PipeClosed, or Error unavailable when bytes can't be written
/// (a full disk); what is still buffered when it is destroyed is dropped.
class FileOutput : public Output {
 public:
  explicit FileOutput(int descriptor);
  void write(std::string_view text) override;
  void flush() override;
  bool is_terminal() const override { return terminal_; }

 private:
  int descriptor_;
  bool terminal_;
  std::string buffer_;
};

class StringOutput : public Output {
 public:
  void write(std::string_view more) override { text += more; }
  std::string text;
};

}  // namespace reeve::cli
