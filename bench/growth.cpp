// What further events cost as the journal grows, the live rows that they touch being the same: three journals,
// each a tenth of the next, in turn. And the memory that a replay of the longest takes.

#include "shared/journaled.h"
#include "shared/support.h"
#include "state/replay.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdio>

namespace bench {

namespace {

constexpr std::size_t fill_group = 256;
constexpr std::size_t group = 64;

struct Level {
  Level(const Folder& folder, std::int64_t events)
      : before(events), file(folder.file(fmt::format("events_{}.db", events))), mix({.year_events = 0}) {
    create_ledger(file);
    Journaled building(file, false);
    const std::vector<MixEvent> opening = mix.opening();
    for (std::size_t i = 0; i < opening.size(); i += group) {
      building.commit(std::span<const MixEvent>(opening).subspan(i, std::min(group, opening.size() - i)));
    }
    for (std::int64_t left = events - static_cast<std::int64_t>(opening.size()); left > 0;
         left -= static_cast<std::int64_t>(fill_group)) {
      building.commit(updates(fill_group));
    }
  }

  std::vector<MixEvent> updates(std::size_t count) {
    std::vector<MixEvent> events;
    for (std::size_t i = 0; i < count; ++i) {
      events.push_back(mix.update());
    }
    return events;
  }

  void open() {
    ledger = std::make_unique<Journaled>(file);
    play(updates(group));  // reads what the file holds
  }
  void play(const std::vector<MixEvent>& events) {
    for (std::size_t i = 0; i < events.size(); i += group) {
      ledger->commit(std::span<const MixEvent>(events).subspan(i, std::min(group, events.size() - i)));
    }
  }

  std::int64_t before;
  std::filesystem::path file;
  Mix mix;
  std::unique_ptr<Journaled> ledger;
  std::vector<double> costs;  ///< microseconds for each event
};

/// Of a process of its own that replays the file.
double replay_memory_bytes(const std::filesystem::path& file) {
  const std::string command = fmt::format("'{}' --replay-file '{}'", program_file().string(), file.string());
  std::FILE* pipe = popen(command.c_str(), "r");
  reeve::ensure(pipe != nullptr, "a process can be started");
  std::array<char, 64> line{};
  const char* read = std::fgets(line.data(), static_cast<int>(line.size()), pipe);
  const int status = pclose(pipe);
  if (read == nullptr || status != 0) {
    throw reeve::Error(reeve::ErrorCode::internal, "the replay in a process of its own failed");
  }
  std::int64_t bytes = 0;
  std::from_chars(line.data(), line.data() + line.size(), bytes);
  return static_cast<double>(bytes);
}

void run_growth(const Arguments& arguments) {
  if (!arguments.replay_file.empty()) {
    reeve::state::replay_scratch(arguments.replay_file);
    fmt::print("{}\n", peak_memory_bytes());
    return;
  }
  Report report("growth", arguments);
  const Folder folder;
  const std::int64_t longest = arguments.events_or(1'000'000, 20'000);
  const auto chunk = static_cast<std::size_t>(longest / 100);
  std::vector<std::unique_ptr<Level>> levels;
  for (const std::int64_t events : {longest / 100, longest / 10, longest}) {
    fmt::print("building a journal of {} events\n", events);
    std::fflush(stdout);
    levels.push_back(std::make_unique<Level>(folder, events));
    levels.back()->open();
  }
  const std::int64_t rounds = arguments.rounds_or(5, 2);
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (const auto& level : levels) {
      const std::vector<MixEvent> events = level->updates(chunk);
      level->costs.push_back(measure([&] { level->play(events); }).process_cpu * 1e6 /
                             static_cast<double>(chunk));
    }
  }
  for (const auto& level : levels) {
    report.figures(fmt::format("at_{}_rounds", level->before), level->costs, "us/event",
                   fmt::format("the next {} events after {}", chunk, level->before));
    report.figure(fmt::format("at_{}", level->before), median(level->costs), "us/event", "median");
    level->ledger.reset();
  }
  const double memory = replay_memory_bytes(levels.back()->file);
  report.figure("replay_memory", memory / 1e6, "MB", "peak of a process that replays the longest");
  report.figure("middle_ratio", median(levels[1]->costs) / median(levels[0]->costs), "ratio",
                "in the middle over the shortest");
  report.end_with_ratio(median(levels[2]->costs) / median(levels[0]->costs));
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_growth); }
