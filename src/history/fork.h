#pragma once
// A ledger that begins as another one was after an event, and goes its own way (docs/history.md, "fork").

#include "state/location.h"
#include "state/progress.h"

#include <reeve/history.h>

#include <filesystem>

namespace reeve::history {

/// As fork_ledger, where both are files.
Fork fork_file(const state::Location& parent, const std::filesystem::path& file, const ForkOptions& options);

}  // namespace reeve::history
