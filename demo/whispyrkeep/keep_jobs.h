#pragma once
// The work that an account asks for (blueprints/whispyrkeep/jobs), done by a worker.

#include <reeve/jobs.h>
#include <reeve/ledger.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace whispyrkeep {

struct JobOptions {
  std::filesystem::path export_folder;  ///< where documents are written, as EXPORT_ID.json or .md
  /// One text that stands for several; asks a model, or throws what is the error of the attempt.
  std::function<std::string(const std::vector<std::string>& texts)> summarize = {};
  std::int64_t turns_kept = 10;  ///< the newest of a campaign, whose lore is not summed up
};

/// Vectors of what changed, exports, and compaction, for one ledger, which the worker works for too and which outlives it. The
/// ledger is used by the worker's threads. Compaction is done where there is a `summarize`.
void handle_jobs(reeve::Worker& worker, reeve::Ledger& ledger, JobOptions options);

}  // namespace whispyrkeep
