#include "state/migrate.h"

#include "base/clock.h"
#include "state/create.h"
#include "state/drift.h"
#include "state/schema_change.h"
#include "state/schema_copy.h"

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

/// Not yet rehearsed there.
void refuse_shared(const Location& location) {
  if (!location.is_file()) {
    throw Error(ErrorCode::invalid_input,
                "a migration of a schema on PostgreSQL can't be rehearsed by this version",
                "promote a copy to a file (`reeve promote --copy`), and rehearse there");
  }
}

}  // namespace

LedgerStatus migration_status(const Location& location, const std::optional<blueprint::Sources>& folder) {
  const auto connection = open_to_look(location);
  engine::Transaction tx(*connection, engine::Transaction::Mode::read);
  const auto epoch = load_last_epoch(*connection);
  return status_of(*connection, *epoch, folder ? *folder : epoch->sources);
}

namespace {

/// What is migrated: a file with its one ledger, or a schema with all of its ledgers.
class Target {
 public:
  Target(const Location& location, const MigrateOptions& options) {
    if (location.is_file()) {
      file_ = location.open(engine::OpenMode::read_write, {.busy_ms_max = options.lock_timeout_ms},
                            Purpose::administration);
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
    } else {
      epoch_ = run_migration(*file_, epoch_, step, system_options());
    }
  }
  void change_blueprint(const blueprint::Sources& folder) {
    if (schema_) {
      schema_->change_blueprint(folder, system_options());
    } else {
      epoch_ = state::change_blueprint(*file_, *epoch_, folder, system_options());
    }
  }

 private:
  std::unique_ptr<engine::Connection> file_;
  std::shared_ptr<const EpochState> epoch_;  ///< of the file
  std::unique_ptr<SharedSchema> schema_;
};

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
    target.migrate({&folder, migration, true});
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

namespace {

/// What a copy of a ledger's state looks like at a moment of a rehearsal.
struct Picture {
  std::map<std::string, SchemaObject> schema;
  std::map<std::string, TableSum> sums;
};

Picture picture_of(engine::Connection& connection, const journal::Layout& layout) {
  Picture picture{read_schema(connection), {}};
  StateSums sums(layout);
  sum_rows(connection, sums);
  for (std::size_t table = 0; table < layout.tables.size(); ++table) {
    picture.sums.emplace(layout.tables[table].name, sums.sum(static_cast<int>(table)));
  }
  return picture;
}

/// Schemas are compared as the catalogue has them: SQLite keeps the text of what was said, and ALTER edits it.
void compare(const Picture& before, const Picture& after, std::string_view when,
             std::vector<std::string>& differences) {
  for (const auto& [name, sum] : before.sums) {
    const auto found = after.sums.find(name);
    if (found == after.sums.end()) {
      differences.push_back(fmt::format("{}: the table {} is missing", when, name));
    } else if (found->second != sum) {
      differences.push_back(fmt::format("{}: rows of {} differ", when, name));
    }
  }
  for (const auto& [name, sum] : after.sums) {
    if (!before.sums.contains(name)) {
      differences.push_back(fmt::format("{}: the table {} is left behind", when, name));
    }
  }
  for (const auto& [name, object] : before.schema) {
    const auto found = after.schema.find(name);
    if (found == after.schema.end()) {
      differences.push_back(fmt::format("{}: the {} {} is missing", when, object.type, name));
    } else if (found->second.type != object.type) {
      differences.push_back(
          fmt::format("{}: {} is a {} instead of a {}", when, name, found->second.type, object.type));
    }
  }
  for (const auto& [name, object] : after.schema) {
    if (!before.schema.contains(name)) {
      differences.push_back(fmt::format("{}: the {} {} is left behind", when, object.type, name));
    }
  }
}

void run_on_copy(engine::Connection& copy, const sql::MigrationTranslation& translation,
                 const sql::Catalogue& before) {
  const ForeignKeysOff foreign_keys(copy, translation.rebuilds);
  engine::Transaction tx(copy, engine::Transaction::Mode::write);
  const journal::Layout layout_before = journal::Layout::of(before);
  const journal::Layout layout_after = journal::Layout::of(translation.after);
  StateSums sums_before(layout_before);
  StateSums sums_after(layout_after);
  change_schema(copy, translation, layout_before, layout_after, sums_before, sums_after);
  tx.commit();
}

MigrationCheck rehearse(engine::Connection& copy, const blueprint::Sources& sources,
                        const blueprint::Migration& migration) {
  MigrationCheck check;
  check.name = migration.name;
  const sql::Catalogue before = blueprint::catalogue_at(sources, migration.number - 1);
  const auto up = sql::translate_migration(migration.up_file, sources.files.at(migration.up_file), before);
  const Picture picture_before = picture_of(copy, journal::Layout::of(before));
  run_on_copy(copy, up, before);
  if (migration.down_file.empty()) {
    return check;  // it says itself that it can't go back
  }
  const journal::Layout layout_up = journal::Layout::of(up.after);
  const Picture picture_up = picture_of(copy, layout_up);
  const auto down =
      sql::translate_migration(migration.down_file, sources.files.at(migration.down_file), up.after);
  run_on_copy(copy, down, up.after);
  if (down.after != before) {
    check.differences.push_back("after down: the schema is declared otherwise than before up");
  }
  compare(picture_before, picture_of(copy, journal::Layout::of(down.after)), "after down", check.differences);
  if (check.differences.empty()) {
    const auto again =
        sql::translate_migration(migration.up_file, sources.files.at(migration.up_file), before);
    run_on_copy(copy, again, before);
    if (again.after != up.after) {
      check.differences.push_back(
          "after the second up: the schema is declared otherwise than after the first");
    }
    Picture picture_again = picture_of(copy, layout_up);
    picture_again.sums = picture_up.sums;  // rows that down lost are its own finding, above
    compare(picture_up, picture_again, "after the second up", check.differences);
  }
  check.equal = check.differences.empty();
  return check;
}

}  // namespace

std::vector<MigrationCheck> migrate_verify(const Location& location, const blueprint::Sources& folder,
                                           const Progress& progress) {
  refuse_shared(location);
  const auto live = location.open(engine::OpenMode::read_only);
  engine::Transaction tx(*live, engine::Transaction::Mode::read);
  const auto epoch = load_last_epoch(*live);
  check_applied(*live, status_of(*live, *epoch, folder));
  const std::vector<blueprint::Migration> migrations = blueprint::read_migrations(folder);
  const bool pending = static_cast<std::int64_t>(migrations.size()) > epoch->epoch.level;
  const auto copy = engine::Connection::open_scratch({.foreign_keys = true});
  if (pending) {
    const ForeignKeysOff foreign_keys(*copy, true);
    engine::Transaction copy_tx(*copy, engine::Transaction::Mode::write);
    replace_state(*live, *copy, epoch->layout);
    copy_tx.commit();
  }
  std::vector<MigrationCheck> checks;
  for (const blueprint::Migration& migration : migrations) {
    progress.step(static_cast<std::int64_t>(checks.size()), static_cast<std::int64_t>(migrations.size()));
    if (!pending || migration.number > epoch->epoch.level) {
      checks.push_back(rehearse(*copy, folder, migration));
      if (!checks.back().equal) {
        break;  // the copy is no longer what the next one expects
      }
    }
  }
  return checks;
}

}  // namespace reeve::state
