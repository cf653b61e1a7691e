// Jobs of a ledger that moves, or is suspended, while workers are at them.

#include "cli/run_program.h"
#include "studio.h"

#include <reeve/directory.h>
#include <reeve/jobs.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace reeve::testing {
namespace {

using std::chrono::milliseconds;

class moved : public Studio {
 protected:
  static blueprint::Sources handled(const std::string& more = "") {
    return studio_with("note",
                       "on = [\"sample.added\"]\nrun = \"handler\"\narguments = [\"sample_id\"]\n" + more);
  }
  static void add(Ledger& ledger, int first, int last) {
    std::vector<std::future<Outcome>> verdicts;
    for (int i = first; i <= last; ++i) verdicts.push_back(ledger.submit("sample.added", added(i)));
    for (auto& verdict : verdicts) ASSERT_TRUE(verdict.get().accepted());
  }
  static std::int64_t count(const std::string& url, const std::string& sql) {
    const auto connection =
        state::Location::of(url).open(engine::OpenMode::read_only, {}, state::Purpose::administration);
    const engine::Transaction snapshot(*connection, engine::Transaction::Mode::read);
    return std::get<std::int64_t>(connection->value(sql).value());
  }
};

TEST_F(moved, nobody_touches_a_job_where_it_was) {
  open(handled(), "moved_away");
  const Database other("moved_away_2");
  const std::vector<std::pair<std::string, std::string>> ways = {
      {file_, workshop_.path("there.db")}, {database_->administrator(), other.administrator()}};
  add(*sqlite_, 1, 3);
  add(*postgres_, 1, 3);
  sqlite_.reset();
  postgres_.reset();
  for (const auto& [source, target] : ways) {
    SCOPED_TRACE(source);
    const std::string url = source == file_ ? file_ : database_->application();
    Worker worker(url);
    worker.handle("note", [](const Job&, const std::stop_token&) { return ""; });
    EXPECT_EQ(worker.run_once().completed, 1);
    Jobs jobs(url);
    ASSERT_TRUE(state::promote(source, target, {}).equal());
    EXPECT_EQ(error_of([&] { worker.run_once(); }).code(), ErrorCode::conflict);
    EXPECT_EQ(error_of([&] { worker.run_until_empty(); }).code(), ErrorCode::conflict);
    EXPECT_EQ(error_of([&] { jobs.retry("note", Sequence{3}); }).code(), ErrorCode::conflict);
    EXPECT_EQ(error_of([&] { jobs.cancel("note", Sequence{3}); }).code(), ErrorCode::conflict);
    EXPECT_EQ(error_of([&] { jobs.pause("note"); }).code(), ErrorCode::conflict);
    EXPECT_TRUE(jobs.list({.state = "done"}).empty()) << "it may be looked at";
    EXPECT_EQ(count(target, "SELECT count(*) FROM reeve_jobs"), 2);
  }
}

TEST_F(moved, a_suspended_ledger_rests_and_goes_on_when_it_is_resumed) {
  open(handled(), "moved_suspended");
  add(*postgres_, 1, 2);
  const std::string url = database_->application();
  Worker worker(url);
  worker.handle("note", [](const Job&, const std::stop_token&) { return ""; });
  EXPECT_EQ(worker.run_once().completed, 1);
  suspend_ledger(database_->administrator("studio"));
  EXPECT_EQ(error_of([&] { worker.run_once(); }).code(), ErrorCode::denied);
  resume_ledger(database_->administrator("studio"));
  EXPECT_EQ(worker.run_once().completed, 1);
}

/// Workers are at it all the while, and whoever finishes a job finishes it where the ledger is.
TEST_F(moved, each_job_is_kept_once_while_workers_race_with_the_move) {
  open(handled(), "moved_race");
  const Database other("moved_race_2");
  constexpr int jobs = 600;
  const std::vector<std::pair<std::string, std::string>> ways = {
      {file_, workshop_.path("there.db")}, {database_->administrator(), other.administrator()}};
  add(*sqlite_, 1, jobs);
  add(*postgres_, 1, jobs);
  sqlite_.reset();
  postgres_.reset();
  for (const auto& [source, target] : ways) {
    SCOPED_TRACE(source);
    const std::string url = source == file_ ? file_ : database_->application();
    std::atomic<int> begun = 0;
    std::atomic<bool> is_moved = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        Worker worker(url, {.parallel = 2, .batch = 4, .poll_ms = 1});
        worker.handle("note", [&](const Job&, const std::stop_token& stop) {
          // Half of them may be done while it moves; the others are under way until it has.
          for (const bool waits = ++begun > jobs / 2; waits && !is_moved && !stop.stop_requested();) {
            std::this_thread::sleep_for(milliseconds(1));
          }
          return "";
        });
        EXPECT_EQ(error_of([&] { worker.run(); }).code(), ErrorCode::conflict);
      });
    }
    while (begun < jobs / 10) std::this_thread::sleep_for(milliseconds(1));
    EXPECT_TRUE(state::promote(source, target, {}).equal());
    is_moved = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(count(source, "SELECT count(*) FROM reeve_jobs"), 0);
    EXPECT_EQ(count(source, "SELECT count(*) FROM reeve_jobs_done"), 0);
    EXPECT_EQ(
        count(target, "SELECT (SELECT count(*) FROM reeve_jobs) + (SELECT count(*) FROM reeve_jobs_done)"),
        jobs);
    EXPECT_GT(count(target, "SELECT count(*) FROM reeve_jobs"), 0) << "it moved in the middle";
  }
}

