#pragma once
// The end of the write path: an event whose rows are changed gets its changeset, its link in the chain, its
// row in the journal, and its part in the next seal.

#include "journal/appender.h"
#include "journal/journal.h"
#include "queue/enqueuer.h"
#include "search/keeper.h"
#include "state/capture.h"
#include "state/state_hash.h"

#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace reeve::state {

class Recorder {
 public:
  /// `layout` must outlive it. The sums are those of the state at `head`.
  Recorder(engine::Connection& connection, const journal::Layout& layout, int group_events_max);

  /// Links the event to the chain and inserts its row. `changes` are net, sorted, and stay valid until the seal.
  void record(const journal::Event& event, const std::vector<journal::Change>& changes);
  /// The same with a changeset already in its stored form (a migration's); its sums are the caller's.
  void record(const journal::Event& event, std::string_view changeset);
  /// The same with its link, which is not computed again.
  void record(const journal::Event& event, std::string_view changeset, const Digest& chain_hash);
  /// Ends the group: state hash and group row. Nothing if no event was recorded since the last.
  void seal();
  /// The same with a state hash that somebody else keeps.
  void seal(const Digest& state_hash);
  /// Inserts the rows of what was recorded, for a statement that reads the journal.
  void flush() { appender_.flush(); }
  /// On PostgreSQL groups wait as well, until flush(), or until the seal where a search index is kept.
  void gather() { appender_.gather(); }
  /// What was gathered, for insert() on another thread (journal::Appender).
  void take(journal::Gathered& to) { appender_.take(to); }
  void insert(journal::Gathered& gathered) { appender_.insert(gathered); }
  bool is_full() const { return head_.sequence - sealed_ >= group_events_max_; }
  /// Seals since the start: the sums have moved when it has.
  std::int64_t seals() const { return seals_; }
  bool has_open_group() const { return head_.sequence != sealed_; }

  const journal::Head& head() const { return head_; }
  StateSums& sums() { return sums_; }
  /// After a rollback, or when another process wrote: the group is forgotten.
  void reset(const journal::Head& head);
  /// The state hash after the last event, as if it were sealed (slower than sealing once for many).
  Digest state_hash_now();

  /// Who writes the search indexes of what is sealed; null: nobody, and whoever moved the rows brings them up. It must
  /// outlive the recorder.
  void set_keeper(search::Keeper* keeper) { keeper_ = keeper; }
  /// Who writes the jobs that recorded events ask for; null: nobody, as where events are moved or told again. It must
  /// outlive the recorder.
  void set_enqueuer(queue::Enqueuer* enqueuer) { enqueuer_ = enqueuer; }

  /// Gives a layout after a migration: sums of tables that it did not touch are kept by name.
  void set_layout(const journal::Layout& layout);

 private:
  journal::Appender appender_;
  const journal::Layout* layout_;
  search::Keeper* keeper_ = nullptr;
  queue::Enqueuer* enqueuer_ = nullptr;
  StateSums sums_;
  NetChanges net_;
  journal::Head head_;
  std::int64_t sealed_ = 0;
  std::int64_t seals_ = 0;
  int group_events_max_;
  std::string chain_;       ///< of the open group
  std::string changesets_;  ///< of the open group
  std::string scratch_;
  std::string changeset_;
};

/// Where the stored sums stand. They are derived: written now and then, made good from the journal on opening.
std::optional<std::int64_t> load_sums(engine::Connection& connection, StateSums& sums);
/// What is stored, as it is: (table, sequence, sum).
std::vector<std::tuple<std::string, std::int64_t, std::string>> read_stored_sums(
    engine::Connection& connection);
void store_sums(engine::Connection& connection, StateSums& sums, std::int64_t sequence);
/// Sums over all rows as they are.
void sum_rows(engine::Connection& connection, StateSums& sums);
/// Brings sums that are those of `sequence` up to the journal's end by the changesets since. All events since
/// are of one epoch.
void catch_up(engine::Connection& connection, StateSums& sums, std::int64_t sequence);
/// Sums of the state at the head, which is in an epoch that began with a sequence: the stored ones made good, or, where there
/// are none of the epoch, of all rows. Who asks compares them with the head.
StateSums sums_at(engine::Connection& connection, const journal::Layout& layout, const journal::Head& head,
                  std::int64_t epoch_began);

}  // namespace reeve::state
