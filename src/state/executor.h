#pragma once
// Replays a journal onto a database, event by event: the engine of verify, replay and import.

#include "journal/journal.h"
#include "state/apply.h"
#include "state/capture.h"
#include "state/epochs.h"
#include "state/reference.h"
#include "state/rows.h"
#include "state/sql_execution.h"
#include "state/state_hash.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace reeve::state {

class Executor {
 public:
  /// Gives the sources with a hash, or throws Error.
  using SourcesOf = std::function<blueprint::Sources(const Digest& hash)>;

  /// The connection has no state yet; or, with an epoch, that of a journal in this epoch, gone on from. It must not
  /// be inside a transaction; the executor keeps one open and ends it in finish().
  Executor(engine::Connection& connection, SourcesOf sources_of,
           std::shared_ptr<const EpochState> epoch = nullptr);
  ~Executor();
  /// Where the events are that later ones take back: the journal that is replayed. It must outlive the executor.
  void set_journal(engine::Connection& journal) { journal_ = &journal; }

  /// Executes an event as it was executed when it was committed. Returns its changeset in stored form, valid
  /// until the next call. Throws Error corrupt when it can't be executed.
  std::string_view execute(const journal::Event& event);
  /// Writes the rows that a stored changeset says instead. Migrations are executed all the same. Foreign keys are
  /// the caller's to switch off: rows come in order of tables, cascades are in the changeset.
  void write(const journal::Event& event, std::string_view changeset);

  /// Of the state after the last event.
  Digest state_hash();
  StateSums& sums();
  const journal::Layout& layout() const;
  const std::shared_ptr<const EpochState>& epoch() const { return epoch_; }
  /// The changes of the last event, when it was executed and is no migration; valid until the next event.
  const std::vector<journal::Change>& changes() const { return changes_; }
  /// What the last event that pinned reference rows said, and the files that it named; null before the first. Not of
  /// events before the epoch that was gone on from.
  struct Pin {
    ReferenceEvent event;
    blueprint::Sources files;
  };
  const Pin* pin() const { return pin_ ? &*pin_ : nullptr; }
  /// Ends the transaction.
  void finish();
  /// Makes what was done so far durable (an import's journal rows with it).
  void commit_and_begin();

 private:
  void begin();
  void execute_own(const journal::Event& event);
  void migrate(const journal::Event& event, const journal::Epoch& epoch);
  template <typename Work>
  void capture(const journal::Event& event, const Work& work);
  void fill_back(const journal::Event& event);
  void pin(const journal::Event& event);
  void execute_sql(const journal::Event& event);
  void adopt_rows(const journal::Event& event);
  template <typename Work>
  void without_foreign_keys(const Work& work);
  void take_back(const journal::Event& event);
  void check_taken_back(const journal::Event& event);
  ReferenceSet published(const journal::Event& event, const ReferenceEvent& said);
  void adopt(std::shared_ptr<const EpochState> epoch);
  void write_rows(std::string_view changeset);
  bool may_swap(std::string_view changeset) const;
  void write_in_two_steps(std::string_view changeset);

  engine::Connection& connection_;
  engine::Connection* journal_ = nullptr;
  SourcesOf sources_of_;
  std::shared_ptr<const EpochState> epoch_;
  std::unique_ptr<StateSums> sums_;
  std::unique_ptr<Capture> capture_;
  std::unique_ptr<NetChanges> net_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<SqlRunner> sql_;
  std::unique_ptr<RowStore> rows_;
  std::set<int> unique_tables_;  ///< with a unique key beside the primary one
  std::vector<journal::Change> changes_;
  std::string changeset_;
  json::Reader reader_;
  std::optional<Pin> pin_;
  std::optional<engine::Transaction> transaction_;
};

}  // namespace reeve::state
