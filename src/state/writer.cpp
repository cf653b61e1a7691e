#include "state/writer.h"

#include "state/schema_change.h"

#include <fmt/format.h>

#include <utility>

namespace reeve::state {

namespace {

/// Stored sums are at most this many events behind: what opening has to make good.
constexpr std::int64_t sums_events_max = 4096;
/// After a batch had to be run again, so many follow with savepoints.
constexpr int careful_batches = 16;

/// The faults that end one submission; all others end the transaction.
bool is_own_fault(const Error& error) {
  return is_rejection(error) || error.code() == ErrorCode::conflict || error.code() == ErrorCode::not_found ||
         error.code() == ErrorCode::denied || error.code() == ErrorCode::limit_exceeded;
}

}  // namespace

Writer::Writer(std::unique_ptr<engine::Connection> connection, const LedgerOptions& options,
               EpochLibrary* library)
    : connection_(std::move(connection)), options_(options), random_(*options.random) {
  complete_layouts(*connection_);
  engine::Transaction tx(*connection_, engine::Transaction::Mode::read);
  adopt(load_last_epoch(*connection_, library));
  if (connection_->engine() == engine::Engine::sqlite) {
    data_version_statement_ = connection_->prepare("PRAGMA data_version");
  }
}

Writer::~Writer() = default;

void Writer::adopt(std::shared_ptr<const EpochState> epoch) {
  moment_.reset();
  trees_.reset();
  sql_.reset();
  decider_.reset();
  flight_.reset();
  applier_.reset();
  connection_->set_change_sink(nullptr);
  connection_->forget_statements();
  epoch_ = std::move(epoch);
  capture_ = std::make_unique<Capture>(epoch_->layout);
  recorder_.reset();
  keeper_ = std::make_unique<search::Keeper>(*connection_, epoch_->blueprint.get(), epoch_->layout);
  enqueuer_ = std::make_unique<queue::Enqueuer>(*connection_, epoch_->blueprint.get(), *options_.clock);
  recorder_ = std::make_unique<Recorder>(*connection_, epoch_->layout, options_.group_events_max);
  recorder_->gather();  // the groups of a batch are inserted together
  recorder_->set_keeper(keeper_.get());
  if (!enqueuer_->is_empty()) {
    recorder_->set_enqueuer(enqueuer_.get());
  }
  lookup_ = std::make_unique<journal::BatchLookup>(*connection_);
  host_ = std::make_unique<Host>(*connection_);
  connection_->set_host_functions(host_.get());
  sql_ = std::make_unique<SqlRunner>(*connection_, epoch_->catalogue);
  trees_ = std::make_unique<TreeGuard>(*connection_, epoch_->catalogue, epoch_->layout);
  if (epoch_->blueprint) {
    applier_ = std::make_unique<Applier>(*connection_, *epoch_->blueprint);
    decider_ = std::make_unique<Decider>(*connection_);
    moment_ = std::make_unique<MomentReader>(*connection_, *epoch_->blueprint);
    if (connection_->engine() == engine::Engine::postgres) {
      flight_ = std::make_unique<Flight>(*connection_, *applier_, *capture_);
    }
  }
  fresh_ = false;
}

bool Writer::is_at(const journal::Head& head) const {
  return head.sequence == recorder_->head().sequence && head.chain_hash == recorder_->head().chain_hash;
}

bool Writer::is_unchanged(const journal::Head& head) {
  if (!data_version_statement_) {
    return fresh_ && is_at(head);
  }
  data_version_statement_.step();
  const std::int64_t version = data_version_statement_.integer(0);
  data_version_statement_.reset();
  return std::exchange(data_version_, version) == version && fresh_;
}

void Writer::refresh() {
  // A file tells by itself whether another connection wrote; a head row has to be locked and read.
  const journal::Head locked = data_version_statement_ ? journal::Head{} : journal::lock_head(*connection_);
  if (is_unchanged(locked)) {
    return;
  }
  if (fresh_ && data_version_statement_ && is_at(journal::lock_head(*connection_))) {
    // Somebody wrote, but no event: a worker its jobs. The sums are those of the head.
    has_moved_indexes_ = keeper_->bring_up(recorder_->head());
    if (moment_) {
      moment_->forget();
    }
    return;
  }
  fresh_ = false;
  const std::vector<journal::Epoch> epochs = journal::read_epochs(*connection_);
  if (epochs.empty() || epochs.back().epoch != epoch_->epoch.epoch) {
    adopt(load_last_epoch(*connection_));
  }
  const journal::Head head = journal::lock_head(*connection_);
  StateSums& sums = recorder_->sums();
  const std::optional<std::int64_t> stored = load_sums(*connection_, sums);
  if (stored && *stored <= head.sequence && *stored >= epoch_->epoch.first_sequence) {
    catch_up(*connection_, sums, *stored);
    sums_stored_ = *stored;
  } else {
    sum_rows(*connection_, sums);
    sums_stored_ = 0;
  }
  if (sums.state_hash() != head.state_hash) {
    throw Error(ErrorCode::corrupt,
                fmt::format("the rows of {} are not those that its journal left", connection_->name()),
                "run `reeve verify` to see which; nothing is written until they are");
  }
  recorder_->reset(head);
  has_moved_indexes_ = keeper_->bring_up(head);
  has_moved_indexes_ = enqueuer_->bring_up() || has_moved_indexes_;
  if (moment_) {
    moment_->forget();
  }
  fresh_ = true;
}

void Writer::process(std::span<Submission*> batch) {
  // Whole rows are put back in whatever order, in a transaction of their own: their keys are looked at apart.
  const bool takes_back = batch.size() == 1 && batch.front()->reversal;
  const ForeignKeysOff foreign_keys(*connection_,
                                    takes_back && connection_->engine() == engine::Engine::sqlite);
  // On PostgreSQL a statement that is refused takes the transaction with it.
  const bool has_sql = batch.size() == 1 && batch.front()->is_sql && flight_;
  const Care care = careful_batches_ > 0 || takes_back || has_sql ? Care::careful : Care::optimistic;
  careful_batches_ -= careful_batches_ > 0 ? 1 : 0;
  try {
    try {
      run(batch, care);
    } catch (const Restart&) {
      // A submission was refused after it had changed rows: once more, with a savepoint around each.
      careful_batches_ = careful_batches;
      run(batch, Care::careful);
    } catch (const Error& error) {
      // A session that had died since the last batch, when nothing was at stake yet; or one of the events that
      // were on their way, and carefulness tells which.
      const bool again = began_ ? flight_ && !flight_->is_empty() : error.code() == ErrorCode::unavailable;
      if (!again) {
        throw;
      }
      run(batch, Care::careful);
    }
  } catch (const std::exception&) {
    // Nothing of the batch was kept: all of it hears why.
    for (Submission* submission : batch) {
      submission->outcome.reset();
      submission->fault = std::current_exception();
    }
  }
}

void Writer::run(std::span<Submission*> batch, Care care) {
  struct Rollback {
    Writer& writer;
    journal::Head head;
    std::int64_t seals = 0;
    bool armed = true;
    ~Rollback() {
      if (!armed) {
        return;
      }
      writer.connection_->set_change_sink(nullptr);
      writer.recorder_->reset(head);
      writer.capture_->clear();
      // The sums move with a seal; then they have to be read again.
      writer.fresh_ = writer.fresh_ && writer.recorder_->seals() == seals && !writer.has_moved_indexes_;
    }
  };
  began_ = false;
  engine::Pipeline pipeline(*connection_);
  engine::Transaction tx(*connection_, engine::Transaction::Mode::write, pipeline);
  pipeline_ = &pipeline;
  care_ = care;
  pending_count_ = 0;
  has_moved_indexes_ = false;
  refresh();
  began_ = true;
  Rollback rollback{*this, recorder_->head(), recorder_->seals()};
  if (flight_) {
    flight_->clear();
    announce(batch);
  } else {
    connection_->set_change_sink(capture_.get());
  }
  for (Submission* submission : batch) {
    submission->outcome.reset();
    submission->fault = nullptr;
    take(*submission);
  }
  land();
  recorder_->seal();
  recorder_->flush();
  store_sums_now_and_then();
  connection_->set_change_sink(nullptr);
  try {
    tx.commit();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::unavailable || error.code() == ErrorCode::internal) {
      throw Error(ErrorCode::commit_unknown, "the answer of the commit was lost: " + error.message(),
                  "look the submission up by its idempotency key before trying again");
    }
    throw;
  }
  rollback.armed = false;
  capture_->clear();
}

