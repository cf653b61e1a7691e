#pragma once
// The one writer of a ledger in a process: a batch of submissions becomes one transaction.

#include "engine/pipeline.h"
#include "journal/batch_lookup.h"
#include "state/apply.h"
#include "state/buffered_random.h"
#include "state/capture.h"
#include "state/flight.h"
#include "state/host.h"
#include "state/recorder.h"
#include "state/sql_execution.h"
#include "state/submission.h"
#include "state/tree_guard.h"

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace reeve::state {

class Writer {
 public:
  Writer(std::unique_ptr<engine::Connection> connection, const LedgerOptions& options,
         EpochLibrary* library = nullptr);
  ~Writer();

  /// Gives every submission its outcome or fault and commits. One that is refused never fails another. Not
  /// thread-safe: one leader at a time.
  void process(std::span<Submission*> batch);

  std::shared_ptr<const EpochState> epoch() const { return epoch_; }
  engine::Connection& connection() { return *connection_; }

 private:
  struct Restart {};
  enum class Care : std::uint8_t { optimistic, careful };

  void run(std::span<Submission*> batch, Care care);
  void refresh();
  bool is_unchanged(const journal::Head& head);
  bool is_at(const journal::Head& head) const;
  void adopt(std::shared_ptr<const EpochState> epoch);
  void announce(std::span<Submission*> batch);
  void take(Submission& submission);
  std::optional<Rejection> attempt(Submission& submission, Receipt& receipt);
  std::optional<Rejection> decide(Submission& submission);
  std::optional<Rejection> check_ids(const Submission& submission, std::size_t count);
  std::optional<Rejection> apply_decided(Submission& submission, std::size_t place);
  std::optional<Rejection> apply_event(Submission& submission, std::size_t place, Pending& pending,
                                       simdjson::dom::element payload);
  std::optional<Rejection> apply_now(Pending& pending, simdjson::dom::element payload);
  std::optional<Rejection> send(Pending& pending, simdjson::dom::element payload);
  void land();
  std::optional<Rejection> take_back(Submission& submission);
  std::optional<Rejection> execute_sql(Submission& submission);
  /// Captures what `change` changes. A rejection when the rows refuse it.
  std::optional<Rejection> change_rows(Pending& pending, const std::function<void()>& change);
  /// Of the changes that were taken from the capture.
  std::optional<Rejection> check_trees(const Pending& pending);
  void fill_own_event(Submission& submission, Pending& pending);
  const Value& moment();
  std::optional<Receipt> known(const Submission& submission);
  Pending& next_pending();
  std::int64_t last_sequence() const;
  void record_pending();
  void store_sums_now_and_then();

  std::unique_ptr<engine::Connection> connection_;
  LedgerOptions options_;
  BufferedRandom random_;
  std::shared_ptr<const EpochState> epoch_;
  std::unique_ptr<Capture> capture_;
  std::unique_ptr<search::Keeper> keeper_;
  std::unique_ptr<queue::Enqueuer> enqueuer_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<Decider> decider_;
  std::unique_ptr<MomentReader> moment_;
  std::unique_ptr<SqlRunner> sql_;
  std::unique_ptr<TreeGuard> trees_;
  std::unique_ptr<journal::BatchLookup> lookup_;
  std::unique_ptr<Flight> flight_;  ///< of PostgreSQL, where events are queued and answered together
  std::unique_ptr<Host> host_;
  engine::Statement data_version_statement_;  ///< of a file
  std::int64_t data_version_ = -1;
  bool has_moved_indexes_ = false;  ///< in this transaction, beside what was sealed
  bool fresh_ = false;              ///< what is in memory is what the file says
  std::int64_t sums_stored_ = 0;    ///< the sequence of the stored sums
  int careful_batches_ = 0;         ///< left to be run with savepoints

  // Of the batch under way.
  engine::Pipeline* pipeline_ = nullptr;
  Care care_ = Care::optimistic;
  bool began_ = false;           ///< the ledger is locked
  std::deque<Pending> pending_;  ///< reused: those in front are applied or on their way, and not recorded yet
  std::size_t pending_count_ = 0;
  bool has_taken_changes_ =
      false;  ///< of a submission that is refused, which the capture does not know any more
  std::vector<Decided> decided_;
  json::Reader decided_reader_;
};

}  // namespace reeve::state
