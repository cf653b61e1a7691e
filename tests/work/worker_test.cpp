// What workers promise, on both engines.

#include "queue/queue.h"
#include "state/epochs.h"
#include "state/verify.h"
#include "studio.h"

#include "base/clock.h"

#include <reeve/jobs.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

namespace reeve::testing {
namespace {

using std::chrono::milliseconds;

class SetClock : public Clock {
 public:
  Microseconds now() override { return now_; }
  void pass(Microseconds time) { now_ += time; }

 private:
  std::atomic<Microseconds> now_ =
      4'000'000'000'000'000;  // later than what the system's clock says of the events
};

/// The queue of one engine as a worker sees it, without threads.
class OneQueue {
 public:
  OneQueue(const state::Location& location, Clock& clock)
      : connection_(location.open(engine::OpenMode::read_write)) {
    const engine::Transaction snapshot(*connection_, engine::Transaction::Mode::read);
    epoch_ = state::load_last_epoch(*connection_);
    queue_.emplace(*connection_, epoch_->blueprint->jobs, clock, random_);
  }
  template <typename Work>
  auto in_transaction(const Work& work) {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    if constexpr (std::is_void_v<decltype(work(*queue_))>) {
      work(*queue_);
      tx.commit();
    } else {
      auto answer = work(*queue_);
      tx.commit();
      return answer;
    }
  }
  std::vector<queue::Claimed> claim(std::size_t limit = 1) {
    std::vector<const blueprint::JobKind*> kinds;
    for (const auto& [name, kind] : epoch_->blueprint->jobs) kinds.push_back(&kind);
    return in_transaction([&](queue::Queue& queue) {
      queue.wake();
      return queue.claim(kinds, limit, "test");
    });
  }
  bool end(const queue::Claimed& job, bool completed, const std::string& text = "") {
    std::vector<queue::Ending> endings{{.kind = job.kind,
                                        .sequence = job.sequence,
                                        .claims = job.claims,
                                        .unique_key = job.unique_key,
                                        .completed = completed,
                                        .text = text}};
    in_transaction([&](queue::Queue& queue) { queue.end(endings); });
    return endings.front().accepted;
  }
  queue::Held prolong(const queue::Claimed& job) {
    std::vector<queue::Held> held{{job.kind, job.sequence, job.claims}};
    in_transaction([&](queue::Queue& queue) { queue.prolong(held); });
    return held.front();
  }

 private:
  SeededRandom random_{3};
  std::unique_ptr<engine::Connection> connection_;
  std::shared_ptr<const state::EpochState> epoch_;
  std::optional<queue::Queue> queue_;
};

class job : public Studio {
 protected:
  /// The same on each engine.
  void each(const std::function<void(const std::string& url, Ledger& ledger)>& work) {
    {
      SCOPED_TRACE("SQLite");
      work(file_, *sqlite_);
    }
    SCOPED_TRACE("PostgreSQL");
    work(database_->application(), *postgres_);
  }
  void add(int first, int last, const std::string& user = "u1") {
    for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
      std::vector<std::future<Outcome>> verdicts;
      for (int i = first; i <= last; ++i) verdicts.push_back(ledger->submit("sample.added", added(i, user)));
      for (auto& verdict : verdicts) ASSERT_TRUE(verdict.get().accepted());
    }
  }
  static std::string handler_of(const std::string& kind, const std::string& more = "") {
    return kind + "on = [\"sample.added\"]\nrun = \"handler\"\n" + more;
  }
};

const char* const handled = "on = [\"sample.added\"]\nrun = \"handler\"\narguments = [\"sample_id\"]\n";

TEST_F(job, worked_example_of_the_document) {
  blueprint::Sources sources =
      studio_with("analyse",
                  "on = [\"sample.added\"]\nrun = \"command:record_analysis\"\narguments = [\"sample_id\"]\n"
                  "unique = [\"sample_id\"]\npriority = 5\ndelay = 30\nattempts = 3\ntier = "
                  "\"user_id\"\nafter = \"fetch\"\n");
  sources.files["jobs/fetch.toml"] =
      "format = 1\non = [\"sample.edited\"]\nrun = \"handler\"\nunique = [\"sample_id\"]\n";
  open(sources, "jobs_example");
  add(101, 114);
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    EXPECT_TRUE(
        ledger->commit("sample.added", R"({"path":"a.wav","sample_id":4,"user_id":"u1"})").accepted());
  }
  EXPECT_EQ(ask("SELECT state || ' ' || CAST(priority AS text) || ' ' || tier || ' ' || unique_key || ' ' || "
                "waits_for"
                " || ' ' || arguments || ' ' || CAST(due - enqueued AS text) AS line FROM reeve_jobs WHERE "
                "sequence = 17"),
            R"(delayed 5 "u1" [4] fetch {"sample_id":4} 30000000)");
  each([&](const std::string& url, Ledger&) {
    SetClock clock;
    OneQueue queue(url, clock);
    const auto claimed = queue.claim(15);
    ASSERT_EQ(claimed.size(), 15U);
    EXPECT_EQ(claimed.back().sequence, 17);
    EXPECT_EQ(claimed.back().attempt, 1);
    EXPECT_EQ(claimed.back().token(), 17825793);
  });
}

