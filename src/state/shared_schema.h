#pragma once
// A PostgreSQL schema under migration. Its tables hold the rows of many ledgers: a migration is made once, in
// one transaction, and is an event in each of them.

#include "journal/directory.h"
#include "state/backfill.h"
#include "state/capture.h"
#include "state/create.h"
#include "state/location.h"
#include "state/progress.h"
#include "state/schema_change.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::state {

struct MigrateOptions {
  Progress progress;
  /// How long to wait for another runner, and for each lock that a session holds, before `retryable`.
  int lock_timeout_ms = 5'000;
  /// Of each statement, above which nothing is migrated (limit_exceeded); 0: none. Of PostgreSQL alone.
  int statement_timeout_ms = 0;
};

/// Who hears of changes, for a scope.
class SinkOf {
 public:
  SinkOf(engine::Connection& connection, engine::ChangeSink* sink) : connection_(connection) {
    connection_.set_change_sink(sink);
  }
  ~SinkOf() { connection_.set_change_sink(nullptr); }
  SinkOf(const SinkOf&) = delete;
  SinkOf& operator=(const SinkOf&) = delete;

 private:
  engine::Connection& connection_;
};

/// Runs a migration's statements in a transaction: those that write rows once for each ledger, after whose turn `wrote` is
/// called.
void run_statements(engine::Connection& connection, const sql::MigrationTranslation& translation,
                    const std::vector<journal::LedgerEntry>& ledgers,
                    const std::function<void(std::size_t ledger)>& wrote);

/// The one migrator of a schema, as long as it lives: holds an advisory lock on its session, which the server
/// gives back when the session ends, however that comes. Not thread-safe.
///
/// A transaction of it takes, in this order: ACCESS EXCLUSIVE on reeve_format, which every reader of a ledger
/// holds in ACCESS SHARE from before its snapshot is taken; the head row of every ledger, in order of their ids,
/// which every writer holds; then the locks of its statements. So it waits for whoever is at work, and whoever
/// comes later finds the new epoch.
class SharedSchema {
 public:
  /// Throws Error retryable, naming who migrates already; not_found; conflict while a ledger of the schema arrives.
  SharedSchema(const Location& location, const MigrateOptions& options);

  /// Bound to the ledger that the location names, or to the first.
  engine::Connection& connection() { return *connection_; }
  /// Of that ledger. All ledgers of a schema are at one level, with the same sources.
  const std::shared_ptr<const EpochState>& epoch() const { return epoch_; }
  std::int64_t ledgers() const { return static_cast<std::int64_t>(ledgers_.size()); }

  /// All of it or nothing. Throws Error retryable (a lock), limit_exceeded (the statement time-out): the same call may
  /// be made again.
  void migrate(const MigrationStep& step, const LedgerOptions& options);
  /// Takes up files beside the migrations.
  void change_blueprint(const blueprint::Sources& sources, const LedgerOptions& options);

 private:
  /// A ledger as the migration finds it, its head row locked.
  struct Standing {
    journal::Head head;
    journal::Epoch epoch;
    StateSums sums;
    std::optional<RowsBefore> rows;     ///< where tables are made anew: compared as a whole
    std::unique_ptr<Capture> captured;  ///< elsewhere: what the statements on rows changed
  };

  void take_lock();
  void read_directory();
  void bind(const std::string& named);
  /// Names who is in the way, and what to do, when it fails for that.
  void explained(std::string_view what, const std::function<void()>& work);
  /// Alone with all ledgers.
  void transact(std::string_view what, const std::function<void()>& work);
  /// Beside those who read and write other ledgers.
  void transact_beside(std::string_view what, const std::function<void()>& work);
  std::string holders();
  void check_unchanged();
  Standing stand(const journal::LedgerEntry& ledger);
  std::vector<Standing> lock_all();
  journal::Epoch opened_by(const Standing& standing, const blueprint::Sources& sources,
                           std::int64_t level) const;
  std::string compared(Standing& standing, const EpochState& after, StateSums& sums);
  // online_migration.cpp: what is done before the transaction, while others go on.
  void prepare(const MigrationStep& step, const sql::MigrationTranslation& translation,
               const sql::OnlinePlan& plan, const LedgerOptions& options);
  void build_index(const sql::MigrationTranslation& translation, const std::string& index);
  void drop_index(const std::string& name);
  void fill_back(const MigrationStep& step, const sql::OnlinePlan& plan, const LedgerOptions& options,
                 bool resume);
  bool fill_batch(const journal::LedgerEntry& ledger, BackfillStep& step, const LedgerOptions& options,
                  bool resume);
  void check_not_null(const MigrationStep& step, const sql::MigrationTranslation& translation,
                      const sql::OnlinePlan& plan, const LedgerOptions& options);
  void drop_not_null_checks(const sql::MigrationTranslation& translation, const sql::OnlinePlan& plan);
  void record(Standing& standing, EpochChange change, std::string_view changeset, StateSums sums,
              const EpochState& after, const LedgerOptions& options);
  void finish(const std::shared_ptr<const EpochState>& after);
  void adopt(std::shared_ptr<const EpochState> after);

  MigrateOptions options_;
  std::unique_ptr<engine::Connection> connection_;
  journal::SchemaFormat format_;
  std::vector<journal::LedgerEntry> ledgers_;  ///< in order of their ids
  std::string bound_;                          ///< the ledger whose epoch is shown
  std::shared_ptr<const EpochState> epoch_;
};

}  // namespace reeve::state
