#pragma once
// The side of a promotion on which a ledger arrives: made, gone on with, completed.

#include "state/executor.h"
#include "state/location.h"

#include <memory>
#include <string>
#include <string_view>

namespace reeve::state {

/// A new file; or a ledger in a PostgreSQL schema, which is made if it is missing. Until complete() nobody
/// else opens it, and whoever promotes the same ledger again goes on where the last commit was.
class Arrival {
 public:
  /// Throws Error conflict when the target holds another ledger, or one that is complete and goes on by itself.
  Arrival(engine::Connection& source, const Location& target);

  engine::Connection& connection() { return *connection_; }
  std::string target_name() const { return target_.name(); }
  /// That goes on behind the target's head. The source is in a snapshot.
  std::unique_ptr<Executor> executor();
  /// Whether Reeve's own first events, which make the schema, are executed in a scratch file: a schema that many
  /// ledgers share is there already. Their rows come by copy_rows().
  bool begins_elsewhere() const { return is_new_; }
  /// A new ledger of a schema gets its name and its head, in the transaction that brings its beginning: a run that
  /// fails before leaves nothing.
  void enter_directory();
  void copy_rows(engine::Connection& from, const EpochState& epoch);
  blueprint::Sources sources_of(const Digest& hash);
  /// With the sources it names, which come from the source.
  void store_epoch(const journal::Epoch& epoch);
  /// From now on it may be opened.
  void complete();

 private:
  void write_beginning_meta();
  void open_file();
  void open_schema();
  void find_in_directory();
  void check_complete();

  engine::Connection& source_;
  Location target_;
  std::unique_ptr<engine::Connection> connection_;
  std::string ledger_id_;
  std::string name_;     ///< in the directory
  bool is_new_ = false;  ///< not in the directory yet
  bool is_complete_ = false;
};

}  // namespace reeve::state
