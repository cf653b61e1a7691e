#pragma once
// A folder of another tool rehearsed on a copy of a SQLite file: up, down, up.

#include "migration/folder.h"
#include "state/rehearsal.h"

#include <reeve/clock.h>

namespace reeve::migration {

/// Each pending migration, or all from an empty file when none is pending: schema and rows before it are compared with
/// those after down, those after both ups with each other. Stops at the first that differs, one without a down section
/// among them. `file` is read in one transaction and not changed. Throws Error invalid_input for PostgreSQL.
std::vector<state::MigrationCheck> rehearse(const std::string& file, const Folder& folder, Clock& clock,
                                            const state::Progress& progress = {});

}  // namespace reeve::migration