TEST_F(job, a_command_is_run_once_with_its_effect) {
  open(studio_sources(), "work_commands");
  add(1, 50);
  each([](const std::string& url, Ledger& ledger) {
    Worker worker(url, {.parallel = 4, .batch = 16});
    const WorkReport report = worker.run_until_empty();
    EXPECT_EQ(report.completed, 50);
    EXPECT_EQ(report.failed, 0);
    Rows rows = ledger.query("samples");
    int count = 0;
    for (; rows.next(); ++count) EXPECT_EQ(std::get<1>(rows.as<std::int64_t, std::int64_t>()), 1);
    EXPECT_EQ(count, 50);
  });
  EXPECT_EQ(ask("SELECT outcome || CAST(count(*) AS text) AS line FROM reeve_jobs_done GROUP BY outcome"),
            "completed50");
  EXPECT_EQ(ask("SELECT kind AS line FROM reeve_jobs"), "");
}

TEST_F(job, a_poison_kind_ends_in_the_dead_letters_and_stops_nobody) {
  blueprint::Sources sources = studio_with(
      "poison", std::string(handled) + "priority = 100\nattempts = 3\n[backoff]\nfirst = 0.01\nmax = 0.02\n");
  sources.files["jobs/good.toml"] = std::string("format = 1\n") + handled;
  open(sources, "work_poison");
  add(1, 30);
  each([](const std::string& url, Ledger&) {
    Worker worker(url, {.parallel = 2, .batch = 8});
    std::atomic<int> tried = 0;
    worker.handle("good", [](const Job&, const std::stop_token&) { return "fine"; });
    worker.handle("poison", [&](const Job& one, const std::stop_token&) -> std::string {
      ++tried;
      throw std::runtime_error("it is poison \xFF" + one.id() + std::string(5000, 'x'));
    });
    const WorkReport report = worker.run_until_empty();
    EXPECT_EQ(report.completed, 30);
    EXPECT_EQ(report.dead, 30);
    EXPECT_EQ(tried, 90);
    Jobs jobs(url);
    const auto dead = jobs.list({.state = "dead"});
    ASSERT_EQ(dead.size(), 30U);
    EXPECT_TRUE(dead.front().text.starts_with("it is poison ?poison:")) << dead.front().text;
    EXPECT_LE(dead.front().text.size(), 2000U);
    EXPECT_EQ(dead.front().attempts, 3);
    const auto left = worker.left();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left.front().jobs, 30);
    // Somebody mends what was wrong, and asks for one of them again.
    EXPECT_TRUE(jobs.retry("poison", dead.front().sequence));
    EXPECT_EQ(jobs.cancel("poison", dead.back().sequence), Jobs::Cancel::done);
    worker.handle("poison", [](const Job&, const std::stop_token&) { return "cured"; });
    EXPECT_EQ(worker.run_until_empty().completed, 1);
    EXPECT_EQ(jobs.find("poison", dead.front().sequence)->text, "cured");
    EXPECT_EQ(jobs.find("poison", dead.back().sequence)->state, "cancelled");
    EXPECT_FALSE(jobs.retry("poison", dead.back().sequence));
    EXPECT_EQ(jobs.cancel("poison", Sequence{9999}), Jobs::Cancel::unknown);
  });
}

