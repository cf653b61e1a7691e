#pragma once
// Rebuilding the tables from the journal.

#include "base/hash.h"
#include "state/location.h"
#include "state/progress.h"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace reeve::state {

enum class ReplayBy : std::uint8_t {
  execution,  ///< runs apply again and compares every changeset, chain hash and state hash
  changeset,  ///< writes the journaled rows; compares chain and state hashes
};

struct ReplayOptions {
  ReplayBy by = ReplayBy::execution;
  Progress progress;
  /// Called after each event with the state hash at it, when set (slower: a hash for each event).
  std::function<void(std::int64_t sequence, const Digest& chain_hash, const Digest& state_hash)> each;
};

struct Replay {
  std::int64_t events = 0;
  Digest chain_hash{};
  Digest state_hash{};
};

/// Drops the state's tables, indexes and views of a ledger and makes them anew from its journal, in one
/// transaction: unless every hash is equal, nothing is changed and Error corrupt names the event.
Replay replay(const Location& location, const ReplayOptions& options = {});

/// The same into a scratch database that is thrown away: the file is only read.
Replay replay_scratch(const Location& location, const ReplayOptions& options = {});

}  // namespace reeve::state
