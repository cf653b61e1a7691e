#include "cli/secret_input.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace reeve::cli {

namespace {

constexpr std::size_t bytes_max = 65536;
/// A signal may reach any thread, so waiting ends by looking and not by being interrupted.
constexpr int look_ms = 200;

/// What is typed is not shown as long as it lives.
class NoEcho {
 public:
  explicit NoEcho(int terminal) : terminal_(terminal), is_set_(::tcgetattr(terminal, &before_) == 0) {
    if (!is_set_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(terminal_, TCSAFLUSH, &silent);
  }
  ~NoEcho() {
    if (is_set_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  int terminal_;
  termios before_{};
  bool is_set_;
};

/// 0 at the end.
std::size_t read_some(const Session& session, std::span<std::uint8_t> into) {
  pollfd waits{session.input, POLLIN, 0};
  while (!session.stop.load() && ::poll(&waits, 1, look_ms) == 0) {}
  if (session.stop.load()) throw Error(ErrorCode::retryable, "stopped");
  ssize_t count = 0;
  do {
    count = ::read(session.input, into.data(), into.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw Error(ErrorCode::unavailable, "standard input can't be read", "give a file or a pipe");
  return static_cast<std::size_t>(count);
}

/// A line of a terminal, or everything else.
Secret read_all(const Session& session, bool is_line) {
  Secret text(bytes_max + 2);
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t count = read_some(session, text.bytes().subspan(size));
    size += count;
    if (count == 0 || (is_line && text.text()[size - 1] == '\n')) break;
  }
  if (size > 0 && text.text()[size - 1] == '\n') --size;
  text.shorten(size);
  return text;
}

}  // namespace

Secret read_secret_input(Session& session, const std::string& prompt) {
  const bool is_terminal = ::isatty(session.input) == 1;
  Secret text;
  if (is_terminal) {
    session.err.write(prompt + ": ");
    session.err.flush();
    const NoEcho silence(session.input);
    text = read_all(session, true);
    session.err.write("\n");
    session.err.flush();
  } else {
    text = read_all(session, false);
  }
  if (text.empty()) {
    throw Error(ErrorCode::invalid_input, "nothing was given on standard input",
                "pipe it in, or type it when asked");
  }
  if (text.size() > bytes_max) {
    throw Error(ErrorCode::limit_exceeded, "what was given is longer than 64 KiB",
                "check that it is the right file");
  }
  return text;
}

}  // namespace reeve::cli
