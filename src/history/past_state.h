#pragma once
// The state after an earlier event, in a scratch database under the schema of its epoch: the live rows, with what later
// events changed taken back. The journal is folded first, and each row is written once.

#include "base/json.h"
#include "history/timeline.h"

#include <cstdint>
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

/// Not thread-safe. The same on both engines: the scratch database is SQLite's.
class PastState {
 public:
  /// Only these tables of the state have rows; with `reeve_events` among them the journal up to the event is there too.
  /// Empty: all tables of the state. Throws Error not_found before the first migration.
  PastState(Timeline& timeline, std::int64_t sequence, std::set<std::string> tables);

  engine::Connection& connection() { return *scratch_; }
  const state::EpochState& epoch() const { return *epoch_; }
  std::int64_t sequence() const { return sequence_; }

  /// Of a state that is there whole.
  Digest state_hash();
  /// Goes on to the end of the event's group in memory, and compares with its seal. Of a state that is there whole.
  bool is_sealed();

 private:
  bool is_wanted(const std::string& table) const { return tables_.empty() || tables_.contains(table); }
  void create(bool tables);
  void fill();
  /// `folded_rows` are those of the fold.
  void fill_table(const state::ChangeFold& fold, const std::vector<state::ChangeFold::Row>& folded_rows,
                  int number);
  void fill_reference(int number);
  void copy_events();

  Timeline& timeline_;
  std::int64_t sequence_;
  std::set<std::string> tables_;
  std::shared_ptr<const state::EpochState> epoch_;
  std::unique_ptr<engine::Connection> scratch_;
};

}  // namespace reeve::history
