// What time, moments and confirmations ask of jobs, on both engines.

#include "state/migrate.h"
#include "studio.h"

#include "base/clock.h"

#include <reeve/jobs.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace reeve::testing {
namespace {

class SetClock : public Clock {
 public:
  explicit SetClock(std::string_view time) : now_(parse_time(time).value()) {}
  Microseconds now() override { return now_; }
  void set(std::string_view time) { now_ = parse_time(time).value(); }

 private:
  std::atomic<Microseconds> now_;
};

constexpr Microseconds us_of_second = 1'000'000;

class schedule : public Studio {
 protected:
  void each(const std::function<void(const std::string& url)>& work) {
    for (const std::string& url : {file_, database_->application()}) {
      SCOPED_TRACE(url);
      clock_.set("2026-03-01T12:00:00Z");
      done_.clear();
      work(url);
    }
  }
  /// One look of a worker that writes down what it does.
  WorkReport look(const std::string& url, bool until_empty = false) {
    Worker worker(url, {.clock = &clock_, .kinds = {"tick"}, .poll_ms = 5});
    worker.handle("tick", [this](const Job& job, const std::stop_token&) {
      const std::lock_guard lock(mutex_);
      done_.push_back(format_time(job.sequence.value * us_of_second).substr(5, 11) + " " + job.arguments);
      return "";
    });
    return until_empty ? worker.run_until_empty() : worker.run_once();
  }
  static blueprint::Sources ticking(const std::string& more) {
    return studio_with("tick", "schedule = \"0 6 * * *\"\nrun = \"handler\"\n" + more);
  }

  SetClock clock_{"2026-03-01T12:00:00Z"};
  std::mutex mutex_;
  std::vector<std::string> done_;
};

using Done = std::vector<std::string>;

TEST_F(schedule, makes_one_job_for_each_slot) {
  open(ticking("slot = \"day\"\n\n[given]\nlimit = 5\nname = \"ä\"\n"), "schedule_slots");
  each([&](const std::string& url) {
    look(url);
    EXPECT_TRUE(done_.empty()) << "it begins with the first slot from now on";
    clock_.set("2026-03-02T05:59:59Z");
    look(url);
    EXPECT_TRUE(done_.empty());
    clock_.set("2026-03-02T06:00:00Z");
    look(url);
    look(url);
    EXPECT_EQ(done_, (Done{R"(03-02T06:00 {"day":"2026-03-02T06:00:00.000000Z","limit":5,"name":"ä"})"}));
    const auto schedules = Jobs(url, &clock_).schedules();
    ASSERT_EQ(schedules.size(), 1U);
    EXPECT_EQ(format_time(schedules[0].next.value()), "2026-03-03T06:00:00.000000Z");
    EXPECT_EQ(format_time(schedules[0].last.value()), "2026-03-02T06:00:00.000000Z");
  });
}

TEST_F(schedule, makes_up_for_the_last_slot_alone_unless_told_otherwise) {
  open(ticking(""), "schedule_last");
  each([&](const std::string& url) {
    look(url);
    clock_.set("2026-03-05T07:00:00Z");
    look(url, true);
    look(url, true);
    EXPECT_EQ(done_, (Done{"03-05T06:00 {}"}));
  });
}

TEST_F(schedule, makes_up_for_all_slots_in_their_order) {
  open(ticking("catch_up = \"all\"\n"), "schedule_all");
  each([&](const std::string& url) {
    look(url);
    clock_.set("2026-03-04T07:00:00Z");
    look(url, true);
    EXPECT_EQ(done_, (Done{"03-02T06:00 {}", "03-03T06:00 {}", "03-04T06:00 {}"}));
    // More than are made at once.
    done_.clear();
    clock_.set("2026-12-01T07:00:00Z");
    look(url, true);
    EXPECT_EQ(done_.size(), 272U);
    EXPECT_TRUE(std::is_sorted(done_.begin(), done_.end()));
  });
}

TEST_F(schedule, leaves_out_what_was_missed) {
  open(ticking("catch_up = \"none\"\n"), "schedule_none");
  each([&](const std::string& url) {
    look(url);
    clock_.set("2026-03-04T07:00:00Z");
    look(url, true);
    EXPECT_TRUE(done_.empty());
    clock_.set("2026-03-05T06:00:59Z");
    look(url, true);
    EXPECT_EQ(done_, (Done{"03-05T06:00 {}"}));
  });
}

TEST_F(schedule, begins_anew_when_it_is_another) {
  open(ticking(""), "schedule_changed");
  each([&](const std::string& url) { look(url); });
  blueprint::Sources later = studio_with("tick", "schedule = \"30 7 * * *\"\nrun = \"handler\"\n");
  later.files["migrations/0002_more.up.sql"] = "CREATE TABLE more (id bigint PRIMARY KEY);\n";
  later.files["migrations/0002_more.down.sql"] = "DROP TABLE more;\n";
  for (const std::string& url : {file_, database_->administrator()}) {
    state::migrate_up(url, later);
  }
  each([&](const std::string& url) {
    clock_.set("2026-03-02T07:00:00Z");
    look(url);
    EXPECT_TRUE(done_.empty()) << "six o'clock is no slot any more";
    clock_.set("2026-03-02T07:30:00Z");
    look(url);
    EXPECT_EQ(done_, (Done{"03-02T07:30 {}"}));
  });
}

TEST_F(schedule, is_made_once_however_many_look) {
  open(ticking("catch_up = \"all\"\n"), "schedule_many");
  each([&](const std::string& url) {
    look(url);
    clock_.set("2026-04-01T07:00:00Z");
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) threads.emplace_back([&] { look(url, true); });
    for (std::thread& thread : threads) thread.join();
    std::sort(done_.begin(), done_.end());
    EXPECT_EQ(done_.size(), 31U);
    EXPECT_EQ(std::adjacent_find(done_.begin(), done_.end()), done_.end()) << "a slot was done twice";
  });
}

