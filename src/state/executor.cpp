#include "state/executor.h"

#include "state/backfill.h"
#include "state/baseline.h"
#include "state/forked.h"
#include "state/own_payload.h"
#include "state/recorder.h"
#include "state/reversal.h"
#include "state/schema_change.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace reeve::state {

namespace {

/// Rows of so many events are kept before the sums are brought up to date.
constexpr std::size_t net_changes_max = 8192;

}  // namespace

Executor::Executor(engine::Connection& connection, SourcesOf sources_of,
                   std::shared_ptr<const EpochState> epoch)
    : connection_(connection), sources_of_(std::move(sources_of)) {
  const bool goes_on = epoch != nullptr;
  adopt(goes_on ? std::move(epoch) : std::make_shared<EpochState>());
  begin();
  if (goes_on) {
    sum_rows(connection_, *sums_);
  }
}

Executor::~Executor() {
  applier_.reset();
  sql_.reset();
  connection_.set_change_sink(nullptr);
}

void Executor::begin() { transaction_.emplace(connection_, engine::Transaction::Mode::write); }

void Executor::finish() {
  if (transaction_) {
    transaction_->commit();
    transaction_.reset();
  }
}

void Executor::commit_and_begin() {
  finish();
  begin();
}

void Executor::adopt(std::shared_ptr<const EpochState> epoch) {
  applier_.reset();
  sql_.reset();
  auto sums = std::make_unique<StateSums>(epoch->layout);
  if (sums_) {
    for (int table = 0; table < static_cast<int>(epoch->layout.tables.size()); ++table) {
      const int before = epoch_->layout.find(epoch->layout.table(table).name);
      if (before >= 0) {
        sums->set_sum(table, sums_->sum(before));
      }
    }
  }
  sums_ = std::move(sums);
  capture_ = std::make_unique<Capture>(epoch->layout);
  net_ = std::make_unique<NetChanges>(epoch->layout);
  epoch_ = std::move(epoch);
  rows_ = std::make_unique<RowStore>(connection_, epoch_->layout);
  sql_ = std::make_unique<SqlRunner>(connection_, epoch_->catalogue);
  unique_tables_.clear();
  for (const auto& [name, table] : epoch_->catalogue.tables) {
    if (!table.unique_keys.empty()) {
      unique_tables_.insert(epoch_->layout.find(name));
    }
  }
  for (const auto& [name, index] : epoch_->catalogue.indexes) {
    if (index.unique) {
      unique_tables_.insert(epoch_->layout.find(index.table));
    }
  }
  if (epoch_->blueprint) {
    applier_ = std::make_unique<Applier>(connection_, *epoch_->blueprint);
  }
}

const journal::Layout& Executor::layout() const { return epoch_->layout; }

StateSums& Executor::sums() {
  net_->apply_to(*sums_);
  net_->clear();
  changes_.clear();
  capture_->clear();
  return *sums_;
}

Digest Executor::state_hash() { return sums().state_hash(); }

std::string_view Executor::execute(const journal::Event& event) {
  changeset_.clear();
  if (event.is_own()) {
    execute_own(event);
    return changeset_;
  }
  if (net_->size() > net_changes_max) {
    sums();
  }
  Applier::Type* type = applier_ ? applier_->find(event.type, static_cast<int>(event.version)) : nullptr;
  if (type == nullptr) {
    corrupt(event, "is of a type that the sources of its epoch do not have");
  }
  connection_.set_change_sink(capture_.get());
  const auto refused = applier_->apply(*type, event, reader_.read(event.payload));
  if (!refused) {  // a constraint has failed the transaction: nothing more is asked in it
    connection_.drain_changes();
  }
  connection_.set_change_sink(nullptr);
  if (refused) {
    corrupt(event, "is refused by its apply statements: " + refused->reason);
  }
  capture_->take(changes_);
  journal::append_changeset(epoch_->layout, changes_, changeset_);
  net_->merge(changes_);
  return changeset_;
}

/// Work that writes rows for an event, and what it changed.
template <typename Work>
void Executor::capture(const journal::Event& event, const Work& work) {
  if (net_->size() > net_changes_max) {
    sums();
  }
  connection_.set_change_sink(capture_.get());
  try {
    work();
    connection_.drain_changes();
  } catch (const Error& error) {
    connection_.set_change_sink(nullptr);
    throw Error(error.code(), fmt::format("event {} ({}): {}", event.sequence, event.type, error.message()));
  }
  connection_.set_change_sink(nullptr);
  capture_->take(changes_);
  net_->merge(changes_);
}

void Executor::fill_back(const journal::Event& event) {
  const BackfillStep step = backfill_of(event);
  capture(event, [&] { run_batch(connection_, epoch_->catalogue, step); });
  journal::append_changeset(epoch_->layout, changes_, changeset_);
}