TEST_F(job, an_old_token_is_refused) {
  open(studio_with("one", std::string(handled) + "lease = 10\n"), "work_tokens");
  add(1, 1);
  each([](const std::string& url, Ledger&) {
    SetClock clock;
    OneQueue first(url, clock);
    OneQueue second(url, clock);
    const auto held = first.claim();
    ASSERT_EQ(held.size(), 1U);
    EXPECT_TRUE(second.claim().empty());
    clock.pass(9'000'000);
    EXPECT_FALSE(first.prolong(held[0]).lost);
    clock.pass(9'000'000);
    EXPECT_TRUE(second.claim().empty()) << "the lease was prolonged";
    clock.pass(2'000'000);
    const auto taken = second.claim();
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_GT(taken[0].token(), held[0].token());
    EXPECT_EQ(taken[0].attempt, 2);
    EXPECT_TRUE(first.prolong(held[0]).lost);
    EXPECT_FALSE(first.end(held[0], true));
    EXPECT_FALSE(first.end(held[0], false, "late"));
    EXPECT_TRUE(second.end(taken[0], true));
    EXPECT_FALSE(second.end(taken[0], true)) << "once";
  });
}

TEST_F(job, attempts_are_counted_when_it_is_claimed_and_waits_grow) {
  open(
      studio_with("one", std::string(handled) + "attempts = 4\nlease = 5\n[backoff]\nfirst = 10\nmax = 25\n"),
      "work_backoff");
  add(1, 1);
  each([](const std::string& url, Ledger&) {
    SetClock clock;
    OneQueue queue(url, clock);
    Microseconds longest = 10'000'000;
    for (int attempt = 1; attempt <= 2; ++attempt) {
      const auto held = queue.claim();
      ASSERT_EQ(held.size(), 1U) << attempt;
      EXPECT_TRUE(queue.end(held[0], false, "no"));
      clock.pass(longest / 2 - 1);
      EXPECT_TRUE(queue.claim().empty()) << "before half the wait";
      clock.pass(longest / 2 + 1);
      longest = 20'000'000;
    }
    // Whoever dies has tried too.
    ASSERT_EQ(queue.claim().size(), 1U);
    clock.pass(5'000'001);
    ASSERT_EQ(queue.claim().size(), 1U);
    clock.pass(5'000'001);
    EXPECT_TRUE(queue.claim().empty());
    const auto dead = Jobs(url).list({.state = "dead"});
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead[0].attempts, 4);
    EXPECT_NE(dead[0].text.find("its lease ended"), std::string::npos);
  });
}

TEST_F(job, is_told_that_it_is_cancelled) {
  open(studio_with("long", std::string(handled) + "lease = 1\n"), "work_cancel");
  add(1, 1);
  each([](const std::string& url, Ledger&) {
    Worker worker(url, {.poll_ms = 20});
    std::atomic<bool> begun = false;
    worker.handle("long", [&](const Job&, const std::stop_token& stop) -> std::string {
      begun = true;
      for (int i = 0; i < 1000 && !stop.stop_requested(); ++i) std::this_thread::sleep_for(milliseconds(10));
      throw std::runtime_error(stop.stop_requested() ? "told" : "never told");
    });
    std::thread other([&] {
      while (!begun) std::this_thread::sleep_for(milliseconds(5));
      EXPECT_EQ(Jobs(url).cancel("long", Sequence{3}), Jobs::Cancel::told);
    });
    worker.run_until_empty();
    other.join();
    const auto status = Jobs(url).find("long", Sequence{3});
    ASSERT_TRUE(status);
    EXPECT_EQ(status->state, "cancelled");
    EXPECT_EQ(status->text, "told");
  });
}

TEST_F(job, that_takes_too_long_is_told_and_fails) {
  open(studio_with("slow", std::string(handled) + "timeout = 0.2\nattempts = 1\n"), "work_timeout");
  add(1, 1);
  each([](const std::string& url, Ledger&) {
    Worker worker(url, {.poll_ms = 20});
    worker.handle("slow", [&](const Job&, const std::stop_token& stop) -> std::string {
      for (int i = 0; i < 1000 && !stop.stop_requested(); ++i) std::this_thread::sleep_for(milliseconds(10));
      throw std::runtime_error("gave up");
    });
    EXPECT_EQ(worker.run_until_empty().dead, 1);
    EXPECT_EQ(Jobs(url).list({.state = "dead"}).at(0).text, "its time was up: 200 ms. gave up");
  });
}

