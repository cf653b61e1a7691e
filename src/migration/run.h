#pragma once
// Another tool's folder run on a database that holds no ledger, SQLite or PostgreSQL. What was applied is kept in the
// table reeve_migrations there (docs/migration_folders.md).

#include "engine/connection.h"
#include "migration/folder.h"
#include "state/progress.h"

#include <reeve/clock.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::migration {

/// `sqlite:PATH`, a path (a file is made if there is none and `may_make`), or `postgresql://...` as libpq takes it. SQLite
/// is opened as its own shell does: no functions of Reeve's, the journal mode as it is, foreign keys not enforced.
/// Throws Error conflict when a ledger lives there: its schema is its blueprint's.
std::unique_ptr<engine::Connection> open_database(const std::string& url, bool may_make);

enum class Standing : std::uint8_t {
  pending,
  applied,
  edited,      ///< applied, and comments or blanks of its file are others since
  changed,     ///< applied, and its file does something else now
  missing,     ///< applied, and its file is gone
  unfinished,  ///< was begun outside of a transaction and did not come to its end
};

struct StepStatus {
  std::int64_t version = 0;
  std::string name;
  Standing standing = Standing::pending;
  std::string time;  ///< when it was applied; empty when pending, or when another tool did it and did not say
};

/// By version. What the folder's tool itself has applied counts as applied, before anything is taken up.
std::vector<StepStatus> status(engine::Connection& database, const Folder& folder);

struct RunOptions {
  std::optional<int> steps;  ///< up: all, down: one
  bool allow_missing =
      false;  ///< go on beside applied files that are gone, or pending ones below the last applied
  state::Progress progress;
};

struct Run {
  std::vector<std::string> names;  ///< in order
  std::int64_t taken_up = 0;       ///< applied by the tool itself before, and now known here
};

/// Applies what is pending, each all or nothing, unless it must run outside of a transaction: then, if it fails, it is
/// `unfinished` and nothing more is applied until settle(). On SQLite up to 100 of them share a commit; on PostgreSQL each
/// has its own. Two runners at once wait for each other (retryable after 5 s). Throws Error conflict (a file was changed,
/// is gone, or comes late), and what a statement fails with, with file and line; what came before stays applied.
Run apply(engine::Connection& database, const Folder& folder, Clock& clock, const RunOptions& options = {});
/// Reverts the last `steps` by their down sections. invalid_input when one has none.
Run revert(engine::Connection& database, const Folder& folder, Clock& clock, const RunOptions& options = {});

/// Takes the checksums of files of which comments or blanks alone were edited: their names. Throws Error conflict when
/// another was changed in what it does; then nothing is repaired.
std::vector<std::string> repair(engine::Connection& database, const Folder& folder);
/// Says of an unfinished migration, after a person has looked, that it is applied, or that it is pending again. Its name.
std::string settle(engine::Connection& database, const Folder& folder, Clock& clock, std::int64_t version,
                   bool applied);

}  // namespace reeve::migration
