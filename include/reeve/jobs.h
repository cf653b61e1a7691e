#pragma once
// Jobs: what events ask for is done by workers, at least once (docs/jobs.md).

#include <reeve/clock.h>
#include <reeve/ledger.h>
#include <reeve/secret.h>
#include <reeve/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

/// A job as its handler gets it.
struct Job {
  std::string kind;
  Sequence sequence;          ///< of the event that asked for it
  std::string arguments;      ///< a JSON object
  std::int64_t attempt = 1;   ///< this one, counted from 1
  std::int64_t attempts = 1;  ///< of its kind, at most
  std::int64_t token = 0;  ///< grows from claim to claim: a store outside refuses those below the last it saw
  std::string id() const;  ///< `KIND:SEQUENCE`
  /// The idempotency key for commands that do its work: `job:KIND:SEQUENCE`.
  std::string key() const;
};

/// Does a job and returns what is kept as its result (2,000 bytes at most). What it throws, if it is a std::exception, is
/// the error of a failed attempt. The token is stopped when the job was cancelled, its time is up, or its lease was lost: it
/// should end soon then, however. Called from several threads at once where `parallel` is more than 1.
using JobHandler = std::function<std::string(const Job& job, const std::stop_token& stop)>;

/// A secret by its name; nothing when there is none.
using FindSecret = std::function<std::optional<Secret>(std::string_view name)>;

/// Every member has an initializer, so that naming a few of them is no warning.
struct WorkerOptions {
  Clock* clock = nullptr;               ///< null: the system's
  Random* random = nullptr;             ///< null: the system's
  std::string name = {};                ///< for people; made if left out
  std::vector<std::string> kinds = {};  ///< these alone; empty: all that it can do
  int parallel = 1;                     ///< jobs at once, 1 to 256
  int batch =
      0;  ///< jobs claimed at once, up to 10,000; 0: `parallel`. More of them are faster; each counts as tried
  int poll_ms = 200;           ///< between two looks for jobs where there were none
  std::string programs = {};   ///< the folder of programs; empty: none is started
  std::string endpoints = {};  ///< the file that says where webhooks go (docs/jobs.md); empty: none is sent
  std::string key_store = {};  ///< as LedgerOptions has it, for commands
  /// The secret of an endpoint that names it (`secret_name`), as Access::find_secret gives it; called from several threads.
  FindSecret find_secret = {};
  /// The same ledger, open already: commands are given to it, and it outlives the worker. Null: the worker opens its own, and the
  /// two writers of one process take turns.
  Ledger* ledger = nullptr;
};

/// What a call of a worker came to.
struct WorkReport {
  std::int64_t completed = 0;
  std::int64_t failed = 0;  ///< attempts, those that were the last included
  std::int64_t dead = 0;    ///< jobs that gave up
  std::int64_t stale = 0;   ///< endings that were refused, for somebody else had the job by then
};

/// Jobs that nobody here does.
struct JobsLeft {
  std::string kind;
  std::string state;
  std::int64_t jobs = 0;
  std::string reason;  ///< '' where it is their state that keeps them
};

/// Does the jobs of one ledger. One thread runs it; stop() may be called from any.
class Worker {
 public:
  /// `url` as Ledger::open takes it. Throws Error as that does; invalid_input for options that don't fit, or an unknown kind.
  explicit Worker(std::string_view url, const WorkerOptions& options = {});
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// For a kind with run = "handler". Throws Error not_found for an unknown kind, invalid_input for one that is done otherwise.
  void handle(std::string_view kind, JobHandler handler);

  /// Claims once what can be claimed, does it, and returns. Faults of the database are thrown (Error unavailable, retryable and
  /// the like); jobs that are under way are then others' when their leases end.
  WorkReport run_once();
  /// Goes on until nothing is left that can be done without waiting for somebody; waits for delayed jobs.
  WorkReport run_until_empty();
  /// Goes on until stop(). Databases that are away for a while are waited for. Throws Error conflict when the ledger has moved,
  /// denied when it was suspended.
  WorkReport run();
  /// Claims nothing more; jobs under way are ended.
  void stop();
  /// Jobs that the call under way has completed so far, or that the last one has. For any thread.
  std::int64_t completed() const;

  /// Open and dead jobs that this worker will not do as things are.
  std::vector<JobsLeft> left();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A job as it is stored. Times are microseconds since 1970.
struct JobStatus {
  std::string kind;
  Sequence sequence;
  std::string state;  ///< ready, delayed, awaiting, blocked, running, published, dead, completed, cancelled
  std::int64_t priority = 0;
  std::int64_t attempts = 0;
  Microseconds due =
      0;  ///< of a delayed one; the end of a running one's lease, of the wait for a confirmation
  Microseconds enqueued = 0;
  std::optional<Microseconds> started;
  std::optional<Microseconds> finished;
  bool cancelled = false;  ///< and not yet at an end
  std::string tier;        ///< JSON, or ''
  std::string key;         ///< a JSON list, or ''
  std::string waits_for;   ///< a kind, or ''
  std::string worker;
  std::string text;  ///< the last error, or the result
  std::string arguments;
};

/// What is looked for; empty members narrow nothing.
struct JobFilter {
  std::string kind = {};
  std::string state = {};
  std::int64_t limit = 100;
};

/// The schedule of a kind of job. Times are microseconds since 1970.
struct ScheduleStatus {
  std::string kind;
  std::string expression;            ///< cron's, as the blueprint has it
  std::string zone;                  ///< '' is UTC
  std::string catch_up;              ///< last, all, none
  std::optional<Microseconds> next;  ///< nothing: no worker has seen it yet, or it never comes
  std::optional<Microseconds>
      last;  ///< the last slot that came; its job is the one that was open, if one was
  bool paused = false;
};

/// A kind of which nothing is begun.
struct PausedKind {
  std::string kind;  ///< `*` is all of them
  Microseconds since = 0;
};

/// The jobs of one ledger, for who looks after them. Not thread-safe. Throws Error as Ledger::open and its queries do, and as
/// commits do where the ledger has moved (conflict) or is suspended (denied).
class Jobs {
 public:
  explicit Jobs(std::string_view url, Clock* clock = nullptr);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Open and dead ones, in order of their events; with a state of `completed` or `cancelled`, or one that says `done`, those
  /// that are done, the latest first.
  std::vector<JobStatus> list(const JobFilter& filter = {});
  std::optional<JobStatus> find(std::string_view kind, Sequence sequence);
  /// A job that is dead, or waits for a time, a moment or a confirmation, is ready, with all its attempts. False where there is
  /// none such, or its key has another by now.
  bool retry(std::string_view kind, Sequence sequence);
  enum class Cancel : std::uint8_t {
    done,     ///< it is called off
    told,     ///< it runs: its worker hears of it
    unknown,  ///< there is none
  };
  Cancel cancel(std::string_view kind, Sequence sequence);
  /// What was sent has arrived: the job is done. False where it was never begun, is done already, or needs no confirmation.
  bool confirm(std::string_view kind, Sequence sequence);

  std::vector<ScheduleStatus> schedules();
  /// The next slots after `from` of a kind with a schedule, `count` at most. Throws Error not_found where there is none.
  std::vector<Microseconds> slots(std::string_view kind, Microseconds from, std::size_t count);
  std::vector<PausedKind> paused();
  /// No job of the kind is claimed and no slot made until it is resumed, whatever restarts; what runs goes on. `*`: of any.
  /// Throws Error not_found for an unknown kind.
  void pause(std::string_view kind);
  /// Slots that came meanwhile are left out. False where it was not paused.
  bool resume(std::string_view kind);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reeve
