// What a submission becomes: the events that it asks for, applied one after the other, or the reason why not.

#include "base/clock.h"
#include "base/uuid.h"
#include "state/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reeve::state {

namespace {

constexpr std::size_t events_of_command_max = 10000;

/// Of an event of a submission; those behind the first follow from the first's.
std::string event_id(const Submission& submission, std::size_t place) {
  return place == 0 ? submission.id
                    : uuid_v8(Hasher("reeve.event_id.1").text(submission.id).number(place).finish());
}

}  // namespace

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
    if (auto refused = apply_decided(submission, place)) {
      return refused;
    }
  }
  return std::nullopt;
}

std::optional<Rejection> Writer::apply_decided(Submission& submission, std::size_t place) {
  Pending& pending = next_pending();
  journal::Event& event = pending.event;
  event.type = decided_[place].type;
  event.version = decided_[place].version;
  event.payload = std::move(decided_[place].payload);
  event.command = submission.name;
  event.span = place == 0 ? static_cast<std::int64_t>(decided_.size()) : 0;
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
  return apply_event(submission, place, pending, tree);
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

}  // namespace reeve::state
