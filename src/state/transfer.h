#pragma once
// The journal as text: NDJSON that carries everything a replay needs (docs/export_format.md).

#include "base/hash.h"
#include "state/location.h"
#include "state/progress.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace reeve::state {

struct ExportOptions {
  Progress progress;
  bool seed = false;  ///< with the seed: whoever has it can foresee the dice
};

/// Calls `line` for each line (without its newline) in order, from one snapshot. Returns the number of events.
std::int64_t export_journal(const Location& location, const std::function<void(std::string_view line)>& line,
                            const ExportOptions& options = {});

struct ImportOptions {
  Progress progress;
  int page_bytes = 4096;
  int group_events_max = 256;  ///< seals fall elsewhere than in the source: no hash depends on them
  /// Called after each event (slower), when set.
  std::function<void(std::int64_t sequence, const Digest& chain_hash, const Digest& state_hash)> each;
};

struct Import {
  std::int64_t events = 0;
  Digest chain_hash{};
  Digest state_hash{};
};

/// Makes a new ledger by executing every event again; `next` gives a line or false at the end. The chain hash
/// is compared after each event, the state hash at the end: on a difference (Error corrupt, naming line and
/// event) and on any other error nothing of it is left.
Import import_journal(const std::function<bool(std::string& line)>& next, const Location& location,
                      const ImportOptions& options = {});

}  // namespace reeve::state
