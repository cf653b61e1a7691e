#include "state/migrate.h"

#include "base/clock.h"
#include "state/batches.h"
#include "state/create.h"
#include "state/drift.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace reeve::state {

namespace {

LedgerOptions system_options() {
  LedgerOptions options;
  options.clock = &system_clock();
  options.random = &system_random();
  return options;
}

struct Applied {
  std::int64_t sequence = 0;
  std::string time;
  std::string file_hash;
};

/// The migrations in force, by name, from the journal.
std::map<std::string, Applied> applied_migrations(engine::Connection& connection) {
  std::map<std::string, Applied> applied;
  for (const journal::Epoch& epoch : journal::read_epochs(connection)) {
    journal::EntryReader entries(connection, epoch.first_sequence - 1);
    journal::Entry entry;
    if (!entries.next(entry) || entry.event.type != journal::type_schema_migrated) {
      continue;
    }
    const nlohmann::json payload = nlohmann::json::parse(entry.event.payload);
    const std::string name = payload.value("name", "");
    if (payload.value("direction", "") == "up") {
      applied[name] = {entry.event.sequence, entry.event.time, payload.value("file_hash", "")};
    } else {
      applied.erase(name);
    }
  }
  return applied;
}

bool files_differ_beside_migrations(const blueprint::Sources& left, const blueprint::Sources& right) {
  const auto others = [](const blueprint::Sources& sources) {
    std::map<std::string, std::string> files = sources.files;
    std::erase_if(files, [](const auto& file) { return file.first.starts_with("migrations/"); });
    return files;
  };
  return others(left) != others(right);
}

LedgerStatus status_of(engine::Connection& connection, const EpochState& epoch,
                       const blueprint::Sources& sources) {
  LedgerStatus status;
  const std::map<std::string, Applied> applied = applied_migrations(connection);
  for (const blueprint::Migration& migration : blueprint::read_migrations(sources)) {
    MigrationStatus entry;
    entry.number = migration.number;
    entry.name = migration.name;
    entry.breaking = migration.breaking;
    entry.irreversible = migration.irreversible;
    const auto found = applied.find(migration.name);
    if (found != applied.end()) {
      entry.applied = true;
      entry.sequence = found->second.sequence;
      entry.time = found->second.time;
      entry.changed = found->second.file_hash != to_hex(migration.up_hash);
    }
    status.migrations.push_back(std::move(entry));
  }
  status.blueprint_changed = files_differ_beside_migrations(epoch.sources, sources);
  return status;
}

/// The folder has every migration that was applied.
void check_none_lacks(engine::Connection& connection, const LedgerStatus& status) {
  for (const auto& [name, applied] : applied_migrations(connection)) {
    const bool known = std::any_of(status.migrations.begin(), status.migrations.end(),
                                   [&](const MigrationStatus& migration) { return migration.name == name; });
    if (!known) {
      throw Error(ErrorCode::conflict,
                  fmt::format("the folder lacks the migration {}, which was applied (event {})", name,
                              applied.sequence),
                  "put it back, or revert it with `reeve migrate down` first");
    }
  }
}

/// An applied migration is never edited, renamed or taken away.
void check_applied(engine::Connection& connection, const LedgerStatus& status) {
  for (const MigrationStatus& migration : status.migrations) {
    if (migration.changed) {
      throw Error(ErrorCode::conflict,
                  fmt::format("the migration {} was changed after it was applied (event {})", migration.name,
                              migration.sequence),
                  "restore the file as it was and write a new migration for the change",
                  {"migrations/" + migration.name + ".up.sql", 1, 1});
    }
  }
  check_none_lacks(connection, status);
}

}  // namespace

LedgerStatus migration_status(const Location& location, const std::optional<blueprint::Sources>& folder) {
  const auto connection = open_to_look(location);
  engine::Transaction tx(*connection, engine::Transaction::Mode::read);
  const auto epoch = load_last_epoch(*connection);
  LedgerStatus status = status_of(*connection, *epoch, folder ? *folder : epoch->sources);
  check_none_lacks(*connection, status);
  return status;
}

namespace {

/// What is migrated: a file with its one ledger, or a schema with all of its ledgers.
class Target {
 public:
  Target(const Location& location, const MigrateOptions& options) : progress_(options.progress) {
    if (location.is_file()) {
      file_ = location.open(engine::OpenMode::read_write, {.busy_ms_max = options.lock_timeout_ms},
                            Purpose::administration);
      complete_layouts(*file_);
      epoch_ = load_last_epoch(*file_);
    } else {
      schema_ = std::make_unique<SharedSchema>(location, options);
    }
  }

  std::int64_t ledgers() const { return schema_ ? schema_->ledgers() : 1; }
  const EpochState& epoch() const { return schema_ ? *schema_->epoch() : *epoch_; }
  /// Of the one ledger, or of one of many, which are all alike. An applied file that was changed is refused.
  LedgerStatus checked_status(const blueprint::Sources& folder) {
    engine::Connection& connection = schema_ ? schema_->connection() : *file_;
    engine::Transaction tx(connection, engine::Transaction::Mode::read);
    LedgerStatus status = status_of(connection, epoch(), folder);
    check_applied(connection, status);
    return status;
  }
  void migrate(const MigrationStep& step) {
    if (schema_) {
      schema_->migrate(step, system_options());
      return;
    }
    fill_back(*file_, *epoch_, step, system_options(), progress_);
    epoch_ = run_migration(*file_, epoch_, step, system_options());
  }
  void change_blueprint(const blueprint::Sources& folder) {
    if (schema_) {
      schema_->change_blueprint(folder, system_options());
    } else {
      epoch_ = state::change_blueprint(*file_, *epoch_, folder, system_options());
    }
  }

