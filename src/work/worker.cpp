#include <reeve/jobs.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "engine/pipeline.h"
#include "journal/journal.h"
#include "queue/queue.h"
#include "queue/schedules.h"
#include "state/apply.h"
#include "state/epochs.h"
#include "state/location.h"
#include "work/runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace reeve {

namespace {

using blueprint::JobKind;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using work::Active;

/// Kind, sequence, claims: one that was lost and is claimed anew may be here twice.
using Attempt = std::tuple<std::string, std::int64_t, std::int64_t>;

Attempt attempt_of(const queue::Claimed& job) { return {job.kind, job.sequence, job.claims}; }

/// While there is enough to do, what waits, and which kinds are in force, is looked at this often.
constexpr milliseconds wake_each(100);
constexpr std::chrono::seconds purge_each(60);
constexpr std::int64_t purged_at_once = 10'000;  ///< of a kind
/// In a call that ends by itself, so often a busy database is asked again.
constexpr int tries_max = 20;
/// To plan a statement anew for each set of values takes PostgreSQL longer than to run it.
constexpr std::string_view plan_once = "SET LOCAL plan_cache_mode = force_generic_plan";
constexpr int batch_max = 10'000;
constexpr int parallel_max = 256;

LedgerOptions options_of_ledger(const WorkerOptions& options) {
  return {.clock = options.clock, .random = options.random, .key_store = options.key_store};
}

/// For whoever tries it again, for another job, for the application's moment, or for a confirmation.
bool waits_for_others(std::string_view state) {
  return state == "dead" || state == "blocked" || state == "awaiting" || state == "published";
}

bool is_passing(const Error& error) {
  return error.code() == ErrorCode::retryable || error.code() == ErrorCode::unavailable ||
         error.code() == ErrorCode::commit_unknown;
}

}  // namespace

std::string Job::id() const { return fmt::format("{}:{}", kind, sequence.value); }
std::string Job::key() const { return "job:" + id(); }

/// One thread keeps the leases: it ends, prolongs and claims jobs in one transaction, and never does one itself.
struct Worker::Impl {
  enum class Mode : std::uint8_t { once, until_empty, until_stopped };

  Impl(std::string_view url, const WorkerOptions& given)
      : options(given),
        location(state::Location::of(url)),
        clock(given.clock != nullptr ? *given.clock : system_clock()),
        random(given.random != nullptr ? *given.random : system_random()),
        own(given.ledger == nullptr ? std::optional(Ledger::open(url, options_of_ledger(given)))
                                    : std::nullopt),
        ledger(own ? *own : *given.ledger),
        connection(location.open(engine::OpenMode::read_write)) {
    if (options.batch == 0) options.batch = options.parallel;
    if (options.parallel < 1 || options.parallel > parallel_max || options.batch < 1 ||
        options.batch > batch_max || options.poll_ms < 1) {
      throw Error(ErrorCode::invalid_input,
                  "a worker has 1 to 256 threads and claims at most 10,000 jobs at once");
    }
    if (options.name.empty()) {
      options.name = fmt::format("{}-{}", ::getpid(), uuid_v8(digest_of_random()).substr(0, 8));
    }
    means.programs = options.programs;
    means.find_secret = options.find_secret;
    if (!options.endpoints.empty()) means.endpoints = work::Endpoints::read(options.endpoints);
    const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
    means.ledger_id = journal::read_meta(*connection, "ledger_id").value_or("");
    adopt();
    for (const std::string& kind : options.kinds) kind_of(kind);
  }

  Digest digest_of_random() const {
    Digest digest{};
    random.fill(digest);
    return digest;
  }

  /// The kinds that are in force. Inside a transaction.
  void adopt() {
    queue.reset();
    schedules.reset();
    moment.reset();
    epoch = state::load_last_epoch(*connection);
    queue = std::make_unique<queue::Queue>(*connection, kinds(), clock, random);
    schedules = std::make_unique<queue::Schedules>(*connection, kinds(), clock);
    const auto awaits = [](const auto& kind) { return !kind.second.moment_member.empty(); };
    if (std::any_of(kinds().begin(), kinds().end(), awaits)) {
      moment = std::make_unique<state::MomentReader>(*connection, *epoch->blueprint);
    }
    has_tables = false;
  }

  const queue::Queue::Kinds& kinds() const {
    static const queue::Queue::Kinds none;
    return epoch->blueprint ? epoch->blueprint->jobs : none;
  }

