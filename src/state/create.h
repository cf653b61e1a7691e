#pragma once
// A new ledger, and the events that say what it stands on.

#include "blueprint/blueprint.h"
#include "state/epochs.h"
#include "state/location.h"
#include "state/recorder.h"

#include <reeve/ledger.h>

#include <string>
#include <string_view>

namespace reeve::state {

/// A new ledger: Reeve's tables, `reeve.ledger_created`, every migration. Nothing is left behind if it fails.
/// Throws Error conflict if the file, or a ledger of that name, exists.
void create_ledger(const Location& location, const blueprint::Sources& sources, const LedgerOptions& options);

/// The same in an empty SQLite database.
void fill_ledger(engine::Connection& connection, const blueprint::Blueprint& blueprint,
                 const blueprint::Sources& sources, const LedgerOptions& options);

/// The payload of `reeve.ledger_created`.
std::string created_payload(const blueprint::Blueprint& blueprint, std::string_view ledger_id,
                            const Digest& seed_commitment);

/// One of Reeve's own events, behind the head.
journal::Event own_event(const journal::Head& head, std::string_view type, std::string payload,
                         const LedgerOptions& options);

/// The event, behind the head, that opens an epoch: of a migration, up or down, or, without one, of changed files.
struct EpochChange {
  journal::Epoch opened;
  const blueprint::Migration* migration = nullptr;
  bool up = true;
  Digest state_hash_before{};
  Digest state_hash_after{};
};
journal::Event epoch_event(const journal::Head& head, const EpochChange& change,
                           const LedgerOptions& options);

/// Runs one migration of `sources` on a ledger in a file and journals it, in a transaction of its own.
struct MigrationStep {
  const blueprint::Sources* sources = nullptr;
  blueprint::Migration migration;
  bool up = true;
};
std::shared_ptr<const EpochState> run_migration(engine::Connection& connection,
                                                const std::shared_ptr<const EpochState>& before,
                                                const MigrationStep& step, const LedgerOptions& options);

/// Journals in a file that the files beside the migrations changed; a new epoch of the same level.
std::shared_ptr<const EpochState> change_blueprint(engine::Connection& connection, const EpochState& before,
                                                   const blueprint::Sources& sources,
                                                   const LedgerOptions& options);

}  // namespace reeve::state