TEST_F(schedule, a_clock_that_goes_back_makes_no_slot_twice) {
  open(ticking("attempts = 1\n"), "schedule_back");
  each([&](const std::string& url) {
    look(url);
    clock_.set("2026-03-02T06:00:01Z");
    look(url);
    clock_.set("2026-03-02T05:00:00Z");
    look(url);
    clock_.set("2026-03-02T06:00:02Z");
    look(url);
    EXPECT_EQ(done_, (Done{"03-02T06:00 {}"}));
    // Not even where the row that knows it was made anew, and the job is there, dead.
    clock_.set("2026-03-03T06:00:00Z");
    Worker failing(url, {.clock = &clock_});
    failing.handle("tick",
                   [](const Job&, const std::stop_token&) -> std::string { throw std::runtime_error("no"); });
    EXPECT_EQ(failing.run_once().dead, 1);
    Jobs jobs(url, &clock_);
    jobs.pause("tick");
    clock_.set("2026-03-03T05:00:00Z");
    EXPECT_TRUE(jobs.resume("tick"));
    look(url);
    clock_.set("2026-03-03T06:00:01Z");
    EXPECT_EQ(look(url).completed, 0);
    EXPECT_EQ(jobs.list({.state = "dead"}).size(), 1U);
  });
}

TEST_F(schedule, what_is_paused_stays_so_until_it_is_resumed) {
  blueprint::Sources sources = ticking("catch_up = \"all\"\n");
  sources.files["jobs/note.toml"] =
      "format = 1\non = [\"sample.added\"]\nrun = \"handler\"\narguments = [\"sample_id\"]\n";
  open(sources, "schedule_paused");
  int sample = 0;
  each([&](const std::string& url) {
    look(url);
    int noted = 0;
    const auto note = [&] {
      Worker worker(url, {.clock = &clock_, .kinds = {"note"}, .poll_ms = 5});
      worker.handle("note", [&](const Job&, const std::stop_token&) { return std::to_string(++noted); });
      const WorkReport report = worker.run_until_empty();
      const auto left = worker.left();
      return left.empty() ? std::to_string(report.completed) : left.front().reason;
    };
    Jobs(url, &clock_).pause("tick");
    clock_.set("2026-03-03T07:00:00Z");
    look(url, true);
    EXPECT_TRUE(done_.empty());
    ASSERT_TRUE(Ledger::open(url).commit("sample.added", added(++sample)).accepted());
    EXPECT_EQ(note(), "1") << "another kind goes on";
    Jobs(url, &clock_).pause("*");
    ASSERT_TRUE(Ledger::open(url).commit("sample.added", added(++sample)).accepted());
    EXPECT_EQ(note(), "it is paused");
    EXPECT_EQ(Jobs(url).paused().size(), 2U);
    EXPECT_FALSE(Jobs(url).resume("note")) << "it is not paused by itself";
    EXPECT_TRUE(Jobs(url, &clock_).resume("*"));
    EXPECT_TRUE(Jobs(url).paused().empty());
    EXPECT_EQ(note(), "1");
    look(url, true);
    EXPECT_TRUE(done_.empty()) << "what came meanwhile is left out";
    clock_.set("2026-03-04T06:00:00Z");
    look(url, true);
    EXPECT_EQ(done_, (Done{"03-04T06:00 {}"}));
    EXPECT_THROW(Jobs(url).pause("nothing"), Error);
  });
}

