#include "state/rebuild.h"

#include "base/clock.h"
#include "search/keeper.h"
#include "state/drift.h"
#include "state/recorder.h"
#include "state/replayer.h"
#include "state/row_difference.h"
#include "state/row_repair.h"
#include "state/rows.h"
#include "state/schema_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace reeve::state {

namespace {

/// So many events are left to be caught up with under the writers' lock.
constexpr std::int64_t events_under_lock_max = 256;
/// For the lock that writers who never rest pass to each other.
constexpr int lock_ms_max = 60'000;
/// Who writes as fast as the replay goes is not waited for.
constexpr int rounds_max = 8;

class Rebuilder {
 public:
  Rebuilder(const Location& location, const RebuildOptions& options)
      : location_(location),
        options_(options),
        live_(location.open(engine::OpenMode::read_only, {},
                            location.is_file() ? Purpose::inspection : Purpose::administration)),
        scratch_(engine::Connection::open_scratch()),
        replayer_(*live_, *scratch_, ReplayBy::execution) {}

  Rebuild run() {
    for (int round = 1;; ++round) {
      engine::Transaction snapshot(*live_, engine::Transaction::Mode::read);
      const std::int64_t head = journal::read_head(*live_).sequence;
      const std::int64_t before = replayer_.sequence();
      catch_up(*live_, head);
      result_.caught_up += round == 1 ? 0 : replayer_.sequence() - before;
      if (round == rounds_max || replayer_.sequence() - before <= events_under_lock_max) {
        compare();
        break;
      }
    }
    if (!wanted_.empty()) {
      switch_over();
    }
    result_.events = replayer_.sequence();
    result_.state_hash = executor().state_hash();
    return std::move(result_);
  }

 private:
  Executor& executor() { return replayer_.executor(); }

  void catch_up(engine::Connection& journal, std::int64_t head) {
    journal::EntryReader entries(journal, replayer_.sequence());
    journal::Entry entry;
    while (entries.next(entry)) {
      replayer_.take(entry);
      options_.progress.step(entry.event.sequence, head);
    }
  }

  void found(Difference difference) {
    if (result_.healed.size() < options_.differences_max) {
      result_.healed.push_back(std::move(difference));
    }
  }

  /// The live database, in a snapshot, with the replayed one.
  void compare() {
    if (location_.is_file()) {
      compare_schema();
      compare_pages();
    } else {
      compare_shared_schema();
    }
    compare_rows();
    if (options_.all) {
      want_all();
    }
  }

  void want_all() {
    if (!location_.is_file()) {
      for (const journal::TableLayout& table : executor().layout().tables) {
        wanted_.insert(table.name);
      }
      return;
    }
    for (const auto& [name, object] : read_schema(*scratch_)) {
      wanted_.insert(name);
    }
  }

  /// It is all its ledgers', and their owner's to put right.
  void compare_shared_schema() {
    for (const DriftFinding& finding : migrate_drift(location_)) {
      if (finding.kind == DriftFinding::Kind::difference) {
        result_.left_alone.push_back(finding.message);
      }
    }
  }

  void compare_schema() {
    const std::map<std::string, SchemaObject> expected = read_schema(*scratch_);
    const std::map<std::string, SchemaObject> live = read_schema(*live_);
    for (const auto& [name, object] : expected) {
      const auto there = live.find(name);
      if (there == live.end() || there->second != object) {
        wanted_.insert(name);
        found({0,
               object.type == "table" ? name : "",
               {},
               fmt::format("the {} {} {}", object.type, name,
                           there == live.end() ? "is missing" : "was changed behind the migrations")});
      }
    }
    for (const auto& [name, object] : live) {
      if (!expected.contains(name)) {
        result_.left_alone.push_back("no migration made " + name);
      }
    }
  }

  void compare_pages() {
    engine::Statement row = live_->prepare("PRAGMA integrity_check(5)", false);
    while (row.step()) {
      if (row.text(0) != "ok") {
        want_all();
        has_broken_pages_ = true;
        found({0, {}, {}, "SQLite's integrity check: " + std::string(row.text(0))});
      }
    }
  }

