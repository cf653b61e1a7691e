#include "history/fork.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "engine/file_copy.h"
#include "engine/file_system.h"
#include "engine/new_database.h"
#include "history/checkpoints.h"
#include "history/past_rows.h"
#include "history/past_state.h"
#include "queue/carry.h"
#include "search/keeper.h"
#include "state/create.h"
#include "state/executor.h"
#include "state/forked.h"
#include "state/host.h"
#include "state/recorder.h"
#include "state/reference.h"
#include "state/schema_copy.h"

#include "history/cut_journal_sql.h"
#include "history/drop_later_epochs_sql.h"
#include "history/drop_later_layouts_sql.h"
#include "history/select_group_end_before_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace reeve::history {

namespace {

/// To take so many events back in place costs less than to make the whole state again.
constexpr std::int64_t taken_back_max = 200'000;

/// The rows of a state with its sums, as they are after an event.
struct Rows {
  std::shared_ptr<const state::EpochState> epoch;
  std::unique_ptr<state::StateSums> sums;
};

class Forker {
 public:
  Forker(const state::Location& parent, const ForkOptions& options)
      : options_(options),
        parent_location_(parent),
        parent_(parent.open(engine::OpenMode::read_only, {}, state::Purpose::inspection)) {}

  Fork make(const std::filesystem::path& file) {
    find_place();
    refuse_parent(file);
    engine::NewDatabase made(file, {});
    copy(made.place());
    {
      engine::Transaction snapshot(*parent_, engine::Transaction::Mode::read);
      Timeline timeline(*parent_);
      // Synced once, before it takes its name.
      fork_ = state::Location(made.place())
                  .open(engine::OpenMode::read_write, {.durable = false, .foreign_keys = false},
                        state::Purpose::administration);
      fork_->execute("PRAGMA secure_delete = ON");
      {
        engine::Transaction tx(*fork_, engine::Transaction::Mode::write);
        Rows rows = take_back(timeline);
        begin_own(timeline, std::move(rows));
        tx.commit();
      }
      if (was_cut_) {
        fork_->execute("VACUUM");  // what lies between the rows of a page may be of later events
      }
      fork_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
      fork_.reset();
    }
    made.publish();
    return std::move(result_);
  }

 private:
  /// What is half made has a name, and whatever lies under it is removed.
  void refuse_parent(const std::filesystem::path& file) const {
    std::error_code none;
    const std::filesystem::path half = engine::unfinished_name(file);
    if (std::filesystem::equivalent(half, parent_location_.file(), none)) {
      throw Error(ErrorCode::conflict,
                  fmt::format("{} is what the fork is called until it is complete", half.string()),
                  "choose another name");
    }
  }

  void find_place() {
    engine::Transaction snapshot(*parent_, engine::Transaction::Mode::read);
    Timeline timeline(*parent_);
    const std::int64_t head = timeline.head().sequence;
    at_ = options_.at ? timeline.check(options_.at->value) : head;
    if (timeline.epoch_at(at_) < 0) {
      throw Error(ErrorCode::not_found, fmt::format("after event {} there was no table yet", at_),
                  "fork it at a later event");
    }
    journal::EntryReader entries(*parent_, at_);
    journal::Entry next;
    if (at_ < head && entries.next(next) && next.event.span == 0) {
      throw Error(ErrorCode::invalid_input,
                  fmt::format("event {} is in the middle of what one command decided on", at_),
                  fmt::format("`reeve log FILE --after {}` shows where it begins and ends",
                              std::max<std::int64_t>(0, at_ - 1)));
    }
    result_.parent = {at_};
  }

  /// At the parent's head, or behind: what is behind the place is taken away afterwards.
  void copy(const std::filesystem::path& to) {
    const double started = seconds();
    result_.shares_blocks = options_.share_blocks && share(to);
    if (!result_.shares_blocks) {
      engine::remove_database(to, {});
      engine::Transaction snapshot(*parent_, engine::Transaction::Mode::read);
      journal::read_head(*parent_);  // takes the snapshot
      engine::copy_database(*parent_, to);
    }
    result_.copied_seconds = seconds() - started;
    result_.bytes = static_cast<std::int64_t>(std::filesystem::file_size(to));
  }

