// The rows that differ over 1,000 events, at random places of a long journal.

#include "shared/past.h"
#include "shared/support.h"

#include <reeve/history.h>

namespace bench {

namespace {

void run_diff(const Arguments& arguments) {
  constexpr std::int64_t stretch = 1000;
  Report report("diff", arguments);
  const Folder folder;
  const std::int64_t events = arguments.events_or(200'000, 3'000);
  reeve::History history = reeve::History::open(make_past(folder, events).string());
  Places places(events);
  std::vector<double> milliseconds;
  std::int64_t rows = 0;
  for (std::int64_t round = 0; round < arguments.rounds_or(101, 5); ++round) {
    const std::int64_t after = places.next(stretch);
    milliseconds.push_back(measure([&] {
                             history.diff({after}, {after + stretch}, [&](const reeve::RowChange&) {
                               ++rows;
                               return true;
                             });
                           }).process_cpu *
                           1e3);
  }
  report.figure("rows", static_cast<double>(rows) / static_cast<double>(milliseconds.size()), "rows",
                "that differ, on average");
  report.figures("rounds", milliseconds, "ms", "of CPU for each diff of 1,000 events");
  report.end_with_value(median(milliseconds), "ms");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_diff); }
