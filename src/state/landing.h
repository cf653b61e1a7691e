#pragma once
// Where the rows of a ledger that is brought over arrive: by its changesets, many events at once.

#include "journal/appender.h"
#include "state/bulk_rows.h"
#include "state/executor.h"
#include "state/fold.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace reeve::state {

/// An event of the source with what lies beside it, kept while later ones are read.
struct KeptEntry {
  journal::Event event;
  std::string changeset;
  Digest chain_hash{};
  bool seals = false;
  Digest state_hash{};  ///< when it seals

  void take(const journal::Entry& entry);
};

/// Entries that land together. Cleared, it keeps its memory.
class Batch {
 public:
  void take(const journal::Entry& entry);
  void clear();
  std::span<const KeptEntry> entries() const { return std::span<const KeptEntry>(entries_).first(size_); }
  std::size_t bytes() const { return bytes_; }

  std::vector<journal::Change> net;  ///< what they make of the rows, once they are folded
  BulkRows::Packed packed;           ///< the same as it is sent
  journal::Gathered gathered;        ///< their rows of the journal, on PostgreSQL
  bool commits = false;              ///< behind it the target's transaction ends
  std::int64_t last = 0;             ///< sequence, then

 private:
  std::vector<KeptEntry> entries_;  ///< the first size_ are of this batch
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;  ///< of payloads and changesets
};

/// The tables of the state in the target's database or in a scratch one. Keeps a transaction open, as its executor does.
///
/// expect(), fold(), state_hash() and take_net() touch memory alone: another thread may be in land() meanwhile. All other
/// calls use the connection.
class Landing {
 public:
  /// The executor is one on this connection, which goes on behind the last event that landed.
  Landing(engine::Connection& connection, std::unique_ptr<Executor> executor);
  ~Landing();

  /// Makes room for the rows that the entries change; none of them is one for cross(). True: some have to be read. The
  /// database may lack what was folded before: rows of that are held.
  bool expect(std::span<const KeptEntry> entries);
  void read() { fold_->read(); }
  /// The next of them, in memory. Throws Error corrupt, naming the event and the row.
  void fold(const KeptEntry& entry) { fold_into(*fold_, entry); }
  /// Of the state after the last entry.
  Digest state_hash() { return fold_->state_hash(); }
  /// The rows that are net of what was folded since the last call, for land(). They stay until give_back() or cross().
  void take_net(Batch& batch);
  /// Much memory is held: once all has landed, give_back() makes it less.
  bool is_heavy() const;
  void give_back();

  /// Writes the rows. False, and nothing is written, where no order of whole rows keeps all constraints on the way.
  bool land(const BulkRows::Packed& packed);
  /// Writes them all the same: halved, down to single events, which are executed as they were.
  void land_in_steps(std::span<const KeptEntry> entries);
  /// Executes an event that opens an epoch or is about reference rows; what came before has landed. Gives its changeset in stored form, valid until
  /// the next call. In a file the transaction is ended on the way.
  std::string_view cross(const journal::Event& event);

  void commit_and_begin();
  void finish() { executor_->finish(); }
  StateSums& sums() { return fold_->sums(); }
  const std::shared_ptr<const EpochState>& epoch() const { return executor_->epoch(); }
  const Executor::Pin* pin() const { return executor_->pin(); }
  engine::Connection& connection() { return connection_; }

 private:
  void begin();
  void begin_epoch();
  Fold::Reader reader();
  static void fold_into(Fold& fold, const KeptEntry& entry);
  bool land_once(Fold& steps);
  void land_halves(Fold& steps, std::span<const KeptEntry> entries);
  void execute(Fold& steps, const KeptEntry& entry);

  engine::Connection& connection_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<BulkRows> rows_;
  std::unique_ptr<Fold> fold_;
};

}  // namespace reeve::state