  /// Nobody writes meanwhile. What the log holds is in its copy, whatever of it is in the database already: a log is begun
  /// anew by a writer alone. False where blocks can't be shared, or writers leave no time for it.
  bool share(const std::filesystem::path& to) {
    const std::filesystem::path& from = parent_location_.file();
    if (!engine::share_blocks(from, to)) {
      return false;
    }
    std::filesystem::remove(to);  // it showed that blocks can be shared, and is torn
    try {
      const auto held =
          parent_location_.open(engine::OpenMode::read_write, {}, state::Purpose::administration);
      engine::Transaction lock(*held, engine::Transaction::Mode::write);
      const std::filesystem::path log = engine::with_suffix(from, "-wal");
      return engine::share_blocks(from, to) &&
             (!std::filesystem::exists(log) || engine::share_blocks(log, engine::with_suffix(to, "-wal")));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::retryable && error.code() != ErrorCode::unavailable) {
        throw;
      }
      return false;
    }
  }

  /// The rows become those after the event, and the journal ends with it.
  Rows take_back(Timeline& timeline) {
    const journal::Head head = journal::read_head(*fork_);
    const bool near = head.sequence - at_ <= taken_back_max && is_same_schema(timeline, at_, head.sequence) &&
                      pin_of(timeline, at_) == pin_of(timeline, head.sequence);
    Rows rows = near ? move_back(timeline, head) : make_again(timeline);
    if (!is_sealed(timeline, *fork_, *rows.epoch, *rows.sums, at_)) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("the rows of {} are not those that its journal left", parent_location_.name()),
                  "run `reeve verify` to see which, or `reeve rebuild`");
    }
    was_cut_ = at_ < head.sequence;
    if (was_cut_) {
      cut(timeline, *rows.epoch, rows.sums->state_hash());
    }
    return rows;
  }

  static std::int64_t pin_of(Timeline& timeline, std::int64_t sequence) {
    const auto pin = timeline.pin_at(sequence);
    return pin ? pin->sequence : 0;
  }

  Rows move_back(Timeline& timeline, const journal::Head& head) {
    Rows rows{timeline.state(timeline.epoch_at(at_)), nullptr};
    rows.sums = std::make_unique<state::StateSums>(rows.epoch->layout);
    state::sum_rows(*fork_,
                    *rows.sums);  // and not what is stored of them: they may have been changed behind it
    state::ChangeFold fold;
    timeline.fold(at_, head.sequence, fold);
    move_rows(*fork_, *rows.epoch, fold, Direction::backward, rows.sums.get());
    return rows;
  }

  /// Beside, from the last checkpoint before it, by changesets: with the very schema that the migrations made.
  Rows make_again(Timeline& timeline) {
    const std::filesystem::path file = options_.checkpoints.empty()
                                           ? Checkpoints::beside(parent_location_)
                                           : std::filesystem::path(options_.checkpoints);
    const auto checkpoints = Checkpoints::open(file);
    const StoredState* base = nullptr;
    if (checkpoints) {
      for (const StoredState& stored : checkpoints->states()) {
        if (stored.sequence <= at_ && fits(timeline, stored) &&
            (base == nullptr || base->sequence < stored.sequence)) {
          base = &stored;
        }
      }
    }
    if (base != nullptr) {
      try {
        return make_again(base->sequence, checkpoints->load(*base),
                          timeline.state(timeline.epoch_at(base->sequence)));
      } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt && error.code() != ErrorCode::unavailable) {
          throw;
        }
        result_.note = "a checkpoint is damaged and was not used: `reeve checkpoint --anew` makes them anew";
      }
    }
    return make_again(0, std::make_unique<engine::PrivateDatabase>(engine::StoredPages{}), nullptr);
  }

  Rows make_again(std::int64_t from, const std::unique_ptr<engine::PrivateDatabase>& database,
                  std::shared_ptr<const state::EpochState> epoch) {
    const auto scratch = database->open({.foreign_keys = false});
    state::Executor executor(
        *scratch,
        [&](const Digest& hash) { return blueprint::Sources{journal::load_sources(*parent_, hash)}; },
        std::move(epoch));
    executor.set_journal(*parent_);
    journal::EntryReader entries(*parent_, from);
    journal::Entry entry;
    entry.event.sequence = from;  // which may be the place itself
    while (entry.event.sequence < at_ && entries.next(entry)) {
      executor.write(entry.event, entry.changeset);
      if (options_.progress) {
        options_.progress(entry.event.sequence, at_);
      }
    }
    Rows rows{executor.epoch(), std::make_unique<state::StateSums>(executor.sums())};
    executor.finish();
    state::replace_state(*scratch, *fork_, rows.epoch->layout);
    return rows;
  }

  /// Groups that end by then stay; the events of the last one that lie before the place become a group.
  void cut(Timeline& timeline, const state::EpochState& epoch, const Digest& state_hash) {
    const ValueView at = ValueView::of(at_);
    const auto end = fork_->value(embedded::select_group_end_before_sql, {&at, 1});
    const auto* kept = end ? std::get_if<std::int64_t>(&*end) : nullptr;
    const std::int64_t keep = kept != nullptr ? *kept : 0;
    fork_->execute(fmt::format(embedded::cut_journal_sql, keep));
    if (keep < at_) {
      std::string changeset;
      const Digest chain_hash = keep > 0 ? timeline.read(keep, changeset).chain_hash : journal::chain_start;
      constexpr int one_group = 1 << 30;
      state::Recorder recorder(*fork_, epoch.layout, one_group);
      recorder.reset({keep, chain_hash, {}});
      journal::EntryReader entries(*parent_, keep);
      journal::Entry entry;
      while (recorder.head().sequence < at_ && entries.next(entry)) {
        recorder.record(entry.event, entry.changeset);
      }
      recorder.seal(state_hash);
    }
    fork_->execute(fmt::format(embedded::drop_later_epochs_sql, at_));
    if (journal::has_layouts(*fork_)) {
      fork_->execute(embedded::drop_later_layouts_sql);
    }
    const auto pin = timeline.pin_at(at_);
    if (pin) {
      journal::write_meta(*fork_, journal::meta_reference,
                          state::reeve_version_of(state::reference_of(*pin).hash));
    } else {
      journal::remove_meta(*fork_, journal::meta_reference);
    }
  }

  /// From here on it is another ledger, with another seed: who holds the fork could foresee its parent's dice else.
  void begin_own(Timeline& timeline, Rows rows) {
    LedgerOptions own;
    own.clock = options_.clock != nullptr ? options_.clock : &system_clock();
    own.random = options_.random != nullptr ? options_.random : &system_random();
    std::string changeset;
    const Digest state_hash = rows.sums->state_hash();
    const journal::Head head{at_, timeline.read(at_, changeset).chain_hash, state_hash};
    Digest seed{};
    own.random->fill(seed);
    const state::Forked forked{.ledger_id = uuid_v7(own.clock->now(), *own.random),
                               .parent_id = journal::read_meta(*fork_, "ledger_id").value_or(""),
                               .sequence = at_,
                               .chain_hash = head.chain_hash,
                               .state_hash = state_hash,
                               .seed_commitment = state::Seed(seed).commitment()};
    journal::write_meta(*fork_, "ledger_id", forked.ledger_id);
    journal::write_meta(*fork_, "seed", to_hex(seed));
    journal::remove_meta(*fork_, journal::meta_moved_to);
    state::Recorder recorder(*fork_, rows.epoch->layout, own.group_events_max);
    recorder.reset(head);
    recorder.record(state::own_event(head, state::type_ledger_forked, state::forked_payload(forked), own),
                    std::string_view());
    recorder.seal(state_hash);
    state::store_sums(*fork_, *rows.sums, recorder.head().sequence);
    // From all rows: what the parent's entries hold may be of later events.
    search::bring_up(*fork_, rows.epoch->blueprint.get(), rows.epoch->layout, recorder.head(), true);
    queue::clear(*fork_);  // the parent's jobs are the parent's to do
    result_.ledger_id = forked.ledger_id;
    result_.head = {{recorder.head().sequence}, {recorder.head().chain_hash}, {state_hash}};
  }

  static double seconds() { return static_cast<double>(system_clock().now()) / 1e6; }

  const ForkOptions& options_;
  state::Location parent_location_;
  std::unique_ptr<engine::Connection> parent_;
  std::unique_ptr<engine::Connection> fork_;
  std::int64_t at_ = 0;
  bool was_cut_ = false;
  Fork result_;
};

}  // namespace

Fork fork_file(const state::Location& parent, const std::filesystem::path& file, const ForkOptions& options) {
  if (!parent.file_system().empty()) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("{} is no file of the operating system's and can't be forked", parent.name()),
                "`reeve promote URL FILE --copy` copies it into a file, which can be");
  }
  return Forker(parent, options).make(file);
}

}  // namespace reeve::history
