#pragma once
// The state after an earlier event, in a database of its own under the schema of its epoch. It begins from what is
// nearest: a checkpoint, nothing at all, or the live rows; the changesets between are folded, and each row that they
// change is written once.

#include "base/json.h"
#include "history/checkpoints.h"
#include "history/timeline.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace reeve::history {

/// What a statement needs of the state; one that reads no table needs one that is none.
std::set<std::string> tables_of(const sql::Translation& translation);
/// The parameters of a query. Throws Error invalid_input for one that it does not have.
simdjson::dom::element read_parameters(json::Reader& reader, std::string_view parameters,
                                       const blueprint::Query& query);

/// Goes on in memory from the rows after an event, whose sums these are, to the end of its group, and compares with the seal.
bool is_sealed(Timeline& timeline, engine::Connection& rows, const state::EpochState& epoch,
               const state::StateSums& sums, std::int64_t sequence);

/// What the past of a ledger is made from.
struct PastSource {
  Timeline& timeline;
  Checkpoints* checkpoints = nullptr;  ///< null: there are none
  /// The ledger's file, so that its journal is read where it is. Empty: it is copied.
  std::filesystem::path journal = {};
};

/// Not thread-safe. The same on both engines: the database is SQLite's.
class PastState {
 public:
  /// Only these tables of the state have the rows of then; with `reeve_events` among them the journal up to the event is
  /// there too. Empty: all tables of the state. Throws Error not_found before the first migration.
  PastState(const PastSource& source, std::int64_t sequence, std::set<std::string> tables);

  engine::Connection& connection() { return *connection_; }
  const state::EpochState& epoch() const { return *epoch_; }
  std::int64_t sequence() const { return sequence_; }
  /// The checkpoint that it began from; null: none.
  const StoredState* base() const { return base_; }
  /// Something that was read of it was damaged: what was answered meanwhile is worth nothing.
  bool is_damaged() const { return database_ && database_->is_damaged(); }
  /// Why a checkpoint that is there is not used; for people.
  const std::string& note() const { return note_; }

  /// Of a state that is there whole.
  Digest state_hash();
  /// Goes on to the end of the event's group in memory, and compares with its seal. Of a state that is there whole.
  bool is_sealed();

 private:
  bool is_whole() const { return tables_.empty(); }
  bool is_wanted(const std::string& table) const { return is_whole() || tables_.contains(table); }
  bool reads_journal() const { return tables_.contains("reeve_events"); }
  /// The tables whose rows are folded; with `none`, and only then, no table is.
  std::set<std::string> folded_tables() const;
  void make_from_checkpoint();
  void make_from_nothing();
  void make_from_live_rows();
  void fold_into(std::int64_t from);
  void create(bool tables);
  /// `folded_rows` are those of the fold.
  void fill_table(const state::ChangeFold& fold, const std::vector<state::ChangeFold::Row>& folded_rows,
                  int number);
  /// The rows of the reference tables as they were pinned; of a checkpoint those of another pin go.
  void fill_references(bool replaces);
  void show_journal();
  void copy_events();

  PastSource source_;
  Timeline& timeline_;
  std::int64_t sequence_;
  std::set<std::string> tables_;
  std::shared_ptr<const state::EpochState> epoch_;
  const StoredState* base_ = nullptr;
  std::string note_;
  std::unique_ptr<engine::PrivateDatabase> database_;
  std::unique_ptr<engine::Connection> connection_;
  std::unique_ptr<state::StateSums> sums_;  ///< of a state that is there whole, when they are known
};

}  // namespace reeve::history
