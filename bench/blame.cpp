// The events behind the columns of one row, by the index beside the ledger; and what it takes to make that index.

#include "shared/past.h"
#include "shared/support.h"

#include <reeve/history.h>

namespace bench {

namespace {

void run_blame(const Arguments& arguments) {
  Report report("blame", arguments);
  const Folder folder;
  const std::int64_t events = arguments.events_or(200'000, 3'000);
  const std::string file = make_past(folder, events).string();
  reeve::History history = reeve::History::open(file);
  // Rows that the last events touched, and rows that nobody touched for long.
  Places places(events);
  std::vector<std::pair<std::string, std::string>> rows;
  for (std::int64_t round = 0; round < arguments.rounds_or(101, 5); ++round) {
    const std::int64_t after = places.next(10);
    history.diff({after}, {after + 10}, [&](const reeve::RowChange& change) {
      if (change.operation != reeve::RowChange::Operation::remove)
        rows.emplace_back(change.table, change.key);
      return false;
    });
  }
  const double index = measure([&] { history.blame_columns(rows.front().first, rows.front().second); }).wall;
  report.figure("index", index * 1e6 / static_cast<double>(events), "us/event",
                "of the first question, which makes it");
  std::vector<double> milliseconds;
  for (const auto& [table, key] : rows) {
    milliseconds.push_back(measure([&] { history.blame_columns(table, key); }).process_cpu * 1e3);
  }
  report.figures("rounds", milliseconds, "ms", "of CPU for each row");
  report.end_with_value(median(milliseconds), "ms");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_blame); }
