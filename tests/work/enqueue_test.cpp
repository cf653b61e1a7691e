// Jobs are there with their events, or neither is.

#include "queue/earlier_jobs_table_sql.h"
#include "queue/put_earlier_jobs_aside_sql.h"
#include "queue/take_earlier_jobs_sql.h"
#include "state/replay.h"
#include "state/verify.h"
#include "studio.h"

#include <reeve/jobs.h>

#include <future>
#include <vector>

namespace reeve::testing {
namespace {

const char* const jobs =
    "SELECT kind || ':' || sequence || ' ' || state || ' ' || arguments AS line FROM reeve_jobs ORDER BY "
    "sequence, kind";

class enqueued : public Studio {};

TEST_F(enqueued, a_job_is_written_with_the_event_that_asks_for_it) {
  open(studio_sources(), "jobs_written");
  commit("sample.added", added(1));
  EXPECT_EQ(ask(jobs), R"(analyse:3 ready {"sample_id":1})");
  commit("sample.edited", added(1));
  EXPECT_EQ(ask(jobs), R"(analyse:3 ready {"sample_id":1})") << "an event that asks for none";
}

TEST_F(enqueued, what_is_refused_asks_for_nothing) {
  open(studio_sources(), "jobs_refused");
  commit("sample.added", added(1));
  commit("sample.added", added(1), false);
  // The second event of the command is refused after the first was applied.
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    EXPECT_FALSE(ledger->command("add_two", R"({"sample_id":0})").accepted());
    EXPECT_TRUE(ledger->command("add_two", R"({"sample_id":10})").accepted());
  }
  EXPECT_EQ(ask("SELECT arguments AS line FROM reeve_jobs ORDER BY sequence"),
            R"({"sample_id":1};{"sample_id":10};{"sample_id":11})");
}

TEST_F(enqueued, one_refusal_in_a_batch_costs_its_neighbours_nothing) {
  open(studio_sources(), "jobs_batch");
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    std::vector<std::future<Outcome>> verdicts;
    for (int i = 0; i < 300; ++i) verdicts.push_back(ledger->submit("sample.added", added(i % 250)));
    for (auto& verdict : verdicts) verdict.get();
  }
  EXPECT_EQ(ask("SELECT CAST(count(*) AS text) || ' ' || CAST(count(DISTINCT arguments) AS text) AS line "
                "FROM reeve_jobs"),
            "250 250");
}

TEST_F(enqueued, arguments_are_the_whole_payload_where_none_are_named) {
  open(studio_with("mail", "on = [\"sample.added\"]\nrun = \"handler\"\npriority = -3\n"), "jobs_whole");
  commit("sample.added", R"({"user_id":"Ōta","sample_id":7,"path":"80's \"kick\".wav"})");
  EXPECT_EQ(ask("SELECT arguments || ' ' || CAST(priority AS text) AS line FROM reeve_jobs"),
            R"({"path":"80's \"kick\".wav","sample_id":7,"user_id":"Ōta"} -3)");
}

TEST_F(enqueued, jobs_in_a_table_of_an_earlier_form_are_read_and_taken_over_when_it_is_written) {
  open(studio_sources(), "jobs_earlier");
  commit("sample.added", added(1));
  commit("sample.added", added(2));
  sqlite_.reset();
  const std::string before = in_file(jobs);
  const std::string forms =
      "SELECT 'IN' AS line FROM sqlite_schema WHERE sql LIKE '%state IN (%' ORDER BY name";
  {
    const auto file = engine::Connection::open(file_, engine::OpenMode::read_write);
    for (const std::string_view sql : {embedded::put_earlier_jobs_aside_sql, embedded::earlier_jobs_table_sql,
                                       embedded::take_earlier_jobs_sql})
      file->execute(sql);
  }
  EXPECT_EQ(in_file(forms), "IN;IN");
  EXPECT_TRUE(state::verify(file_).equal());
  EXPECT_EQ(Jobs(file_).list().size(), 2U);
  sqlite_.emplace(Ledger::open(file_));
  commit("sample.added", added(3));
  EXPECT_EQ(in_file(forms), "");
  EXPECT_EQ(ask(jobs), before + R"(;analyse:5 ready {"sample_id":3})");
  EXPECT_TRUE(state::verify(file_).equal());
  Worker worker(file_, {});
  EXPECT_EQ(worker.run_until_empty().completed, 3);
}

TEST_F(enqueued, one_job_is_open_for_a_key) {
  open(studio_with(
           "embed",
           "on = [\"sample.added\", \"sample.edited\"]\nrun = \"handler\"\nunique = [\"sample_id\"]\n"),
       "jobs_unique");
  commit("sample.added", added(1));
  commit("sample.added", added(2));
  commit("sample.edited", added(1));
  EXPECT_EQ(ask("SELECT CAST(sequence AS text) || unique_key AS line FROM reeve_jobs ORDER BY sequence"),
            "3[1];4[2]");
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    std::vector<std::future<Outcome>> verdicts;
    for (int i = 0; i < 40; ++i) verdicts.push_back(ledger->submit("sample.edited", added(1 + i % 2)));
    for (auto& verdict : verdicts) EXPECT_TRUE(verdict.get().accepted());
  }
  EXPECT_EQ(ask("SELECT CAST(sequence AS text) || unique_key AS line FROM reeve_jobs ORDER BY sequence"),
            "3[1];4[2]");
}

TEST_F(enqueued, a_delay_is_a_time_from_now_or_one_that_the_payload_names) {
  blueprint::Sources sources = studio_with(
      "later", "on = [\"sample.added\"]\nrun = \"handler\"\ndelay = 90\narguments = [\"sample_id\"]\n");
  sources.files["jobs/then.toml"] =
      "format = 1\non = [\"sample.added\"]\nrun = \"handler\"\ndelay = \"not_before\"\narguments = "
      "[\"sample_id\"]\n";
  open(sources, "jobs_delay");
  commit("sample.added", R"({"sample_id":1,"user_id":"u","not_before":"2999-01-01T01:00:00+01:00"})");
  commit("sample.added", R"({"sample_id":2,"user_id":"u"})");
  EXPECT_EQ(ask("SELECT kind || ' ' || state || ' ' || CASE kind WHEN 'later' THEN CAST((due - enqueued) / "
                "1000000 AS text)"
                " WHEN 'then' THEN CASE WHEN due = enqueued THEN 'now' ELSE CAST(due AS text) END END AS line"
                " FROM reeve_jobs ORDER BY sequence, kind"),
            "later delayed 90;then delayed 32472144000000000;later delayed 90;then ready now");
}

TEST_F(enqueued, nothing_is_enqueued_by_who_moves_or_tells_again) {
  open(studio_sources(), "jobs_moved");
  commit("sample.added", added(1));
  state::replay(state::Location(file_));
  EXPECT_EQ(in_file(jobs), R"(analyse:3 ready {"sample_id":1})");
  EXPECT_TRUE(state::verify(state::Location(file_)).equal());
}

TEST_F(enqueued, a_ledger_without_jobs_has_no_tables_of_them) {
  blueprint::Sources sources = studio_sources();
  sources.files.erase("jobs/analyse.toml");
  open(sources, "jobs_none");
  commit("sample.added", added(1));
  EXPECT_EQ(in_file("SELECT name AS line FROM sqlite_schema WHERE name GLOB 'reeve_jobs*'"), "");
  EXPECT_EQ(in_database("SELECT relname::text AS line FROM pg_class WHERE relname LIKE 'reeve_jobs%'"), "");
}

}  // namespace
}  // namespace reeve::testing
