#pragma once
// The one writer of a ledger in a process: a batch of submissions becomes one transaction.

#include "state/apply.h"
#include "state/buffered_random.h"
#include "state/capture.h"
#include "state/host.h"
#include "state/recorder.h"
#include "state/submission.h"

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
  journal::Head head();
  std::optional<Receipt> find_key(std::string_view key);
  engine::Connection& connection() { return *connection_; }

 private:
  struct Restart {};
  enum class Care : std::uint8_t { optimistic, careful };

  void run(std::span<Submission*> batch, Care care);
  void refresh();
  bool is_unchanged(const journal::Head& head);
  void adopt(std::shared_ptr<const EpochState> epoch);
  void take(Submission& submission, Care care);
  std::optional<Rejection> attempt(Submission& submission, Receipt& receipt);
  std::optional<Rejection> decide(Submission& submission);
  std::optional<Rejection> apply_event(Submission& submission, std::size_t place,
                                       simdjson::dom::element payload);
  std::optional<Receipt> known(const Submission& submission);
  void record_pending();
  void store_sums_now_and_then();

  std::unique_ptr<engine::Connection> connection_;
  LedgerOptions options_;
  BufferedRandom random_;
  std::shared_ptr<const EpochState> epoch_;
  std::unique_ptr<Capture> capture_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<Decider> decider_;
  std::unique_ptr<MomentReader> moment_;
  std::unique_ptr<journal::KeyLookup> keys_;
  std::unique_ptr<journal::IdLookup> ids_;
  std::unique_ptr<Host> host_;
  engine::Statement data_version_statement_;  ///< of a file
  std::int64_t data_version_ = -1;
  bool fresh_ = false;            ///< what is in memory is what the file says
  std::int64_t sums_stored_ = 0;  ///< the sequence of the stored sums
  int careful_batches_ = 0;       ///< left to be run with savepoints

  /// The submission at hand.
  struct Pending {
    journal::Event event;
    bool seal = false;
    std::vector<journal::Change> changes;
  };
  std::vector<Pending> pending_;
  std::size_t pending_count_ = 0;
  bool applying_ = false;  ///< apply statements have run
  std::vector<Decided> decided_;
  json::Reader decided_reader_;
};

}  // namespace reeve::state
