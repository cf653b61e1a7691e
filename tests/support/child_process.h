#pragma once
// A second process of the test's own program, with what it writes.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <vector>

extern char** environ;

namespace reeve::testing {

/// Runs this program again with other arguments: no fork of a process that has threads. Killed and waited
/// for when it goes out of scope.
class ChildProcess {
 public:
  explicit ChildProcess(std::vector<std::string> arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    output_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string program = "/proc/self/exe";
    std::vector<char*> argv{program.data()};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    char path[4096];
    const ssize_t size = readlink(program.c_str(), path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    const int code = posix_spawn(&pid_, path, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (code != 0) throw std::runtime_error("posix_spawn failed");
  }
  ~ChildProcess() {
    kill_now();
    wait();
    close(output_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Reads up to and with the next newline; empty at the end of what it wrote.
  std::string read_line() {
    for (;;) {
      const std::size_t end = buffer_.find('\n');
      if (end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return line;
      }
      char bytes[4096];
      const ssize_t size = read(output_, bytes, sizeof bytes);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return {};
      buffer_.append(bytes, static_cast<std::size_t>(size));
    }
  }
  void kill_now() {
    if (pid_ > 0) kill(pid_, SIGKILL);
  }
  /// Its exit status, or -1 when it was killed.
  int wait() {
    if (pid_ > 0) {
      waitpid(pid_, &status_, 0);
      pid_ = 0;
    }
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  }

 private:
  pid_t pid_ = 0;
  int output_ = -1;
  int status_ = 0;
  std::string buffer_;
};

/// Writes a line in one piece, so that lines of several threads never mix.
inline void write_line(std::string line) {
  line += '\n';
  if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(9);
}

}  // namespace reeve::testing
