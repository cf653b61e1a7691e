// What a migration of a shared schema does before its transaction, while those who read and write go on: indexes built
// CONCURRENTLY, rows filled in batches, NULLs looked for.

#include "state/shared_schema.h"

#include "sql/names.h"
#include "state/batches.h"

#include "state/postgres_select_index_state_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reeve::state {

namespace {

struct NotNullCheck {
  std::string table;
  std::string column;
  std::string name;

  std::string alter(std::string_view change) const {
    return fmt::format("ALTER TABLE {} {}", sql::quoted_for_postgres(table), change);
  }
  std::string dropped() const { return "DROP CONSTRAINT IF EXISTS " + sql::quoted_for_postgres(name); }
};

/// Columns that take NULL before a migration and refuse it after. None where its own statements, other than back-fills, may
/// make others of the rows that are found beforehand.
std::vector<NotNullCheck> not_null_checks(const sql::Catalogue& before,
                                          const sql::MigrationTranslation& translation,
                                          const sql::OnlinePlan& plan) {
  std::vector<NotNullCheck> checks;
  const auto writes = std::count_if(
      translation.postgres.begin(), translation.postgres.end(),
      [](const sql::MigrationStatement& statement) { return statement.part == sql::MigrationPart::rows; });
  if (static_cast<std::size_t>(writes) != plan.backfills.size()) {
    return checks;
  }
  for (const auto& [name, table] : translation.after.tables) {
    const sql::Table* known = plan.tables_rewritten.contains(name) ? nullptr : before.find_table(name);
    for (const sql::Column& column : table.columns) {
      const sql::Column* old = known != nullptr ? known->find_column(column.name) : nullptr;
      if (old != nullptr && old->nullable && !column.nullable) {
        checks.push_back({name, column.name, sql::short_name("reeve_" + column.name + "_not_null")});
      }
    }
  }
  return checks;
}

}  // namespace

void SharedSchema::prepare(const MigrationStep& step, const sql::MigrationTranslation& translation,
                           const sql::OnlinePlan& plan, const LedgerOptions& options) {
  if (!plan.concurrent_index.empty()) {
    explained(step.migration.name, [&] { build_index(translation, plan.concurrent_index); });
  }
  fill_back(step, plan, options, true);
  check_not_null(step, translation, plan, options);
}

void SharedSchema::drop_index(const std::string& name) {
  connection_->execute("DROP INDEX CONCURRENTLY " + sql::quoted_for_postgres(name));
}

void SharedSchema::build_index(const sql::MigrationTranslation& translation, const std::string& index) {
  const bool made = translation.after.indexes.contains(index);
  const std::string name = sql::short_name(index);
  engine::Statement state = connection_->prepare(embedded::postgres_select_index_state_sql, false);
  state.bind_text(1, name);
  const bool exists = state.step();
  const bool valid = exists && state.integer(0) != 0;
  state.reset();
  if (made ? valid : !exists) {
    return;  // by a run that ended before its events
  }
  // Nobody waits for one who only waits for old transactions to end: it may take its time.
  struct Patience {
    engine::Connection& connection;
    int lock_timeout_ms;
    Patience(engine::Connection& waiting, int timeout_ms) : connection(waiting), lock_timeout_ms(timeout_ms) {
      connection.execute("SET lock_timeout = 0");
    }
    ~Patience() {
      try {
        connection.execute(fmt::format("SET lock_timeout = {}", lock_timeout_ms));
      } catch (const Error&) {
        // The connection is lost: the next one begins with it.
      }
    }
  };
  const Patience patience(*connection_, options_.lock_timeout_ms);
  if (!made) {
    return drop_index(name);
  }
  if (exists) {
    drop_index(name);  // left behind by a run that failed
  }
  std::string statement = translation.postgres.at(0).sql;
  constexpr std::string_view word = "INDEX ";
  statement.insert(statement.find(word) + word.size(), "CONCURRENTLY ");
  try {
    connection_->execute(statement);
  } catch (const Error&) {
    try {
      drop_index(name);
    } catch (const Error&) {
      // Then it is left, not valid, and the next run drops it.
    }
    throw;
  }
}

void SharedSchema::fill_back(const MigrationStep& step, const sql::OnlinePlan& plan,
                             const LedgerOptions& options, bool resume) {
  for (const sql::Backfill& backfill : plan.backfills) {
    for (const journal::LedgerEntry& ledger : std::vector<journal::LedgerEntry>(ledgers_)) {
      BackfillStep batch{step.migration.name, to_hex(step.migration.up_hash), backfill, {}, {}};
      for (bool first = true; fill_batch(ledger, batch, options, resume && first); first = false) {
        batch.after = batch.until;
        options_.progress.step(0, 0);
      }
    }
  }
}

bool SharedSchema::fill_batch(const journal::LedgerEntry& ledger, BackfillStep& step,
                              const LedgerOptions& options, bool resume) {
  bool found = false;
  transact_beside(step.name, [&] {
    Standing standing = stand(ledger);
    if (resume) {
      step.after = last_batch_end(*connection_, standing.epoch.first_sequence, step);
    }
    found = make_batch(*connection_, *epoch_, standing.head, std::move(standing.sums), step, options);
  });
  return found;
}

/// SET NOT NULL reads the whole table under a lock that stops everybody, unless a CHECK that was validated beside them
/// says already what it would find. While the CHECK is there no NULL comes in any more.
void SharedSchema::check_not_null(const MigrationStep& step, const sql::MigrationTranslation& translation,
                                  const sql::OnlinePlan& plan, const LedgerOptions& options) {
  const std::vector<NotNullCheck> checks = not_null_checks(epoch_->catalogue, translation, plan);
  if (checks.empty()) {
    return;
  }
  try {
    for (const NotNullCheck& check : checks) {
      explained(step.migration.name, [&] {
        connection_->execute(check.alter(fmt::format("{}, ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID",
                                                     check.dropped(), sql::quoted_for_postgres(check.name),
                                                     sql::quoted_for_postgres(check.column))));
      });
    }
    fill_back(step, plan, options, false);  // what came in since its batch went by
    for (const NotNullCheck& check : checks) {
      explained(step.migration.name, [&] {
        connection_->execute(check.alter("VALIDATE CONSTRAINT " + sql::quoted_for_postgres(check.name)));
      });
    }
  } catch (const Error&) {
    for (const NotNullCheck& check : checks) {
      try {
        connection_->execute(check.alter(check.dropped()));
      } catch (const Error&) {
        // Then it stays until the next run, which makes it anew.
      }
    }
    throw;
  }
}

void SharedSchema::drop_not_null_checks(const sql::MigrationTranslation& translation,
                                        const sql::OnlinePlan& plan) {
  for (const NotNullCheck& check : not_null_checks(epoch_->catalogue, translation, plan)) {
    connection_->execute(check.alter(check.dropped()));
  }
}

}  // namespace reeve::state
