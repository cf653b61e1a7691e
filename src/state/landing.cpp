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

}  // namespace

void KeptEntry::take(const journal::Entry& entry) {
  event = entry.event;
  changeset = entry.changeset;
  chain_hash = entry.chain_hash;
  seals = entry.seals;
  state_hash = entry.state_hash;
}

bool opens_epoch(const journal::Event& event) {
  return event.type == journal::type_schema_migrated || event.type == journal::type_blueprint_changed;
}

Landing::Landing(engine::Connection& connection, std::unique_ptr<Executor> executor)
    : connection_(connection), executor_(std::move(executor)) {
  if (is_file(connection_)) {
    // Rows come in whatever order; the keys are checked at the end.
    executor_->finish();
    connection_.set_foreign_keys(false);
    executor_->commit_and_begin();
  }
  connection_.set_capture(false);  // what is written here has its changesets already
  begin_epoch();
}

Landing::~Landing() = default;

void Landing::begin_epoch() {
  const EpochState& epoch = *executor_->epoch();
  StateSums& sums = executor_->sums();
  rows_ = std::make_unique<BulkRows>(connection_, epoch.layout, epoch.catalogue);
  fold_ = std::make_unique<Fold>(epoch.layout, [this](int table, const auto& keys, const auto& found) {
    rows_->read(table, keys, found);
  });
  for (int table = 0; table < static_cast<int>(epoch.layout.tables.size()); ++table) {
    fold_->sums().set_sum(table, sums.sum(table));
  }
}

void Landing::commit_and_begin() {
  executor_->commit_and_begin();
  connection_.set_capture(false);
  if (fold_->bytes_held() > bytes_held_max) {
    fold_->state_hash();
    fold_->forget();
  }
}

void Landing::prepare(std::span<const KeptEntry> entries) {
  changesets_.clear();
  for (const KeptEntry& entry : entries) {
    changesets_.emplace_back(entry.changeset);
  }
  fold_->prepare(changesets_);
}

void Landing::fold(const KeptEntry& entry) {
  try {
    fold_->add(entry.changeset);
  } catch (const Error& error) {
    throw Error(error.code(),
                fmt::format("event {} ({}): {}", entry.event.sequence, entry.event.type, error.message()),
                "the source goes on; the target is not opened");
  }
}

void Landing::land(std::span<const KeptEntry> entries) {
  if (is_file(connection_)) {
    fold_->net(net_);
    rows_->write(net_);
    fold_->landed();
    return;
  }
  if (!write_net()) {
    fold_->take_back();
    land_in_steps(entries);
    fold_->state_hash();
  }
  connection_.drain_changes();  // of a schema that was made before its triggers could be asked to be still
}

/// False, and nothing is written, where no order of whole rows keeps all constraints on the way.
bool Landing::write_net() {
  fold_->net(net_);
  if (!net_.empty()) {
    connection_.execute("SAVEPOINT reeve_landing");
    try {
      rows_->write(net_);
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
  fold_->landed();
  return true;
}

/// What can't be written at once is halved, down to single events; those are executed as they were.
void Landing::land_in_steps(std::span<const KeptEntry> entries) {
  if (entries.size() == 1) {
    return execute(entries.front());
  }
  const std::size_t half = entries.size() / 2;
  for (const std::span<const KeptEntry> part : {entries.first(half), entries.subspan(half)}) {
    for (const KeptEntry& entry : part) {
      fold(entry);
    }
    if (!write_net()) {
      fold_->take_back();
      land_in_steps(part);
    }
  }
}

void Landing::execute(const KeptEntry& entry) {
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
  fold(entry);
  fold_->landed();
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
