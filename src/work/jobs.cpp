#include <reeve/jobs.h>

#include "base/clock.h"
#include "base/cron.h"
#include "journal/journal.h"
#include "queue/queue.h"
#include "queue/schedules.h"
#include "state/epochs.h"
#include "state/location.h"

namespace reeve {

namespace {

JobStatus status_of(queue::Stored&& stored) {
  JobStatus status;
  status.kind = std::move(stored.kind);
  status.sequence = {stored.sequence};
  status.state = std::move(stored.state);
  status.priority = stored.priority;
  status.attempts = stored.attempts;
  status.due = stored.due;
  status.enqueued = stored.enqueued;
  status.started = stored.started;
  status.finished = stored.finished;
  status.cancelled = stored.cancelled;
  status.tier = std::move(stored.tier);
  status.key = std::move(stored.unique_key);
  status.waits_for = std::move(stored.waits_for);
  status.worker = std::move(stored.worker);
  status.text = std::move(stored.text);
  status.arguments = std::move(stored.arguments);
  return status;
}

std::vector<JobStatus> statuses_of(std::vector<queue::Stored>&& stored) {
  std::vector<JobStatus> all;
  for (queue::Stored& one : stored) all.push_back(status_of(std::move(one)));
  return all;
}

}  // namespace

struct Jobs::Impl {
  Impl(std::string_view url, Clock* given)
      : clock(given != nullptr ? *given : system_clock()),
        connection(state::Location::of(url).open(engine::OpenMode::read_write)) {
    const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
    epoch = state::load_last_epoch(*connection);
    queue = std::make_unique<queue::Queue>(*connection, kinds(), clock, system_random());
    schedules = std::make_unique<queue::Schedules>(*connection, kinds(), clock);
  }

  const queue::Queue::Kinds& kinds() const {
    static const queue::Queue::Kinds none;
    return epoch->blueprint ? epoch->blueprint->jobs : none;
  }

  const blueprint::JobKind& kind_of(std::string_view name) const {
    const auto kind = kinds().find(name);
    if (kind == kinds().end()) {
      throw Error(ErrorCode::not_found, "there is no kind of job `" + std::string(name) + "`",
                  "jobs/NAME.toml of the blueprint declares one");
    }
    return kind->second;
  }

  Clock& clock;
  std::unique_ptr<engine::Connection> connection;
  std::shared_ptr<const state::EpochState> epoch;
  std::unique_ptr<queue::Queue> queue;
  std::unique_ptr<queue::Schedules> schedules;
};

Jobs::Jobs(std::string_view url, Clock* clock) : impl_(std::make_unique<Impl>(url, clock)) {}
Jobs::~Jobs() = default;

std::vector<JobStatus> Jobs::list(const JobFilter& filter) {
  const engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  if (!impl_->queue->has_tables()) return {};
  const bool is_outcome = filter.state == "completed" || filter.state == "cancelled";
  if (is_outcome || filter.state == "done") {
    return statuses_of(impl_->queue->list_done(
        {.kind = filter.kind, .state = is_outcome ? filter.state : "", .limit = filter.limit}));
  }
  return statuses_of(impl_->queue->list({.kind = filter.kind, .state = filter.state, .limit = filter.limit}));
}

std::optional<JobStatus> Jobs::find(std::string_view kind, Sequence sequence) {
  const engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  if (!impl_->queue->has_tables()) return std::nullopt;
  const queue::Which which{.kind = std::string(kind), .sequence = sequence.value, .limit = 1};
  std::vector<queue::Stored> found = impl_->queue->list(which);
  if (found.empty()) found = impl_->queue->list_done(which);
  if (found.empty()) return std::nullopt;
  return status_of(std::move(found.front()));
}

bool Jobs::retry(std::string_view kind, Sequence sequence) {
  engine::Transaction tx(*impl_->connection, engine::Transaction::Mode::write);
  journal::hold_open(*impl_->connection);
  const bool is_ready = impl_->queue->has_tables() && impl_->queue->retry(kind, sequence.value);
  if (is_ready) tx.commit();
  return is_ready;
}

Jobs::Cancel Jobs::cancel(std::string_view kind, Sequence sequence) {
  engine::Transaction tx(*impl_->connection, engine::Transaction::Mode::write);
  journal::hold_open(*impl_->connection);
  if (!impl_->queue->has_tables()) return Cancel::unknown;
  const queue::Queue::Cancel said = impl_->queue->cancel(kind, sequence.value);
  tx.commit();
  switch (said) {
    case queue::Queue::Cancel::done: return Cancel::done;
    case queue::Queue::Cancel::told: return Cancel::told;
    case queue::Queue::Cancel::unknown: break;
  }
  return Cancel::unknown;
}

bool Jobs::confirm(std::string_view kind, Sequence sequence) {
  engine::Transaction tx(*impl_->connection, engine::Transaction::Mode::write);
  journal::hold_open(*impl_->connection);
  const bool is_done = impl_->queue->has_tables() && impl_->queue->confirm(kind, sequence.value);
  if (is_done) tx.commit();
  return is_done;
}

std::vector<ScheduleStatus> Jobs::schedules() {
  const engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  std::vector<ScheduleStatus> all;
  if (!impl_->queue->has_tables()) return all;
  const std::set<std::string> paused = impl_->schedules->paused_kinds();
  for (const queue::ScheduleRow& row : impl_->schedules->list()) {
    const blueprint::JobKind::Schedule& schedule = *impl_->kind_of(row.kind).schedule;
    using CatchUp = blueprint::JobKind::CatchUp;
    all.push_back({row.kind, schedule.expression, schedule.zone,
                   schedule.catch_up == CatchUp::all    ? "all"
                   : schedule.catch_up == CatchUp::none ? "none"
                                                        : "last",
                   row.next, row.last, paused.contains(row.kind)});
  }
  return all;
}

std::vector<Microseconds> Jobs::slots(std::string_view kind, Microseconds from, std::size_t count) {
  const auto& schedule = impl_->kind_of(kind).schedule;
  if (!schedule) {
    throw Error(ErrorCode::not_found, "jobs of the kind `" + std::string(kind) + "` have no schedule",
                "`reeve schedule list FILE` shows those that have");
  }
  const CronSchedule cron(schedule->expression, schedule->zone);
  std::vector<Microseconds> all;
  for (auto slot = cron.next(from); slot && all.size() < count; slot = cron.next(*slot)) all.push_back(*slot);
  return all;
}

std::vector<PausedKind> Jobs::paused() {
  const engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  std::vector<PausedKind> all;
  if (!impl_->queue->has_tables()) return all;
  for (queue::Paused& one : impl_->schedules->paused()) all.push_back({std::move(one.kind), one.since});
  return all;
}

void Jobs::pause(std::string_view kind) {
  if (kind != queue::all_kinds) impl_->kind_of(kind);
  engine::Transaction tx(*impl_->connection, engine::Transaction::Mode::write);
  journal::hold_open(*impl_->connection);
  if (!impl_->queue->has_tables()) {
    throw Error(ErrorCode::not_found, "the ledger has no jobs to pause", "its blueprint declares none");
  }
  impl_->schedules->pause(kind);
  tx.commit();
}

bool Jobs::resume(std::string_view kind) {
  engine::Transaction tx(*impl_->connection, engine::Transaction::Mode::write);
  journal::hold_open(*impl_->connection);
  const bool was_paused = impl_->queue->has_tables() && impl_->schedules->resume(kind);
  if (was_paused) tx.commit();
  return was_paused;
}

}  // namespace reeve
