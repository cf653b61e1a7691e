#include "state/shared_schema.h"

#include "base/hash.h"
#include "search/keeper.h"
#include "state/recorder.h"
#include "state/schema_change.h"

#include "state/postgres_keep_migrator_lock_sql.h"
#include "state/postgres_lock_schema_sql.h"
#include "state/postgres_select_lock_holders_sql.h"
#include "state/postgres_select_migrator_sql.h"
#include "state/postgres_try_migrator_lock_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

namespace reeve::state {

namespace {

/// `session 4711 (role ann, program psql)`
std::string session_name(const engine::Statement& row) {
  return fmt::format("session {} (role {}, program {})", row.integer(0), row.text(1), row.text(2));
}

bool is_true(engine::Connection& connection, std::string_view sql) {
  return connection.value(sql) == Value(std::int64_t{1});
}

}  // namespace

SharedSchema::SharedSchema(const Location& location, const MigrateOptions& options)
    : options_(options),
      connection_(location.open_schema({.busy_ms_max = options.lock_timeout_ms}, "reeve_owner",
                                       options.statement_timeout_ms)) {
  if (!journal::read_schema_format(*connection_)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no ledger of Reeve in {}", location.name()),
                "`reeve init URL --blueprint FOLDER` or `reeve promote FILE URL` makes one");
  }
  journal::check_format(*connection_);
  // A server notices by itself that a migrator was killed, and gives its locks back.
  connection_->execute("SET application_name = 'reeve migrate'; SET client_connection_check_interval = 2000");
  take_lock();
  read_directory();
  bind(location.ledger());
  const engine::Transaction snapshot(*connection_, engine::Transaction::Mode::read);
  format_ = *journal::read_schema_format(*connection_);
  epoch_ = load_last_epoch(*connection_);
}

/// Asked for again and again, and never waited for in the server: a session that waits there keeps a snapshot, for
/// which CREATE INDEX CONCURRENTLY of the one that holds the lock would wait in its turn.
void SharedSchema::take_lock() {
  constexpr std::chrono::milliseconds pause(50);
  for (int waited_ms = 0; !is_true(*connection_, embedded::postgres_try_migrator_lock_sql);
       waited_ms += static_cast<int>(pause.count())) {
    options_.progress.step(0, 0);
    if (waited_ms >= options_.lock_timeout_ms) {
      engine::Statement row = connection_->prepare(embedded::postgres_select_migrator_sql, false);
      throw Error(ErrorCode::retryable,
                  fmt::format("{} is being migrated by {}", connection_->name(),
                              row.step() ? session_name(row) : "a session that has just ended"),
                  "wait until it is done; if it hangs: SELECT pg_terminate_backend(...)");
    }
    std::this_thread::sleep_for(pause);
  }
}

void SharedSchema::read_directory() {
  ledgers_ = journal::list_ledgers(*connection_);
  std::sort(ledgers_.begin(), ledgers_.end(),
            [](const auto& one, const auto& other) { return one.ledger_id < other.ledger_id; });
  std::erase_if(ledgers_, [](const journal::LedgerEntry& ledger) {
    return ledger.state == journal::LedgerState::erased;
  });
  if (ledgers_.empty()) {
    throw Error(ErrorCode::conflict, fmt::format("{} holds no ledger", connection_->name()),
                "drop the schema, and make its first ledger with `reeve init`");
  }
  for (const journal::LedgerEntry& ledger : ledgers_) {
    if (ledger.state == journal::LedgerState::arriving || ledger.state == journal::LedgerState::erasing) {
      const bool arrives = ledger.state == journal::LedgerState::arriving;
      throw Error(ErrorCode::conflict,
                  fmt::format("the ledger {} of {} is being {}, and is not complete", ledger.name,
                              connection_->name(), arrives ? "promoted into it" : "erased"),
                  arrives ? "run its `reeve promote` again to the end, or erase it; then migrate"
                          : "run its `reeve ledger erase` again to the end, then migrate");
    }
  }
}

