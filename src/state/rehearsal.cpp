#include "state/rehearsal.h"

#include "state/recorder.h"
#include "state/schema_change.h"
#include "state/schema_copy.h"

#include <fmt/format.h>

namespace reeve::state {

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

std::vector<MigrationCheck> rehearse_in_file(engine::Connection& live, const EpochState& epoch,
                                             const blueprint::Sources& folder, const Progress& progress) {
  const std::vector<blueprint::Migration> migrations = blueprint::read_migrations(folder);
  const bool pending = static_cast<std::int64_t>(migrations.size()) > epoch.epoch.level;
  const auto copy = engine::Connection::open_scratch({.foreign_keys = true});
  if (pending) {
    const ForeignKeysOff foreign_keys(*copy, true);
    engine::Transaction copy_tx(*copy, engine::Transaction::Mode::write);
    replace_state(live, *copy, epoch.layout);
    copy_tx.commit();
  }
  std::vector<MigrationCheck> checks;
  for (const blueprint::Migration& migration : migrations) {
    progress.step(static_cast<std::int64_t>(checks.size()), static_cast<std::int64_t>(migrations.size()));
    if (!pending || migration.number > epoch.epoch.level) {
      checks.push_back(rehearse(*copy, folder, migration));
      if (!checks.back().equal) {
        break;  // the copy is no longer what the next one expects
      }
    }
  }
  return checks;
}

}  // namespace reeve::state
