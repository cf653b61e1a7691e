#include <reeve/jobs.h>

#include "base/clock.h"
#include "queue/queue.h"
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
    queue = std::make_unique<queue::Queue>(*connection, epoch->blueprint ? epoch->blueprint->jobs : none,
                                           clock, system_random());
  }

  const queue::Queue::Kinds none;
  Clock& clock;
  std::unique_ptr<engine::Connection> connection;
  std::shared_ptr<const state::EpochState> epoch;
  std::unique_ptr<queue::Queue> queue;
};

Jobs::Jobs(std::string_view url, Clock* clock) : impl_(std::make_unique<Impl>(url, clock)) {}
Jobs::~Jobs() = default;

std::vector<JobStatus> Jobs::list(const JobFilter& filter) {
  const engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  if (!impl_->queue->has_tables()) return {};
  if (filter.state == "done") {
    return statuses_of(impl_->queue->list_done({.kind = filter.kind, .limit = filter.limit}));
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
  const bool is_ready = impl_->queue->has_tables() && impl_->queue->retry(kind, sequence.value);
  if (is_ready) tx.commit();
  return is_ready;
}

Jobs::Cancel Jobs::cancel(std::string_view kind, Sequence sequence) {
  engine::Transaction tx(*impl_->connection, engine::Transaction::Mode::write);
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

}  // namespace reeve
