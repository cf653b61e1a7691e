#pragma once
// What a ledger was and how it came to be what it is: differences between two events, the event behind a value, the
// state at an earlier event.

#include <reeve/ledger.h>
#include <reeve/types.h>
#include <reeve/value.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

/// A column of a row that is another than it was.
struct ColumnChange {
  std::string name;
  std::string type;  ///< PostgreSQL's name of it
  Value before;      ///< NULL where the row was not there
  Value after;
};

/// A row that came, changed or went.
struct RowChange {
  enum class Operation : std::uint8_t { insert, update, remove };
  std::string table;
  std::string key;  ///< canonical JSON: {"player":"ada"}
  Operation operation = Operation::update;
  std::vector<ColumnChange>
      columns;  ///< by name, those of the key left out; of a row that came or went the ones with a value
};

/// Where in the blueprint it says so.
struct Rule {
  std::string file;  ///< among the sources that the ledger keeps: `events/player.joined.v1.sql`
  struct Statement {
    int line = 0;
    std::string text;
  };
  /// Those that write the table; none where a foreign key's action changed the row, or Reeve itself.
  std::vector<Statement> statements;
  std::string note;  ///< for people, where no statement says it: `undoes events 7 to 9`
};

/// An event that set a row's value.
struct Blame {
  Sequence sequence;
  std::string id;
  std::string type;
  int version = 1;
  std::string time;  ///< RFC 3339
  Value moment;
  std::string actor;
  std::string command;  ///< that decided it; '' when it was committed as an event
  std::string payload;  ///< canonical JSON
  RowChange change;     ///< what it did to the row; with a column asked for, to that column
  Rule rule;
};

/// A column and the event that set it last.
struct BlamedColumn {
  ColumnChange column;  ///< `after` is what it is now
  Sequence sequence;    ///< 0: no event is found, which `reeve verify` explains
  std::string type;
  std::string time;
  std::string actor;
  std::string command;
  Rule rule;
};

/// The rows of a named query on an earlier state.
struct PastAnswer {
  std::vector<Rows::Column> columns;
  std::vector<std::vector<Value>> rows;
};

/// The state after an earlier event.
struct PastHead {
  Head head;
  std::string time;        ///< of the event
  bool is_proven = false;  ///< the journal's next seal follows from it
};

struct HistoryOptions {
  Clock* clock = nullptr;  ///< null: the system's
  int busy_ms_max = 5000;
  /// The file with what is derived for speed (docs/history.md). Empty: beside a ledger's file under its name with
  /// `-history` behind it; for a ledger on PostgreSQL none.
  std::string sidecar = {};
  /// The file with checkpoints (make_checkpoints). Empty: beside a ledger's file under its name with `-checkpoints` behind
  /// it; for a ledger on PostgreSQL none.
  std::string checkpoints = {};
  /// The file with the keys of personal values, as LedgerOptions::key_store.
  std::string key_store = {};
};

/// What make_checkpoints does.
struct CheckpointOptions {
  std::int64_t every = 50'000;   ///< events from one checkpoint to the next; at least 1
  bool anew = false;             ///< those that are there are forgotten first
  std::string checkpoints = {};  ///< as HistoryOptions::checkpoints
  /// Called now and then with the last event that was read and the last that will be.
  std::function<void(std::int64_t done, std::int64_t total)> progress = {};
  const std::atomic<bool>* stop = nullptr;  ///< set: it ends with Error retryable; those that were made stay
};

struct CheckpointRun {
  std::vector<Head> made;  ///< the states that were stored
  std::size_t kept = 0;    ///< that were there before
  std::int64_t bytes = 0;  ///< that those made take
  std::string note;        ///< for people: why some that were there are no more
};

