// kill -9 of who enqueues and of who works: no job is lost, none is done without its event, and what commands do is done once.

#include "studio.h"
#include "support/child_process.h"

#include <reeve/jobs.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <thread>

namespace reeve::testing {
namespace {

constexpr const char* add_until_killed = "--add-until-killed";
constexpr const char* work_until_killed = "--work-until-killed";
constexpr const char* claim_all = "--claim-all";

int add(const std::string& url, std::int64_t first) {
  Ledger ledger = Ledger::open(url);
  write_line("ready");
  for (std::int64_t i = first;;) {
    std::vector<std::future<Outcome>> verdicts;
    for (int together = 0; together < 20; ++together)
      verdicts.push_back(ledger.submit("sample.added", added(i++)));
    for (auto& verdict : verdicts) verdict.get();
  }
}

int work(const std::string& url) {
  Worker worker(url, {.parallel = 3, .batch = 6, .poll_ms = 5});
  worker.handle("note", [](const Job& job, const std::stop_token&) {
    std::this_thread::sleep_for(std::chrono::microseconds(500));
    return job.id();
  });
  write_line("ready");
  worker.run();
  return 0;
}

/// Says which jobs it was given.
/// Begins when there is such a file, so that all begin at once.
int claim(const std::string& url, const std::filesystem::path& start) {
  Worker worker(url, {.parallel = 2, .batch = 3, .poll_ms = 5});
  worker.handle("note", [](const Job& job, const std::stop_token&) {
    write_line(job.id());
    std::this_thread::sleep_for(std::chrono::milliseconds(3));  // the others get their turn at the lock
    return "";
  });
  write_line("ready");
  while (!std::filesystem::exists(start)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  worker.run_until_empty();
  write_line("end");
  return 0;
}

class killed : public Studio {
 protected:
  static blueprint::Sources two_kinds(int lease) {
    blueprint::Sources sources = studio_sources();
    // However often its worker is killed, that is no reason to give it up.
    sources.files["jobs/analyse.toml"] += "attempts = 1000\nlease = " + std::to_string(lease) + "\n";
    sources.files["jobs/note.toml"] =
        "format = 1\non = [\"sample.added\"]\nrun = \"handler\"\narguments = [\"sample_id\"]\n"
        "attempts = 1000\nlease = " +
        std::to_string(lease) + "\n";
    return sources;
  }
  void make_two_kinds(const std::string& name, int lease = 1) {
    open(two_kinds(lease), name);
    sqlite_.reset();
    postgres_.reset();
  }
  static void feed(const std::string& url, std::int64_t first, std::int64_t count) {
    Ledger ledger = Ledger::open(url);
    std::vector<std::future<Outcome>> verdicts;
    for (std::int64_t i = 0; i < count; ++i)
      verdicts.push_back(ledger.submit("sample.added", added(first + i)));
    for (auto& verdict : verdicts) ASSERT_TRUE(verdict.get().accepted());
  }

  void kill_workers(const std::string& url, int rounds, std::mt19937_64& random) {
    std::int64_t fed = 0;
    for (int round = 0; round < rounds; ++round) {
      feed(url, fed, 10);
      fed += 10;
      ChildProcess child({work_until_killed, url});
      ASSERT_EQ(child.read_line(), "ready");
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 25'000));
      child.kill_now();
      child.wait();
    }
    Worker worker(url, {.parallel = 4, .batch = 64, .poll_ms = 20});
    worker.handle("note", [](const Job& job, const std::stop_token&) { return job.id(); });
    worker.run_until_empty();
    Jobs jobs(url);
    EXPECT_TRUE(jobs.list().empty()) << "none is left, claimed or not";
    std::set<std::string> done;
    std::int64_t tried_again = 0;
    for (const JobStatus& job : jobs.list({.state = "done", .limit = 1'000'000})) {
      EXPECT_EQ(job.state, "completed");
      EXPECT_TRUE(done.insert(fmt::format("{}:{}", job.kind, job.sequence.value)).second);
      tried_again += job.attempts > 1 ? 1 : 0;
    }
    EXPECT_EQ(static_cast<std::int64_t>(done.size()), 2 * fed) << "every job is done";
    EXPECT_GT(tried_again, 0) << "no kill hit a worker at work";
    Ledger ledger = Ledger::open(url);
    Rows rows = ledger.query("samples");
    std::int64_t samples = 0;
    for (; rows.next(); ++samples) {
      const auto [sample, analyses] = rows.as<std::int64_t, std::int64_t>();
      EXPECT_EQ(analyses, 1) << "the effect of the job of sample " << sample;
    }
    EXPECT_EQ(samples, fed);
  }
};

TEST_F(killed, workers_lose_no_job_and_their_commands_take_effect_once) {
  make_two_kinds("killed_workers");
  std::mt19937_64 random(test_seed("killed workers"));
  const int kills = number_of("REEVE_WORK_KILLS", 200);
  kill_workers(file_, kills * 3 / 4, random);
  kill_workers(database_->application(), kills - kills * 3 / 4, random);
}

TEST_F(killed, writers_leave_no_event_without_its_job) {
  make_two_kinds("killed_writers");
  std::mt19937_64 random(test_seed("killed writers"));
  for (const std::string& url : {file_, database_->application()}) {
    const int rounds = number_of("REEVE_WORK_KILLS", 200) / 20;
    std::int64_t moved = 0;
    std::int64_t before = 0;
    int patience = 1;  // of a busy machine, where a writer needs longer to come to its first commit
    for (int round = 0; round < rounds; ++round) {
      ChildProcess child({add_until_killed, url, std::to_string(round * 1'000'000)});
      ASSERT_EQ(child.read_line(), "ready");
      std::this_thread::sleep_for(
          std::chrono::milliseconds((30 + random() % 120) * static_cast<unsigned>(patience)));
      child.kill_now();
      child.wait();
      Ledger ledger = Ledger::open(url);  // recovers
      std::int64_t events = 0;
      for (Rows rows = ledger.query("samples"); rows.next();) ++events;
      const auto jobs = Jobs(url).list({.limit = 10'000'000});
      EXPECT_EQ(static_cast<std::int64_t>(jobs.size()), 2 * events) << "round " << round;
      moved += events > before ? 1 : 0;
      if (events == before && patience < 32) patience *= 2;
      before = events;
    }
    EXPECT_GT(moved, rounds / 4);
  }
}

TEST_F(killed, two_processes_never_get_the_same_job) {
  make_two_kinds("killed_claims", 600);
  for (const std::string& url : {file_, database_->application()}) {
    feed(url, 0, 300);
    const std::string start = workshop_.path(url == file_ ? "go" : "go_too");
    std::vector<std::unique_ptr<ChildProcess>> workers;
    for (int i = 0; i < 4; ++i) {
      workers.push_back(std::make_unique<ChildProcess>(std::vector<std::string>{claim_all, url, start}));
      ASSERT_EQ(workers.back()->read_line(), "ready");
    }
    std::ofstream(start) << "go";
    std::set<std::string> given;
    int busy = 0;
    for (const auto& worker : workers) {
      int jobs = 0;
      for (std::string line = worker->read_line(); !line.empty(); line = worker->read_line()) {
        if (line == "ready" || line == "end") continue;
        EXPECT_TRUE(given.insert(line).second) << line << " was given twice";
        ++jobs;
      }
      EXPECT_EQ(worker->wait(), 0);
      busy += jobs > 0 ? 1 : 0;
    }
    EXPECT_EQ(given.size(), 300U);
    EXPECT_GT(busy, 1) << "one had it all";
  }
}

}  // namespace
}  // namespace reeve::testing

int main(int count, char** arguments) {
  const std::string_view what = count > 2 ? arguments[1] : "";
  if (what == reeve::testing::add_until_killed)
    return reeve::testing::add(arguments[2], std::atoll(arguments[3]));
  if (what == reeve::testing::work_until_killed) return reeve::testing::work(arguments[2]);
  if (what == reeve::testing::claim_all) return reeve::testing::claim(arguments[2], arguments[3]);
  ::testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
