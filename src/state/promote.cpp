#include "state/promote.h"

#include "base/clock.h"
#include "journal/directory.h"
#include "state/arrival.h"
#include "state/executor.h"
#include "state/recorder.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

namespace reeve::state {

namespace {

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
    journal::set_fence(source_, arrival_.target_name());
    try {
      bring_over();
      finish();
    } catch (const Error& error) {
      // The target is known to be unfit: the source goes on. After any other fault nobody knows, and the next run
      // ends what this one began.
      if (error.code() == ErrorCode::corrupt) {
        journal::lift_fence(source_);
      }
      throw;
    }
    if (!is_complete_) {
      journal::lift_fence(source_);
    }
    return result_;
  }

 private:
  void bring_over() {
    engine::Transaction snapshot(source_, engine::Transaction::Mode::read);
    const std::int64_t total = journal::read_head(source_).sequence;
    if (!executor_) {
      start();
    }
    journal::EntryReader entries(source_, recorder_->head().sequence);
    journal::Entry entry;
    while (entries.next(entry)) {
      take(entry);
      options_.progress.step(entry.event.sequence, total);
    }
    if (recorder_->has_open_group()) {
      throw Error(ErrorCode::corrupt, "the source ends in the middle of a group", "run `reeve verify` on it");
    }
    commit_and_begin();
  }

  /// Of a ledger of a schema the head is locked: nobody else brings it over at the same time, or frees its name.
  void lock() {
    if (arrival_.connection().engine() == engine::Engine::postgres) {
      journal::lock_head(arrival_.connection());
    }
  }

  /// The same where what was brought over is recorded already.
  void lock_unchanged() {
    if (journal::lock_head(arrival_.connection()).sequence != recorder_->head().sequence) {
      throw Error(ErrorCode::retryable,
                  fmt::format("another run brings the ledger over to {}", arrival_.target_name()),
                  "wait for its end, or run it again");
    }
  }

  void commit_and_begin() {
    executor_->commit_and_begin();
    lock();
  }