TEST_F(schedule, what_is_resumed_takes_no_slot_from_others) {
  blueprint::Sources sources = ticking("catch_up = \"all\"\n");
  sources.files["jobs/note.toml"] =
      "format = 1\non = [\"sample.added\"]\nrun = \"handler\"\narguments = [\"sample_id\"]\n";
  open(sources, "schedule_others");
  each([&](const std::string& url) {
    look(url);
    Jobs(url, &clock_).pause("note");
    clock_.set("2026-03-03T07:00:00Z");
    EXPECT_TRUE(Jobs(url, &clock_).resume("*"));
    look(url, true);
    EXPECT_EQ(done_, (Done{"03-02T06:00 {}", "03-03T06:00 {}"}));
    // A clock that was set back while a kind was paused brings no slot again.
    Jobs(url, &clock_).pause("tick");
    clock_.set("2026-03-03T05:00:00Z");
    EXPECT_TRUE(Jobs(url, &clock_).resume("tick"));
    look(url, true);
    clock_.set("2026-03-03T06:30:00Z");
    look(url, true);
    EXPECT_EQ(done_.size(), 2U);
    clock_.set("2026-03-04T06:30:00Z");
    look(url, true);
    EXPECT_EQ(done_.size(), 3U);
  });
}

TEST_F(schedule, a_job_waits_for_its_moment) {
  blueprint::Sources sources = studio_with(
      "remind",
      "on = [\"sample.added\"]\nrun = \"handler\"\narguments = [\"sample_id\"]\nmoment = \"year\"\n");
  sources.files["blueprint.toml"] +=
      "\n[moment]\nname = \"year\"\ntype = \"integer\"\nquery = \"SELECT year FROM years\"\n";
  sources.files["migrations/0001_core.up.sql"] +=
      "CREATE TABLE years (id integer PRIMARY KEY CHECK (id = 1), year integer NOT NULL);\n"
      "INSERT INTO years (id, year) VALUES (1, 1800);\n";
  sources.files["migrations/0001_core.down.sql"] += "DROP TABLE years;\n";
  sources.files["events/year.ended.v1.sql"] = "UPDATE years SET year = year + 1 WHERE id = 1;\n";
  sources.files["events/year.ended.v1.json"] = R"({"type":"object","properties":{}})";
  std::string& schema = sources.files["events/sample.added.v1.json"];
  schema.insert(schema.find("\"path\""), "\"year\":{\"type\":\"integer\"},");
  open(sources, "schedule_moment");
  each([&](const std::string& url) {
    Ledger ledger = Ledger::open(url);
    ASSERT_TRUE(ledger.commit("sample.added", R"({"sample_id":1,"user_id":"u","year":1802})").accepted());
    ASSERT_TRUE(ledger.commit("sample.added", R"({"sample_id":2,"user_id":"u","year":1700})").accepted());
    ASSERT_TRUE(ledger.commit("sample.added", R"({"sample_id":3,"user_id":"u"})").accepted());
    std::vector<std::string> reminded;
    const auto work = [&] {
      Worker worker(url, {.poll_ms = 5});
      worker.handle("remind", [&](const Job& job, const std::stop_token&) {
        reminded.push_back(job.arguments);
        return "";
      });
      worker.run_until_empty();
    };
    work();
    std::sort(reminded.begin(), reminded.end());
    EXPECT_EQ(reminded, (Done{R"({"sample_id":2})", R"({"sample_id":3})"}));
    EXPECT_EQ(Jobs(url).list().at(0).state, "awaiting");
    ASSERT_TRUE(ledger.commit("year.ended", "{}").accepted());
    work();
    EXPECT_EQ(reminded.size(), 2U);
    ASSERT_TRUE(ledger.commit("year.ended", "{}").accepted());
    work();
    EXPECT_EQ(reminded.back(), R"({"sample_id":1})");
  });
}