 private:
  Progress progress_;
  std::unique_ptr<engine::Connection> file_;
  std::shared_ptr<const EpochState> epoch_;  ///< of the file
  std::unique_ptr<SharedSchema> schema_;
};

bool fills_back(const blueprint::Sources& sources, const blueprint::Migration& migration) {
  const std::vector<sql::Statement> statements =
      sql::split(migration.up_file, sources.files.at(migration.up_file));
  return std::any_of(statements.begin(), statements.end(), [](const sql::Statement& statement) {
    return std::any_of(statement.directives.begin(), statement.directives.end(),
                       [](const sql::Directive& directive) { return directive.word == "backfill"; });
  });
}

/// The application as it is, with the folder's migrations up to one: while the next fills rows in batches, commits go
/// on. The folder itself where the application doesn't fit the schema.
blueprint::Sources until(const blueprint::Sources& application, const blueprint::Sources& folder,
                         const std::vector<blueprint::Migration>& migrations, int number) {
  blueprint::Sources sources = application;
  std::erase_if(sources.files, [](const auto& file) { return file.first.starts_with("migrations/"); });
  for (const blueprint::Migration& migration : migrations) {
    for (const auto& [path, text] : folder.files) {
      if (migration.number <= number && path.starts_with("migrations/" + migration.name + ".")) {
        sources.files.emplace(path, text);
      }
    }
  }
  return blueprint::check(sources).blueprint ? sources : folder;
}

}  // namespace

MigrationRun migrate_up(const Location& location, const blueprint::Sources& folder, std::optional<int> steps,
                        const MigrateOptions& options) {
  Target target(location, options);
  const LedgerStatus status = target.checked_status(folder);
  blueprint::load(folder);
  MigrationRun run;
  run.ledgers = target.ledgers();
  const std::vector<blueprint::Migration> migrations = blueprint::read_migrations(folder);
  std::int64_t pending = static_cast<std::int64_t>(migrations.size()) - target.epoch().epoch.level;
  pending = steps ? std::min<std::int64_t>(pending, *steps) : pending;
  for (const blueprint::Migration& migration : migrations) {
    if (migration.number <= target.epoch().epoch.level ||
        static_cast<std::int64_t>(run.names.size()) >= pending) {
      continue;
    }
    options.progress.step(static_cast<std::int64_t>(run.names.size()), pending);
    const auto next = static_cast<std::size_t>(migration.number);
    const bool last = static_cast<std::int64_t>(run.names.size()) + 1 >= pending;
    const blueprint::Sources sources =
        !last && fills_back(folder, migrations.at(next))
            ? until(target.epoch().sources, folder, migrations, migration.number)
            : folder;
    target.migrate({&sources, migration, true});
    run.names.push_back(migration.name);
  }
  run.blueprint_changed = status.blueprint_changed;
  if (target.epoch().sources.files != folder.files) {
    target.change_blueprint(folder);
  }
  return run;
}

MigrationRun migrate_down(const Location& location, int steps, const MigrateOptions& options) {
  Target target(location, options);
  const std::int64_t level = target.epoch().epoch.level;
  if (steps < 1 || steps > level) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("{} steps down from migration {} are not possible", steps, level),
                "`reeve migrate status` shows what is applied");
  }
  const blueprint::Sources sources = target.epoch().sources;
  const std::vector<blueprint::Migration> migrations = blueprint::read_migrations(sources);
  MigrationRun run;
  run.ledgers = target.ledgers();
  for (int step = 0; step < steps; ++step) {
    const blueprint::Migration& migration =
        migrations.at(static_cast<std::size_t>(target.epoch().epoch.level - 1));
    if (migration.down_file.empty()) {
      throw Error(ErrorCode::invalid_input,
                  fmt::format("the migration {} can't go back: {}", migration.name, migration.irreversible),
                  run.names.empty() ? "nothing was changed" : "those after it were reverted");
    }
    options.progress.step(step, steps);
    target.migrate({&sources, migration, false});
    run.names.push_back(migration.name);
  }
  return run;
}

std::vector<MigrationCheck> migrate_verify(const Location& location, const blueprint::Sources& folder,
                                           const Progress& progress) {
  if (!location.is_file()) {
    SharedSchema schema(location, {.progress = progress});
    {
      const engine::Transaction snapshot(schema.connection(), engine::Transaction::Mode::read);
      check_applied(schema.connection(), status_of(schema.connection(), *schema.epoch(), folder));
    }
    return rehearse_in_schema(schema.connection(), folder, progress);
  }
  const auto live = location.open(engine::OpenMode::read_only);
  const engine::Transaction tx(*live, engine::Transaction::Mode::read);
  const auto epoch = load_last_epoch(*live);
  check_applied(*live, status_of(*live, *epoch, folder));
  return rehearse_in_file(*live, *epoch, folder, progress);
}

}  // namespace reeve::state