  const JobKind& kind_of(std::string_view name) const {
    const auto kind = kinds().find(name);
    if (kind == kinds().end()) {
      throw Error(ErrorCode::not_found, fmt::format("there is no kind of job `{}`", name),
                  "jobs/NAME.toml of the blueprint declares one");
    }
    return kind->second;
  }

  /// Why no job of the kind is done here; '' where they are.
  std::string reason_against(std::string_view name) const {
    const auto kind = kinds().find(name);
    if (kind == kinds().end()) return "the blueprint has no such kind any more";
    if (!options.kinds.empty() &&
        std::find(options.kinds.begin(), options.kinds.end(), name) == options.kinds.end()) {
      return "this worker was not asked to";
    }
    if (paused.contains(std::string(name))) return "it is paused";
    if (kind->second.run == JobKind::Run::handler && !handlers.contains(name))
      return "it has no handler here";
    if (kind->second.run == JobKind::Run::webhook) {
      return means.endpoints.find(kind->second.target) != nullptr
                 ? ""
                 : fmt::format("no endpoint {} was given", kind->second.target);
    }
    if (kind->second.run != JobKind::Run::program) return {};
    if (options.programs.empty()) return "no folder of programs was given";
    const std::filesystem::path program = std::filesystem::path(options.programs) / kind->second.target;
    if (::access(program.c_str(), X_OK) != 0) {
      return fmt::format("there is no program {} that can be run", program.string());
    }
    return {};
  }

  std::vector<const JobKind*> handled() const {
    std::vector<const JobKind*> all;
    for (const auto& [name, kind] : kinds()) {
      if (reason_against(name).empty()) all.push_back(&kind);
    }
    return all;
  }

  bool has_room() const { return active.size() < static_cast<std::size_t>(options.batch); }
  bool is_to_look() const { return was_short || std::chrono::steady_clock::now() - woken_at >= wake_each; }

  /// True when there was nothing to take.
  bool exchange(bool may_claim);
  void refresh();
  void wake();
  void claim(std::vector<std::shared_ptr<Active>>& given);
  void prolong(std::vector<queue::Held>& held);
  void keep(const std::vector<queue::Held>& held);
  void end_untried();
  void take_finished();
  bool is_empty();
  microseconds time_to_wait(bool nothing_to_do);
  WorkReport loop(Mode mode);

  void set_runner_to_wake(work::Runner* given) {
    const std::lock_guard lock(waking);
    runner_to_wake = given;
  }

  WorkerOptions options;
  state::Location location;
  Clock& clock;
  Random& random;
  std::optional<Ledger> own;
  Ledger& ledger;
  std::unique_ptr<engine::Connection> connection;
  std::shared_ptr<const state::EpochState> epoch;
  std::unique_ptr<queue::Queue> queue;
  std::unique_ptr<queue::Schedules> schedules;
  std::unique_ptr<state::MomentReader> moment;  ///< null where no kind waits for one
  std::set<std::string> paused;                 ///< as it was at the last look; claims ask themselves
  bool has_tables = false;
  work::Runner::Handlers handlers;
  work::Means means;
  std::atomic<bool> stopping = false;
  std::atomic<std::int64_t> completed = 0;  ///< as `report` has it, for other threads
  std::mutex waking;
  work::Runner* runner_to_wake = nullptr;  ///< under `waking`

  // Of the call under way.
  work::Runner* runner = nullptr;
  std::map<Attempt, std::shared_ptr<Active>> active;
  std::vector<queue::Ending> endings;
  WorkReport report;
  std::chrono::steady_clock::time_point woken_at;
  std::chrono::steady_clock::time_point purged_at;
  bool was_short = true;  ///< the last claim gave less than it might
};

void Worker::Impl::refresh() {
  const std::vector<journal::Epoch> epochs = journal::read_epochs(*connection);
  if (epochs.empty() || epochs.back().epoch != epoch->epoch.epoch) {
    connection->forget_statements();
    adopt();
  }
  has_tables = has_tables || queue->has_tables();
}

void Worker::Impl::take_finished() {
  for (work::Finished& finished : runner->take_finished()) {
    active.erase(attempt_of(finished.active->job));
    queue::Ending& ending = finished.ending;
    if (finished.active->timed_out && !ending.completed) {
      ending.text =
          fmt::format("its time was up: {} ms. {}", finished.active->kind.timeout_us / 1000, ending.text);
    }
    endings.push_back(std::move(ending));
  }
}

