#include "work/runner.h"

#include "work/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace reeve::work {

namespace {

/// So long others may still finish, so that they are written together: while some wait for a thread, and when none does.
constexpr std::chrono::milliseconds gathering_more(50);
constexpr std::chrono::milliseconds gathering(3);

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string events_of(const Receipt& receipt) {
  if (receipt.count == 0) return "no event";
  if (receipt.count == 1) return fmt::format("event {}", receipt.first.value);
  return fmt::format("events {} to {}", receipt.first.value, receipt.first.value + receipt.count - 1);
}

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const std::size_t end = text.rfind('\n');
  return std::string(end == std::string_view::npos ? text : text.substr(end + 1));
}

}  // namespace

Job job_of(const Active& active) {
  return {active.job.kind,    {active.job.sequence}, active.job.arguments,
          active.job.attempt, active.kind.attempts,  active.job.token()};
}

Runner::Runner(Ledger& ledger, const Handlers& handlers, const Means& means, Clock& clock, int parallel)
    : ledger_(ledger), handlers_(handlers), means_(means), clock_(clock) {
  for (int i = 0; i < parallel; ++i) {
    threads_.emplace_back([this] { work(); });
  }
}

Runner::~Runner() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  given_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void Runner::give(std::vector<std::shared_ptr<Active>> jobs) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.end(), std::make_move_iterator(jobs.begin()),
                    std::make_move_iterator(jobs.end()));
  }
  given_.notify_all();
}

std::vector<std::shared_ptr<Active>> Runner::take_back() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Active>> jobs(std::make_move_iterator(waiting_.begin()),
                                            std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  return jobs;
}

void Runner::wait(std::chrono::microseconds at_most) {
  std::unique_lock lock(mutex_);
  const auto is_idle = [this] { return waiting_.empty() && running_ == 0; };
  const auto end = std::chrono::steady_clock::now() + at_most;
  changed_.wait_until(lock, end, [&] { return woken_ || !finished_.empty(); });
  if (!finished_.empty() && !woken_) {
    const auto until = [&](std::chrono::milliseconds time) {
      return std::min(end, std::chrono::steady_clock::now() + time);
    };
    changed_.wait_until(lock, until(gathering_more), [&] { return woken_ || waiting_.empty(); });
    changed_.wait_until(lock, until(gathering), [&] { return woken_ || is_idle(); });
  }
  woken_ = false;
}

void Runner::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

std::vector<Finished> Runner::take_finished() {
  const std::lock_guard lock(mutex_);
  return std::exchange(finished_, {});
}

void Runner::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    given_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    if (waiting_.empty()) {
      return;
    }
    const std::shared_ptr<Active> active = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    if (waiting_.empty()) changed_.notify_all();
    lock.unlock();
    active->started = std::max<Microseconds>(clock_.now(), 1);
    queue::Ending ending = perform(*active);
    lock.lock();
    --running_;
    finished_.push_back({active, std::move(ending)});
    if (finished_.size() == 1 || (waiting_.empty() && running_ == 0)) {
      changed_.notify_all();
    }
  }
}

/// The edge of a handler: whatever it throws is the error of the attempt.
queue::Ending Runner::perform(Active& active) {
  queue::Ending ending{.kind = active.job.kind,
                       .sequence = active.job.sequence,
                       .claims = active.job.claims,
                       .unique_key = active.job.unique_key};
  try {
    ending.text = run(active);
    ending.completed = true;
  } catch (const std::exception& error) {
    ending.text = error.what();
  }
  return ending;
}

std::string Runner::run(const Active& active) {
  switch (active.kind.run) {
    case blueprint::JobKind::Run::command: return run_command(active);
    case blueprint::JobKind::Run::program: return run_program(active);
    case blueprint::JobKind::Run::webhook: return run_webhook(active);
    case blueprint::JobKind::Run::handler: break;
  }
  const auto handler = handlers_.find(active.job.kind);
  ensure(handler != handlers_.end(), "a job is claimed by who has its handler");
  return handler->second(job_of(active), active.stop.get_token());
}

std::string Runner::run_command(const Active& active) {
  const Job job = job_of(active);
  const Outcome outcome =
      ledger_.command(active.kind.target, job.arguments, {.actor = "job:" + job.kind, .key = job.key()});
  if (!outcome.accepted()) {
    throw Failure("rejected: " + outcome.rejection().reason);
  }
  return events_of(outcome.receipt());
}

std::string Runner::run_program(const Active& active) {
  const Job job = job_of(active);
  const std::string line =
      fmt::format("{{\"arguments\":{},\"attempt\":{},\"job\":\"{}\",\"kind\":\"{}\",\"token\":{}}}\n",
                  job.arguments, job.attempt, job.id(), job.kind, job.token);
  const ProgramRun run =
      work::run_program(means_.programs / active.kind.target, active.kind.program_arguments, line,
                        std::chrono::microseconds(active.kind.timeout_us), active.stop.get_token());
  if (run.timed_out) {
    throw Failure(fmt::format("its time was up: {} ms", active.kind.timeout_us / 1000));
  }
  if (run.exit_code < 0) {
    throw Failure("it was killed. " + run.error_output);
  }
  if (run.exit_code != 0) {
    throw Failure(fmt::format("exit code {}. {}", run.exit_code, run.error_output));
  }
  return last_line(run.output);
}

std::string Runner::run_webhook(const Active& active) {
  const Endpoints::Endpoint* endpoint = means_.endpoints.find(active.kind.target);
  ensure(endpoint != nullptr, "a job is claimed by who knows its endpoint");
  const Job job = job_of(active);
  const Message message{means_.ledger_id + ":" + job.id(), job.kind, active.job.enqueued, job.arguments,
                        job.token};
  return deliver(*endpoint, means_.find_secret, message, clock_.now(),
                 std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::microseconds(active.kind.timeout_us)),
                 active.stop.get_token());
}

}  // namespace reeve::work