void SharedSchema::bind(const std::string& named) {
  const auto ledger = std::find_if(ledgers_.begin(), ledgers_.end(), [&](const journal::LedgerEntry& entry) {
    return named.empty() || entry.name == named;
  });
  if (ledger == ledgers_.end()) {
    throw Error(ErrorCode::not_found, fmt::format("{} has no such ledger", connection_->name()),
                "all ledgers of a schema are migrated at once: leave ledger=NAME out");
  }
  bound_ = ledger->ledger_id;
  connection_->set_ledger(bound_);
}

/// Who is in the way, as far as it can be seen.
std::string SharedSchema::holders() {
  std::string names;
  engine::Statement row = connection_->prepare(embedded::postgres_select_lock_holders_sql, false);
  while (row.step()) {
    names += (names.empty() ? "; at work here: " : ", ") + session_name(row);
  }
  return names;
}

void SharedSchema::explained(std::string_view what, const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    if (connection_->in_transaction()) {
      throw;
    }
    connection_->set_ledger(bound_);
    const auto* stop = options_.progress.stop;
    if (stop != nullptr && stop->load()) {
      throw;
    }
    if (error.code() == ErrorCode::retryable) {
      throw Error(error.code(),
                  fmt::format("{}: another session kept a lock for more than {} ms{}. Nothing is half done",
                              what, options_.lock_timeout_ms, holders()),
                  "run the same command again when it has ended, or with a longer --lock-timeout");
    }
    if (error.code() == ErrorCode::limit_exceeded && options_.statement_timeout_ms > 0) {
      throw Error(error.code(),
                  fmt::format("{}: a statement took more than {} ms. Nothing is half done", what,
                              options_.statement_timeout_ms),
                  "run the same command again with a longer --statement-timeout");
    }
    throw;
  }
  connection_->set_ledger(bound_);
}

void SharedSchema::transact(std::string_view what, const std::function<void()>& work) {
  explained(what, [&] {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    connection_->execute(embedded::postgres_lock_schema_sql);
    check_unchanged();
    read_directory();
    work();
    tx.commit();
  });
}

void SharedSchema::transact_beside(std::string_view what, const std::function<void()>& work) {
  explained(what, [&] {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    check_unchanged();
    work();
    tx.commit();
  });
}

void SharedSchema::check_unchanged() {
  const auto format = journal::read_schema_format(*connection_);
  if (!is_true(*connection_, embedded::postgres_keep_migrator_lock_sql) || format->level != format_.level ||
      format->sources_hash != format_.sources_hash) {
    throw Error(ErrorCode::conflict, fmt::format("{} was migrated by another meanwhile", connection_->name()),
                "look at `reeve migrate status`, then run it again");
  }
}

SharedSchema::Standing SharedSchema::stand(const journal::LedgerEntry& ledger) {
  connection_->switch_ledger(ledger.ledger_id);
  const journal::Head head = journal::lock_head_of_any(*connection_);
  const std::vector<journal::Epoch> epochs = journal::read_epochs(*connection_);
  if (epochs.empty() || epochs.back().level != format_.level ||
      epochs.back().sources_hash != format_.sources_hash) {
    throw Error(ErrorCode::corrupt,
                fmt::format("the ledger {} is not at the level of its schema", ledger.name),
                "run `reeve verify` on it");
  }
  StateSums sums = sums_at(*connection_, epoch_->layout, head, epochs.back().first_sequence);
  if (sums.state_hash() != head.state_hash) {
    throw Error(ErrorCode::corrupt,
                fmt::format("the rows of the ledger {} are not those that its journal left", ledger.name),
                "run `reeve verify` to see which; nothing is migrated until they are");
  }
  return {head, epochs.back(), std::move(sums), {}, {}};
}

std::vector<SharedSchema::Standing> SharedSchema::lock_all() {
  std::vector<Standing> standings;
  for (const journal::LedgerEntry& ledger : ledgers_) {
    standings.push_back(stand(ledger));
    options_.progress.step(static_cast<std::int64_t>(standings.size()), ledgers());
  }
  return standings;
}