/// Those that wait for a thread are ready again, as if they had not been claimed.
void Worker::Impl::end_untried() {
  for (const std::shared_ptr<Active>& one : runner->take_back()) {
    active.erase(attempt_of(one->job));
    endings.push_back({.kind = one->job.kind,
                       .sequence = one->job.sequence,
                       .claims = one->job.claims,
                       .unique_key = one->job.unique_key,
                       .untried = true});
  }
}

void Worker::Impl::prolong(std::vector<queue::Held>& held) {
  const Microseconds now = clock.now();
  for (const auto& [id, one] : active) {
    const Microseconds started = one->started;
    if (!one->timed_out && started > 0 && now - started >= one->kind.timeout_us) {
      one->timed_out = true;
      one->stop.request_stop();
    }
    // One whose time is up keeps its lease to the end, and no longer: perhaps it never returns.
    if (!one->lost && !one->timed_out && now >= one->prolong_at) {
      held.push_back({one->job.kind, one->job.sequence, one->job.claims});
    }
  }
  if (!held.empty()) {
    queue->prolong(held);
  }
}

void Worker::Impl::keep(const std::vector<queue::Held>& held) {
  const Microseconds now = clock.now();
  for (const queue::Held& job : held) {
    Active& one = *active.at({job.kind, job.sequence, job.claims});
    one.prolong_at = now + one.kind.lease_us / 3;
    one.lost = job.lost;
    if (job.lost || job.cancelled) {
      one.stop.request_stop();
    }
  }
}

void Worker::Impl::wake() {
  woken_at = std::chrono::steady_clock::now();
  std::optional<std::int64_t> reached;
  if (moment) {
    moment->forget();
    if (const auto* value = std::get_if<std::int64_t>(&moment->value())) reached = *value;
  }
  queue->wake(reached);
}

void Worker::Impl::claim(std::vector<std::shared_ptr<Active>>& given) {
  const std::size_t capacity = static_cast<std::size_t>(options.batch) - active.size();
  const auto now = std::chrono::steady_clock::now();
  if (now - purged_at >= purge_each && !queue->purge(purged_at_once)) {
    purged_at = now;  // else the next claim goes on with it
  }
  const std::vector<queue::Claimed> claimed = queue->claim(handled(), capacity, options.name);
  was_short = claimed.size() < capacity;
  for (const queue::Claimed& job : claimed) {
    auto one = std::make_shared<Active>();
    one->job = job;
    one->kind = kinds().find(job.kind)->second;
    one->prolong_at = clock.now() + one->kind.lease_us / 3;
    given.push_back(std::move(one));
  }
}

bool Worker::Impl::exchange(bool may_claim) {
  std::vector<queue::Held> held;
  std::vector<std::shared_ptr<Active>> given;
  std::vector<queue::Ending> ended = endings;  // a transaction that fails is tried again
  {
    engine::Pipeline pipeline(*connection);
    engine::Transaction tx(*connection, engine::Transaction::Mode::write);
    if (connection->engine() == engine::Engine::postgres) {
      connection->post(plan_once);
    }
    journal::hold_open(*connection);
    if (is_to_look()) {
      refresh();
    }
    if (!has_tables) {
      tx.commit();
      return true;
    }
    // Slots first: while one is made no job is locked that another worker may wait for.
    const bool looks = may_claim && has_room() && is_to_look();
    if (looks) {
      paused = schedules->paused_kinds();
      schedules->make_jobs(paused);
    }
    queue->end(ended);
    prolong(held);
    if (looks) {
      wake();
    }
    if (may_claim && has_room()) {
      claim(given);
    }
    tx.commit();
  }
  endings.clear();
  for (const queue::Ending& ending : ended) {
    report.stale += ending.accepted ? 0 : 1;
    report.completed += ending.accepted && ending.completed ? 1 : 0;
    report.failed += ending.accepted && !ending.completed && !ending.untried ? 1 : 0;
    report.dead += ending.dead ? 1 : 0;
  }
  completed = report.completed;
  keep(held);
  for (const std::shared_ptr<Active>& one : given) {
    active[attempt_of(one->job)] = one;
  }
  const bool took_nothing = given.empty() && ended.empty();
  runner->give(std::move(given));
  return took_nothing;
}

