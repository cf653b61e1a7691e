#pragma once
// States that were stored on the way (docs/history.md, "Checkpoints"): what a past state begins from, so that only the
// events between are folded. Derived: each is believed only where the journal has its chain hash and its state hash.

#include "engine/page_store.h"
#include "history/timeline.h"
#include "state/location.h"
#include "state/progress.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reeve::history {

/// A state that was stored.
struct StoredState {
  std::int64_t sequence = 0;  ///< the last event of a group
  std::string ledger_id;
  std::string chain_hash;
  std::string state_hash;
  engine::PageStore::Copy copy;
};

/// Not thread-safe.
class Checkpoints {
 public:
  /// Beside the ledger's file; empty for a ledger that is no file.
  static std::filesystem::path beside(const state::Location& location);
  /// Null when there is no file. Throws Error as PageStore::open.
  static std::unique_ptr<Checkpoints> open(const std::filesystem::path& file);

  /// Of the states that are of this journal and lie in the schema of an event, the one with the fewest events between;
  /// nothing when there is none. `note` then says why one that is there is not used.
  const StoredState* nearest(Timeline& timeline, std::int64_t sequence, std::string& note);
  /// A database that begins as the state. Throws Error corrupt.
  std::unique_ptr<engine::PrivateDatabase> load(const StoredState& state) const;
  /// It is not asked for again: it proved damaged.
  void drop(const StoredState& state);

  const std::vector<StoredState>& states() const { return states_; }

 private:
  explicit Checkpoints(std::unique_ptr<engine::PageStore> store);

  std::unique_ptr<engine::PageStore> store_;
  std::vector<StoredState> states_;  ///< the last one first
};

/// Whether no migration lies between two events: they have the same tables.
bool is_same_schema(const Timeline& timeline, std::int64_t one, std::int64_t other);

/// Whether the journal says of a stored state what it says of itself.
bool fits(Timeline& timeline, const StoredState& state);

struct MakeOptions {
  std::int64_t every = 50'000;  ///< events from one to the next
  bool anew = false;            ///< those that are there are forgotten
  state::Progress progress;
};
struct MadeStates {
  std::vector<StoredState> made;
  std::int64_t bytes = 0;  ///< that they took
  std::size_t kept = 0;    ///< that were there before
  std::string note;        ///< why those that were there are made anew, if they are
};
/// Adds the states that are due and missing: after every so many events, and after migrations. Each is made from the one
/// before and the changesets since, and stored when the hash of its rows is that of the journal's seal. Reads one snapshot
/// of the ledger and writes the file alone. Throws Error corrupt when the journal's changesets don't give its hashes,
/// retryable while another makes them too.
MadeStates store_states(const state::Location& location, const std::filesystem::path& file,
                        const MakeOptions& options);

}  // namespace reeve::history
