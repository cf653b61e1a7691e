#pragma once
// Up to which event a ledger is known, and which event touched each of its tables last: read from the journal.

#include "journal/journal.h"
#include "state/commit_counter.h"
#include "state/epochs.h"
#include "state/location.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::cache {

/// What a named query reads.
struct Reading {
  bool is_kept = true;  ///< its answer follows from its parameters and the journal alone, and may be kept
  bool is_of_any_event = false;  ///< every event touches it: it reads the journal, or rows that come by a pin
  std::vector<int> tables;       ///< their numbers in the layout
};

/// The queries of an epoch. Immutable.
struct Readings {
  std::shared_ptr<const state::EpochState> epoch;
  std::map<std::string, Reading> queries;

  explicit Readings(std::shared_ptr<const state::EpochState> of);
  /// Null for a name that the blueprint does not have.
  const Reading* find(const std::string& name) const;
};

/// As a look found it.
struct Seen {
  std::int64_t sequence = 0;
  std::string chain_hash;  ///< of that event, hexadecimal
  std::int64_t from = 0;   ///< what later events touched is known
  /// Another number whenever nothing that was known before counts any more: another epoch, another past, too many events.
  std::uint64_t past = 0;
  std::shared_ptr<const Readings> readings;
  std::vector<std::int64_t>
      touched;  ///< by a table's number the last event after `from` that changed rows of it; 0: none

  /// Whether what was read by `reading` from the state after an event is what would be read now.
  bool is_good(const Reading& reading, std::int64_t since) const;
};

/// Not thread-safe.
class Watch {
 public:
  /// Throws Error as Location::open does.
  explicit Watch(const state::Location& location);

  /// Reads the journal's head, and if it has moved what was touched since. `seen` is that of the last look. Throws Error.
  void look(Seen& seen);
  /// The chain hash after an event, hexadecimal; '' where the journal has no such event.
  std::string chain_hash_after(std::int64_t sequence);
  /// For who shares answers: whose they are, and what only those know who may read the ledger.
  const std::string& ledger_id() const { return ledger_id_; }
  const std::string& seed() const { return seed_; }
  const state::CommitCounter& commits() const { return commits_; }

 private:
  struct Found {
    std::int64_t sequence = 0;
    std::string chain_hash;
    std::int64_t epoch = 0;
  };
  /// On PostgreSQL, in one round trip: whether nothing has happened since.
  bool is_still_at(const Seen& seen);
  Found read_head();
  bool catch_up(Seen& seen) const;
  void start_anew(Seen& seen, const Found& found);
  std::string chain_hash_at(std::int64_t sequence);

  std::unique_ptr<engine::Connection> connection_;
  engine::Statement select_;
  std::string ledger_id_;
  std::string seed_;
  state::CommitCounter commits_;
};

}  // namespace reeve::cache
