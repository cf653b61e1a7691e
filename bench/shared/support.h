#pragma once
// What every benchmark needs: arguments, CPU time, medians, a folder on a real disk, the report.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// `--quick` runs in seconds and says nothing about speed; `--events N` and `--rounds N` scale a run.
struct Arguments {
  std::string program;
  bool quick = false;
  std::int64_t events = 0;  ///< 0: the benchmark's own number
  std::int64_t rounds = 0;
  std::string replay_file;  ///< set in a child process whose memory is measured

  std::int64_t events_or(std::int64_t normal, std::int64_t when_quick) const {
    return events > 0 ? events : quick ? when_quick : normal;
  }
  std::int64_t rounds_or(std::int64_t normal, std::int64_t when_quick) const {
    return rounds > 0 ? rounds : quick ? when_quick : normal;
  }
};

/// The body of every main: reads the arguments, runs, prints what went wrong. Gives the exit code.
int run(int argc, char** argv, const std::function<void(const Arguments&)>& body);

/// Seconds of CPU, user and kernel, since the start: of all threads, and of the calling one.
double process_cpu_seconds();
double thread_cpu_seconds();
/// Seconds of a clock that only goes forward.
double wall_seconds();

/// Of a part of a program that runs now and then.
struct Spent {
  double process_cpu = 0;
  double thread_cpu = 0;
  double wall = 0;
  double bytes_written = 0;  ///< given to write calls, by all threads
  Spent& operator+=(const Spent& other);
};
/// Runs `work` and says what it took.
Spent measure(const std::function<void()>& work);

/// Precondition: not empty.
double median(std::vector<double> values);

/// Throws Error unavailable when the folder lies on a file system in memory: there is nothing to sync on one.
void refuse_memory(const std::filesystem::path& folder);

/// A folder beside the program, on the disk that holds it, removed at the end. Refuses a file system in
/// memory.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path file(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Where the program lies; reports are written to `bench/` beside it.
std::filesystem::path program_file();
/// The Great Work, for programs that write the same by hand: without its search indexes.
std::filesystem::path blueprint_folder();
/// The project's own.
std::filesystem::path source_folder();

/// Figures as they are found: each is printed as a line and kept for the JSON.
class Report {
 public:
  Report(std::string name, const Arguments& arguments);
  void figure(std::string_view key, double value, std::string_view unit, std::string_view what);
  void figures(std::string_view key, const std::vector<double>& values, std::string_view unit,
               std::string_view what);
  /// The last line, `NAME ratio R` or `NAME value V unit`, after the JSON was written beside the program.
  void end_with_ratio(double ratio);
  void end_with_value(double value, std::string_view unit);

 private:
  void write();

  std::string name_;
  bool quick_;
  nlohmann::json json_;
};

/// Bytes that this process has given to write calls.
std::int64_t bytes_written();
/// The most memory that this process had resident, in bytes.
std::int64_t peak_memory_bytes();

}  // namespace bench
