#pragma once
// The ledger that an adoption makes: unseen until it is whole.

#include "adoption/adopt.h"
#include "engine/new_database.h"
#include "state/capture.h"
#include "state/create.h"
#include "state/recorder.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::adoption {

/// Events are recorded one behind the other, in one transaction; foreign keys are on or off as it was opened. In a file it
/// stands under another name until finish(); on PostgreSQL it is promoted then. Not thread-safe.
class NewLedger {
 public:
  /// Throws Error conflict when the ledger is there.
  NewLedger(const state::Location& to, const blueprint::Sources& sources, const LedgerOptions& options,
            bool foreign_keys);
  ~NewLedger();
  NewLedger(const NewLedger&) = delete;
  NewLedger& operator=(const NewLedger&) = delete;

  engine::Connection& connection() { return *connection_; }
  const state::EpochState& epoch() const { return *epoch_; }
  state::Capture& capture() { return *capture_; }
  const journal::Head& head() const { return recorder_->head(); }

  /// One of Reeve's own, behind the head.
  journal::Event own_event(std::string_view type, std::string payload) const;
  /// Records an event whose rows are written; `changes` are those that the capture has.
  void record(const journal::Event& event);
  /// The same of several, and their changes; they share a seal.
  struct Applied {
    journal::Event event;
    std::vector<journal::Change> changes;
  };
  void record(const std::vector<Applied>& events);
  /// Commits, and gives the ledger its name. Returns its head.
  journal::Head finish();

 private:
  state::Location to_;
  LedgerOptions options_;
  std::optional<engine::NewDatabase> made_;  ///< of a file
  std::unique_ptr<engine::Connection> connection_;
  std::shared_ptr<const state::EpochState> epoch_;
  std::unique_ptr<state::Capture> capture_;
  std::optional<engine::Transaction> transaction_;
  std::unique_ptr<state::Recorder> recorder_;
  std::vector<journal::Change> changes_;
};

/// The payload of `reeve.adopted`.
std::string adopted_payload(const std::filesystem::path& file, const Adoption& adoption,
                            const std::vector<state::Claim>& claims);
/// BLAKE2b-256 of the file, in its domain.
Digest hash_file(const std::filesystem::path& file);

}  // namespace reeve::adoption
