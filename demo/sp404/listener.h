#pragma once
// The jobs of the sample library that listen to files (blueprints/sp404mk2/jobs).

#include <reeve/jobs.h>
#include <reeve/ledger.h>

#include <filesystem>

namespace sp404 {

/// Gives a worker the handlers of the kinds `tempo` and `timbre`: each reads the sample's file below `folder`, listens, and
/// commands what it heard with the job's key. A file that is not there, can't be decoded, or is another one than was
/// imported, is a failed attempt, with the reason. `ledger` is the worker's, and outlives it.
void listen(reeve::Worker& worker, reeve::Ledger& ledger, const std::filesystem::path& folder);

}  // namespace sp404
