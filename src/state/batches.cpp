#include "state/batches.h"

#include "journal/own_statement.h"
#include "search/keeper.h"
#include "state/capture.h"
#include "state/recorder.h"
#include "state/shared_schema.h"

#include "state/postgres_select_last_backfill_sql.h"
#include "state/select_last_backfill_sql.h"

#include <fmt/format.h>

#include <utility>

namespace reeve::state {

namespace {

constexpr journal::OwnStatement select_last_backfill{embedded::select_last_backfill_sql,
                                                     embedded::postgres_select_last_backfill_sql, 2};

}  // namespace

std::vector<std::string> last_batch_end(engine::Connection& connection, std::int64_t after,
                                        const BackfillStep& step) {
  engine::Statement row = journal::prepare(connection, select_last_backfill, false);
  row.bind_integer(1, after);
  if (!row.step()) {
    return {};
  }
  journal::Event event;
  event.sequence = row.integer(0);
  event.type = row.text(1);
  event.payload = row.text(2);
  const BackfillStep last = backfill_of(event);
  const bool same = last.name == step.name && last.file_hash == step.file_hash &&
                    last.backfill.statement == step.backfill.statement;
  return same ? last.until : std::vector<std::string>();
}

bool make_batch(engine::Connection& connection, const EpochState& epoch, const journal::Head& head,
                StateSums sums, BackfillStep& step, const LedgerOptions& options) {
  if (!find_batch_end(connection, epoch.catalogue, step)) {
    return false;
  }
  Capture capture(epoch.layout);
  {
    const SinkOf sink(connection, &capture);
    run_batch(connection, epoch.catalogue, step);
    connection.drain_changes();
  }
  std::vector<journal::Change> changes;
  capture.take(changes);
  if (changes.empty()) {
    return true;  // the next run looks at these rows again
  }
  Recorder recorder(connection, epoch.layout, options.group_events_max);
  recorder.sums() = std::move(sums);
  recorder.reset(head);
  recorder.record(own_event(head, type_rows_backfilled, backfill_payload(step), options), changes);
  recorder.seal();
  store_sums(connection, recorder.sums(), recorder.head().sequence);
  search::bring_up(connection, epoch.blueprint.get(), epoch.layout, recorder.head());
  return true;
}

void fill_back(engine::Connection& file, const EpochState& epoch, const MigrationStep& step,
               const LedgerOptions& options, const Progress& progress) {
  const std::string& path = step.up ? step.migration.up_file : step.migration.down_file;
  const sql::OnlinePlan plan = sql::plan_migration(path, step.sources->files.at(path), epoch.catalogue);
  for (const sql::Backfill& backfill : plan.backfills) {
    BackfillStep batch{step.migration.name, to_hex(step.migration.up_hash), backfill, {}, {}};
    for (bool found = true, first = true; found; first = false) {
      engine::Transaction tx(file, engine::Transaction::Mode::write);
      const journal::Head head = journal::lock_head(file);
      if (journal::read_epochs(file).back().epoch != epoch.epoch.epoch) {
        throw Error(ErrorCode::retryable, "another process migrated the ledger meanwhile", "run it again");
      }
      batch.after = first ? last_batch_end(file, epoch.epoch.first_sequence, batch) : batch.until;
      StateSums sums = sums_at(file, epoch.layout, head, epoch.epoch.first_sequence);
      if (sums.state_hash() != head.state_hash) {
        throw Error(ErrorCode::corrupt,
                    fmt::format("the rows of {} are not those that its journal left", file.name()),
                    "run `reeve verify` to see which; nothing is migrated until they are");
      }
      found = make_batch(file, epoch, head, std::move(sums), batch, options);
      tx.commit();
      progress.step(0, 0);
    }
  }
}

}  // namespace reeve::state
