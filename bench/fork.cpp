// A fork of a ledger of some 100 MB: at its head, where the file system shares blocks and where the file is copied; and at an
// earlier event, which takes back what came later.

#include "shared/past.h"
#include "shared/support.h"

#include <reeve/history.h>

#include <vector>

namespace bench {

namespace {

void run_fork(const Arguments& arguments) {
  Report report("fork", arguments);
  const Folder folder;
  const std::int64_t events = arguments.events_or(140'000, 3'000);
  const std::filesystem::path file = make_past(folder, events);
  report.figure("file", static_cast<double>(std::filesystem::file_size(file)) / 1e6, "MB", "of the ledger");
  const auto fork = [&](const reeve::ForkOptions& options) {
    const std::filesystem::path target = folder.file("fork.db");
    reeve::Fork done;
    const double wall =
        measure([&] { done = reeve::fork_ledger(file.string(), target.string(), options); }).wall;
    std::filesystem::remove(target);
    return std::pair(wall * 1e3, done);
  };
  const auto rounds = [&](const reeve::ForkOptions& options) {
    std::vector<double> milliseconds;
    for (std::int64_t round = 0; round < arguments.rounds_or(5, 1); ++round) {
      milliseconds.push_back(fork(options).first);
    }
    return milliseconds;
  };
  if (const reeve::Fork first = fork({}).second; first.shares_blocks) {
    report.figure("sharing", first.copied_seconds * 1e3, "ms", "of which are the sharing of the blocks");
    report.figures("shared", rounds({}), "ms", "at the head, blocks shared, rows summed up and compared");
  } else {
    report.figure("shared", 0, "ms", "not measured: the file system here can't share blocks");
  }
  report.figure("copying", fork({.share_blocks = false}).second.copied_seconds * 1e3, "ms",
                "of which is the copying of the file");
  const std::vector<double> copied = rounds({.share_blocks = false});
  report.figures("copied", copied, "ms", "at the head, copied");
  report.figures("near", rounds({.at = reeve::Sequence{events - 1'000}}), "ms",
                 "1,000 events before the head");
  report.figures("half", rounds({.at = reeve::Sequence{events / 2}}), "ms", "at half of the events");
  report.end_with_value(median(copied), "ms");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_fork); }
