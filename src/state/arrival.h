#pragma once
// The side of a promotion on which a ledger arrives: made, gone on with, completed.

#include "journal/directory.h"
#include "journal/postponed.h"
#include "state/executor.h"
#include "state/location.h"

#include <future>
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
  bool is_file() const { return target_.is_file(); }
  /// Not in the directory yet.
  bool is_new() const { return is_new_; }
  /// Another run ended it.
  bool is_complete() const { return is_complete_; }
  /// Where the ledger's journal ends here.
  journal::Head head();
  /// A new ledger of a schema gets its name and its head, in the transaction that brings its beginning: a run that
  /// fails before leaves nothing. Throws Error conflict when the schema was migrated meanwhile; from then on it can't
  /// be until the ledger is complete.
  void enter_directory();
  /// Where the schema holds this ledger alone it does without most indexes, foreign keys and capturing triggers from now on.
  void postpone_indexes();
  /// In the transaction that is open, before any statement of the blueprint is executed here and before the ledger is
  /// complete.
  void make_postponed(journal::Postponed which = journal::Postponed::all);
  /// Those of reeve_events, by a session of its own that is at work until get(). What came was committed.
  std::future<void> make_postponed_of_events();
  /// All rows of the state, as a scratch file has them after the events that are not executed here.
  void copy_rows(engine::Connection& from, const EpochState& epoch, const Executor::Pin* pin);
  blueprint::Sources sources_of(const Digest& hash);
  /// With the sources it names, which come from the source.
  void store_epoch(const journal::Epoch& epoch, const journal::Layout& layout);
  /// A file's transaction ends while an event changes its tables: a run that is killed between mark_crossing() and the
  /// commit behind mark_crossed() leaves a file that the next one makes anew.
  void mark_crossing();
  void mark_crossed();
  bool is_crossing() const { return is_crossing_; }
  /// From now on it may be opened.
  void complete();

 private:
  void write_beginning_meta();
  void open_file();
  bool take_up_file();
  void make_file();
  void open_schema();
  void find_in_directory();
  void make_postponed_of_another();
  void check_complete();
  bool has_left();
  bool is_continued(const journal::Head& here);
  void begin_return();

  engine::Connection& source_;
  Location target_;
  std::unique_ptr<engine::Connection> connection_;
  std::string ledger_id_;
  Digest sources_hash_{};  ///< of the source's last epoch; the schema's too
  std::string name_;       ///< in the directory
  bool is_new_ = false;    ///< not in the directory yet
  journal::LedgerState state_ = journal::LedgerState::arriving;  ///< in the directory
  bool is_complete_ = false;
  bool is_returning_ = false;  ///< to where it moved away from, with what was written since
  bool is_crossing_ = false;
};

}  // namespace reeve::state
