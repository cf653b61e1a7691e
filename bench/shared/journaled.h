#pragma once
// Reeve's side of a comparison: batches of events through the writer, as a ledger's leader hands them over.

#include "shared/mix.h"
#include "shared/support.h"
#include "state/writer.h"

#include <filesystem>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace bench {

/// With the system's clock and entropy.
reeve::LedgerOptions ledger_options();

/// Creates a ledger of The Great Work.
void create_ledger(const std::filesystem::path& file);
/// A second one that starts as the first stands. Nobody has `from` open.
void copy_ledger(const std::filesystem::path& from, const std::filesystem::path& to);

class Journaled {
 public:
  /// `durable` off: for building a file that something else is measured on.
  explicit Journaled(const std::filesystem::path& file, bool durable = true);
  /// The same with a connection that is open.
  explicit Journaled(std::unique_ptr<reeve::engine::Connection> connection);

  /// All of it: parse, validate, apply, journal, commit. Throws Error internal when an event is refused.
  void commit(std::span<const MixEvent> group);
  /// Seconds of CPU of the writing thread alone, what submitters do left out, since the last call.
  double take_writing_seconds() { return std::exchange(writing_seconds_, 0.0); }

  const std::shared_ptr<const reeve::state::EpochState>& epoch() const { return epoch_; }
  reeve::state::Writer& writer() { return writer_; }

 private:
  reeve::state::Writer writer_;
  std::shared_ptr<const reeve::state::EpochState> epoch_;
  std::vector<std::unique_ptr<reeve::state::Submission>> submissions_;
  std::vector<reeve::state::Submission*> batch_;
  double writing_seconds_ = 0;
};

/// Plays `count` events of the mix in groups of 64 without waiting for the disk: a file to measure on.
void fill(Journaled& ledger, Mix& mix, std::int64_t count);

}  // namespace bench