void Writer::announce(std::span<Submission*> batch) {
  std::vector<std::string_view> keys;
  std::vector<std::string_view> ids;
  for (const Submission* submission : batch) {
    if (!submission->key.empty()) {
      keys.push_back(submission->key);
    }
    if (submission->id_given) {
      ids.push_back(submission->id);
    }
  }
  lookup_->begin();
  lookup_->announce(keys, ids);
}

void Writer::store_sums_now_and_then() {
  if (recorder_->head().sequence - sums_stored_ >= sums_events_max) {
    store_sums(*connection_, recorder_->sums(), recorder_->head().sequence);
    sums_stored_ = recorder_->head().sequence;
  }
}

void Writer::take(Submission& submission) {
  if (care_ == Care::careful) {
    connection_->post("SAVEPOINT submission");
  }
  bool kept = false;
  has_taken_changes_ = false;
  const std::int64_t before = last_sequence();
  try {
    if (submission.prepared_for != epoch_) {
      // Another process migrated since: judged anew by what is in force now.
      if (submission.reversal) {
        prepare_reversal(submission, epoch_);
      } else if (submission.is_sql) {
        prepare_sql(submission, epoch_);
      } else {
        const std::string given = submission.plain.empty() ? submission.payload : submission.plain;
        prepare_submission(submission, epoch_, given, submission.is_command ? 0 : submission.version);
      }
    }
    Receipt receipt;
    std::optional<Rejection> refused;
    if (!submission.outcome) {
      refused = attempt(submission, receipt);
      kept = !refused;
      submission.outcome = refused ? Outcome(std::move(*refused)) : Outcome(receipt);
    }
  } catch (const Error& error) {
    if (!is_own_fault(error)) {
      throw;
    }
    kept = false;
    submission.outcome.reset();
    submission.fault = std::current_exception();
  }
  if (!kept) {
    // On PostgreSQL a statement that failed takes the whole transaction with it.
    const bool dirty =
        capture_->is_dirty() || has_taken_changes_ || last_sequence() > before || connection_->is_aborted();
    capture_->drop();
    if (moment_) {
      moment_->forget();
    }
    if (dirty && care_ == Care::optimistic) {
      throw Restart{};
    }
    if (care_ == Care::careful) {
      pending_count_ = 0;
      connection_->post("ROLLBACK TO submission");
    }
  }
  if (care_ == Care::careful) {
    connection_->post("RELEASE submission");
  }
  if (kept && (!flight_ || flight_->is_empty())) {
    record_pending();
  }
}

/// Of an optimistic batch: all that was sent was good, or it is run again with care.
void Writer::land() {
  if (!flight_ || flight_->is_empty()) {
    return;
  }
  try {
    if (flight_->land(*pipeline_)) {
      throw Restart{};
    }
  } catch (const Error& error) {
    if (is_own_fault(error)) {
      throw Restart{};
    }
    throw;
  }
  for (std::size_t place = 0; place < pending_count_; ++place) {
    moment_->note(pending_[place].changes, epoch_->layout);
  }
  record_pending();
}

void Writer::record_pending() {
  for (std::size_t place = 0; place < pending_count_; ++place) {
    const Pending& pending = pending_[place];
    recorder_->record(pending.event, pending.changes);
    lookup_->note(pending.event);
    const bool ends_group = pending.type != nullptr ? applier_->definition(*pending.type).seal
                                                    : pending.event.type != journal::type_sql_executed;
    if (ends_group || recorder_->is_full()) {
      recorder_->seal();
    }
  }
  pending_count_ = 0;
}

}  // namespace reeve::state
