#pragma once
// A program that does a job: started without a shell, with bounded output, killed with all that it started.

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::work {

struct ProgramRun {
  int exit_code = -1;  ///< -1: it was killed, or ended by a signal
  bool timed_out = false;
  std::string output;        ///< its last 4 KiB
  std::string error_output;  ///< its last 4 KiB
};

/// Runs it with one line on its standard input, in a process group of its own, which is killed when the program ends, when the
/// time is up, and when it is to stop. Of the environment it gets PATH, HOME, LANG and TZ; of open files none but the standard
/// ones. Throws Error unavailable when it can't be started.
ProgramRun run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                       std::string_view input, std::chrono::microseconds timeout,
                       const std::stop_token& stop);

}  // namespace reeve::work
