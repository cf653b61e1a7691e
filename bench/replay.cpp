// A journal executed again and verified whole (changesets, chain, state hashes), over a bare loop over the
// same statements on tables in memory.

#include "state/replay.h"
#include "shared/baseline.h"
#include "shared/journaled.h"
#include "shared/support.h"

namespace bench {

namespace {

/// Seconds of CPU.
double replay_seconds(const std::filesystem::path& file, reeve::state::ReplayBy by) {
  return measure([&] { reeve::state::replay_scratch(file, {.by = by, .progress = {}, .each = {}}); })
      .process_cpu;
}

double bare_seconds(const std::vector<MixEvent>& events, const reeve::blueprint::Blueprint& blueprint,
                    std::int64_t first) {
  const auto connection = reeve::engine::Connection::open_scratch();
  create_state(*connection, blueprint);
  Statements statements(*connection, blueprint, Statements::Events::left_out);
  std::vector<DecodedEvent> decoded;
  decoded.reserve(events.size());
  for (const MixEvent& event : events) {
    decoded.push_back(statements.decode(event, first + static_cast<std::int64_t>(decoded.size())));
  }
  return measure([&] {
           connection->execute("BEGIN");
           for (const DecodedEvent& event : decoded) {
             statements.run(event);
           }
           connection->execute("COMMIT");
         })
      .process_cpu;
}

void run_replay(const Arguments& arguments) {
  Report report("replay", arguments);
  const Folder folder;
  const std::int64_t count = arguments.events_or(60'000, 2'000);
  const std::int64_t rounds = arguments.rounds_or(5, 1);
  create_ledger(folder.file("empty.db"));
  copy_ledger(folder.file("empty.db"), folder.file("ledger.db"));
  std::vector<MixEvent> events;
  std::int64_t first = 0;
  std::shared_ptr<const reeve::state::EpochState> epoch;
  {
    Journaled ledger(folder.file("ledger.db"), false);
    epoch = ledger.epoch();
    {
      auto& connection = ledger.writer().connection();
      const reeve::engine::Transaction snapshot(connection, reeve::engine::Transaction::Mode::read);
      first = reeve::journal::read_head(connection).sequence + 1;
    }
    Mix mix;
    events = mix.opening();
    for (MixEvent& event : mix.take(static_cast<std::size_t>(count))) {
      events.push_back(std::move(event));
    }
    for (std::size_t i = 0; i < events.size(); i += 64) {
      ledger.commit(
          std::span<const MixEvent>(events).subspan(i, std::min<std::size_t>(64, events.size() - i)));
    }
  }
  // What a replay takes before the first event of the application: sources loaded, migrations executed.
  std::vector<double> start;
  std::vector<double> bare;
  std::vector<double> executed;
  std::vector<double> written;
  std::vector<double> ratios;
  for (std::int64_t round = 0; round < rounds; ++round) {
    start.push_back(replay_seconds(folder.file("empty.db"), reeve::state::ReplayBy::execution));
    bare.push_back(bare_seconds(events, *epoch->blueprint, first));
    executed.push_back(replay_seconds(folder.file("ledger.db"), reeve::state::ReplayBy::execution) -
                       start.back());
    written.push_back(replay_seconds(folder.file("ledger.db"), reeve::state::ReplayBy::changeset) -
                      start.back());
    ratios.push_back(executed.back() / bare.back());
  }
  const auto number = static_cast<double>(events.size());
  report.figure("events", number, "events", "replayed, years' ends among them");
  report.figure("start", median(start) * 1e3, "ms",
                "CPU before the first event: sources and migrations; not in the rates");
  report.figure("bare_rate", number / median(bare), "events/s",
                "bare loop, values decoded beforehand, no journal");
  report.figure("execution_rate", number / median(executed), "events/s",
                "executed again and verified, one core");
  report.figure("changeset_rate", number / median(written), "events/s",
                "by changeset, hashes verified, one core");
  report.figure("changeset_ratio", median(written) / median(bare), "ratio",
                "by changeset over the bare loop");
  report.figures("execution_ratios", ratios, "ratio", "executed over the bare loop, round by round");
  report.end_with_ratio(median(ratios));
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_replay); }
