#include "state/writer.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "state/schema_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reeve::state {

namespace {

/// Stored sums are at most this many events behind: what opening has to make good.
constexpr std::int64_t sums_events_max = 4096;
/// After a batch had to be run again, so many follow with savepoints.
constexpr int careful_batches = 16;
constexpr std::size_t events_of_command_max = 10000;

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

std::optional<Receipt> Writer::known(const Submission& submission) {
  if (submission.key.empty()) {
    return std::nullopt;
  }
  const auto use = lookup_->find_key(submission.key);
  if (!use) {
    return std::nullopt;
  }
  if (use->request_hash != submission.request_hash) {
    throw Error(ErrorCode::conflict,
                fmt::format("the idempotency key was used for something else, at sequence {}", use->sequence),
                "give every intent a key of its own");
  }
  return Receipt{{use->sequence}, use->span, true};
}

std::optional<Rejection> Writer::attempt(Submission& submission, Receipt& receipt) {
  if (const auto repeated = known(submission)) {
    receipt = *repeated;
    return std::nullopt;
  }
  const std::int64_t head = last_sequence();
  if (submission.expected && *submission.expected != head) {
    throw Error(ErrorCode::conflict,
                fmt::format("decided on sequence {}, but the ledger is at {}", *submission.expected, head),
                "read again and decide anew");
  }
  if (submission.time.empty()) {
    submission.time = format_time(options_.clock->now());
  }
  if (submission.id.empty()) {
    // A version 7 UUID has no time before 1970; an event may have.
    submission.id = uuid_v7(std::max<Microseconds>(*parse_time(submission.time), 0), random_);
  } else if (submission.id_given) {
    if (const auto sequence = lookup_->find_id(submission.id)) {
      return Rejection{fmt::format("the id {} is that of event {}", submission.id, *sequence),
                       ErrorCode::unique_violation};
    }
  }
  receipt = Receipt{{head + 1}, 1, false};
  if (submission.reversal) {
    return take_back(submission);
  }
  if (submission.is_sql) {
    return execute_sql(submission);
  }
  if (!submission.is_command) {
    Pending& pending = next_pending();
    journal::Event& event = pending.event;
    event.type = submission.name;
    event.version = submission.version;
    event.payload = submission.payload;
    event.command.clear();
    event.span = 1;
    return apply_event(submission, 0, pending, submission.tree);
  }
  if (auto refused = decide(submission)) {
    return refused;
  }
  receipt.count = static_cast<std::int64_t>(decided_.size());
  if (auto refused = check_ids(submission, decided_.size())) {
    return refused;
  }
  for (std::size_t place = 0; place < decided_.size(); ++place) {
    Pending& pending = next_pending();
    journal::Event& event = pending.event;
    event.type = decided_[place].type;
    event.version = decided_[place].version;
    event.payload = std::move(decided_[place].payload);
    event.command = submission.name;
    event.span = place == 0 ? receipt.count : 0;
    const simdjson::dom::element tree = decided_reader_.read(event.payload);
    const blueprint::EventType* type =
        epoch_->blueprint->find_event(event.type, static_cast<int>(event.version));
    ensure(type != nullptr, "a command emits an event that exists");
    if (const auto violation = type->schema.check(tree)) {
      return Rejection{
          fmt::format("{} decided on {} whose {} {}", submission.name, event.type,
                      violation->pointer.empty() ? "payload" : violation->pointer, violation->message),
          ErrorCode::invalid_input};
    }
    if (const auto misfit = misfit_of_sealed(type->schema, tree)) {
      return Rejection{fmt::format("{} decided on {} whose {}", submission.name, event.type, *misfit),
                       ErrorCode::invalid_input};
    }
    if (auto refused = apply_event(submission, place, pending, tree)) {
      return refused;
    }
  }
  return std::nullopt;
}

std::optional<Rejection> Writer::decide(Submission& submission) {
  const blueprint::Command& command = epoch_->blueprint->commands.find(submission.name)->second;
  const Value now = moment();
  if (flight_ && decider_->reads_journal(command)) {
    land();
    recorder_->flush();
  }
  host_->set_sequence(last_sequence() + 1);
  Surroundings around{{}, 0, submission.time, ValueView::of(now), submission.actor, submission.payload};
  around.decided_at = last_sequence() + 1;
  around.seed = host_->seed_view();
  if (flight_) {
    flight_->finish(*pipeline_);
    decider_->ask(command, submission.tree, around, *pipeline_);
    land();
  }
  auto refused = decider_->decide(command, submission.tree, around, decided_);
  if (!refused && decided_.size() > events_of_command_max) {
    throw Error(ErrorCode::limit_exceeded,
                fmt::format("{} decides on more than {} events", submission.name, events_of_command_max));
  }
  return refused;
}

namespace {

/// Of an event of a submission; those behind the first follow from the first's.
std::string event_id(const Submission& submission, std::size_t place) {
  return place == 0 ? submission.id
                    : uuid_v8(Hasher("reeve.event_id.1").text(submission.id).number(place).finish());
}

}  // namespace

/// Of the events behind the first: their ids are the caller's doing when the first's was given.
std::optional<Rejection> Writer::check_ids(const Submission& submission, std::size_t count) {
  if (!submission.id_given || count < 2) {
    return std::nullopt;
  }
  std::vector<std::string> ids;
  for (std::size_t place = 1; place < count; ++place) {
    ids.push_back(event_id(submission, place));
  }
  lookup_->announce({}, {ids.begin(), ids.end()});
  for (const std::string& id : ids) {
    if (lookup_->find_id(id)) {
      return Rejection{fmt::format("the id {}, which follows from the given {}, is that of another event", id,
                                   submission.id),
                       ErrorCode::unique_violation};
    }
  }
  return std::nullopt;
}

/// The next event, with its sequence and moment.
Pending& Writer::next_pending() {
  const Value& now = moment();  // may land those before it
  if (pending_count_ == pending_.size()) {
    pending_.emplace_back();
  }
  Pending& pending = pending_[pending_count_];
  pending.event.sequence = last_sequence() + 1;
  pending.event.moment = now;
  return pending;
}

std::int64_t Writer::last_sequence() const {
  return recorder_->head().sequence + static_cast<std::int64_t>(pending_count_);
}

/// As it is after all events so far.
const Value& Writer::moment() {
  if (flight_ && (!moment_->is_known() || moment_->reads(flight_->tables()))) {
    land();
  }
  return moment_->value();
}

std::optional<Rejection> Writer::apply_event(Submission& submission, std::size_t place, Pending& pending,
                                             simdjson::dom::element payload) {
  journal::Event& event = pending.event;
  event.id = event_id(submission, place);
  event.time = submission.time;
  event.actor = submission.actor;
  event.key = place == 0 ? submission.key : std::string();
  event.request_hash = place == 0 ? submission.request_hash : std::string();
  pending.type = applier_->find(event.type, static_cast<int>(event.version));
  ensure(pending.type != nullptr, "a prepared event has a type that exists");
  if (auto refused = flight_ ? send(pending, payload) : apply_now(pending, payload)) {
    return refused;
  }
  ++pending_count_;
  if (care_ == Care::optimistic) {
    // The next submission may have the same key or id. What is refused after this has the batch begun anew.
    lookup_->note(event);
  }
  return std::nullopt;
}

std::optional<Rejection> Writer::change_rows(Pending& pending, const std::function<void()>& change) {
  connection_->set_change_sink(capture_.get());
  try {
    change();
    connection_->drain_changes();
  } catch (const Error& error) {
    if (!is_rejection(error)) {
      throw;
    }
    return Rejection{error.message(), error.code()};
  }
  capture_->take(pending.changes);
  return check_trees(pending);
}

std::optional<Rejection> Writer::check_trees(const Pending& pending) {
  auto refused = trees_->check(pending.changes);
  has_taken_changes_ = refused.has_value();
  return refused;
}

std::optional<Rejection> Writer::take_back(Submission& submission) {
  const journal::Head head = recorder_->head();
  Reversal reversal = *submission.reversal;
  reversal.last = reversal.is_rewind ? head.sequence : reversal.last;
  Reverser reverser(*connection_, *connection_, *epoch_);
  if (auto refused = reverser.check(reversal, head.sequence)) {
    return refused;
  }
  Pending& pending = next_pending();
  std::vector<journal::Change> planned;
  if (auto refused = reverser.plan(reversal, *capture_, planned)) {
    return refused;
  }
  // Another row may have a value that has to be unique, or a check that is newer than the row not hold.
  if (auto refused = change_rows(pending, [&] { reverser.write(planned); })) {
    return refused;
  }
  std::string intended;
  std::string written;
  journal::append_changeset(epoch_->layout, planned, intended);
  journal::append_changeset(epoch_->layout, pending.changes, written);
  if (intended != written) {
    return Rejection{"a foreign key's action would change other rows too", ErrorCode::constraint_violation};
  }
  if (!reversal.is_rewind && connection_->engine() == engine::Engine::sqlite) {
    if (auto broken = reverser.broken_key(pending.changes)) {
      return Rejection{std::move(*broken), ErrorCode::constraint_violation};
    }
  }
  StateSums after = recorder_->sums();
  for (const journal::Change& change : pending.changes) {
    after.change(change.table, change.before, change.after);
  }
  journal::Event& event = pending.event;
  event.type = reversal.type();
  event.payload = reversal_payload(reversal, after.state_hash());
  fill_own_event(submission, pending);
  ++pending_count_;
  moment_->note(pending.changes, epoch_->layout);
  return std::nullopt;
}

/// What is the same for those of Reeve's own events that somebody submits.
void Writer::fill_own_event(Submission& submission, Pending& pending) {
  journal::Event& event = pending.event;
  event.version = 1;
  event.command.clear();
  event.span = 1;
  event.id = event_id(submission, 0);
  event.time = submission.time;
  event.actor = submission.actor;
  event.key = submission.key;
  event.request_hash = submission.request_hash;
  pending.type = nullptr;
}

std::optional<Rejection> Writer::execute_sql(Submission& submission) {
  Pending& pending = next_pending();
  pending.event.type = journal::type_sql_executed;
  pending.event.payload = submission.payload;
  fill_own_event(submission, pending);
  if (auto refused = change_rows(pending, [&] { sql_->run(pending.event, submission.tree); })) {
    return refused;
  }
  ++pending_count_;
  moment_->note(pending.changes, epoch_->layout);
  if (care_ == Care::optimistic) {
    lookup_->note(pending.event);
  }
  return std::nullopt;
}

std::optional<Rejection> Writer::apply_now(Pending& pending, simdjson::dom::element payload) {
  if (auto refused = applier_->apply(*pending.type, pending.event, payload)) {
    return refused;
  }
  connection_->drain_changes();
  capture_->take(pending.changes);
  if (auto refused = check_trees(pending)) {
    refused->reason = fmt::format("{}: {}", pending.event.type, refused->reason);
    return refused;
  }
  moment_->note(pending.changes, epoch_->layout);
  return std::nullopt;
}

/// The verdict comes when it lands: at once in a careful batch.
std::optional<Rejection> Writer::send(Pending& pending, simdjson::dom::element payload) {
  try {
    flight_->send(pending, payload, *pipeline_);
  } catch (const Error& error) {
    if (!is_rejection(error)) {
      throw;
    }
    // A member that fits no parameter: which of its statements refuses the event first is found one by one.
    if (care_ == Care::optimistic) {
      throw Restart{};
    }
    connection_->set_change_sink(capture_.get());
    return apply_now(pending, payload);
  }
  if (care_ == Care::optimistic) {
    return std::nullopt;
  }
  if (auto refused = flight_->land(*pipeline_)) {
    return refused;
  }
  moment_->note(pending.changes, epoch_->layout);
  return std::nullopt;
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