void Executor::execute_sql(const journal::Event& event) {
  const simdjson::dom::element payload = reader_.read(event.payload);
  capture(event, [&] { sql_->run(event, payload); });
  journal::append_changeset(epoch_->layout, changes_, changeset_);
}

/// The rows of a version, from the files that were kept.
ReferenceSet Executor::published(const journal::Event& event, const ReferenceEvent& said) {
  ReferenceSet set = ReferenceSet::of(sources_of_(said.sources_hash), epoch_->catalogue);
  if (set.hash() != said.hash) {
    corrupt(event, "names rows that are not those that are kept");
  }
  return set;
}

void Executor::pin(const journal::Event& event) {
  const ReferenceEvent said = reference_of(event);
  const ReferenceSet set = published(event, said);
  if (state_hash() != said.state_hash_before) {
    corrupt(event, "says another state hash before it");
  }
  // Rows that others point to go before those that replace them come.
  const bool is_file = connection_.engine() == engine::Engine::sqlite;
  if (is_file) {
    connection_.execute("PRAGMA defer_foreign_keys = ON");
  }
  pin_rows(connection_, set, epoch_->layout);
  check_references(connection_, epoch_->catalogue);
  if (is_file) {
    connection_.execute("PRAGMA defer_foreign_keys = OFF");
  }
  set_reference_sums(set, *sums_);
  if (state_hash() != said.state_hash_after) {
    corrupt(event, "says another state hash after it");
  }
  pin_ = Pin{said, set.files()};
}

void Executor::execute_own(const journal::Event& event) {
  changes_.clear();
  if (event.type == journal::type_ledger_created || event.type == type_event_adopted ||
      event.type == type_adopted) {
    return;
  }
  if (event.type == type_rows_adopted) {
    return adopt_rows(event);
  }
  if (event.type == type_rows_backfilled) {
    return fill_back(event);
  }
  if (event.type == journal::type_sql_executed) {
    return execute_sql(event);
  }
  if (takes_back(event)) {
    return take_back(event);
  }
  if (event.type == journal::type_reference_pinned) {
    return pin(event);
  }
  if (event.type == journal::type_reference_published) {
    published(event, reference_of(event));
    return;
  }
  if (event.type == type_ledger_forked) {
    const Forked said = forked_of(event);
    if (said.sequence != event.sequence - 1 || said.state_hash != state_hash()) {
      corrupt(event, "says that the ledger was forked at another state");
    }
    return;
  }
  const journal::Epoch epoch = epoch_of(event);
  if (event.type == journal::type_schema_migrated) {
    return migrate(event, epoch);
  }
  if (event.type != journal::type_blueprint_changed) {
    corrupt(event, "is of a type that this version does not know");
  }
  sums();
  adopt(make_epoch(epoch, sources_of_(epoch.sources_hash)));
}

void Executor::migrate(const journal::Event& event, const journal::Epoch& epoch) {
  if (connection_.engine() == engine::Engine::postgres) {
    throw Error(ErrorCode::conflict,
                fmt::format("the source was migrated at event {} while it was brought over", event.sequence),
                "the tables of a schema that ledgers share are not changed by one of them: promote it under "
                "another name");
  }
  const nlohmann::json payload = payload_of(event);
  const bool up = payload.value("direction", "") == "up";
  const std::string name = payload.value("name", "");
  auto after = make_epoch(epoch, sources_of_(epoch.sources_hash));
  const blueprint::Migration* migration = nullptr;
  const std::vector<blueprint::Migration> migrations = blueprint::read_migrations(after->sources);
  for (const blueprint::Migration& candidate : migrations) {
    migration = candidate.name == name ? &candidate : migration;
  }
  if (migration == nullptr || migration->up_hash != hash_member(event, payload, "file_hash")) {
    corrupt(event, fmt::format("names the migration {}, which its epoch's sources do not have", name));
  }
  sql::Catalogue before = epoch_->catalogue;
  before.moment_type = after->catalogue.moment_type;  // of the empty schema before the first migration
  const std::string& file = up ? migration->up_file : migration->down_file;
  const sql::MigrationTranslation translation =
      sql::translate_migration(file, after->sources.files.at(file), before);
  if (state_hash() != hash_member(event, payload, "state_hash_before")) {
    corrupt(event, "says another state hash before it");
  }
  if (translation.rebuilds) {
    finish();
  }
  applier_.reset();
  sql_.reset();
  rows_.reset();
  {
    const ForeignKeysOff foreign_keys(connection_, translation.rebuilds);
    if (translation.rebuilds) {
      begin();
    }
    StateSums fresh(after->layout);
    changeset_ =
        change_schema(connection_, translation, epoch_->layout, after->layout, *sums_, fresh).changeset;
    if (fresh.state_hash() != hash_member(event, payload, "state_hash_after")) {
      corrupt(event, "says another state hash after it");
    }
    if (translation.rebuilds) {
      finish();
    }
    adopt(std::move(after));
    *sums_ = std::move(fresh);
  }
  if (!transaction_) {
    begin();
  }
}

