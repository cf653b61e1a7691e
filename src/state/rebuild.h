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
  std::vector<Difference> healed;  ///< what was not as the journal says, in order of tables and keys
  std::vector<std::string>
      switched;  ///< tables, indexes and views that were made anew (on PostgreSQL: put right), by name
  /// What is in the schema and no migration made, or made otherwise, and stays as it is; for people.
  std::vector<std::string> left_alone;
  std::int64_t caught_up = 0;  ///< events that others committed meanwhile
  double locked_seconds = 0;   ///< that writers had to wait; 0: nothing was to be switched
};

/// Executes the journal again in a scratch database, while others go on writing; catches up with what they committed; and
/// compares rows, schema and indexes. What differs (somebody changed it behind Reeve's back) is replaced by what the journal
/// gives, in one transaction of the writer. Where executing an event gives other hashes than the journal says, nothing is
/// switched and Error corrupt names the event. Whenever it is killed the file is as before or as after.
/// On PostgreSQL, where ledgers share their tables, the rows of this one that differ are replaced and the schema is left
/// alone; who rebuilds acts as its owner. Error conflict where no order of whole rows leads there.
Rebuild rebuild(const Location& location, const RebuildOptions& options = {});

}  // namespace reeve::state
