// The past of a long journal, asked at random places: a named query that reads one table, and the whole state with its
// hash; with checkpoints and, a few times, without. The last line is the worst of all with them.

#include "shared/past.h"
#include "shared/support.h"

#include <reeve/history.h>

#include <algorithm>
#include <stdexcept>

namespace bench {

namespace {

struct Asked {
  std::vector<double> query_ms;
  std::vector<double> whole_ms;
  double worst() const {
    return std::max(*std::max_element(query_ms.begin(), query_ms.end()),
                    *std::max_element(whole_ms.begin(), whole_ms.end()));
  }
};

Asked ask(reeve::History& history, Places& places, std::int64_t rounds) {
  Asked asked;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::int64_t at = places.next(0) + 100;
    asked.query_ms.push_back(measure([&] { history.query({at}, "leaderboard"); }).process_cpu * 1e3);
    asked.whole_ms.push_back(measure([&] {
                               if (!history.head({at}).is_proven) {
                                 throw std::runtime_error("a state is not what its seal says");
                               }
                             }).process_cpu *
                             1e3);
  }
  return asked;
}

void run_at(const Arguments& arguments) {
  Report report("at", arguments);
  const Folder folder;
  const std::int64_t events = arguments.events_or(1'000'000, 3'000);
  const std::string file = make_past(folder, events).string();
  Places places(events);
  {
    reeve::History history = reeve::History::open(file);
    history.query({events}, "leaderboard");  // the blueprint is translated once
    const Asked asked = ask(history, places, arguments.quick ? 1 : 2);
    report.figures("query_without", asked.query_ms, "ms", "of CPU for a query that reads one table, without");
    report.figures("whole_without", asked.whole_ms, "ms",
                   "of CPU for the whole state with its hash, without");
  }
  reeve::CheckpointRun made;
  const Spent spent = measure([&] {
    made = reeve::make_checkpoints(
        file, {.every = arguments.quick ? events / 10 : reeve::CheckpointOptions{}.every});
  });
  report.figure("checkpoints", static_cast<double>(made.made.size()), "", "made");
  report.figure("making", spent.process_cpu / static_cast<double>(events) * 1e6, "us",
                "of CPU for each event");
  report.figure("bytes", static_cast<double>(made.bytes) / static_cast<double>(events), "bytes",
                "of checkpoints for each event");
  reeve::History history = reeve::History::open(file);
  history.query({events}, "leaderboard");
  const Asked asked = ask(history, places, arguments.rounds_or(15, 3));
  report.figures("query", asked.query_ms, "ms", "of CPU for a query that reads one table");
  report.figures("whole", asked.whole_ms, "ms", "of CPU for the whole state with its hash and proof");
  report.end_with_value(asked.worst(), "ms");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_at); }
