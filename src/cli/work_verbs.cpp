// The verbs of jobs: work, jobs list, dead, show, retry, cancel, confirm, pause, resume, and schedule list.

#include "base/clock.h"
#include "cli/number_check.h"
#include "cli/progress_line.h"
#include "cli/session.h"
#include "state/location.h"

#include <reeve/access.h>
#include <reeve/jobs.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <atomic>
#include <charconv>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace reeve::cli {

namespace {

struct WorkArguments {
  std::vector<std::string> files;
  WorkerOptions options;
  std::string access;
  std::string master_keys;
  bool once = false;
  bool until_empty = false;
};

struct JobsArguments {
  std::string file;
  std::string job;
  JobFilter filter;
  bool done = false;
};

Cell time_cell(std::optional<Microseconds> time) {
  return time && *time > 0 ? Cell::of(format_time(*time)) : Cell::null();
}

std::string id_of(const JobStatus& job) { return fmt::format("{}:{}", job.kind, job.sequence.value); }

/// `KIND:SEQUENCE`
std::pair<std::string, Sequence> parse_id(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  Sequence sequence;
  const char* const end = text.data() + text.size();
  const auto read = colon == std::string::npos
                        ? std::from_chars_result{text.data(), std::errc::invalid_argument}
                        : std::from_chars(text.data() + colon + 1, end, sequence.value);
  if (read.ec != std::errc() || read.ptr != end || sequence.value < 1) {
    throw Error(ErrorCode::invalid_input, fmt::format("`{}` names no job", text),
                "a job is called KIND:SEQUENCE, as `reeve jobs list` shows it");
  }
  return {text.substr(0, colon), sequence};
}

using Workers = std::vector<std::unique_ptr<Worker>>;

/// While workers run: passes the session's stop on, and says how far they are.
class Watch {
 public:
  /// Without `shows` it says nothing of how far they are.
  Watch(Session& session, const Workers& workers, bool shows)
      : err_(session.err),
        stop_(session.stop),
        workers_(workers),
        shows_(shows),
        line_(session.err, session.clock, "working"),
        thread_([this] { watch(); }) {}
  ~Watch() {
    done_ = true;
    thread_.join();
    line_.finish();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// From any thread.
  void say(const std::string& line) {
    const std::lock_guard lock(saying_);
    line_.finish();
    err_.write(line);
    err_.flush();
  }

 private:
  void watch() {
    while (!done_ && !stop_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      if (shows_) show();
    }
    if (stop_) {
      for (const auto& worker : workers_) worker->stop();
    }
  }
  void show() {
    std::int64_t completed = 0;
    for (const auto& worker : workers_) completed += worker->completed();
    const std::lock_guard lock(saying_);
    line_.report(completed, 0);
  }

  Output& err_;
  const std::atomic<bool>& stop_;
  const Workers& workers_;
  bool shows_;
  std::mutex saying_;
  ProgressLine line_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

WorkReport run(Worker& worker, const WorkArguments& given) {
  if (given.once) return worker.run_once();
  return given.until_empty ? worker.run_until_empty() : worker.run();
}

/// Those of the installation, where an access database is named.
FindSecret secrets_of(Session& session, const WorkArguments& given) {
  if (given.access.empty()) return {};
  const auto access = std::make_shared<Access>(
      Access::open(given.access, {.master_key_file = given.master_keys, .clock = &session.clock}));
  return [access](std::string_view name) { return access->find_secret({.name = std::string(name)}); };
}

int run_work(Session& session, const WorkArguments& given) {
  WorkerOptions options = given.options;
  options.find_secret = secrets_of(session, given);
  Workers workers;
  for (const std::string& file : given.files) {
    workers.push_back(std::make_unique<Worker>(file, options));
  }
  std::vector<std::string> names;
  for (const std::string& file : given.files) {
    names.push_back(state::Location::of(file).name());
  }
  std::vector<WorkReport> reports(workers.size());
  std::vector<std::exception_ptr> faults(workers.size());
  {
    // Who serves for ever fills no log with how far it is.
    Watch watch(session, workers, given.until_empty || session.err.is_terminal());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < workers.size(); ++i) {
      threads.emplace_back([&, i] {
        try {
          reports[i] = run(*workers[i], given);
        } catch (const std::exception& fault) {
          faults[i] = std::current_exception();
          // One ledger's fault is said at once and stops none of the others.
          if (workers.size() > 1)
            watch.say(fmt::format("reeve: {}: no jobs are done any more: {}\n", names[i], fault.what()));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const auto writer = make_row_writer(session.format, session.out,
                                      {"ledger", "completed", "failed", "dead", "stale", "left"});
  for (std::size_t i = 0; i < workers.size(); ++i) {
    if (faults[i]) continue;
    std::int64_t count = 0;
    for (const JobsLeft& left : workers[i]->left()) {
      count += left.jobs;
      session.err.write(fmt::format("reeve: {}: {} {} of the kind {}{}\n", names[i], left.jobs, left.state,
                                    left.kind, left.reason.empty() ? "" : ": " + left.reason));
    }
    writer->row(std::vector<Cell>{Cell::of(names[i]), Cell::number(reports[i].completed),
                                  Cell::number(reports[i].failed), Cell::number(reports[i].dead),
                                  Cell::number(reports[i].stale), Cell::number(count)});
  }
  writer->finish();
  session.err.flush();
  for (const std::exception_ptr& fault : faults) {
    if (fault) std::rethrow_exception(fault);
  }
  return session.stop && !given.once && !given.until_empty ? exit_interrupted : exit_ok;
}

int run_list(Session& session, const JobsArguments& given) {
  Jobs jobs(given.file, &session.clock);
  JobFilter filter = given.filter;
  filter.state = given.done ? "done" : filter.state;
  const auto writer = make_row_writer(session.format, session.out,
                                      {"job", "state", "priority", "attempts",
                                       given.done ? "finished" : "due", given.done ? "result" : "error"});
  for (const JobStatus& job : jobs.list(filter)) {
    writer->row(std::vector<Cell>{
        Cell::of(id_of(job)), Cell::of(job.cancelled && !given.done ? "cancelling" : job.state),
        Cell::number(job.priority), Cell::number(job.attempts),
        time_cell(given.done ? job.finished : std::optional(job.due)), Cell::optional(job.text)});
  }
  writer->finish();
  return exit_ok;
}

JobStatus find_job(Jobs& jobs, const std::string& id) {
  const auto [kind, sequence] = parse_id(id);
  auto job = jobs.find(kind, sequence);
  if (!job) {
    throw Error(ErrorCode::not_found, fmt::format("there is no job {}", id),
                "`reeve jobs list FILE` shows them");
  }
  return std::move(*job);
}

int run_show(Session& session, const JobsArguments& given) {
  Jobs jobs(given.file, &session.clock);
  const JobStatus job = find_job(jobs, given.job);
  const auto writer =
      make_row_writer(session.format, session.out,
                      {"job", "state", "priority", "tier", "key", "waits_for", "attempts", "due", "enqueued",
                       "started", "finished", "worker", "text", "arguments"});
  writer->row(std::vector<Cell>{
      Cell::of(id_of(job)), Cell::of(job.state), Cell::number(job.priority), Cell::optional(job.tier),
      Cell::optional(job.key), Cell::optional(job.waits_for), Cell::number(job.attempts), time_cell(job.due),
      time_cell(job.enqueued), time_cell(job.started), time_cell(job.finished), Cell::optional(job.worker),
      Cell::optional(job.text), job.arguments.empty() ? Cell::null() : Cell::json(job.arguments)});
  writer->finish();
  return exit_ok;
}

void write_done(Session& session, const std::string& job, std::string_view done) {
  const auto writer = make_row_writer(session.format, session.out, {"job", "done"});
  writer->row(std::vector<Cell>{Cell::of(job), Cell::of(done)});
  writer->finish();
}

int run_retry(Session& session, const JobsArguments& given) {
  const auto [kind, sequence] = parse_id(given.job);
  Jobs jobs(given.file, &session.clock);
  if (!jobs.retry(kind, sequence)) {
    find_job(jobs, given.job);
    throw Error(
        ErrorCode::conflict,
        fmt::format("{} is neither dead nor waits for a time, or another with its key is open", given.job),
        "`reeve jobs show FILE JOB` tells how it stands");
  }
  write_done(session, given.job, "ready");
  return exit_ok;
}

int run_cancel(Session& session, const JobsArguments& given) {
  const auto [kind, sequence] = parse_id(given.job);
  switch (Jobs(given.file, &session.clock).cancel(kind, sequence)) {
    case Jobs::Cancel::done: write_done(session, given.job, "cancelled"); return exit_ok;
    case Jobs::Cancel::told: write_done(session, given.job, "its worker is told"); return exit_ok;
    case Jobs::Cancel::unknown: break;
  }
  throw Error(ErrorCode::not_found, fmt::format("{} is not open", given.job),
              "`reeve jobs list FILE` shows what is");
}

int run_dead(Session& session, const JobsArguments& given) {
  JobsArguments dead = given;
  dead.filter.state = "dead";
  return run_list(session, dead);
}

int run_confirm(Session& session, const JobsArguments& given) {
  const auto [kind, sequence] = parse_id(given.job);
  Jobs jobs(given.file, &session.clock);
  if (!jobs.confirm(kind, sequence)) {
    find_job(jobs, given.job);
    throw Error(ErrorCode::not_found,
                fmt::format("{} is done, was never begun, or needs no confirmation", given.job),
                "`reeve jobs show FILE JOB` tells how it stands");
  }
  write_done(session, given.job, "completed");
  return exit_ok;
}

std::string kind_or_all(const JobsArguments& given) {
  return given.filter.kind.empty() ? "*" : given.filter.kind;
}

void write_paused(Session& session, Jobs& jobs) {
  const auto writer = make_row_writer(session.format, session.out, {"paused", "since"});
  for (const PausedKind& one : jobs.paused()) {
    writer->row(std::vector<Cell>{Cell::of(one.kind), time_cell(one.since)});
  }
  writer->finish();
}

int run_pause(Session& session, const JobsArguments& given) {
  Jobs jobs(given.file, &session.clock);
  jobs.pause(kind_or_all(given));
  write_paused(session, jobs);
  return exit_ok;
}

int run_resume(Session& session, const JobsArguments& given) {
  Jobs jobs(given.file, &session.clock);
  const std::string kind = kind_or_all(given);
  if (!jobs.resume(kind)) {
    throw Error(
        ErrorCode::not_found,
        kind == "*" ? std::string("nothing is paused") : fmt::format("`{}` is not paused by itself", kind),
        "without --kind all that is paused is resumed");
  }
  write_paused(session, jobs);
  return exit_ok;
}

int run_schedules(Session& session, const JobsArguments& given) {
  Jobs jobs(given.file, &session.clock);
  if (!given.filter.kind.empty()) {
    const auto writer = make_row_writer(session.format, session.out, {"kind", "slot"});
    for (const Microseconds slot :
         jobs.slots(given.filter.kind, session.clock.now(), static_cast<std::size_t>(given.filter.limit))) {
      writer->row(std::vector<Cell>{Cell::of(given.filter.kind), time_cell(slot)});
    }
    writer->finish();
    return exit_ok;
  }
  const auto writer = make_row_writer(
      session.format, session.out, {"kind", "schedule", "time_zone", "catch_up", "next", "last", "paused"});
  for (const ScheduleStatus& one : jobs.schedules()) {
    writer->row(std::vector<Cell>{Cell::of(one.kind), Cell::of(one.expression),
                                  Cell::of(one.zone.empty() ? "UTC" : one.zone), Cell::of(one.catch_up),
                                  time_cell(one.next), time_cell(one.last),
                                  Cell::of(one.paused ? "yes" : "no")});
  }
  writer->finish();
  return exit_ok;
}

CLI::App* add_part(CLI::App& parent, Session& session, const std::string& name,
                   const std::string& description, const std::shared_ptr<JobsArguments>& given,
                   int (*work)(Session&, const JobsArguments&)) {
  CLI::App* verb = add_verb(parent, session, name, description);
  verb->footer(std::string());
  verb->add_option("FILE", given->file, "the ledger")->required();
  verb->callback(
      [&session, given, work] { session.work = [&session, given, work] { return work(session, *given); }; });
  return verb;
}

}  // namespace

void add_work_verbs(CLI::App& app, Session& session) {
  const auto given = std::make_shared<WorkArguments>();
  given->options.clock = &session.clock;
  CLI::App* work = add_verb(app, session, "work", "Does the jobs that events have asked for.");
  work->add_option("FILE", given->files, "the ledgers")->required();
  work->add_option("--kinds", given->options.kinds, "these kinds alone")
      ->type_name("KIND,...")
      ->delimiter(',');
  CLI::Option* once = work->add_flag("--once", given->once, "claims once, and ends");
  work->add_flag("--until-empty", given->until_empty, "ends when nothing is left that it can do")
      ->excludes(once);
  work->add_option("--parallel", given->options.parallel, "jobs at once (1)")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  work->add_option("--batch", given->options.batch, "jobs claimed at once (as many as --parallel)")
      ->type_name("N")
      ->check(CLI::Range(1, 10000));
  work->add_option("--programs", given->options.programs, "the folder of the programs that jobs may start")
      ->type_name("FOLDER")
      ->check(CLI::ExistingDirectory);
  work->add_option("--endpoints", given->options.endpoints, "the file that says where webhooks go")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  CLI::Option* access =
      work->add_option("--access", given->access, "the access database, for endpoints that name their secret")
          ->type_name("ACCESS");
  work->add_option("--master-keys", given->master_keys,
                   "the file of its master keys; without it REEVE_MASTER_KEYS")
      ->type_name("KEY_FILE")
      ->needs(access);
  work->add_option("--poll-ms", given->options.poll_ms, "between two looks where there was nothing (200)")
      ->type_name("MS")
      ->check(CLI::Range(1, 3'600'000));
  work->add_option("--keys", given->options.key_store, "the key store, for commands with personal values")
      ->type_name("KEYS");
  work->callback(
      [&session, given] { session.work = [&session, given] { return run_work(session, *given); }; });

  const auto looked = std::make_shared<JobsArguments>();
  CLI::App* jobs = add_verb(app, session, "jobs", "Shows jobs, tries dead ones again, calls them off.");
  jobs->require_subcommand(1);
  CLI::App* list = add_part(*jobs, session, "list", "Open and dead jobs, or with --done those that are done.",
                            looked, run_list);
  CLI::App* dead =
      add_part(*jobs, session, "dead", "Jobs that gave up, with their last errors.", looked, run_dead);
  for (CLI::App* verb : {list, dead}) {
    verb->add_option("--kind", looked->filter.kind, "of this kind alone")->type_name("KIND");
    verb->add_option("--limit", looked->filter.limit, "rows at most (100)")
        ->type_name("N")
        ->check(at_least(1));
  }
  list->add_option("--state", looked->filter.state, "in this state alone")
      ->type_name("STATE")
      ->check(CLI::IsMember({"ready", "delayed", "awaiting", "blocked", "running", "published", "dead"}));
  list->add_flag("--done", looked->done, "those that are done, the latest first");
  for (CLI::App* verb :
       {add_part(*jobs, session, "show", "All that is known of a job.", looked, run_show),
        add_part(*jobs, session, "retry", "Makes a dead or delayed job ready.", looked, run_retry),
        add_part(*jobs, session, "cancel", "Calls a job off.", looked, run_cancel),
        add_part(*jobs, session, "confirm", "Says that what a job sent has arrived.", looked, run_confirm)}) {
    verb->add_option("JOB", looked->job, "KIND:SEQUENCE")->required();
  }
  for (CLI::App* verb :
       {add_part(*jobs, session, "pause", "Begins no job of a kind, or of any.", looked, run_pause),
        add_part(*jobs, session, "resume", "Begins them again.", looked, run_resume)}) {
    verb->add_option("--kind", looked->filter.kind, "of this kind alone")->type_name("KIND");
  }

  const auto timed = std::make_shared<JobsArguments>();
  timed->filter.limit = 10;
  CLI::App* schedule = add_verb(app, session, "schedule", "Shows what time asks for, and when.");
  schedule->require_subcommand(1);
  CLI::App* schedules =
      add_part(*schedule, session, "list", "Schedules, or with --kind the slots of one that come next.",
               timed, run_schedules);
  schedules->add_option("--kind", timed->filter.kind, "the next slots of this kind")->type_name("KIND");
  schedules->add_option("--limit", timed->filter.limit, "slots at most (10)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
}

}  // namespace reeve::cli