/// Rows that were there before the journal. In a file they come with foreign keys off, as they did when they were adopted.
void Executor::adopt_rows(const journal::Event& event) {
  without_foreign_keys(
      [&] { capture(event, [&] { write_adopted_rows(connection_, epoch_->layout, event); }); });
  journal::append_changeset(epoch_->layout, changes_, changeset_);
}

/// In a file, where that takes a transaction of its own.
template <typename Work>
void Executor::without_foreign_keys(const Work& work) {
  const bool is_file = connection_.engine() == engine::Engine::sqlite;
  if (is_file) {
    finish();
  }
  {
    const ForeignKeysOff foreign_keys(connection_, is_file);
    if (is_file) {
      begin();
    }
    work();
    if (is_file) {
      finish();
    }
  }
  if (is_file) {
    begin();
  }
}

/// In a file rows come back with foreign keys off, as they did when the event was committed; that takes a transaction
/// of its own.
void Executor::take_back(const journal::Event& event) {
  ensure(journal_ != nullptr, "who executes a journal says where it is");
  const Reversal reversal = reversal_of(event).reversal;
  const bool is_file = connection_.engine() == engine::Engine::sqlite;
  std::vector<journal::Change> planned;
  Capture memory(epoch_->layout);
  Reverser reverser(*journal_, connection_, *epoch_);
  auto refused = reverser.check(reversal, event.sequence - 1);
  if (!refused) {
    refused = reverser.plan(reversal, memory, planned);
  }
  if (refused) {
    corrupt(event, "can't be executed: " + refused->reason);
  }
  without_foreign_keys([&] {
    capture(event, [&] { reverser.write(planned); });
    if (is_file) {
      if (const auto broken = reverser.broken_key(planned)) {
        corrupt(event, "can't be executed: " + *broken);
      }
    }
  });
  journal::append_changeset(epoch_->layout, changes_, changeset_);
  check_taken_back(event);
}

void Executor::check_taken_back(const journal::Event& event) {
  const auto said = reversal_of(event).state_hash;
  if (said && state_hash() != *said) {
    corrupt(event, "says another state hash after it");
  }
}

void Executor::write(const journal::Event& event, std::string_view changeset) {
  if (takes_back(event)) {
    capture(event, [&] { write_rows(changeset); });
    return check_taken_back(event);
  }
  const bool is_of_rows = event.type == journal::type_sql_executed || event.type == type_rows_adopted;
  if (event.is_own() && !is_of_rows) {
    execute(event);
    return;
  }
  capture(event, [&] { write_rows(changeset); });
}

void Executor::write_rows(std::string_view changeset) {
  if (may_swap(changeset)) {
    return write_in_two_steps(changeset);
  }
  journal::ChangesetReader reader(epoch_->layout, changeset);
  journal::StoredChange change;
  while (reader.next(change)) {
    rows_->write(change);
  }
}

/// Rows that swapped a unique value: no order of single updates leads there.
bool Executor::may_swap(std::string_view changeset) const {
  if (unique_tables_.empty()) {
    return false;
  }
  journal::ChangesetReader reader(epoch_->layout, changeset);
  journal::StoredChange change;
  int last = -1;
  while (reader.next(change)) {
    if (unique_tables_.contains(change.table)) {
      if (last == change.table) {
        return true;
      }
      last = change.table;
    }
  }
  return false;
}

void Executor::write_in_two_steps(std::string_view changeset) {
  using Operation = journal::StoredChange::Operation;
  Capture memory(epoch_->layout);
  std::vector<journal::Change> inserts;
  journal::ChangesetReader reader(epoch_->layout, changeset);
  journal::StoredChange change;
  std::vector<ValueView> row;
  while (reader.next(change)) {
    const journal::TableLayout& table = epoch_->layout.table(change.table);
    row.assign(table.columns.size(), ValueView());
    if (change.operation == Operation::update && !rows_->read(change.table, change.key, row)) {
      throw Error(ErrorCode::corrupt, fmt::format("a row of {} is not there", table.name));
    }
    for (std::size_t i = 0; i < change.key.size(); ++i) {
      row[static_cast<std::size_t>(table.key[i])] = change.key[i];
    }
    for (std::size_t i = 0; i < change.after.size(); ++i) {
      row[static_cast<std::size_t>(change.columns[i])] = change.after[i];
    }
    if (change.operation != Operation::remove) {
      inserts.push_back({change.table, nullptr, memory.keep(change.table, row)});
    }
    if (change.operation != Operation::insert) {
      change.operation = Operation::remove;
      rows_->write(change);
    }
  }
  for (const journal::Change& insert : inserts) {
    rows_->insert(insert.table, insert.after);
  }
}

}  // namespace reeve::state
