#pragma once
// A run of the built program that is killed where it has got to, not when a time is over.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

extern char** environ;

namespace reeve::testing {

inline std::string reeve_program() {
  const char* folder = std::getenv("REEVE_BUILD_DIR");
  return std::string(folder != nullptr ? folder : "build") + "/reeve";
}

/// `reeve ARGUMENTS`, whose output nobody reads. Killed and waited for when it goes out of scope.
class ReeveRun {
 public:
  explicit ReeveRun(std::vector<std::string> arguments) {
    std::string program = reeve_program();
    std::vector<char*> argv{program.data()};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0);
    }
    const int code = posix_spawn(&process_, program.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) throw std::runtime_error("posix_spawn failed");
  }
  ~ReeveRun() {
    kill_now();
    wait();
  }
  ReeveRun(const ReeveRun&) = delete;
  ReeveRun& operator=(const ReeveRun&) = delete;

  bool is_running() {
    if (process_ > 0 && waitpid(process_, &status_, WNOHANG) == process_) process_ = 0;
    return process_ > 0;
  }
  void kill_now() {
    if (process_ > 0) kill(process_, SIGKILL);
  }
  /// Stops it, asks, and kills it or lets it go on.
  void kill_unless(const std::function<bool()>& asked) {
    if (process_ <= 0) return;
    kill(process_, SIGSTOP);
    kill(process_, asked() ? SIGCONT : SIGKILL);
  }
  /// Its exit code, or -1 when it was killed.
  int wait() {
    if (process_ > 0) waitpid(process_, &status_, 0);
    process_ = 0;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  }

 private:
  pid_t process_ = 0;
  int status_ = 0;
};

struct Kills {
  int count = 0;       ///< of the runs that were killed on their way
  int exit_code = -1;  ///< of the run that was left to its end
};

/// Where a run has got to, as others see it.
struct Way {
  std::function<std::int64_t()> done;  ///< grows under each run
  /// Asked while the run is stopped: whether enough is left to do that it can't end before it is killed.
  std::function<bool()> is_far_from_its_end = [] { return true; };
};

/// Runs the same again and again. Each of the first `kills` runs is killed when what it has done has grown by 1 to `step`,
/// from the least that it was, and up to 2 ms later; the next is left to its end, and so is one that is near it by then.
/// `between` is called after each kill.
inline Kills run_with_kills(
    const std::vector<std::string>& arguments, int kills, std::int64_t step, std::mt19937_64& random,
    const Way& way, const std::function<void()>& between = [] {}) {
  Kills out;
  for (;;) {
    const std::int64_t growth = 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(step));
    const std::chrono::microseconds moment(random() % 2'000);
    std::int64_t least = way.done();
    ReeveRun run(arguments);
    while (out.count < kills && run.is_running()) {
      const std::int64_t now = way.done();
      least = std::min(least, now);
      if (now >= least + growth) {
        std::this_thread::sleep_for(moment);
        run.kill_unless([&] { return !way.is_far_from_its_end(); });
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    out.exit_code = run.wait();
    if (out.exit_code != -1) return out;
    ++out.count;
    between();
  }
}

}  // namespace reeve::testing
