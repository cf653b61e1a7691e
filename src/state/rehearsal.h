#pragma once
// Migrations rehearsed on a copy: up, down, up, with the rows that there are.

#include "blueprint/blueprint.h"
#include "engine/connection.h"
#include "state/epochs.h"
#include "state/progress.h"

#include <string>
#include <vector>

namespace reeve::state {

struct MigrationCheck {
  std::string name;
  bool equal = true;
  std::vector<std::string> differences;  ///< schema objects and tables whose rows differ
};

/// Of a ledger in a file, in a scratch file: each pending migration of the folder, or, when none is pending, each of
/// all from an empty schema on. Stops after the first that differs. `live` is in a snapshot.
std::vector<MigrationCheck> rehearse_in_file(engine::Connection& live, const EpochState& epoch,
                                             const blueprint::Sources& folder, const Progress& progress);

/// The same of a PostgreSQL schema with the rows of all its ledgers, in temporary tables of a transaction that is rolled
/// back. `owner` acts as reeve_owner and is outside of a transaction.
std::vector<MigrationCheck> rehearse_in_schema(engine::Connection& owner, const blueprint::Sources& folder,
                                               const Progress& progress);

}  // namespace reeve::state
