#include "state/promote.h"

#include "base/clock.h"
#include "journal/directory.h"
#include "queue/carry.h"
#include "queue/enqueuer.h"
#include "search/keeper.h"
#include "state/arrival.h"
#include "state/landing.h"
#include "state/recorder.h"
#include "state/row_difference.h"
#include "state/schema_change.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace reeve::state {

namespace {

/// Payloads and changesets beyond it are not kept for a longer batch.
constexpr std::size_t bytes_of_batch = std::size_t{16} * 1024 * 1024;

/// Both sides are at work at the same time. The calling thread reads the source and proves a batch in memory; the batch
/// before it lands meanwhile on another thread, which alone uses the target's connection then. One batch is under way,
/// and one that is folded waits for it: before it starts, rows of the next one are read that nobody holds. Whatever else
/// needs the target waits until both have landed (drain).
class Promoter {
 public:
  Promoter(engine::Connection& source, const Location& target, const PromoteOptions& options)
      : source_(source), options_(options), arrival_(source, target) {}

  /// With a fence: what came in while the first stretch was brought over follows under it.
  Promotion run(bool fence) {
    bring_over();
    if (!fence) {
      return finish();
    }
    if (!arrival_.is_file()) {
      make_indexes([] {});  // the source is not to wait for them behind its fence
      commit(*landing_, proven_.sequence);
    }
    journal::set_fence(source_, arrival_.target_name());
    is_moving_ = true;
    try {
      bring_over();
      finish();
    } catch (const Error& error) {
      // The target is known to be unfit: the source goes on. After any other fault nobody knows, and the next run
      // ends what this one began.
      if (error.code() == ErrorCode::corrupt && !is_complete_) {
        lift_fence();
      }
      throw;
    }
    if (!is_complete_) {
      lift_fence();
    }
    return result_;
  }

 private:
  void bring_over() {
    engine::Transaction snapshot(source_, engine::Transaction::Mode::read);
    total_ = journal::read_head(source_).sequence;
    if (!landing_) {
      start();
    }
    read_from(proven_.sequence, [this](const journal::Entry& entry) {
      take(*landing_, entry);
      return true;
    });
    if (is_in_group_) {
      throw Error(ErrorCode::corrupt, "the source ends in the middle of a group", "run `reeve verify` on it");
    }
    hand_over(*landing_, true);
    drain(*landing_);
  }

  /// Gives the entries behind an event to `take`, until it answers false.
  void read_from(std::int64_t after, const std::function<bool(const journal::Entry&)>& take) {
    journal::EntryReader entries(source_, after);
    journal::Entry entry;
    while (entries.next(entry) && take(entry)) {}
  }

  /// Nobody else brings it over at the same time: of a ledger of a schema the head is locked, a file is locked whole.
  void lock(std::int64_t expected) {
    engine::Connection& target = arrival_.connection();
    const journal::Head head = arrival_.is_file() ? journal::read_head(target) : journal::lock_head(target);
    if (head.sequence != expected) {
      throw Error(ErrorCode::retryable,
                  fmt::format("another run brings the ledger over to {}", arrival_.target_name()),
                  "wait for its end, or run it again");
    }
  }

  /// What is committed can be gone on from: groups are never cut.
  void commit(Landing& landing, std::int64_t last) {
    if (beginning_) {
      beginning_->commit();
      beginning_.emplace(arrival_.connection(), engine::Transaction::Mode::write);
    } else {
      arrival_.mark_crossed();
    }
    landing.commit_and_begin();
    lock(last);
  }