/// What a run leaves that is killed, or fails, between the jobs' arrival and their departure is gone on with.
TEST_F(moved, a_run_that_fails_between_arrival_and_departure_leaves_each_job_once) {
  open(handled(), "moved_halves");
  add(*sqlite_, 1, 5);
  sqlite_.reset();
  postgres_.reset();
  const std::string target = workshop_.path("there.db");
  const auto in_source = [this](const std::string& sql) {
    engine::Connection::open(file_, engine::OpenMode::read_write)->execute(sql);
  };
  in_source("CREATE TRIGGER stays BEFORE DELETE ON reeve_jobs BEGIN SELECT RAISE(ABORT, 'it stays'); END");
  EXPECT_THROW(state::promote(file_, target, {}), Error);
  EXPECT_EQ(count(file_, "SELECT count(*) FROM reeve_jobs"), 5);
  EXPECT_EQ(count(target, "SELECT count(*) FROM reeve_jobs"), 5);
  EXPECT_EQ(Jobs(target).list().size(), 5U) << "the source keeps them until they may be done here";
  in_source("DROP TRIGGER stays");
  ASSERT_TRUE(state::promote(file_, target, {}).equal());
  EXPECT_EQ(count(file_, "SELECT count(*) FROM reeve_jobs"), 0);
  EXPECT_EQ(count(target, "SELECT count(*) FROM reeve_jobs"), 5);
  EXPECT_EQ(count(target, "SELECT count(*) FROM reeve_meta WHERE name = 'has_jobs'"), 0);
  Worker worker(target);
  worker.handle("note", [](const Job&, const std::stop_token&) { return ""; });
  EXPECT_EQ(worker.run_until_empty().completed, 5);
  // Said once more, it takes nothing from who has it now.
  ASSERT_TRUE(state::promote(file_, target, {}).equal());
  EXPECT_EQ(count(target, "SELECT count(*) FROM reeve_jobs_done"), 5);
}

TEST_F(moved, a_copy_that_becomes_the_ledger_gets_its_jobs) {
  open(handled(), "moved_copy");
  add(*sqlite_, 1, 2);
  sqlite_.reset();
  postgres_.reset();
  const std::string target = workshop_.path("there.db");
  ASSERT_TRUE(state::promote(file_, target, {.progress = {}, .fence = false}).equal());
  EXPECT_TRUE(Jobs(target).list().empty());
  ASSERT_TRUE(state::promote(file_, target, {}).equal());
  EXPECT_EQ(Jobs(target).list().size(), 2U);
  EXPECT_EQ(count(file_, "SELECT count(*) FROM reeve_jobs"), 0);
}

TEST_F(moved, one_ledgers_fault_is_said_and_stops_no_others_jobs) {
  blueprint::Sources sources = studio_sources();
  open(sources, "moved_cli");
  add(*sqlite_, 1, 2);
  sqlite_.reset();
  postgres_.reset();
  const std::string away = workshop_.path("away.db");
  create_ledger(away, workshop_.blueprint(sources));
  ASSERT_TRUE(state::promote(away, workshop_.path("there.db"), {}).equal());
  const tests::Result worked =
      tests::reeve(tests::Folder(), {"work", away, file_, "--until-empty", "--format", "json"});
  EXPECT_EQ(worked.exit_code, exit_code_of(ErrorCode::conflict)) << worked.err;
  EXPECT_NE(worked.err.find(away + ": no jobs are done any more: the ledger moved"), std::string::npos)
      << worked.err;
  EXPECT_NE(worked.out.find("\"completed\":2"), std::string::npos) << worked.out;
}

}  // namespace
}  // namespace reeve::testing
