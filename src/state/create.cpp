#include "state/create.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"
#include "engine/new_database.h"
#include "search/keeper.h"
#include "state/host.h"
#include "state/promote.h"
#include "state/schema_change.h"

#include <fmt/format.h>

namespace reeve::state {

namespace {

std::string json_text(std::string_view text) {
  std::string out;
  json::append_canonical_string(text, out);
  return out;
}

/// What events that open an epoch carry; members in canonical order.
std::string epoch_payload(const EpochChange& change) {
  const journal::Epoch& epoch = change.opened;
  const blueprint::Migration* migration = change.migration;
  std::string out = "{";
  if (migration != nullptr) {
    out += change.up ? "\"direction\":\"up\"," : "\"direction\":\"down\",";
  }
  out += fmt::format("\"epoch\":{},", epoch.epoch);
  if (migration != nullptr) {
    out += fmt::format("\"file_hash\":\"{}\",", to_hex(migration->up_hash));
  }
  out += fmt::format("\"level\":{},", epoch.level);
  if (migration != nullptr) {
    out += fmt::format("\"name\":{},", json_text(migration->name));
  }
  out += fmt::format("\"sources_hash\":\"{}\"", to_hex(epoch.sources_hash));
  if (migration != nullptr) {
    out += fmt::format(",\"state_hash_after\":\"{}\",\"state_hash_before\":\"{}\"",
                       to_hex(change.state_hash_after), to_hex(change.state_hash_before));
  }
  return out + "}";
}

/// Sums of the state as it is, checked against the head.
StateSums current_sums(engine::Connection& connection, const journal::Layout& layout,
                       const journal::Head& head) {
  StateSums sums(layout);
  sum_rows(connection, sums);
  if (sums.state_hash() != head.state_hash) {
    throw Error(ErrorCode::corrupt,
                fmt::format("the rows of {} are not those that its journal left", connection.name()),
                "run `reeve verify` to see which; nothing is migrated until they are");
  }
  return sums;
}

}  // namespace

journal::Event own_event(const journal::Head& head, std::string_view type, std::string payload,
                         const LedgerOptions& options) {
  journal::Event event;
  event.sequence = head.sequence + 1;
  const Microseconds now = options.clock->now();
  event.id = uuid_v7(now, *options.random);
  event.type = type;
  event.time = format_time(now);
  event.payload = std::move(payload);
  return event;
}

journal::Event epoch_event(const journal::Head& head, const EpochChange& change,
                           const LedgerOptions& options) {
  return own_event(
      head, change.migration != nullptr ? journal::type_schema_migrated : journal::type_blueprint_changed,
      epoch_payload(change), options);
}

std::string created_payload(const blueprint::Blueprint& blueprint, std::string_view ledger_id,
                            const Digest& seed_commitment) {
  return fmt::format(
      "{{\"blueprint\":{},\"format\":{},\"hash_profile\":\"{}\",\"ledger_id\":\"{}\",\"seed_commitment\":\"{}"
      "\"}}",
      json_text(blueprint.name), journal::format_version, hash_profile, ledger_id, to_hex(seed_commitment));
}

void fill_ledger(engine::Connection& connection, const blueprint::Blueprint& blueprint,
                 const blueprint::Sources& sources, const LedgerOptions& options) {
  std::shared_ptr<const EpochState> epoch;
  {
    engine::Transaction tx(connection, engine::Transaction::Mode::write);
    journal::create_tables(connection);
    Digest seed{};
    options.random->fill(seed);
    const std::string ledger_id = uuid_v7(options.clock->now(), *options.random);
    journal::write_meta(connection, "ledger_id", ledger_id);
    journal::write_meta(connection, "seed", to_hex(seed));
    journal::Epoch first;
    first.sources_hash = sources.hash();
    epoch = make_epoch(first, sources);
    Recorder recorder(connection, epoch->layout, options.group_events_max);
    recorder.record(own_event({}, journal::type_ledger_created,
                              created_payload(blueprint, ledger_id, Seed(seed).commitment()), options),
                    std::string_view());
    recorder.seal();
    tx.commit();
  }
  for (const blueprint::Migration& migration : blueprint.migrations) {
    epoch = run_migration(connection, epoch, {&sources, migration, true}, options);
  }
  if (blueprint.migrations.empty()) {
    change_blueprint(connection, *epoch, sources, options);
  }
}

void create_ledger(const Location& location, const blueprint::Sources& sources,
                   const LedgerOptions& options) {
  const auto blueprint = blueprint::load(sources);
  if (!location.is_file()) {
    // A schema that many ledgers share is at the last migration already: the ledger is made elsewhere, with
    // every event of its own, and arrives as one that is promoted.
    const auto scratch = engine::Connection::open_scratch();
    fill_ledger(*scratch, *blueprint, sources, options);
    promote(*scratch, location, {});
    return;
  }
  engine::NewDatabase made(location.file(), location.file_system());
  {
    const auto connection = engine::Connection::open(made.place(), engine::OpenMode::create,
                                                     {.busy_ms_max = options.busy_ms_max,
                                                      .page_bytes = options.page_bytes,
                                                      .file_system = location.file_system()});
    fill_ledger(*connection, *blueprint, sources, options);
  }
  made.publish();
}

/// Another run may have been quicker. With the head locked; a ledger that is being made has none yet.
void refuse_another_epoch(engine::Connection& connection, const EpochState& known) {
  const std::vector<journal::Epoch> epochs = journal::read_epochs(connection);
  if (!epochs.empty() && epochs.back().epoch != known.epoch.epoch) {
    throw Error(ErrorCode::retryable, "another run migrated the ledger meanwhile",
                "run it again: `reeve migrate status` shows what is applied");
  }
}

std::shared_ptr<const EpochState> run_migration(engine::Connection& connection,
                                                const std::shared_ptr<const EpochState>& before,
                                                const MigrationStep& step, const LedgerOptions& options) {
  const blueprint::Sources& sources = *step.sources;
  const std::string& file = step.up ? step.migration.up_file : step.migration.down_file;
  const sql::MigrationTranslation translation =
      sql::translate_migration(file, sources.files.at(file), before->catalogue);
  const ForeignKeysOff foreign_keys(connection, translation.rebuilds);
  engine::Transaction tx(connection, engine::Transaction::Mode::write);
  const journal::Head head = journal::lock_head(connection);
  refuse_another_epoch(connection, *before);
  journal::Epoch opened = before->epoch;
  opened.epoch += 1;
  opened.first_sequence = head.sequence + 1;
  opened.level = step.up ? step.migration.number : step.migration.number - 1;
  opened.sources_hash = sources.hash();
  auto after = make_epoch(opened, sources);
  if (!step.up && after->catalogue != translation.after) {
    throw Error(
        ErrorCode::bad_statement,
        fmt::format("{} does not restore the schema as it was before {}", file, step.migration.up_file),
        "mend the down file: nothing was changed", {file, 1, 1});
  }
  StateSums sums_before = current_sums(connection, before->layout, head);
  Recorder recorder(connection, after->layout, options.group_events_max);
  const SchemaChange change =
      change_schema(connection, translation, before->layout, after->layout, sums_before, recorder.sums());
  recorder.reset(head);
  journal::store_sources(connection, opened.sources_hash, sources.files);
  journal::append_epoch(connection, opened, after->layout);
  const Digest state_hash = recorder.state_hash_now();
  recorder.record(epoch_event(head, {opened, &step.migration, step.up, head.state_hash, state_hash}, options),
                  change.changeset);
  recorder.seal();
  store_sums(connection, recorder.sums(), recorder.head().sequence);
  search::bring_up(connection, after->blueprint.get(), after->layout, recorder.head());
  queue::bring_up(connection, after->blueprint.get());
  tx.commit();
  return after;
}

std::shared_ptr<const EpochState> change_blueprint(engine::Connection& connection, const EpochState& before,
                                                   const blueprint::Sources& sources,
                                                   const LedgerOptions& options) {
  engine::Transaction tx(connection, engine::Transaction::Mode::write);
  const journal::Head head = journal::lock_head(connection);
  refuse_another_epoch(connection, before);
  journal::Epoch opened = before.epoch;
  opened.epoch += 1;
  opened.first_sequence = head.sequence + 1;
  opened.sources_hash = sources.hash();
  auto after = make_epoch(opened, sources);
  Recorder recorder(connection, after->layout, options.group_events_max);
  recorder.sums() = current_sums(connection, after->layout, head);
  recorder.reset(head);
  journal::store_sources(connection, opened.sources_hash, sources.files);
  journal::append_epoch(connection, opened, after->layout);
  recorder.record(epoch_event(head, {.opened = opened}, options), std::string_view());
  recorder.seal();
  store_sums(connection, recorder.sums(), recorder.head().sequence);
  search::bring_up(connection, after->blueprint.get(), after->layout, recorder.head());
  queue::bring_up(connection, after->blueprint.get());
  tx.commit();
  return after;
}

}  // namespace reeve::state