  void start() {
    recorder_ = std::make_unique<Recorder>(arrival_.connection(), no_layout_, 1);
    recorder_->gather();
    const std::int64_t known = arrival_.head().sequence;
    recorder_->reset(arrival_.head());
    proven_ = recorder_->head();
    committed_ = known;
    if (!arrival_.is_file() && known < last_level_change()) {
      bring_beginning();
    }
    // More than a batch, and all of it: what indexes would cost beside each row is worth making them at the end.
    if (!arrival_.is_file() && known == 0 && total_ - recorder_->head().sequence > options_.batch_events) {
      arrival_.postpone_indexes();
    }
    landing_ = std::make_unique<Landing>(arrival_.connection(), arrival_.executor());
    lock(recorder_->head().sequence);
    if (!arrival_.is_complete() && known > 0 && landing_->state_hash() != recorder_->head().state_hash) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("what was brought over to {} earlier, until event {}, was changed there since",
                              arrival_.target_name(), recorder_->head().sequence),
                  "remove the unfinished ledger and promote it again");
    }
    result_.resumed_at = known;
  }

  /// The last event that changed the level of the schema: a schema that many ledgers share has the tables as they
  /// are after it, and none of before. Reeve's first event at least.
  std::int64_t last_level_change() {
    std::int64_t sequence = 1;
    std::int64_t level = 0;
    for (const journal::Epoch& epoch : journal::read_epochs(source_)) {
      sequence = epoch.level != level ? epoch.first_sequence : sequence;
      level = epoch.level;
    }
    return sequence;
  }

  /// What happened under earlier schemas lands in a scratch file and is proven like all that follows; its rows come over
  /// with the last event of it. Of a run that was interrupted the scratch is made again.
  void bring_beginning() {
    const auto scratch = engine::Connection::open_scratch();
    Landing landing(*scratch, std::make_unique<Executor>(*scratch, [this](const Digest& hash) {
      return arrival_.sources_of(hash);
    }));
    beginning_.emplace(arrival_.connection(), engine::Transaction::Mode::write);
    if (arrival_.is_new()) {
      arrival_.enter_directory();
    }
    lock(committed_);
    proven_ = {};
    const std::int64_t end = last_level_change();
    read_from(0, [&](const journal::Entry& entry) {
      const bool is_last = entry.seals && entry.event.sequence >= end;
      take(landing, entry);
      return !is_last;
    });
    hand_over(landing, false);
    drain(landing);
    arrival_.copy_rows(*scratch, *landing.epoch(), landing.pin());
    landing.finish();
    recorder_->flush();
    beginning_->commit();
    beginning_.reset();
  }

  void take(Landing& landing, const journal::Entry& entry) {
    is_in_group_ = !entry.seals;
    if (opens_epoch(entry.event) || is_about_reference(entry.event)) {
      hand_over(landing, false);
      drain(landing);
      cross(landing, entry);
    } else {
      taken_->take(entry);
    }
    options_.progress.step(entry.event.sequence, total_);
    if (!entry.seals) {
      return;
    }
    const bool is_crossing = arrival_.is_crossing();
    if (entry.event.sequence - committed_ >= options_.batch_events || taken_->bytes() >= bytes_of_batch ||
        is_crossing) {
      hand_over(landing, entry.event.sequence > committed_);
      if (is_crossing || beginning_) {
        drain(landing);
      }
    }
  }

  /// What was taken is proven while what was handed over before it lands.
  void hand_over(Landing& landing, bool commits) {
    if (landing.is_heavy()) {
      drain(landing);
      landing.give_back();
    }
    const bool lacks_rows = landing.expect(taken_->entries());
    settle(landing);
    if (lacks_rows) {
      landing.read();
    }
    start(landing);
    prove(landing, *taken_);
    taken_->commits = commits;
    taken_->last = proven_.sequence;
    committed_ = commits ? proven_.sequence : committed_;
    std::swap(taken_, waiting_);
    is_waiting_ = true;
    taken_->clear();
  }

  /// The batch that waits is under way from now on.
  void start(Landing& landing) {
    if (is_waiting_) {
      is_waiting_ = false;
      std::swap(waiting_, under_way_);
      has_landed_ = std::async(std::launch::async, [&] { return deliver(landing, *under_way_); });
    }
  }

  /// Waits for the batch that is under way. What did not land at once does so here, where the source may be read as well.
  void settle(Landing& landing) {
    if (has_landed_.valid() && !has_landed_.get()) {
      checked([&] { arrival_.make_postponed(); });
      landing.land_in_steps(under_way_->entries());
      end(landing, *under_way_);
    }
  }

  /// Makes what was postponed, by two sessions; all that this one wrote is committed. It does what is to be done
  /// `meanwhile`, while the other one is still at it.
  template <typename Work>
  void make_indexes(const Work& meanwhile) {
    checked([&] {
      std::future<void> of_events = arrival_.make_postponed_of_events();
      arrival_.make_postponed(journal::Postponed::of_rest);
      meanwhile();
      of_events.get();
      arrival_.make_postponed();
    });
  }

  /// Runs what makes indexes and constraints of the rows that were brought over.
  template <typename Work>
  void checked(const Work& work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::constraint_violation && error.code() != ErrorCode::unique_violation) {
        throw;
      }
      throw Error(ErrorCode::corrupt, fmt::format("the ledger was brought over: {}", error.message()),
                  "run `reeve verify` on the source; the target is not opened");
    }
  }

  void drain(Landing& landing) {
    settle(landing);
    start(landing);
    settle(landing);
  }

  /// Event by event, in memory.
  void prove(Landing& landing, Batch& batch) {
    for (const KeptEntry& entry : batch.entries()) {
      link(entry.event, entry.changeset, entry.chain_hash);
      landing.fold(entry);
      if (entry.seals) {
        compare(landing, entry.event.sequence, entry.state_hash);
      }
    }
    landing.take_net(batch);
    if (!arrival_.is_file()) {
      record(batch);
      recorder_->take(batch.gathered);
    }
  }

  void link(const journal::Event& event, std::string_view changeset, const Digest& chain_hash) {
    proven_.chain_hash = journal::chain_hash(proven_.chain_hash, event, changeset, scratch_);
    proven_.sequence = event.sequence;
    if (proven_.chain_hash != chain_hash) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("event {} has another chain hash than the source's", event.sequence),
                  "run `reeve verify` on the source");
    }
  }

  static void compare(Landing& landing, std::int64_t sequence, const Digest& state_hash) {
    if (landing.state_hash() != state_hash) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("after event {} the target has another state hash", sequence),
                  "the source goes on; the target is not opened");
    }
  }

  /// On the target alone: false when the rows did not land.
  bool deliver(Landing& landing, Batch& batch) {
    if (arrival_.is_file()) {
      record(batch);
    } else {
      recorder_->insert(batch.gathered);
    }
    if (!landing.land(batch.packed)) {
      return false;
    }
    end(landing, batch);
    return true;
  }

  void end(Landing& landing, const Batch& batch) {
    if (batch.commits) {
      commit(landing, batch.last);
    }
  }

  /// In memory on PostgreSQL, whose rows of the journal are sent many at once; in a file where they are to be.
  void record(const Batch& batch) {
    for (const KeptEntry& entry : batch.entries()) {
      record(entry.event, entry.changeset, entry.chain_hash);
      if (entry.seals) {
        seal(entry.state_hash);
      }
    }
  }

  /// An event that changes tables, sources or reference rows, executed.
  void cross(Landing& landing, const journal::Entry& entry) {
    const journal::Event& event = entry.event;
    if (arrival_.is_file() && opens_epoch(event)) {
      arrival_.mark_crossing();
    }
    if (landing.cross(event) != entry.changeset) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("event {} ({}) changes other rows on the target", event.sequence, event.type),
                  "the source goes on; the target is not opened");
    }
    if (event.sequence > recorder_->head().sequence) {
      if (opens_epoch(event)) {
        arrival_.store_epoch(epoch_of(event), landing.epoch()->layout);
      } else {
        keep_reference(arrival_.connection(), event,
                       [this](const Digest& hash) { return arrival_.sources_of(hash); });
      }
    }
    link(event, entry.changeset, entry.chain_hash);
    record(event, entry.changeset, entry.chain_hash);
    recorder_->flush();  // the moment's type may be another from here on
    if (entry.seals) {
      compare(landing, event.sequence, entry.state_hash);
      seal(entry.state_hash);
    }
  }

  /// Of a scratch that is made again some events are recorded already.
  void record(const journal::Event& event, std::string_view changeset, const Digest& chain_hash) {
    if (event.sequence > recorder_->head().sequence) {
      recorder_->record(event, changeset, chain_hash);
    }
  }

  void seal(const Digest& state_hash) {
    if (recorder_->has_open_group()) {
      recorder_->seal(state_hash);
    }
  }

  /// All rows, as they are, on both sides.
  Promotion finish() {
    const journal::Head head = recorder_->head();
    const std::shared_ptr<const EpochState> epoch = landing_->epoch();
    StateSums target(epoch->layout);
    std::future<void> arriving = std::async(std::launch::async, [&] { complete_rows(*epoch, head, target); });
    {
      engine::Transaction snapshot(source_, engine::Transaction::Mode::read);
      result_.source_state_hash = source_state_hash(epoch->layout, head);
      arriving.get();
      result_.events = head.sequence;
      result_.chain_hash = head.chain_hash;
      result_.target_state_hash = target.state_hash();
      is_complete_ = result_.equal() && result_.target_state_hash == head.state_hash;
      if (!is_complete_) {
        name_differences(*epoch, target);
        return result_;
      }
    }
    if (is_moving_) {
      move_jobs();
    } else {
      arrival_.complete();
    }
    return result_;
  }

  /// On the target alone: the sums of its rows, and what is derived from them.
  void complete_rows(const EpochState& epoch, const journal::Head& head, StateSums& sums) {
    engine::Connection& target = arrival_.connection();
    make_indexes([&] { sum_rows(target, sums); });
    store_sums(target, sums, head.sequence);
    search::bring_up(target, epoch.blueprint.get(), epoch.layout, head);
    queue::bring_up(target, epoch.blueprint.get());
    if (arrival_.is_file()) {
      check_foreign_keys(target, ErrorCode::corrupt, "the ledger was brought over",
                         "run `reeve verify` on the source; the target is not opened");
    }
    landing_->finish();
  }

  Digest source_state_hash(const journal::Layout& layout, const journal::Head& head) {
    if (journal::read_head(source_).sequence != head.sequence) {
      return head.state_hash;  // a copy of a source that is still written: the seal says what its rows were
    }
    StateSums source(layout);
    sum_rows(source_, source);
    return source.state_hash();
  }

  /// They are the target's to do from here on. A mark there says that it has them, until the source has none: a run that is
  /// killed anywhere between is gone on from there. Until the target is complete the source keeps them.
  void move_jobs() {
    engine::Connection& target = arrival_.connection();
    engine::Transaction leaving(source_, engine::Transaction::Mode::write);
    journal::hold_closed(source_);  // another run that moves it is waited for
    if (queue::has_jobs(source_)) {
      engine::Transaction arriving(target, engine::Transaction::Mode::write);
      if (!journal::read_meta(target, journal::meta_has_jobs)) {
        queue::clear(target);
        queue::carry(source_, target);
        journal::write_meta(target, journal::meta_has_jobs, "1");
      }
      arriving.commit();
      arrival_.complete();
      queue::clear(source_);
    } else {
      arrival_.complete();
    }
    leaving.commit();
    forget_mark();
  }

  void forget_mark() {
    engine::Transaction tx(arrival_.connection(), engine::Transaction::Mode::write);
    journal::remove_meta(arrival_.connection(), journal::meta_has_jobs);
    tx.commit();
  }

  /// The source goes on with its jobs, whatever a run that was killed has brought over of them.
  void lift_fence() {
    has_landed_ = {};  // waits for what is under way
    beginning_.reset();
    landing_.reset();
    if (!arrival_.is_new()) {
      forget_mark();
    }
    journal::lift_fence(source_);
  }

  void name_differences(const EpochState& epoch, StateSums& target) {
    // The side whose sum is not that of the journal is the one that was changed.
    std::vector<bool> is_target;
    for (int table = 0; table < static_cast<int>(epoch.layout.tables.size()); ++table) {
      is_target.push_back(target.sum(table) != landing_->sums().sum(table));
    }
    engine::Transaction snapshot(arrival_.connection(), engine::Transaction::Mode::read);
    result_.differences = state::name_differences(source_, arrival_.connection(), epoch, is_target);
  }

  engine::Connection& source_;
  PromoteOptions options_;
  Arrival arrival_;
  journal::Layout no_layout_;
  std::unique_ptr<Landing> landing_;
  std::unique_ptr<Recorder> recorder_;
  std::optional<engine::Transaction> beginning_;  ///< of the target, while rows land in a scratch file
  journal::Head proven_;  ///< where the chain is that was read, and is what the source says
  std::string scratch_;
  bool is_in_group_ = false;
  std::array<Batch, 3> batches_;
  Batch* taken_ = &batches_[0];      ///< being read
  Batch* waiting_ = &batches_[1];    ///< proven
  Batch* under_way_ = &batches_[2];  ///< landing
  bool is_waiting_ = false;
  std::int64_t committed_ = 0;  ///< or handed over to be committed
  std::int64_t total_ = 0;
  bool is_complete_ = false;
  bool is_moving_ = false;  ///< the ledger itself, under its fence; this is no copy
  Promotion result_;
  /// Of what is under way; false: not at once. The last member: all that the other thread uses outlives it.
  std::future<bool> has_landed_;
};

}  // namespace

Promotion promote(engine::Connection& source, const Location& target, const PromoteOptions& options) {
  return Promoter(source, target, options).run(false);
}

Promotion promote(const Location& source, const Location& target, const PromoteOptions& options) {
  std::error_code none;
  if (source.is_file() && target.is_file() &&
      std::filesystem::equivalent(source.file(), target.file(), none)) {
    throw Error(ErrorCode::invalid_input, fmt::format("{} is moved to itself", source.name()),
                "name another place");
  }
  const auto connection =
      source.open(options.fence ? engine::OpenMode::read_write : engine::OpenMode::read_only, {},
                  Purpose::administration);
  return Promoter(*connection, target, options).run(options.fence);
}

}  // namespace reeve::state