journal::Epoch SharedSchema::opened_by(const Standing& standing, const blueprint::Sources& sources,
                                       std::int64_t level) const {
  return {standing.epoch.epoch + 1, standing.head.sequence + 1, level, sources.hash()};
}

namespace {

void run_rows(engine::Connection& connection, const sql::MigrationStatement& statement,
              const std::vector<journal::LedgerEntry>& ledgers,
              const std::function<void(std::size_t ledger)>& wrote) {
  for (std::size_t ledger = 0; ledger < ledgers.size(); ++ledger) {
    connection.switch_ledger(ledgers[ledger].ledger_id);
    engine::Statement prepared = connection.prepare(statement.sql, false);
    for (std::size_t place = 0; place < statement.hidden.size(); ++place) {
      ensure(statement.hidden[place] == sql::Hidden::ledger, "a migration has no parameters but its ledger");
      prepared.bind_text(static_cast<int>(place) + 1, ledgers[ledger].ledger_id);
    }
    prepared.run();
    wrote(ledger);
  }
}

}  // namespace

void run_statements(engine::Connection& connection, const sql::MigrationTranslation& translation,
                    const std::vector<journal::LedgerEntry>& ledgers,
                    const std::function<void(std::size_t ledger)>& wrote) {
  // Before a statement that changes a table, and before the end, what is deferred is checked: PostgreSQL refuses to
  // alter a table that still has to be looked at.
  constexpr std::string_view settle = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED";
  bool rows_written = false;
  for (const sql::MigrationStatement& statement : translation.postgres) {
    if (statement.part == sql::MigrationPart::rows) {
      run_rows(connection, statement, ledgers, wrote);
      rows_written = true;
      continue;
    }
    if (std::exchange(rows_written, false)) {
      connection.execute(settle);
    }
    connection.execute(statement.sql);
  }
  if (rows_written) {
    connection.execute(settle);
  }
}

/// The changeset of a ledger's rows, and the sums after it.
std::string SharedSchema::compared(Standing& standing, const EpochState& after, StateSums& sums) {
  if (standing.rows) {
    std::string changeset = standing.rows->compare(after.layout, standing.sums, sums);
    standing.rows.reset();
    return changeset;
  }
  std::vector<journal::Change> changes;
  standing.captured->take(changes);
  for (int table = 0; table < static_cast<int>(after.layout.tables.size()); ++table) {
    sums.set_sum(table, standing.sums.sum(table));
  }
  for (const journal::Change& change : changes) {
    sums.change(change.table, change.before, change.after);
  }
  return captured_changeset(after.layout, changes);
}

void SharedSchema::record(Standing& standing, EpochChange change, std::string_view changeset, StateSums sums,
                          const EpochState& after, const LedgerOptions& options) {
  Recorder recorder(*connection_, sums.layout(), options.group_events_max);
  change.state_hash_before = standing.head.state_hash;
  change.state_hash_after = sums.state_hash();
  recorder.sums() = std::move(sums);
  recorder.reset(standing.head);
  journal::append_epoch(*connection_, change.opened, recorder.sums().layout());
  recorder.record(epoch_event(standing.head, change, options), changeset);
  recorder.seal();
  store_sums(*connection_, recorder.sums(), recorder.head().sequence);
  search::bring_up(*connection_, after.blueprint.get(), after.layout, recorder.head());
  queue::bring_up(*connection_, after.blueprint.get());
}

void SharedSchema::finish(const std::shared_ptr<const EpochState>& after) {
  if (after->catalogue.moment_type != epoch_->catalogue.moment_type) {
    throw Error(ErrorCode::conflict, "the type of the moment can't change in a schema that has ledgers",
                "keep it as it was; or promote the ledgers to files, and those into a new schema");
  }
  if (after->blueprint && after->blueprint->name != format_.blueprint) {
    throw Error(ErrorCode::conflict,
                fmt::format("the schema is made for the blueprint {}, not for {}", format_.blueprint,
                            after->blueprint->name),
                "keep the name in blueprint.toml as it was");
  }
  journal::set_schema_level(*connection_, after->epoch.level, after->epoch.sources_hash);
}

