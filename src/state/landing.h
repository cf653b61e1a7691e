#pragma once
// Where the rows of a ledger that is brought over arrive: by its changesets, many events at once.

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

/// Whether an event may change tables or sources, so that what follows is read by another layout.
bool opens_epoch(const journal::Event& event);

/// The tables of the state in the target's database or in a scratch one. Keeps a transaction open, as its executor does.
class Landing {
 public:
  /// The executor is one on this connection, which goes on behind the last event that landed.
  Landing(engine::Connection& connection, std::unique_ptr<Executor> executor);
  ~Landing();

  /// Reads the rows that the entries change. None of them is one for cross().
  void prepare(std::span<const KeptEntry> entries);
  /// The next of them, in memory. Throws Error corrupt, naming the event and the row.
  void fold(const KeptEntry& entry);
  /// Of the state after the last entry.
  Digest state_hash() { return fold_->state_hash(); }
  /// Writes the rows that are net of the entries since the last call: all that were folded.
  void land(std::span<const KeptEntry> entries);
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
  void begin_epoch();
  bool write_net();
  void land_in_steps(std::span<const KeptEntry> entries);
  void execute(const KeptEntry& entry);

  engine::Connection& connection_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<BulkRows> rows_;
  std::unique_ptr<Fold> fold_;
  std::vector<journal::Change> net_;
  std::vector<std::string_view> changesets_;
};

}  // namespace reeve::state
