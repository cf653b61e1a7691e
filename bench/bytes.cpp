// Bytes of the file that the journal takes for each event: its two tables with their indexes, in whole pages.

#include "engine/connection.h"
#include "shared/journaled.h"
#include "shared/support.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace bench {

namespace {

using Sizes = std::map<std::string, std::int64_t>;

Sizes journal_sizes(const std::filesystem::path& file) {
  const auto connection = reeve::engine::Connection::open(file, reeve::engine::OpenMode::read_only);
  reeve::engine::Statement row = connection->prepare(
      "SELECT s.name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema s ON s.name = d.name "
      "WHERE s.tbl_name IN ('reeve_events', 'reeve_groups') GROUP BY s.name",
      false);
  Sizes sizes;
  while (row.step()) {
    sizes[std::string(row.text(0))] = row.integer(1);
  }
  return sizes;
}

void run_bytes(const Arguments& arguments) {
  Report report("bytes", arguments);
  const Folder folder;
  const std::filesystem::path file = folder.file("ledger.db");
  create_ledger(file);
  Mix mix;
  const std::int64_t count = arguments.events_or(20'000, 2'000);
  Sizes before;
  std::int64_t payload_bytes = 0;
  {
    Journaled ledger(file, false);
    ledger.commit(mix.opening());
    before = journal_sizes(file);
    for (std::int64_t left = count; left > 0; left -= 64) {
      const std::vector<MixEvent> events =
          mix.take(static_cast<std::size_t>(std::min<std::int64_t>(64, left)));
      for (const MixEvent& event : events) {
        payload_bytes += static_cast<std::int64_t>(event.payload.size());
      }
      ledger.commit(events);
    }
  }
  const auto of_event = [&](std::int64_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(count);
  };
  report.figure("payload", of_event(payload_bytes), "bytes", "of an event's payload alone");
  std::int64_t all = 0;
  for (const auto& [name, size] : journal_sizes(file)) {
    report.figure(name, of_event(size - before[name]), "bytes", "for each event, in whole pages");
    all += size - before[name];
  }
  report.end_with_value(of_event(all), "bytes");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_bytes); }
