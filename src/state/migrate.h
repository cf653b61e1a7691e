#pragma once
// Migrations of a live ledger: each is an event in its journal.

#include "blueprint/blueprint.h"
#include "state/location.h"
#include "state/rehearsal.h"
#include "state/shared_schema.h"

#include <optional>
#include <string>
#include <vector>

namespace reeve::state {

struct MigrationStatus {
  int number = 0;
  std::string name;
  bool applied = false;
  std::int64_t sequence = 0;  ///< of the event that applied it last
  std::string time;
  std::string breaking;      ///< the reason given
  std::string irreversible;  ///< the reason given
  bool changed = false;      ///< applied, and its file is not what it was then
};

struct LedgerStatus {
  std::vector<MigrationStatus> migrations;
  bool blueprint_changed = false;  ///< other files than migrations differ from the stored sources
};

/// Compares the stored sources with a folder's; without a folder, the stored ones alone. Throws Error conflict when it lacks an applied one.
LedgerStatus migration_status(const Location& location, const std::optional<blueprint::Sources>& folder);

struct MigrationRun {
  std::vector<std::string> names;  ///< applied or reverted, in order
  bool blueprint_changed = false;  ///< the folder's other files were taken up
  std::int64_t ledgers = 1;        ///< that share the schema, and each have the events
};

/// Applies up to `steps` pending migrations of the folder (all if not given) and takes up its other files. An
/// applied file that was changed is refused (conflict). Each migration is all or nothing; those before one that
/// fails stay applied. On PostgreSQL all ledgers of the schema are migrated, whichever the location names
/// (shared_schema.h).
MigrationRun migrate_up(const Location& location, const blueprint::Sources& folder,
                        std::optional<int> steps = {}, const MigrateOptions& options = {});
/// Reverts the last `steps` migrations by their stored down files.
MigrationRun migrate_down(const Location& location, int steps, const MigrateOptions& options = {});

/// On a copy with the ledger's rows: for each pending migration (each of all, when none is pending) up, down,
/// up; the schema and rows before are compared with those after down, the schemas after both ups. On PostgreSQL with
/// the rows of all ledgers, by who may become reeve_owner (rehearsal.h).
std::vector<MigrationCheck> migrate_verify(const Location& location, const blueprint::Sources& folder,
                                           const Progress& progress = {});

}  // namespace reeve::state