TEST_F(schedule, what_was_sent_is_done_when_it_is_confirmed) {
  open(studio_with("send",
                   "on = [\"sample.added\"]\nrun = \"handler\"\narguments = [\"sample_id\"]\nunique = "
                   "[\"sample_id\"]\nconfirm = 60\nattempts = 2\n"),
       "schedule_confirm");
  each([&](const std::string& url) {
    ASSERT_TRUE(Ledger::open(url).commit("sample.added", added(1)).accepted());
    int sent = 0;
    const auto work = [&] {
      Worker worker(url, {.clock = &clock_, .poll_ms = 5});
      worker.handle("send",
                    [&](const Job&, const std::stop_token&) { return "number " + std::to_string(++sent); });
      return worker.run_once();
    };
    Jobs jobs(url, &clock_);
    const Sequence event{jobs.list().at(0).sequence};
    EXPECT_FALSE(jobs.confirm("send", event)) << "it was never sent";
    work();
    EXPECT_EQ(jobs.find("send", event)->state, "published");
    EXPECT_EQ(jobs.find("send", event)->text, "number 1");
    // What changes meanwhile is sent after it.
    ASSERT_TRUE(Ledger::open(url).commit("sample.edited", added(1)).accepted());
    clock_.set("2026-03-01T12:00:59Z");
    work();
    EXPECT_EQ(sent, 1);
    clock_.set("2026-03-01T12:01:00Z");
    work();
    EXPECT_EQ(sent, 2) << "nobody confirmed it in time";
    EXPECT_TRUE(jobs.confirm("send", event));
    EXPECT_FALSE(jobs.confirm("send", event));
    EXPECT_EQ(jobs.find("send", event)->state, "completed");
    EXPECT_TRUE(jobs.list().empty());
    // Never confirmed: dead, and what arrives even then is done.
    ASSERT_TRUE(Ledger::open(url).commit("sample.added", added(2)).accepted());
    const Sequence other{jobs.list().at(0).sequence};
    work();
    clock_.set("2026-03-01T12:03:00Z");
    work();
    clock_.set("2026-03-01T12:05:00Z");
    work();
    EXPECT_EQ(sent, 4);
    EXPECT_EQ(jobs.find("send", other)->state, "dead");
    EXPECT_EQ(jobs.find("send", other)->text, "nobody confirmed it in time");
    EXPECT_TRUE(jobs.confirm("send", other));
  });
}

}  // namespace
}  // namespace reeve::testing