  void compare_rows() {
    const journal::Layout& layout = executor().layout();
    StateSums sums(layout);
    for (int number = 0; number < static_cast<int>(layout.tables.size()); ++number) {
      const journal::TableLayout& table = layout.table(number);
      if (wanted_.contains(table.name)) {
        continue;  // it is made anew whatever its rows are
      }
      RowStore live(*live_, layout);
      try {
        live.scan(number, [&](journal::Row row) {
          sums.add(number, row);
          return true;
        });
      } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) {
          throw;
        }
        wanted_.insert(table.name);
        found({0, table.name, {}, "its rows can't be read: " + error.message()});
        continue;
      }
      if (sums.sum(number) == executor().sums().sum(number)) {
        continue;
      }
      wanted_.insert(table.name);
      const std::size_t before = result_.healed.size();
      RowStore expected(*scratch_, layout);
      state::compare_rows(expected, live, layout, number, [&](const RowDifference& one) {
        found({0, table.name, one.key, one.message});
        return result_.healed.size() < options_.differences_max;
      });
      if (result_.healed.size() == before && before < options_.differences_max) {
        found({0, table.name, {}, "its rows are not those of the replay, though each is found by its key"});
      }
    }
  }

  /// Nobody writes from here to the end.
  void switch_over() {
    const auto writer =
        location_.open(engine::OpenMode::read_write, {.busy_ms_max = lock_ms_max, .foreign_keys = false},
                       Purpose::administration);
    const auto epoch_before = executor().epoch();
    const Microseconds started = system_clock().now();
    engine::Transaction tx(*writer, engine::Transaction::Mode::write);
    replayer_.set_journal(*writer);
    const std::int64_t before = replayer_.sequence();
    const journal::Head head = journal::lock_head(*writer);
    catch_up(*writer, head.sequence);
    result_.caught_up += replayer_.sequence() - before;
    if (executor().epoch() != epoch_before) {
      want_all();  // migrated meanwhile: what was compared is not what is there now
    }
    if (location_.is_file()) {
      replace_objects(*scratch_, *writer, executor().layout(), wanted_);
    } else {
      wanted_ = repair_rows(*scratch_, *writer, *executor().epoch(), wanted_);
    }
    check(*writer, head);
    if (has_broken_pages_) {
      mend_pages(*writer);
    }
    store_sums(*writer, executor().sums(), head.sequence);
    const auto epoch = executor().epoch();
    search::bring_up(*writer, epoch->blueprint.get(), epoch->layout, head, true);
    tx.commit();
    result_.switched.assign(wanted_.begin(), wanted_.end());
    result_.locked_seconds = static_cast<double>(system_clock().now() - started) / 1e6;
    replayer_.set_journal(*live_);
  }

  /// Indexes of Reeve's own tables are made anew too; what is broken beside is not healed by a rebuild.
  static void mend_pages(engine::Connection& writer) {
    writer.execute("REINDEX");
    engine::Statement row = writer.prepare("PRAGMA integrity_check(1)", false);
    if (row.step() && row.text(0) != "ok") {
      throw Error(ErrorCode::corrupt,
                  fmt::format("SQLite's integrity check still says: {}; nothing was switched", row.text(0)),
                  "restore a backup, or `reeve export` what can be read and import it into a new file");
    }
  }

  /// The rows as they now lie in the file.
  void check(engine::Connection& writer, const journal::Head& head) {
    const journal::Layout& layout = executor().layout();
    StateSums sums(layout);
    RowStore rows(writer, layout);
    for (int number = 0; number < static_cast<int>(layout.tables.size()); ++number) {
      if (!wanted_.contains(layout.table(number).name)) {
        sums.set_sum(number, executor().sums().sum(number));
        continue;
      }
      rows.scan(number, [&](journal::Row row) {
        sums.add(number, row);
        return true;
      });
    }
    if (sums.state_hash() != head.state_hash || replayer_.sequence() != head.sequence) {
      replay_differs(head.sequence, "the rebuilt tables have another state hash; nothing was switched");
    }
  }

  Location location_;
  const RebuildOptions& options_;
  std::unique_ptr<engine::Connection> live_;
  std::unique_ptr<engine::Connection> scratch_;
  Replayer replayer_;
  std::set<std::string> wanted_;  ///< objects that are made anew, by name
  bool has_broken_pages_ = false;
  Rebuild result_;
};

}  // namespace

Rebuild rebuild(const Location& location, const RebuildOptions& options) {
  return Rebuilder(location, options).run();
}

}  // namespace reeve::state
