#pragma once
// Lines into submissions, with a bounded number of them on their way, and verdicts in the order of the lines.

#include "cli/line_reader.h"
#include "cli/verdict.h"

#include <reeve/ledger.h>

#include <cstdint>
#include <functional>
#include <optional>

namespace reeve::cli {

struct StreamTotals {
  std::int64_t lines = 0;
  std::int64_t accepted = 0;
  std::int64_t rejected = 0;  ///< by the rules
  std::int64_t refused = 0;   ///< malformed, unknown, in conflict
  std::int64_t events = 0;
  std::optional<Verdict> fatal;  ///< the first verdict that is about the store: reading ended there
};

/// Submissions whose verdict is not known yet: enough for the ledger to commit large groups.
inline constexpr std::size_t in_flight_max = 1024;

/// Called for each line in order, from a thread of the stream's own; `flush` when nothing more is ready.
struct VerdictSink {
  std::function<void(std::int64_t line, const Verdict& verdict)> verdict;
  std::function<void()> flush;
};

/// Reads to the end, or until `stop`, a fatal verdict or an exception of the sink (which is rethrown); what
/// was submitted always gets its verdict before this returns. Empty lines are skipped.
StreamTotals stream_events(LineReader& lines, Ledger& ledger, const VerdictSink& sink,
                           const std::atomic<bool>& stop);

}  // namespace reeve::cli
