#include "work/program.h"

#include "base/descriptor.h"

#include <reeve/error.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace reeve::work {

namespace {

constexpr std::size_t kept_bytes_max = 4096;
constexpr int tick_ms = 20;  ///< how soon a stop is heard, and an end whose output stays open

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

[[noreturn]] void refuse(const std::filesystem::path& program, int error) {
  throw Error(ErrorCode::unavailable,
              fmt::format("{} can't be started: {}", program.string(), std::strerror(error)),
              "let the worker's user run it");
}

Pipe make_pipe(const std::filesystem::path& program) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    refuse(program, errno);
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::vector<std::string> clean_environment() {
  std::vector<std::string> kept;
  for (const char* name : {"PATH", "HOME", "LANG", "TZ"}) {
    if (const char* value = std::getenv(name)) {
      kept.push_back(fmt::format("{}={}", name, value));
    }
  }
  return kept;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) {
    all.push_back(text.data());
  }
  all.push_back(nullptr);
  return all;
}

void keep_end(std::string& kept, const char* bytes, std::size_t size) {
  kept.append(bytes, size);
  if (kept.size() > kept_bytes_max) {
    kept.erase(0, kept.size() - kept_bytes_max);
  }
}

/// A child that is at the head of a process group.
class Child {
 public:
  Child(const std::filesystem::path& program, const std::vector<std::string>& given, int input, int output,
        int error_output) {
    std::vector<std::string> arguments{program.string()};
    arguments.insert(arguments.end(), given.begin(), given.end());
    std::vector<std::string> environment = clean_environment();
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, error_output, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                             POSIX_SPAWN_SETSIGDEF));
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    const int code = ::posix_spawn(&process_, program.c_str(), &files, &attributes,
                                   pointers(arguments).data(), pointers(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (code != 0) {
      process_ = -1;
      refuse(program, code);
    }
  }
  ~Child() {
    kill_group();
    if (!has_ended_ && process_ > 0) {
      ::waitpid(process_, &status_, 0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// What it started may outlive it; nothing of that does.
  void kill_group() const {
    if (process_ > 0) {
      ::kill(-process_, SIGKILL);
    }
  }
  bool has_ended() {
    if (!has_ended_) {
      // Not reaped yet: until then nobody else's group can have its number.
      siginfo_t info{};
      if (::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          info.si_pid == process_) {
        kill_group();
        ::waitpid(process_, &status_, 0);
        has_ended_ = true;
        exit_code_ = WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
        process_ = -1;
      }
    }
    return has_ended_;
  }
  int exit_code() const { return exit_code_; }

 private:
  pid_t process_ = -1;
  int status_ = 0;
  int exit_code_ = -1;
  bool has_ended_ = false;
};

/// SIGPIPE of this thread, when the program does not read what it is given.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, &before_);
  }
  ~NoSigpipe() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    const timespec at_once{};
    if (sigismember(&before_, SIGPIPE) == 0) {
      while (::sigtimedwait(&pipe, nullptr, &at_once) > 0) {}
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t before_{};
};

/// False at its end.
bool read_some(Descriptor& from, std::string& kept) {
  std::array<char, 4096> bytes{};
  const ssize_t size = ::read(from.number(), bytes.data(), bytes.size());
  if (size > 0) {
    keep_end(kept, bytes.data(), static_cast<std::size_t>(size));
    return true;
  }
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
    return true;
  }
  from.close();
  return false;
}

void write_some(Descriptor& to, std::string_view& left) {
  const ssize_t size = ::write(to.number(), left.data(), left.size());
  if (size > 0) {
    left.remove_prefix(static_cast<std::size_t>(size));
  }
  if (left.empty() || (size < 0 && errno != EAGAIN && errno != EINTR)) {
    to.close();  // it has all, or wants no more
  }
}

}  // namespace

ProgramRun run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                       std::string_view input, std::chrono::microseconds timeout,
                       const std::stop_token& stop) {
  const NoSigpipe no_sigpipe;
  Pipe in = make_pipe(program);
  Pipe out = make_pipe(program);
  Pipe err = make_pipe(program);
  Child child(program, arguments, in.reading.number(), out.writing.number(), err.writing.number());
  in.reading.close();
  out.writing.close();
  err.writing.close();
  for (const Descriptor* end : {&in.writing, &out.reading, &err.reading}) {
    ::fcntl(end->number(), F_SETFL, O_NONBLOCK);
  }
  ProgramRun run;
  const auto end = std::chrono::steady_clock::now() + timeout;
  std::string_view left = input;
  while (!child.has_ended()) {
    run.timed_out = std::chrono::steady_clock::now() >= end;
    if (run.timed_out || stop.stop_requested()) {
      child.kill_group();
      while (!child.has_ended()) {
        ::poll(nullptr, 0, 1);
      }
      return run;
    }
    std::array<pollfd, 3> watched{{{in.writing.number(), POLLOUT, 0},
                                   {out.reading.number(), POLLIN, 0},
                                   {err.reading.number(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), tick_ms);
    if (watched[0].revents != 0) write_some(in.writing, left);
    if (watched[1].revents != 0) read_some(out.reading, run.output);
    if (watched[2].revents != 0) read_some(err.reading, run.error_output);
  }
  for (Descriptor* rest : {&out.reading, &err.reading}) {
    std::string& kept = rest == &out.reading ? run.output : run.error_output;
    std::array<char, 4096> bytes{};
    // What is in the pipe by now; its group is dead.
    for (ssize_t size = 0;
         rest->number() >= 0 && (size = ::read(rest->number(), bytes.data(), bytes.size())) > 0;) {
      keep_end(kept, bytes.data(), static_cast<std::size_t>(size));
    }
  }
  run.exit_code = child.exit_code();
  return run;
}

}  // namespace reeve::work