TEST_F(job, of_a_key_that_is_asked_for_while_it_runs_follows_once) {
  open(studio_with("embed",
                   "on = [\"sample.added\", \"sample.edited\"]\nrun = \"handler\"\nunique = [\"sample_id\"]\n"
                   "attempts = 2\n[backoff]\nfirst = 0.01\nmax = 0.01\n"),
       "work_unique");
  add(1, 1);
  each([](const std::string& url, Ledger& ledger) {
    Worker worker(url, {.parallel = 4});
    std::atomic<int> runs = 0;
    std::atomic<int> at_once = 0;
    worker.handle("embed", [&](const Job& one, const std::stop_token&) -> std::string {
      EXPECT_EQ(++at_once, 1);
      if (++runs == 1) {
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(ledger.commit("sample.edited", added(1)).accepted());
      }
      --at_once;
      return one.id();
    });
    EXPECT_EQ(worker.run_until_empty().completed, 2);
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(Jobs(url).find("embed", Sequence{4})->text, "embed:4");
    // A job that dies does not take what was asked for meanwhile with it.
    runs = 10;
    EXPECT_TRUE(ledger.commit("sample.edited", added(1)).accepted());
    worker.handle("embed", [&](const Job& one, const std::stop_token&) -> std::string {
      if (++runs == 11) {
        EXPECT_TRUE(ledger.commit("sample.edited", added(1)).accepted());
      }
      if (one.sequence.value == 9) throw std::runtime_error("never");
      return "done";
    });
    const WorkReport report = worker.run_until_empty();
    EXPECT_EQ(report.dead, 1);
    EXPECT_EQ(report.completed, 1);
    EXPECT_EQ(Jobs(url).find("embed", Sequence{10})->text, "done");
  });
}

TEST_F(job, that_is_cancelled_leaves_the_one_that_was_asked_for_while_it_ran) {
  open(studio_with("embed",
                   "on = [\"sample.added\", \"sample.edited\"]\nrun = \"handler\"\nunique = [\"sample_id\"]\n"
                   "[backoff]\nfirst = 100\nmax = 100\n"),
       "work_cancel_first");
  add(1, 1);
  each([](const std::string& url, Ledger& ledger) {
    SetClock clock;
    OneQueue queue(url, clock);
    const queue::Claimed first = queue.claim().at(0);
    ASSERT_TRUE(ledger.commit("sample.edited", added(1)).accepted());
    ASSERT_TRUE(queue.end(first, false, "not now"));
    Jobs jobs(url, &clock);
    EXPECT_EQ(jobs.list().at(0).state, "delayed");
    EXPECT_EQ(jobs.cancel("embed", Sequence{first.sequence}), Jobs::Cancel::done);
    const auto left = jobs.list();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].sequence.value, 4);
    EXPECT_EQ(left[0].state, "ready");
    EXPECT_EQ(left[0].attempts, 0);
    EXPECT_EQ(jobs.list({.state = "cancelled"}).size(), 1U);
    EXPECT_EQ(jobs.list({.state = "completed"}).size(), 0U);
    EXPECT_EQ(queue.claim().at(0).sequence, 4);
  });
}

TEST_F(job, that_follows_waits_as_its_own_event_says) {
  open(studio_with("embed",
                   "on = [\"sample.added\", \"sample.edited\"]\nrun = \"handler\"\nunique = [\"sample_id\"]\n"
                   "arguments = [\"sample_id\"]\ndelay = \"not_before\"\nattempts = 1\n"),
       "work_follow_later");
  add(1, 1);
  each([](const std::string& url, Ledger& ledger) {
    SetClock clock;
    const Microseconds then = clock.now() + 3'600'000'000;
    const std::string later =
        fmt::format(R"({{"sample_id":1,"user_id":"u","not_before":"{}"}})", format_time(then));
    OneQueue queue(url, clock);
    Jobs jobs(url, &clock);
    for (const bool completed : {true, false}) {
      const queue::Claimed first = queue.claim().at(0);
      ASSERT_TRUE(ledger.commit("sample.edited", later).accepted());
      ASSERT_TRUE(queue.end(first, completed));
      const auto waiting = jobs.list({.state = "delayed"});
      ASSERT_EQ(waiting.size(), 1U) << completed;
      EXPECT_EQ(waiting[0].due, then);
      EXPECT_TRUE(queue.claim().empty());
      EXPECT_TRUE(jobs.retry("embed", waiting[0].sequence)) << "for the next round";
    }
  });
}

