// A named query on the state after an event, at random places of a long journal, and the whole state with its hash.

#include "shared/past.h"
#include "shared/support.h"

#include <reeve/history.h>

namespace bench {

namespace {

void run_at(const Arguments& arguments) {
  Report report("at", arguments);
  const Folder folder;
  const std::int64_t events = arguments.events_or(200'000, 3'000);
  reeve::History history = reeve::History::open(make_past(folder, events).string());
  Places places(events);
  std::vector<double> milliseconds;
  for (std::int64_t round = 0; round < arguments.rounds_or(11, 3); ++round) {
    const std::int64_t at = places.next(0) + 100;
    milliseconds.push_back(measure([&] { history.query({at}, "leaderboard"); }).process_cpu * 1e3);
  }
  report.figures("rounds", milliseconds, "ms", "of CPU for a query that reads one table");
  const double whole = measure([&] { history.head({events / 2}); }).process_cpu;
  report.figure("whole", whole * 1e3, "ms",
                "of CPU for the whole state in the middle, with its hash and proof");
  report.end_with_value(median(milliseconds), "ms");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_at); }
