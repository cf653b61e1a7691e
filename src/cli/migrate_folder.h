#pragma once
// The migrate verbs with --dir: a folder that was made for another tool, on a database that holds no ledger.

#include "cli/session.h"
#include "state/rehearsal.h"
#include "state/shared_schema.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reeve::cli {

struct MigrateArguments {
  std::string file;
  std::string folder;
  std::optional<int> steps;
  int lock_timeout_ms = state::MigrateOptions().lock_timeout_ms;
  int statement_timeout_ms = 0;
  std::string dir;   ///< of another tool
  std::string tool;  ///< that it was made for; empty: as the files show
  bool allow_missing = false;
  std::optional<std::int64_t> applied;  ///< the unfinished version of which a person says so
  std::optional<std::int64_t> pending;
};

void add_folder_options(CLI::App& verb, MigrateArguments& given);
int show_folder_status(Session& session, const MigrateArguments& given);
int apply_folder(Session& session, const MigrateArguments& given);
int revert_folder(Session& session, const MigrateArguments& given);
int verify_folder(Session& session, const MigrateArguments& given);
void add_repair_verb(CLI::App& migrate, Session& session);

/// What a rehearsal found; the exit code.
int write_checks(Session& session, const std::vector<state::MigrationCheck>& checks);

}  // namespace reeve::cli