TEST_F(job, comes_after_the_one_that_it_waits_for) {
  blueprint::Sources sources = studio_with("fetch", std::string(handled) +
                                                        "unique = [\"sample_id\"]\npriority = -5\n"
                                                        "attempts = 1\n");
  sources.files["jobs/analyse.toml"] =
      std::string("format = 1\n") + handled + "unique = [\"sample_id\"]\nafter = \"fetch\"\npriority = 5\n";
  open(sources, "work_after");
  add(1, 20);
  each([](const std::string& url, Ledger&) {
    Worker worker(url, {.parallel = 3, .batch = 6, .poll_ms = 10});
    std::mutex mutex;
    std::set<std::int64_t> fetched;
    worker.handle("fetch", [&](const Job& one, const std::stop_token&) -> std::string {
      const std::lock_guard lock(mutex);
      if (one.sequence.value == 3) throw std::runtime_error("gone");
      fetched.insert(one.sequence.value);
      return "";
    });
    worker.handle("analyse", [&](const Job& one, const std::stop_token&) -> std::string {
      const std::lock_guard lock(mutex);
      EXPECT_TRUE(fetched.contains(one.sequence.value)) << one.id();
      return "";
    });
    const WorkReport report = worker.run_until_empty();
    EXPECT_EQ(report.completed, 38);
    EXPECT_EQ(report.dead, 1);
    const auto held = Jobs(url).list({.state = "blocked"});
    ASSERT_EQ(held.size(), 1U) << "what waits for a dead one is held, and shown";
    EXPECT_EQ(held[0].sequence.value, 3);
    worker.handle("fetch", [&](const Job& one, const std::stop_token&) -> std::string {
      const std::lock_guard lock(mutex);
      fetched.insert(one.sequence.value);
      return "";
    });
    EXPECT_TRUE(Jobs(url).retry("fetch", Sequence{3}));
    EXPECT_EQ(worker.run_until_empty().completed, 2);
  });
}

TEST_F(job, highest_priority_first_then_the_oldest) {
  blueprint::Sources sources = studio_with("low", std::string(handled) + "priority = -1\n");
  sources.files["jobs/high.toml"] = std::string("format = 1\n") + handled + "priority = 9\n";
  open(sources, "work_priority");
  add(1, 3);
  each([](const std::string& url, Ledger&) {
    SetClock clock;
    OneQueue queue(url, clock);
    std::string order;
    for (auto held = queue.claim(); !held.empty(); held = queue.claim()) {
      order += fmt::format("{}:{} ", held[0].kind, held[0].sequence);
    }
    EXPECT_EQ(order, "high:3 high:4 high:5 low:3 low:4 low:5 ");
  });
}

TEST_F(job, tiers_take_turns_by_their_weights) {
  open(studio_with("mix",
                   "on = [\"sample.added\"]\nrun = \"handler\"\ntier = \"user_id\"\n[weights]\ngold = 3\n"),
       "work_tiers");
  add(1, 60, "greedy");
  add(61, 120, "gold");
  add(121, 122, "modest");
  each([](const std::string& url, Ledger& ledger) {
    SetClock clock;
    OneQueue queue(url, clock);
    std::map<std::string, int> first_twenty;
    for (int i = 0; i < 20; ++i) {
      const auto held = queue.claim();
      ASSERT_EQ(held.size(), 1U);
      const std::string& arguments = held[0].arguments;
      const std::size_t at = arguments.find("user_id\":\"") + 10;
      ++first_twenty[arguments.substr(at, arguments.find('"', at) - at)];
    }
    EXPECT_EQ(first_twenty["modest"], 2) << "who asks for little does not wait for who asks for much";
    EXPECT_NEAR(first_twenty["gold"], 3 * first_twenty["greedy"], 3);
    EXPECT_GE(first_twenty["greedy"], 3);
    // A tier that comes later has no claim to the past.
    ASSERT_TRUE(ledger.commit("sample.added", added(200, "late")).accepted());
    ASSERT_TRUE(ledger.commit("sample.added", added(201, "late")).accepted());
    int before_second = 0;
    int late = 0;
    while (late < 2) {
      const auto held = queue.claim();
      ASSERT_EQ(held.size(), 1U);
      late += held[0].arguments.find("late") != std::string::npos ? 1 : 0;
      ++before_second;
    }
    EXPECT_GE(before_second, 4);
    EXPECT_LE(before_second, 15);
  });
}

