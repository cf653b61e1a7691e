#pragma once
// An existing SQLite database under a journal (docs/adoption.md).

#include "adoption/irregularity.h"
#include "base/hash.h"
#include "blueprint/blueprint.h"
#include "state/baseline.h"
#include "state/location.h"

#include <reeve/ledger.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace reeve::adoption {

/// What came of it. The same as the payload of `reeve.adopted` says, but for `disagreements`.
struct Adoption {
  std::string title;
  std::int64_t events = 0;                   ///< of the ledger
  std::map<std::string, std::int64_t> rows;  ///< taken from each old table
  std::int64_t events_kept = 0;              ///< of an older log, each as it was
  std::int64_t events_mapped = 0;            ///< what they became
  Findings findings;
  std::vector<state::Disagreement> disagreements;  ///< of the old tables with the old log
  Digest state_hash{};
};

/// Adopts a file of which nothing is known: its schema becomes a blueprint, which is written into a new folder, its rows the
/// baseline. The file is only read, in one snapshot. Nothing is left behind if it fails. Throws Error: not_found, corrupt (no
/// database), conflict (the ledger or the folder is there), limit_exceeded (a row that no event holds).
Adoption adopt_rows(const std::filesystem::path& file, const state::Location& to,
                    const std::filesystem::path& folder, const LedgerOptions& options);

/// Adopts a file by the mapping in a blueprint's folder `adopt`. Throws Error as adopt_rows; bad_statement and invalid_input
/// with the place in the mapping.
Adoption adopt_log(const std::filesystem::path& file, const state::Location& to,
                   const std::filesystem::path& blueprint_folder, const LedgerOptions& options);

}  // namespace reeve::adoption
