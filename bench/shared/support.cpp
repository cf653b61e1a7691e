#include "shared/support.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace bench {

namespace {

constexpr const char* usage =
    "options:\n"
    "  --quick       a run of seconds: that it works, not how fast it is\n"
    "  --events N    another number of events\n"
    "  --rounds N    another number of rounds\n";

/// To the nanosecond; getrusage knows the running thread's time only as of its last switch.
double clock_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) {
    throw reeve::Error(reeve::ErrorCode::invalid_input, fmt::format("{} is not a positive number", text),
                       usage);
  }
  return number;
}

Arguments read_arguments(int argc, char** argv) {
  Arguments arguments;
  arguments.program = argv[0];
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--quick") {
      arguments.quick = true;
      continue;
    }
    if (i + 1 == argc || (word != "--events" && word != "--rounds" && word != "--replay-file")) {
      throw reeve::Error(reeve::ErrorCode::invalid_input, fmt::format("{} is no option", word), usage);
    }
    const char* value = argv[++i];
    if (word == "--events") {
      arguments.events = number_of(value);
    } else if (word == "--rounds") {
      arguments.rounds = number_of(value);
    } else {
      arguments.replay_file = value;
    }
  }
  return arguments;
}

/// A number after a name at the start of a line, as the files under /proc have them.
std::int64_t number_in(const char* file, std::string_view name) {
  std::ifstream lines(file);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with(name)) {
      const std::size_t first = line.find_first_of("0123456789");
      std::int64_t number = 0;
      std::from_chars(line.data() + first, line.data() + line.size(), number);
      return number;
    }
  }
  throw reeve::Error(reeve::ErrorCode::unavailable, fmt::format("{} has no line {}", file, name));
}

}  // namespace

int run(int argc, char** argv, const std::function<void(const Arguments&)>& body) {
  try {
    body(read_arguments(argc, argv));
    return 0;
  } catch (const reeve::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return reeve::exit_code_of(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}

double process_cpu_seconds() { return clock_seconds(CLOCK_PROCESS_CPUTIME_ID); }
double thread_cpu_seconds() { return clock_seconds(CLOCK_THREAD_CPUTIME_ID); }

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Spent& Spent::operator+=(const Spent& other) {
  process_cpu += other.process_cpu;
  thread_cpu += other.thread_cpu;
  wall += other.wall;
  bytes_written += other.bytes_written;
  return *this;
}

Spent measure(const std::function<void()>& work) {
  const std::int64_t bytes = bytes_written();
  const double wall = wall_seconds();
  const double process = process_cpu_seconds();
  const double thread = thread_cpu_seconds();
  work();
  Spent spent;
  spent.thread_cpu = thread_cpu_seconds() - thread;
  spent.process_cpu = process_cpu_seconds() - process;
  spent.wall = wall_seconds() - wall;
  spent.bytes_written = static_cast<double>(bytes_written() - bytes);
  return spent;
}

double median(std::vector<double> values) {
  reeve::ensure(!values.empty(), "a median of nothing");
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::filesystem::path program_file() { return std::filesystem::read_symlink("/proc/self/exe"); }

std::filesystem::path source_folder() { return BENCH_SOURCE_FOLDER; }

std::filesystem::path blueprint_folder() {
  // Without its search indexes and jobs: what is written by hand has none either (bench text and bench jobs say what
  // they cost).
  static const Folder folder;
  static const std::filesystem::path copy = [] {
    std::filesystem::path to = folder.file("great_work");
    std::filesystem::copy(source_folder() / "blueprints" / "great_work", to,
                          std::filesystem::copy_options::recursive);
    std::filesystem::remove_all(to / "search");
    std::filesystem::remove_all(to / "jobs");
    return to;
  }();
  return copy;
}

void refuse_memory(const std::filesystem::path& folder) {
  struct statfs system {};
  if (statfs(folder.c_str(), &system) != 0 || system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC) {
    throw reeve::Error(reeve::ErrorCode::unavailable,
                       fmt::format("{} lies on a file system in memory", folder.string()),
                       "choose a disk (TMPDIR names the temporary folder): nothing is synced on this one");
  }
}

Folder::Folder() : path_(program_file().parent_path() / "bench" / fmt::format("tmp-{}", getpid())) {
  std::filesystem::create_directories(path_.parent_path());
  refuse_memory(path_.parent_path());
  std::filesystem::create_directories(path_);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Report::Report(std::string name, const Arguments& arguments)
    : name_(std::move(name)), quick_(arguments.quick), json_{{"name", name_}, {"quick", quick_}} {}

void Report::figure(std::string_view key, double value, std::string_view unit, std::string_view what) {
  json_["figures"][std::string(key)] = {{"value", value}, {"unit", unit}, {"what", what}};
  fmt::print("{:<34} {:>12.3f} {:<10} {}\n", key, value, unit, what);
  std::fflush(stdout);
}

void Report::figures(std::string_view key, const std::vector<double>& values, std::string_view unit,
                     std::string_view what) {
  json_["figures"][std::string(key)] = {{"values", values}, {"unit", unit}, {"what", what}};
  std::string text;
  for (const double value : values) {
    text += fmt::format(" {:.3f}", value);
  }
  fmt::print("{} ({}), {}:{}\n", key, unit, what, text);
  std::fflush(stdout);
}

void Report::write() {
  const std::filesystem::path file =
      program_file().parent_path() / "bench" / (name_ + (quick_ ? ".quick.json" : ".json"));
  std::ofstream out(file);
  out << json_.dump(2) << '\n';
  out.close();
  if (!out) {
    throw reeve::Error(reeve::ErrorCode::unavailable, fmt::format("{} can't be written", file.string()));
  }
}

void Report::end_with_ratio(double ratio) {
  json_["ratio"] = ratio;
  write();
  fmt::print("{} ratio {:.3f}\n", name_, ratio);
}

void Report::end_with_value(double value, std::string_view unit) {
  json_["value"] = value;
  json_["unit"] = unit;
  write();
  fmt::print("{} value {:.1f} {}\n", name_, value, unit);
}

std::int64_t bytes_written() { return number_in("/proc/self/io", "wchar"); }

std::int64_t peak_memory_bytes() { return number_in("/proc/self/status", "VmHWM") * 1024; }

}  // namespace bench
