#pragma once
// What is in force at a place of the journal: sources, schema, statements.

#include "blueprint/blueprint.h"
#include "journal/journal.h"
#include "journal/layout.h"

#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace reeve::state {

/// An epoch with everything that follows from its sources. Immutable; shared between threads.
struct EpochState {
  journal::Epoch epoch;
  blueprint::Sources sources;
  sql::Catalogue catalogue;
  journal::Layout layout;
  /// Null when the sources hold migrations beyond the epoch's level: no application event is of such an epoch.
  std::shared_ptr<const blueprint::Blueprint> blueprint;
};

/// Whether an event may change tables or sources, so that what follows is read by another layout.
bool opens_epoch(const journal::Event& event);
/// What an event that does says of it. Throws Error corrupt.
journal::Epoch epoch_of(const journal::Event& event);

/// Level 0 has an empty schema. Throws Error when the sources do not load.
std::shared_ptr<const EpochState> make_epoch(const journal::Epoch& epoch, blueprint::Sources sources);
/// From the stored sources, whose hash is checked.
std::shared_ptr<const EpochState> load_epoch(engine::Connection& connection, const journal::Epoch& epoch);
/// Epochs as they are asked for: loading one means translating all its sources.
class EpochCache {
 public:
  std::shared_ptr<const EpochState> get(engine::Connection& connection, const journal::Epoch& epoch);

 private:
  std::map<std::int64_t, std::shared_ptr<const EpochState>> epochs_;
};

/// Loaded sources that many ledgers share, by their hash: thousands of one blueprint are translated once. Thread-safe.
class EpochLibrary {
 public:
  std::shared_ptr<const EpochState> get(engine::Connection& connection, const journal::Epoch& epoch);

 private:
  std::mutex mutex_;
  std::map<std::pair<Digest, std::int64_t>, std::shared_ptr<const EpochState>> known_;
};

/// The one in force at the end of the journal; of the library if there is one.
std::shared_ptr<const EpochState> load_last_epoch(engine::Connection& connection,
                                                  EpochLibrary* library = nullptr);

/// Adds the layouts of all epochs to a file that was made before they were kept: derived rows, in a transaction of
/// their own. Nothing where they are there. Precondition: no transaction is open.
void complete_layouts(engine::Connection& connection);

}  // namespace reeve::state
