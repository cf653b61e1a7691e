// The command `reeve`: standard streams, signals, and nothing else.

#include "base/clock.h"
#include "cli/command_line.h"

#include <unistd.h>
#include <atomic>
#include <csignal>

namespace {

// A signal handler can reach nothing but a global.
std::atomic<bool> stop_requested = false;

void request_stop(int) { stop_requested = true; }

/// The first SIGINT or SIGTERM asks the work to stop, the second one ends the process at once.
void handle_signals() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

int main(int count, char** arguments) {
  handle_signals();
  reeve::cli::FileOutput out(STDOUT_FILENO);
  reeve::cli::FileOutput err(STDERR_FILENO);
  reeve::cli::Session session{out, err, STDIN_FILENO, reeve::system_clock(), stop_requested};
  return reeve::cli::run(count, arguments, session);
}
