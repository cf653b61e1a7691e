#include "state/host.h"

#include "base/uuid.h"
#include "journal/journal.h"
#include "state/schema_change.h"

#include <cstring>
#include <limits>

namespace reeve::state {

namespace {

Digest draw(const Digest& seed, std::string_view purpose, std::int64_t sequence, std::string_view name,
            std::uint64_t counter) {
  std::string message(purpose);
  message += '\0';
  message.append(reinterpret_cast<const char*>(&sequence), sizeof sequence);
  message.append(reinterpret_cast<const char*>(&counter), sizeof counter);
  message += name;
  return hmac_sha256(seed, message);
}

}  // namespace

Digest Seed::commitment() const { return Hasher("reeve.seed.1").digest(bytes_).finish(); }

std::int64_t Seed::dice(std::int64_t sequence, std::string_view name, std::int64_t sides) const {
  const auto range = static_cast<std::uint64_t>(sides);
  const std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() / range * range;
  for (std::uint64_t counter = 0;; ++counter) {
    const Digest digest = draw(bytes_, "dice", sequence, name, counter);
    std::uint64_t number = 0;
    std::memcpy(&number, digest.data(), sizeof number);
    if (number < limit) {
      return static_cast<std::int64_t>(number % range) + 1;
    }
  }
}

std::string Seed::new_uuid(std::int64_t sequence, std::string_view name) const {
  return uuid_v8(draw(bytes_, "uuid", sequence, name, 0));
}

Host::Host(engine::Connection& connection) : connection_(connection) {
  const auto hex = journal::read_meta(connection, "seed");
  if (hex) {
    const auto bytes = digest_from_hex(*hex);
    if (!bytes) {
      throw Error(ErrorCode::corrupt, "the ledger's seed is damaged", "restore from a backup");
    }
    seed_.emplace(*bytes);
  }
}

const Seed& Host::seed() const {
  if (!seed_) {
    throw Error(ErrorCode::denied, "this copy of the ledger has no seed: it can't roll dice or make ids",
                "import an export that was made with its seed");
  }
  return *seed_;
}

ValueView Host::seed_view() const {
  return seed_ ? ValueView::of_bytes(seed_->bytes().data(), seed_->bytes().size()) : ValueView();
}

std::int64_t Host::dice(std::string_view name, std::int64_t sides) {
  return seed().dice(sequence_, name, sides);
}

std::string Host::new_uuid(std::string_view name) { return seed().new_uuid(sequence_, name); }

std::string Host::changes(std::int64_t sequence) {
  return event_changes_json(connection_, sequence, epochs_);
}

std::string event_changes_json(engine::Connection& connection, std::int64_t sequence, EpochCache& cache) {
  if (sequence < 1) {
    return "[]";
  }
  journal::EntryReader entries(connection, sequence - 1);
  journal::Entry entry;
  if (!entries.next(entry)) {
    return "[]";
  }
  const std::vector<journal::Epoch> epochs = journal::read_epochs(connection);
  const journal::Epoch* before = nullptr;
  const journal::Epoch* at = nullptr;
  for (const journal::Epoch& epoch : epochs) {
    if (epoch.first_sequence <= sequence) {
      before = at;
      at = &epoch;
    }
  }
  if (at == nullptr) {
    return "[]";
  }
  const auto after = cache.get(connection, *at);
  if (entry.event.type == journal::type_schema_migrated) {
    const auto earlier = before != nullptr ? cache.get(connection, *before) : nullptr;
    return journal::schema_changeset_json(earlier ? earlier->layout : journal::Layout{}, after->layout,
                                          entry.changeset);
  }
  return journal::changeset_json(after->layout, entry.changeset);
}

std::string event_changes_json(engine::Connection& connection, std::int64_t sequence) {
  EpochCache epochs;
  return event_changes_json(connection, sequence, epochs);
}

}  // namespace reeve::state