void SharedSchema::adopt(std::shared_ptr<const EpochState> after) {
  epoch_ = std::move(after);
  format_.level = epoch_->epoch.level;
  format_.sources_hash = epoch_->epoch.sources_hash;
}

void SharedSchema::migrate(const MigrationStep& step, const LedgerOptions& options) {
  const blueprint::Sources& sources = *step.sources;
  const std::string& file = step.up ? step.migration.up_file : step.migration.down_file;
  const sql::MigrationTranslation translation =
      sql::translate_migration(file, sources.files.at(file), epoch_->catalogue, journal::postgres_roles);
  const sql::OnlinePlan plan = sql::plan_migration(file, sources.files.at(file), epoch_->catalogue);
  if (translation.rebuilds && plan.cascades) {
    throw Error(ErrorCode::bad_statement,
                "a file makes a table anew and writes rows on which others depend by CASCADE or SET NULL: on "
                "SQLite those would stay as they are",
                "write the rows in a migration of their own", {file, 1, 1});
  }
  prepare(step, translation, plan, options);
  const std::int64_t level = step.up ? step.migration.number : step.migration.number - 1;
  std::shared_ptr<const EpochState> after;
  transact(step.migration.name, [&] {
    std::vector<Standing> standings = lock_all();
    after = make_epoch(opened_by(standings.front(), sources, level), sources);
    if (!step.up && after->catalogue != translation.after) {
      throw Error(
          ErrorCode::bad_statement,
          fmt::format("{} does not restore the schema as it was before {}", file, step.migration.up_file),
          "mend the down file: nothing was changed", {file, 1, 1});
    }
    for (std::size_t place = 0; place < standings.size(); ++place) {
      if (plan.tables_rewritten.empty()) {
        standings[place].captured = std::make_unique<Capture>(epoch_->layout);
        continue;
      }
      connection_->switch_ledger(ledgers_[place].ledger_id);
      standings[place].rows.emplace(*connection_, translation, epoch_->layout);
      standings[place].rows->check(standings[place].sums);
    }
    if (plan.concurrent_index.empty()) {
      run_statements(*connection_, translation, ledgers_, [&](std::size_t place) {
        const SinkOf sink(*connection_, standings[place].captured.get());
        connection_->drain_changes();
      });
    }
    drop_not_null_checks(translation, plan);
    journal::store_sources(*connection_, sources.hash(), sources.files);
    for (std::size_t place = 0; place < standings.size(); ++place) {
      connection_->switch_ledger(ledgers_[place].ledger_id);
      Standing& standing = standings[place];
      StateSums sums(after->layout);
      const std::string changeset = compared(standing, *after, sums);
      record(standing,
             {.opened = opened_by(standing, sources, level), .migration = &step.migration, .up = step.up},
             changeset, std::move(sums), *after, options);
    }
    finish(after);
  });
  adopt(std::move(after));
}

void SharedSchema::change_blueprint(const blueprint::Sources& sources, const LedgerOptions& options) {
  std::shared_ptr<const EpochState> after;
  transact("the blueprint's other files", [&] {
    std::vector<Standing> standings = lock_all();
    after = make_epoch(opened_by(standings.front(), sources, format_.level), sources);
    journal::store_sources(*connection_, sources.hash(), sources.files);
    for (std::size_t place = 0; place < standings.size(); ++place) {
      connection_->switch_ledger(ledgers_[place].ledger_id);
      record(standings[place], {.opened = opened_by(standings[place], sources, format_.level)}, {},
             std::move(standings[place].sums), *after, options);
    }
    finish(after);
  });
  adopt(std::move(after));
}

}  // namespace reeve::state
