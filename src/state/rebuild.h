#pragma once
// The tables made from the journal beside the live ones, and put in their place where they differ.

#include "base/hash.h"
#include "state/location.h"
#include "state/progress.h"
#include "state/verify.h"

#include <cstdint>
#include <string>
#include <vector>

namespace reeve::state {

struct RebuildOptions {
  Progress progress = {};
  bool all = false;                  ///< every table is switched, also one that is as it should be
  std::size_t differences_max = 20;  ///< so many are named; all are healed
};

struct Rebuild {
  std::int64_t events = 0;
  Digest state_hash{};
  std::vector<Difference> healed;     ///< what was not as the journal says, in order of tables and keys
  std::vector<std::string> switched;  ///< tables, indexes and views that were made anew, by name
  std::vector<std::string> unknown;   ///< objects in the file that no migration made: left alone
  std::int64_t caught_up = 0;         ///< events that others committed meanwhile
  double locked_seconds = 0;          ///< that writers had to wait; 0: nothing was to be switched
};

/// Executes the journal again in a scratch database, while others go on writing; catches up with what they committed; and
/// compares rows, schema and indexes. What differs (somebody changed it behind Reeve's back) is replaced by what the journal
/// gives, in one transaction of the writer. Where executing an event gives other hashes than the journal says, nothing is
/// switched and Error corrupt names the event. Whenever it is killed the file is as before or as after.
/// Throws Error invalid_input for a ledger on PostgreSQL.
Rebuild rebuild(const Location& location, const RebuildOptions& options = {});

}  // namespace reeve::state