/// Nothing that this worker could do is open, nor may come back to it.
bool Worker::Impl::is_empty() {
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  if (!has_tables) {
    return true;
  }
  const std::vector<queue::Count> counts = queue->count();
  return std::none_of(counts.begin(), counts.end(), [&](const queue::Count& count) {
    return !waits_for_others(count.state) && reason_against(count.kind).empty();
  });
}

microseconds Worker::Impl::time_to_wait(bool nothing_to_do) {
  const microseconds poll = milliseconds(options.poll_ms);
  if (!nothing_to_do || !has_tables) {
    return poll;
  }
  const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
  const Microseconds now = clock.now();
  microseconds least = poll;
  const auto consider = [&](std::optional<Microseconds> time) {
    if (time) least = std::min(least, microseconds(std::max<Microseconds>(*time - now, 1000)));
  };
  consider(queue->next_due());
  consider(queue->next_lease_end());
  // One that has come and is not yet made is of a kind that is paused.
  if (const auto slot = schedules->next(); slot && *slot > now) consider(slot);
  for (const auto& [name, kind] : kinds()) {
    if (kind.rate > 0) consider(queue->next_of_rate(kind));
  }
  return least;
}

WorkReport Worker::Impl::loop(Mode mode) {
  work::Runner threads(ledger, handlers, means, clock, options.parallel);
  runner = &threads;
  set_runner_to_wake(&threads);
  active.clear();
  endings.clear();
  report = {};
  completed = 0;
  was_short = true;
  struct AtEnd {
    Impl& impl;
    ~AtEnd() {
      impl.set_runner_to_wake(nullptr);
      // Reached with jobs under way by a fault alone: they are others' when their leases end.
      impl.runner->take_back();
      for (const auto& [id, one] : impl.active) one->stop.request_stop();
    }
  } const at_end{*this};
  bool has_claimed = false;
  for (int tries = 0;;) {
    take_finished();
    if (stopping) {
      end_untried();
    }
    const bool may_claim = !stopping && !(mode == Mode::once && has_claimed);
    bool nothing_to_do = false;
    try {
      nothing_to_do = exchange(may_claim);
      has_claimed = has_claimed || may_claim;
      tries = 0;
      const bool is_idle = active.empty() && endings.empty();
      if (is_idle &&
          (mode == Mode::once || stopping || (nothing_to_do && mode == Mode::until_empty && is_empty()))) {
        return report;
      }
      threads.wait(is_idle && !nothing_to_do ? microseconds(0) : time_to_wait(nothing_to_do && is_idle));
    } catch (const Error& error) {
      const bool again = is_passing(error) && (mode == Mode::until_stopped || ++tries < tries_max);
      if (!again || (stopping && ++tries >= tries_max)) {
        throw;
      }
      threads.wait(milliseconds(options.poll_ms));
    }
  }
}

Worker::Worker(std::string_view url, const WorkerOptions& options)
    : impl_(std::make_unique<Impl>(url, options)) {}
Worker::~Worker() = default;

void Worker::handle(std::string_view kind, JobHandler handler) {
  if (impl_->kind_of(kind).run != JobKind::Run::handler) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("jobs of the kind `{}` are done by a command or a program", kind),
                "write run = \"handler\" in its file");
  }
  impl_->handlers.insert_or_assign(std::string(kind), std::move(handler));
}

WorkReport Worker::run_once() { return impl_->loop(Impl::Mode::once); }
WorkReport Worker::run_until_empty() { return impl_->loop(Impl::Mode::until_empty); }
WorkReport Worker::run() { return impl_->loop(Impl::Mode::until_stopped); }
std::int64_t Worker::completed() const { return impl_->completed; }

void Worker::stop() {
  impl_->stopping = true;
  const std::lock_guard lock(impl_->waking);
  if (impl_->runner_to_wake != nullptr) {
    impl_->runner_to_wake->wake();
  }
}

std::vector<JobsLeft> Worker::left() {
  const engine::Transaction snapshot(*impl_->connection, engine::Transaction::Mode::read);
  std::vector<JobsLeft> left;
  if (!impl_->queue->has_tables()) {
    return left;
  }
  for (const queue::Count& count : impl_->queue->count()) {
    std::string reason = impl_->reason_against(count.kind);
    if (!reason.empty() || waits_for_others(count.state)) {
      left.push_back({count.kind, count.state, count.jobs, std::move(reason)});
    }
  }
  return left;
}

}  // namespace reeve
