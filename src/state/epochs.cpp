#include "state/epochs.h"

#include "state/own_payload.h"

#include <fmt/format.h>

namespace reeve::state {

bool opens_epoch(const journal::Event& event) {
  return event.type == journal::type_schema_migrated || event.type == journal::type_blueprint_changed;
}

journal::Epoch epoch_of(const journal::Event& event) {
  const nlohmann::json payload = payload_of(event);
  return {integer_member(event, payload, "epoch"), event.sequence, integer_member(event, payload, "level"),
          hash_member(event, payload, "sources_hash")};
}

std::shared_ptr<const EpochState> make_epoch(const journal::Epoch& epoch, blueprint::Sources sources) {
  auto state = std::make_shared<EpochState>();
  state->epoch = epoch;
  state->sources = std::move(sources);
  const auto levels = static_cast<std::int64_t>(blueprint::read_migrations(state->sources).size());
  if (epoch.level == levels) {
    state->blueprint = blueprint::load(state->sources);
    state->catalogue = state->blueprint->catalogue;
  } else {
    state->catalogue = blueprint::catalogue_at(state->sources, static_cast<int>(epoch.level));
  }
  state->layout = journal::Layout::of(state->catalogue);
  return state;
}

std::shared_ptr<const EpochState> load_epoch(engine::Connection& connection, const journal::Epoch& epoch) {
  blueprint::Sources sources{journal::load_sources(connection, epoch.sources_hash)};
  if (sources.hash() != epoch.sources_hash) {
    throw Error(ErrorCode::corrupt,
                fmt::format("the sources of epoch {} are not those that were stored", epoch.epoch),
                "restore from a backup");
  }
  return make_epoch(epoch, std::move(sources));
}

std::shared_ptr<const EpochState> EpochCache::get(engine::Connection& connection,
                                                  const journal::Epoch& epoch) {
  std::shared_ptr<const EpochState>& known = epochs_[epoch.epoch];
  if (!known || known->epoch.sources_hash != epoch.sources_hash) {
    known = load_epoch(connection, epoch);
  }
  return known;
}

std::shared_ptr<const EpochState> EpochLibrary::get(engine::Connection& connection,
                                                    const journal::Epoch& epoch) {
  /// More blueprints than a process is likely to serve at once.
  constexpr std::size_t known_max = 32;
  const std::pair key(epoch.sources_hash, epoch.level);
  std::shared_ptr<const EpochState> known;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) {
      known = found->second;
    }
  }
  if (!known) {
    known = load_epoch(connection, epoch);
    const std::lock_guard lock(mutex_);
    if (known_.size() >= known_max) {
      known_.clear();
    }
    known_.emplace(key, known);
  }
  if (known->epoch.epoch == epoch.epoch && known->epoch.first_sequence == epoch.first_sequence) {
    return known;
  }
  auto own = std::make_shared<EpochState>(*known);
  own->epoch = epoch;
  return own;
}

std::shared_ptr<const EpochState> load_last_epoch(engine::Connection& connection, EpochLibrary* library) {
  const std::vector<journal::Epoch> epochs = journal::read_epochs(connection);
  if (epochs.empty()) {
    throw Error(
        ErrorCode::corrupt, fmt::format("{} has no epoch", connection.name()),
        "if it was cut off while it was made, remove it and make it again; else restore from a backup");
  }
  return library != nullptr ? library->get(connection, epochs.back()) : load_epoch(connection, epochs.back());
}

void complete_layouts(engine::Connection& connection) {
  if (journal::has_layouts(connection)) {
    return;
  }
  engine::Transaction tx(connection, engine::Transaction::Mode::write);
  if (journal::has_layouts(connection)) {
    return;  // another process was quicker
  }
  journal::create_layouts(connection);
  EpochCache epochs;
  for (const journal::Epoch& epoch : journal::read_epochs(connection)) {
    journal::store_layout(connection, epoch, epochs.get(connection, epoch)->layout);
  }
  tx.commit();
}

}  // namespace reeve::state
