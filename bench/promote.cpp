// A ledger moved between the engines with its proof: events per second into PostgreSQL, and back into a file.

#include "state/promote.h"
#include "shared/journaled.h"
#include "shared/mix.h"
#include "shared/postgres.h"
#include "shared/support.h"

#include <fmt/format.h>

namespace bench {

namespace {

/// A command of the campaign emits so many events; each command is a group with a state hash of its own.
constexpr std::size_t command_events = 4;

void play(const std::filesystem::path& file, std::int64_t count) {
  Journaled ledger(file, false);
  Mix mix;
  std::vector<MixEvent> events = mix.opening();
  for (MixEvent& event : mix.take(static_cast<std::size_t>(count))) {
    events.push_back(std::move(event));
  }
  for (std::size_t i = 0; i < events.size(); i += command_events) {
    ledger.commit(std::span<const MixEvent>(events).subspan(i, std::min(command_events, events.size() - i)));
  }
}

/// What is spent from the first events that are read, when the schema and the blueprint are there, to the end, the comparison
/// of all rows included.
struct Move {
  double wall = 0;
  double cpu = 0;  ///< of this process
  double server_cpu = 0;
  double start = 0;  ///< until they are read
  std::int64_t events = 0;

  double rate() const { return static_cast<double>(events) / wall; }
  double cpu_rate() const { return static_cast<double>(events) / (cpu + server_cpu); }
};

Move move(const Server& server, const std::string& source, const std::string& target, std::int64_t batch) {
  const double begin = wall_seconds();
  std::int64_t first = 0;
  double wall = 0;
  double cpu = 0;
  double server_cpu = 0;
  reeve::state::PromoteOptions options;
  options.fence = false;
  options.batch_events = batch;
  options.progress.report = [&](std::int64_t done, std::int64_t) {
    if (first == 0) {
      first = done;
      wall = wall_seconds();
      cpu = process_cpu_seconds();
      server_cpu = server.cpu_seconds();
    }
  };
  const reeve::state::Promotion done =
      reeve::state::promote(reeve::state::Location::of(source), reeve::state::Location::of(target), options);
  reeve::ensure(done.equal() && first < done.events, "what arrived is what was sent, in several batches");
  return {wall_seconds() - wall, process_cpu_seconds() - cpu, server.cpu_seconds() - server_cpu, wall - begin,
          done.events - first};
}

void run_promote(const Arguments& arguments) {
  Report report("promote", arguments);
  const Folder folder;
  const std::int64_t count = arguments.events_or(100'000, 2'000);
  const std::int64_t rounds = arguments.rounds_or(3, 1);
  const std::int64_t batch = arguments.quick ? 256 : reeve::state::PromoteOptions().batch_events;
  const std::string ledger = folder.file("ledger.db");
  create_ledger(ledger);
  play(ledger, count);
  Server server(arguments);
  std::vector<double> start;
  std::vector<double> into;
  std::vector<double> into_cpu;
  std::vector<double> client_cpu;
  std::vector<double> between;
  std::vector<double> back;
  std::vector<double> back_cpu;
  std::int64_t events = 0;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const auto database = [&](const char* name) {
      return server.create_database(fmt::format("{}_{}", name, round)) + "&ledger=game";
    };
    const std::string arrived = database("arrived");
    const Move there = move(server, ledger, arrived, batch);
    start.push_back(there.start);
    into.push_back(there.rate());
    into_cpu.push_back(there.cpu_rate());
    client_cpu.push_back(static_cast<double>(there.events) / there.cpu);
    between.push_back(move(server, arrived, database("across"), batch).rate());
    const Move home = move(server, arrived, folder.file(fmt::format("back_{}.db", round)), batch);
    back.push_back(home.rate());
    back_cpu.push_back(home.cpu_rate());
    events = there.events;
  }
  report.figure("events", static_cast<double>(events), "events",
                "behind the first 512, years' ends among them");
  report.figure("start", median(start) * 1e3, "ms", "until 512 events are read: schema, blueprint");
  report.figures("into_postgres", into, "events/s",
                 "from a file into PostgreSQL, all rows compared, round by round");
  report.figure("into_postgres_cpu", median(into_cpu), "events/s",
                "the same by CPU of both sides, one after the other");
  report.figure("client_cpu", median(client_cpu), "events/s", "the same by CPU of this process alone");
  report.figures("between", between, "events/s", "from PostgreSQL into PostgreSQL, of one server");
  report.figures("into_file", back, "events/s", "from PostgreSQL into a file");
  report.figure("into_file_cpu", median(back_cpu), "events/s", "the same by CPU of both sides");
  report.end_with_value(median(into), "events/s");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_promote); }
