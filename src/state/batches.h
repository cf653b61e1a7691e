#pragma once
// The batches of a back-fill as they are made, one transaction and one event each, while others go on.

#include "state/backfill.h"
#include "state/create.h"
#include "state/progress.h"
#include "state/state_hash.h"

#include <cstdint>
#include <string>
#include <vector>

namespace reeve::state {

/// Where the last batch of the same statement ended, of the events behind a sequence: a run that was killed goes on there.
/// Empty: there was none. The high-water mark is in the journal.
std::vector<std::string> last_batch_end(engine::Connection& connection, std::int64_t after,
                                        const BackfillStep& step);

/// Changes the rows behind `step.after` and journals it; sets `step.until`. False when no row is left. In a write transaction
/// with the head locked; `sums` are those of the state at the head. A batch that changes no row is no event.
bool make_batch(engine::Connection& connection, const EpochState& epoch, const journal::Head& head,
                StateSums sums, BackfillStep& step, const LedgerOptions& options);

/// All batches of a migration, up or down, on a ledger in a file. Throws Error retryable when another process changed the epoch
/// meanwhile; those that were made stay.
void fill_back(engine::Connection& file, const EpochState& epoch, const MigrationStep& step,
               const LedgerOptions& options, const Progress& progress);

}  // namespace reeve::state