  void start() {
    recorder_ = std::make_unique<Recorder>(arrival_.connection(), no_layout_, 1);
    const std::int64_t known = arrival_.head().sequence;
    recorder_->reset(arrival_.head());
    committed_ = known;
    if (!arrival_.is_file() && known < last_level_change()) {
      bring_beginning();
    }
    executor_ = arrival_.executor();
    lock();
    const journal::Head head = journal::read_head(arrival_.connection());
    recorder_->reset(head);
    result_.resumed_at = known;
    committed_ = head.sequence;
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

  /// What happened under earlier schemas is executed in a scratch file, event by event, and compared like all that
  /// follows; its rows come over with the last event of it. Of a run that was interrupted the scratch is made again.
  void bring_beginning() {
    const auto scratch = engine::Connection::open_scratch();
    Executor executor(*scratch, [this](const Digest& hash) { return arrival_.sources_of(hash); });
    std::optional<engine::Transaction> tx(std::in_place, arrival_.connection(),
                                          engine::Transaction::Mode::write);
    if (arrival_.is_new()) {
      arrival_.enter_directory();
    }
    const std::int64_t known = recorder_->head().sequence;
    lock_unchanged();
    const std::int64_t end = last_level_change();
    const std::int64_t total = journal::read_head(source_).sequence;
    journal::EntryReader entries(source_, 0);
    journal::Entry entry;
    while (entries.next(entry)) {
      const std::int64_t sequence = entry.event.sequence;
      if (sequence <= known) {
        compare_changeset(entry, executor, executor.execute(entry.event));
      } else {
        compare_and_record(executor, entry);
      }
      options_.progress.step(sequence, total);
      if (!entry.seals || sequence <= known) {
        continue;
      }
      if (sequence >= end) {
        break;
      }
      if (sequence - committed_ >= options_.batch_events) {
        tx->commit();
        tx.emplace(arrival_.connection(), engine::Transaction::Mode::write);
        lock_unchanged();
        committed_ = sequence;
      }
    }
    arrival_.copy_rows(*scratch, *executor.epoch(), executor.pin());
    executor.finish();
    tx->commit();
  }

  void take(const journal::Entry& entry) {
    compare_and_record(*executor_, entry);
    // Groups are never cut: what is committed can be gone on from.
    if (entry.seals && entry.event.sequence - committed_ >= options_.batch_events) {
      commit_and_begin();
      committed_ = entry.event.sequence;
    }
  }

  static void compare_changeset(const journal::Entry& entry, const Executor& executor,
                                std::string_view changeset) {
    const journal::Event& event = entry.event;
    if (changeset == entry.changeset) {
      return;
    }
    if (event.type == journal::type_schema_migrated) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("event {} ({}) changes other rows on the target", event.sequence, event.type),
                  "the source goes on; the target is not opened");
    }
    throw Error(
        ErrorCode::corrupt,
        fmt::format("event {} ({}) changes other rows on the target: {}; on the source it changed {}",
                    event.sequence, event.type, shown(executor, changeset), shown(executor, entry.changeset)),
        "the source goes on; the target is not opened");
  }

  void compare_and_record(Executor& executor, const journal::Entry& entry) {
    const journal::Event& event = entry.event;
    const std::string_view changeset = executor.execute(event);
    compare_changeset(entry, executor, changeset);
    if (event.type == journal::type_schema_migrated || event.type == journal::type_blueprint_changed) {
      arrival_.store_epoch(epoch_of(event), executor.layout());
    }
    if (is_about_reference(event)) {
      keep_reference(arrival_.connection(), event,
                     [this](const Digest& hash) { return arrival_.sources_of(hash); });
    }
    recorder_->record(event, changeset);
    if (recorder_->head().chain_hash != entry.chain_hash) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("event {} has another chain hash than the source's", event.sequence),
                  "run `reeve verify` on the source");
    }
    if (!entry.seals) {
      return;
    }
    const Digest state_hash = executor.state_hash();
    if (state_hash != entry.state_hash) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("after event {} the target has another state hash", event.sequence),
                  "the source goes on; the target is not opened");
    }
    recorder_->seal(state_hash);
  }

  static std::string shown(const Executor& executor, std::string_view changeset) {
    constexpr std::size_t shown_max = 500;
    std::string json = journal::changeset_json(executor.layout(), changeset);
    if (json.size() > shown_max) {
      json.resize(shown_max);
      json += "...";
    }
    return json;
  }

  /// All rows, as they are, on both sides.
  Promotion finish() {
    const journal::Head head = recorder_->head();
    const std::shared_ptr<const EpochState> epoch = executor_->epoch();
    StateSums target(epoch->layout);
    sum_rows(arrival_.connection(), target);
    store_sums(arrival_.connection(), target, head.sequence);
    executor_->finish();
    StateSums source(epoch->layout);
    {
      engine::Transaction snapshot(source_, engine::Transaction::Mode::read);
      if (journal::read_head(source_).sequence == head.sequence) {
        sum_rows(source_, source);
        result_.source_state_hash = source.state_hash();
      } else {  // a copy of a source that is still written: the seal says what its rows were
        result_.source_state_hash = head.state_hash;
      }
    }
    result_.events = head.sequence;
    result_.chain_hash = head.chain_hash;
    result_.target_state_hash = target.state_hash();
    is_complete_ = result_.equal() && result_.target_state_hash == head.state_hash;
    if (is_complete_) {
      arrival_.complete();
    }
    return result_;
  }

  engine::Connection& source_;
  PromoteOptions options_;
  Arrival arrival_;
  journal::Layout no_layout_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Recorder> recorder_;
  std::int64_t committed_ = 0;
  bool is_complete_ = false;
  Promotion result_;
};

}  // namespace

Promotion promote(engine::Connection& source, const Location& target, const PromoteOptions& options) {
  return Promoter(source, target, options).run(false);
}

Promotion promote(const Location& source, const Location& target, const PromoteOptions& options) {
  const auto connection =
      source.open(options.fence ? engine::OpenMode::read_write : engine::OpenMode::read_only, {},
                  Purpose::administration);
  return Promoter(*connection, target, options).run(options.fence);
}

}  // namespace reeve::state