TEST_F(job, that_is_done_leaves_the_table_of_open_ones_and_is_forgotten_after_its_retention) {
  blueprint::Sources sources = studio_with("brief", std::string(handled) + "retention = 2\n");
  sources.files["jobs/kept.toml"] = std::string("format = 1\n") + handled + "retention = 30\n";
  open(sources, "work_retention");
  add(1, 25);
  each([](const std::string& url, Ledger&) {
    SetClock clock;
    Jobs jobs(url, &clock);
    const auto done = [&](const std::string& kind) {
      // A worker takes away what is forgotten when it begins to look, and then each minute.
      Worker worker(url, {.clock = &clock});
      for (const char* name : {"brief", "kept"})
        worker.handle(name, [](const Job&, const std::stop_token&) { return ""; });
      worker.run_until_empty();
      return jobs.list({.kind = kind, .state = "done"}).size();
    };
    constexpr Microseconds hour = 3'600'000'000;
    EXPECT_EQ(done("brief"), 25U);
    EXPECT_TRUE(jobs.list().empty());
    clock.pass(47 * hour);
    EXPECT_EQ(done("brief"), 25U);
    clock.pass(2 * hour);
    EXPECT_EQ(done("brief"), 0U);
    EXPECT_EQ(done("kept"), 25U);
    clock.pass(29 * 24 * hour);
    OneQueue queue(url, clock);
    const auto purge = [&] { return queue.in_transaction([](queue::Queue& one) { return one.purge(20); }); };
    EXPECT_TRUE(purge()) << "a little at a time";
    EXPECT_EQ(jobs.list({.kind = "kept", .state = "done"}).size(), 5U);
    EXPECT_FALSE(purge());
    EXPECT_EQ(done("kept"), 0U);
  });
  EXPECT_EQ(ask("SELECT kind AS line FROM reeve_jobs UNION ALL SELECT kind AS line FROM reeve_jobs_done"),
            "");
}

TEST_F(job, begins_no_faster_than_its_rate) {
  open(studio_with("sparing", std::string(handled) + "rate = 6\n"), "work_rate");
  add(1, 100);
  each([](const std::string& url, Ledger&) {
    SetClock clock;
    OneQueue queue(url, clock);
    int begun = 0;
    for (int second = 0; second < 120; ++second) {
      begun += static_cast<int>(queue.claim(10).size());
      clock.pass(1'000'000);
    }
    EXPECT_EQ(begun, 12);
  });
}