/// Stores the states of a ledger that are due and missing, so that a question about the past costs the events between it
/// and the nearest. Derived: whoever asks compares them with the journal, and does without one that does not fit. Reads the
/// ledger and writes the file with the checkpoints alone. Throws Error invalid_input (a ledger on PostgreSQL, and no file
/// is named), retryable (another process makes them too, or it was stopped), corrupt (the journal's changesets do not give
/// its hashes), conflict (the file is something else).
CheckpointRun make_checkpoints(std::string_view url, const CheckpointOptions& options = {});

struct ForkOptions {
  std::optional<Sequence> at = {};  ///< the parent's last event that the fork has; nothing: its head
  std::string checkpoints = {};     ///< of the parent, as HistoryOptions::checkpoints
  bool share_blocks = true;         ///< where the file system can; else the file is copied
  Clock* clock = nullptr;           ///< null: the system's
  Random* random = nullptr;         ///< null: the system's
  std::function<void(std::int64_t done, std::int64_t total)> progress = {};
};

/// A ledger that begins as another one was.
struct Fork {
  std::string ledger_id;
  Head head;        ///< of the fork, with the event that says what it is
  Sequence parent;  ///< the parent's last event that it has
  std::int64_t bytes = 0;
  bool shares_blocks = false;  ///< with the parent's file, until one of the two is written there
  double copied_seconds = 0;   ///< that the file took, shared or copied
  std::string note;            ///< for people
};

/// Makes a new ledger whose journal is the parent's up to an event, and then says so (reeve.ledger_forked); from there on
/// it goes its own way, under an id and a seed of its own. It lies in a new file, or in a PostgreSQL schema under a name that
/// is free there and at whose migration the parent stood then; the parent in either. The parent is only read; others may go
/// on writing it. Throws Error conflict (the file is there, the name is taken, the schema is at another migration),
/// invalid_input (the event is in the middle of a command), not_found, corrupt (the parent's rows are not what its journal
/// says), retryable.
Fork fork_ledger(std::string_view url, std::string_view target, const ForkOptions& options = {});

/// Reads a ledger's past. Each call sees one snapshot. Not thread-safe. What is derived for speed lies in a file beside
/// the ledger and is made when it is missing; where it can't be written, answers come by reading the journal.
class History {
 public:
  /// `url` as Ledger::open takes it.
  static History open(std::string_view url, const HistoryOptions& options = {});

  /// The last event at or before a place: `17`, `2026-01-02T03:04:05Z`, `moment:1923`. 0: all came later. Throws Error
  /// not_found for a sequence behind the end, invalid_input for what is no place.
  Sequence find(std::string_view place);

  /// The rows that differ between the states after two events, sorted by table and key; `after` may come before
  /// `before`. Ends when `row` answers false. Migrations between them are crossed by names of tables and columns.
  /// Throws Error not_found for an event that is not there.
  void diff(Sequence before, Sequence after, const std::function<bool(const RowChange&)>& row);

  /// The events that set a row, or one column of it, the last one first; at most `limit`. `key` is a JSON object with
  /// the columns of the primary key, or the value of its one column. Rows that are gone have a history too; empty for
  /// one that never was. Throws Error not_found (table, column), invalid_input (key).
  std::vector<Blame> blame(std::string_view table, std::string_view key, std::string_view column = {},
                           std::size_t limit = 1);
  /// Each column of a row as it is, with the event that set it. Empty when there is no such row.
  std::vector<BlamedColumn> blame_columns(std::string_view table, std::string_view key);

  /// Asks a named query, of the blueprint that was in force then, on the state after an event. `now()` and :at are the
  /// event's time; the journal ends with the event. Throws Error as Ledger::query.
  PastAnswer query(Sequence at, std::string_view name, std::string_view parameters = "{}");
  /// Makes the whole state after an event and its hash, and compares it with the next seal.
  PastHead head(Sequence at);

  /// Whether the last answer was helped by the file beside the ledger, or why not; for people.
  const std::string& note() const;

  History(History&&) noexcept;
  History& operator=(History&&) noexcept;
  ~History();

 private:
  struct Impl;
  explicit History(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace reeve
