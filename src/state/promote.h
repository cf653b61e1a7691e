#pragma once
// A ledger moves to another database, of the same engine or the other, with proof.

#include "base/hash.h"
#include "state/location.h"
#include "state/progress.h"

#include <reeve/ledger.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reeve::state {

struct PromoteOptions {
  Progress progress;
  /// The source takes no more writes once the target has all of it. Without: a copy; two ledgers with one past.
  bool fence = true;
  /// Events of one transaction on the target: what a kill makes it do again.
  std::int64_t batch_events = 8192;
};

struct Promotion {
  std::int64_t events = 0;
  std::int64_t resumed_at = 0;  ///< events that an earlier, interrupted run had brought over
  Digest chain_hash{};
  Digest
      source_state_hash{};  ///< of the rows of the source, as they are (of a copy whose source went on: by its seal)
  Digest target_state_hash{};  ///< of the rows of the target, as they are
  /// When they differ: the first rows that do, by table and key, and the event that changed each last.
  std::vector<std::string> differences;
  bool equal() const { return source_state_hash == target_state_hash; }
};

/// Folds the changesets of `source` in memory and compares the chain hash after every event and the state hash at every
/// seal; journal and rows go to `target` many events at once. Then fences the source, brings the rest over, and compares
/// all rows as both sides have them. A run that was interrupted goes on where it stopped. Throws Error: corrupt, naming the
/// first event that differs and its rows; conflict when the target holds something else.
Promotion promote(const Location& source, const Location& target, const PromoteOptions& options = {});

/// The same from a database that is open (a ledger that was just made): nothing to fence.
Promotion promote(engine::Connection& source, const Location& target, const PromoteOptions& options);

}  // namespace reeve::state