TEST_F(job, moves_with_its_ledger_and_is_left_by_a_copy) {
  const std::string kind = std::string(handled) + "lease = 600\ntier = \"user_id\"\n";
  blueprint::Sources sources = studio_with("one", kind);
  sources.files["jobs/analyse.toml"] =
      "format = 1\non = [\"sample.added\"]\nrun = \"command:record_analysis\"\narguments = [\"sample_id\"]\n";
  open(sources, "work_moves");
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(sqlite_->commit("sample.added", added(i)).accepted());
  queue::Claimed first;
  {
    SetClock clock;
    OneQueue queue(file_, clock);
    first = queue.claim(1).at(0);
    Worker done(file_, {.kinds = {"analyse"}});
    EXPECT_EQ(done.run_once().completed, 1);
  }
  const std::string rows =
      "SELECT kind || sequence || state || turn || due || tier || attempts || claims || worker || arguments "
      "AS line"
      " FROM reeve_jobs ORDER BY kind, sequence";
  const std::string before = in_file(rows);
  const std::string done_before =
      in_file("SELECT kind || sequence || finished || result AS line FROM reeve_jobs_done");
  sqlite_.reset();
  postgres_.reset();
  const Database copied("work_copied");
  ASSERT_TRUE(state::promote(file_, copied.administrator(), {.progress = {}, .fence = false}).equal());
  EXPECT_TRUE(Jobs(copied.application()).list().empty());
  EXPECT_EQ(in_file(rows), before);
  const Database moved("work_moved");
  ASSERT_TRUE(state::promote(file_, moved.administrator(), {}).equal());
  EXPECT_EQ(in_file(rows), "") << "what has moved is done once";
  EXPECT_EQ(in_database_of(moved, rows), before);
  EXPECT_EQ(
      in_database_of(moved, "SELECT kind || sequence || finished || result AS line FROM reeve_jobs_done"),
      done_before);
  // And back, to where it is done.
  const std::string back = workshop_.path("back.db");
  ASSERT_TRUE(state::promote(moved.administrator(), back, {}).equal());
  SetClock clock;
  clock.pass(1'000'000'000);
  OneQueue queue(back, clock);
  std::int64_t again = 0;
  for (const queue::Claimed& one : queue.claim(100)) {
    again = std::max(again, one.sequence == first.sequence && one.kind == first.kind ? one.token() : 0);
  }
  EXPECT_GT(again, first.token()) << "whoever had it before is refused";
  EXPECT_TRUE(state::verify(state::Location(back)).equal());
}

/// However many wait or run: what the server reads for a batch grows with the batch alone.
TEST_F(job, batches_on_postgres_are_found_by_their_keys) {
  open(studio_with("note", std::string(handled)), "work_plans");
  constexpr std::int64_t jobs = 4000;
  constexpr std::int64_t batch = 500;
  std::vector<std::future<Outcome>> verdicts;
  for (int i = 1; i <= jobs; ++i) verdicts.push_back(postgres_->submit("sample.added", added(i)));
  for (auto& verdict : verdicts) ASSERT_TRUE(verdict.get().accepted());
  const auto read = [this] {
    const std::string sum =
        "SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'reeve_jobs')"
        " + (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'reeve_jobs')";
    return std::get<std::int64_t>(database_->value("SELECT (" + sum + ")::bigint").value());
  };
  const std::int64_t before = read();
  {
    Worker worker(database_->application(), {.batch = batch});
    worker.handle("note", [](const Job&, const std::stop_token&) { return ""; });
    EXPECT_EQ(worker.run_until_empty().completed, jobs);
  }
  // What a session has counted is known when it has ended.
  for (int i = 0; i < 100 && read() - before < 2 * jobs; ++i) std::this_thread::sleep_for(milliseconds(100));
  EXPECT_GE(read() - before, 2 * jobs);
  EXPECT_LT(read() - before, 50 * jobs) << "looked for one by one among all that run, it would be 250";
}

TEST_F(job, of_a_kind_that_nobody_does_is_named_and_stays) {
  blueprint::Sources sources = studio_with("mail", std::string(handled));
  sources.files["jobs/convert.toml"] =
      "format = 1\non = [\"sample.added\"]\nrun = \"program:convert\"\narguments = [\"sample_id\"]\n";
  open(sources, "work_unknown");
  add(1, 3);
  each([&](const std::string& url, Ledger&) {
    Worker worker(url, {.programs = workshop_.path("nowhere")});
    EXPECT_EQ(worker.run_until_empty().completed, 0);
    const auto left = worker.left();
    ASSERT_EQ(left.size(), 2U);
    EXPECT_EQ(left[0].kind, "convert");
    EXPECT_NE(left[0].reason.find("no program"), std::string::npos) << left[0].reason;
    EXPECT_EQ(left[1].kind, "mail");
    EXPECT_EQ(left[1].jobs, 3);
    EXPECT_EQ(left[1].reason, "it has no handler here");
    EXPECT_EQ(Jobs(url).list({.kind = "mail", .state = "ready"}).size(), 3U);
    EXPECT_EQ(error_of([&] { worker.handle("male", nullptr); }).code(), ErrorCode::not_found);
  });
}

}  // namespace
}  // namespace reeve::testing
