#include "state/landing.h"

#include <reeve/error.h>

#include <fmt/format.h>

namespace reeve::state {

namespace {

/// Rows in memory beyond it are given back, and read again when they are touched.
constexpr std::size_t bytes_held_max = std::size_t{96} * 1024 * 1024;

bool is_file(const engine::Connection& connection) { return connection.engine() == engine::Engine::sqlite; }

std::string shown(const Executor& executor, std::string_view changeset) {
  constexpr std::size_t shown_max = 500;
  std::string json = journal::changeset_json(executor.layout(), changeset);
  if (json.size() > shown_max) {
    json.resize(shown_max);
    json += "...";
  }
  return json;
}

std::vector<std::string_view> changesets_of(std::span<const KeptEntry> entries) {
  std::vector<std::string_view> changesets;
  changesets.reserve(entries.size());
  for (const KeptEntry& entry : entries) {
    changesets.emplace_back(entry.changeset);
  }
  return changesets;
}

}  // namespace

void KeptEntry::take(const journal::Entry& entry) {
  event = entry.event;
  changeset = entry.changeset;
  chain_hash = entry.chain_hash;
  seals = entry.seals;
  state_hash = entry.state_hash;
}

void Batch::take(const journal::Entry& entry) {
  if (size_ == entries_.size()) {
    entries_.emplace_back();
  }
  entries_[size_++].take(entry);
  bytes_ += entry.changeset.size() + entry.event.payload.size();
}

void Batch::clear() {
  size_ = 0;
  bytes_ = 0;
}

Landing::Landing(engine::Connection& connection, std::unique_ptr<Executor> executor)
    : connection_(connection), executor_(std::move(executor)) {
  if (is_file(connection_)) {
    // Rows come in whatever order; the keys are checked at the end.
    executor_->finish();
    connection_.set_foreign_keys(false);
    executor_->commit_and_begin();
  }
  begin();
  begin_epoch();
}

Landing::~Landing() = default;

void Landing::begin_epoch() {
  const EpochState& epoch = *executor_->epoch();
  StateSums& sums = executor_->sums();
  rows_ = std::make_unique<BulkRows>(connection_, epoch.layout, epoch.catalogue);
  fold_ = std::make_unique<Fold>(epoch.layout, reader());
  for (int table = 0; table < static_cast<int>(epoch.layout.tables.size()); ++table) {
    fold_->begin(table, sums.sum(table));
  }
}

Fold::Reader Landing::reader() {
  return [this](int table, const auto& keys, const auto& found) { rows_->read(table, keys, found); };
}

void Landing::commit_and_begin() {
  executor_->commit_and_begin();
  begin();
}

/// A commit that a crash of the server takes back is brought over again: who completes the ledger waits for all of them.
void Landing::begin() {
  connection_.set_capture(false);  // what is written here has its changesets already
  if (!is_file(connection_)) {
    connection_.execute("SET LOCAL synchronous_commit = off");
  }
}

bool Landing::is_heavy() const { return fold_->bytes_held() > bytes_held_max; }

void Landing::give_back() {
  fold_->state_hash();
  fold_->compact();
  if (fold_->bytes_held() > bytes_held_max / 2) {
    fold_->forget();
  }
}

bool Landing::expect(std::span<const KeptEntry> entries) { return fold_->expect(changesets_of(entries)); }

void Landing::fold_into(Fold& fold, const KeptEntry& entry) {
  try {
    fold.add(entry.changeset);
  } catch (const Error& error) {
    throw Error(error.code(),
                fmt::format("event {} ({}): {}", entry.event.sequence, entry.event.type, error.message()),
                "the source goes on; the target is not opened");
  }
}

void Landing::take_net(Batch& batch) {
  fold_->net(batch.net);
  fold_->landed();
  rows_->pack(batch.net, batch.packed);
}

bool Landing::land(const BulkRows::Packed& packed) {
  if (is_file(connection_)) {
    rows_->write(packed);
    return true;
  }
  if (!packed.is_empty()) {
    connection_.execute("SAVEPOINT reeve_landing");
    try {
      rows_->write(packed);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unique_violation && error.code() != ErrorCode::constraint_violation &&
          error.code() != ErrorCode::corrupt) {
        throw;
      }
      connection_.execute("ROLLBACK TO reeve_landing; RELEASE reeve_landing");
      return false;
    }
    connection_.execute("RELEASE reeve_landing");
  }
  connection_.drain_changes();  // of a schema that was made before its triggers could be asked to be still
  return true;
}

void Landing::land_in_steps(std::span<const KeptEntry> entries) {
  // Of its own: what was folded behind these entries stays as it is.
  Fold steps(executor_->layout(), reader());
  steps.prepare(changesets_of(entries));
  land_halves(steps, entries);
}

/// All that was folded; false, and it is taken back, when it did not land.
bool Landing::land_once(Fold& steps) {
  std::vector<journal::Change> net;
  steps.net(net);
  BulkRows::Packed packed;
  rows_->pack(net, packed);
  const bool has_landed = land(packed);
  has_landed ? steps.landed() : steps.take_back();
  return has_landed;
}

void Landing::land_halves(Fold& steps, std::span<const KeptEntry> entries) {
  if (entries.size() == 1) {
    return execute(steps, entries.front());
  }
  const std::size_t half = entries.size() / 2;
  for (const std::span<const KeptEntry> part : {entries.first(half), entries.subspan(half)}) {
    for (const KeptEntry& entry : part) {
      fold_into(steps, entry);
    }
    if (!land_once(steps)) {
      land_halves(steps, part);
    }
  }
}

void Landing::execute(Fold& steps, const KeptEntry& entry) {
  const journal::Event& event = entry.event;
  connection_.drain_changes();
  connection_.set_capture(true);
  const std::string_view changeset = executor_->execute(event);
  connection_.set_capture(false);
  if (changeset != entry.changeset) {
    throw Error(ErrorCode::corrupt,
                fmt::format("event {} ({}) changes other rows on the target: {}; on the source it changed {}",
                            event.sequence, event.type, shown(*executor_, changeset),
                            shown(*executor_, entry.changeset)),
                "the source goes on; the target is not opened");
  }
  fold_into(steps, entry);
  steps.landed();
}

std::string_view Landing::cross(const journal::Event& event) {
  StateSums& sums = executor_->sums();
  for (int table = 0; table < static_cast<int>(sums.layout().tables.size()); ++table) {
    sums.set_sum(table, fold_->sums().sum(table));
  }
  rows_.reset();  // no statement holds a table that is going to be changed
  const bool migrates = is_file(connection_) && event.type == journal::type_schema_migrated;
  if (migrates) {
    executor_->finish();
    connection_.set_foreign_keys(true);
    executor_->commit_and_begin();
  }
  const std::string_view changeset = executor_->execute(event);
  if (migrates) {
    executor_->finish();
    connection_.set_foreign_keys(false);
    executor_->commit_and_begin();
  }
  begin_epoch();
  return changeset;
}

}  // namespace reeve::state
