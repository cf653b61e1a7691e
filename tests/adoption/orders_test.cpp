// The pending orders of The Great Work's file from before Reeve become jobs: those of a kind that fails end in the dead letters, and
// stop neither the others nor a digest.

#include "legacy_source.h"

#include "adoption/adopt.h"
#include "base/clock.h"
#include "base/json.h"
#include "state/vault_test.h"
#include "state/verify.h"

#include <gtest/gtest.h>
#include <reeve/jobs.h>
#include <reeve/reeve.h>

#include <atomic>
#include <map>
#include <stdexcept>

namespace reeve {
namespace {

class SetClock : public Clock {
 public:
  Microseconds now() override { return now_; }
  void pass_a_day() { now_ += 86'400'000'000; }

 private:
  std::atomic<Microseconds> now_ = parse_time("2031-03-01T05:00:00Z").value();
};

std::string member(const Job& job, std::string_view name) {
  json::Reader reader;
  std::string_view value;
  if (reader.read(job.arguments)[name].get(value) != simdjson::SUCCESS)
    throw std::runtime_error("no such member");
  return std::string(value);
}

/// What a command refuses is a failed attempt.
void submit(Ledger& ledger, std::string_view command, const std::string& parameters, const Job& job) {
  const Outcome outcome = ledger.command(command, parameters, {.key = job.key()});
  if (!outcome.accepted()) throw std::runtime_error(outcome.rejection().reason);
}

TEST(adopted_orders, all_complete_but_those_of_the_kind_that_fails) {
  const auto old = legacy::find_file(testing::project_file("").lexically_normal());
  if (!old) GTEST_SKIP() << "left out: REEVE_SHARED_DATA names no folder with great_work_legacy.db";
  const testing::Workshop workshop;
  const std::string file = workshop.path("great_work.db");
  SetClock clock;
  adoption::adopt_log(old->string(), state::Location(file),
                      testing::project_file("blueprints/great_work").string(),
                      {.clock = &clock, .random = &system_random()});
  EXPECT_TRUE(Jobs(file).list({.kind = "order"}).empty()) << "an adoption asks for nothing";
  Ledger ledger = Ledger::open(file, {.clock = &clock, .random = &system_random()});
  ASSERT_TRUE(ledger.command("take_up_orders", "{}").accepted());
  EXPECT_EQ(Jobs(file).list({.kind = "order", .limit = 1000}).size(), 52U);

  std::map<std::string, std::string> kinds;
  for (Rows rows = ledger.query("open_orders"); rows.next();) {
    kinds.emplace(rows.at(0).text(), rows.at(1).text());
  }
  Worker worker(file, {.clock = &clock, .kinds = {"order", "digest"}, .parallel = 4, .batch = 16});
  std::atomic<int> digests = 0;
  worker.handle("order", [&](const Job& job, const std::stop_token&) {
    const std::string id = member(job, "order_id");
    const std::string& kind = kinds.at(id);
    if (kind == "followup:evaluate_offer")
      throw std::runtime_error("the offer of " + id + " can't be evaluated");
    submit(ledger, "complete_order", "{\"order_id\":\"" + id + "\",\"result\":\"done\"}", job);
    return kind;
  });
  worker.handle("digest", [&](const Job& job, const std::stop_token&) {
    submit(ledger, "publish_digest", "{}", job);
    return std::to_string(++digests);
  });
  constexpr int days = 5;
  for (int day = 0; day < days; ++day, clock.pass_a_day()) {
    for (WorkReport report = worker.run_once(); report.completed + report.failed > 0;)
      report = worker.run_once();
  }
  const auto dead = Jobs(file).list({.kind = "order", .state = "dead", .limit = 1000});
  EXPECT_EQ(dead.size(), 12U);
  for (const JobStatus& job : dead) {
    EXPECT_EQ(job.attempts, 3);
    EXPECT_NE(job.text.find("can't be evaluated"), std::string::npos) << job.text;
  }
  EXPECT_EQ(Jobs(file).list({.kind = "order", .limit = 1000}).size(), 12U) << "nothing else is open";
  EXPECT_EQ(Jobs(file).list({.kind = "order", .state = "done", .limit = 1000}).size(), 40U);
  EXPECT_EQ(digests, days - 1) << "one each day after the first look: none was held up";
  EXPECT_TRUE(Jobs(file).list({.kind = "digest"}).empty());
  std::int64_t open = 0;
  for (Rows rows = ledger.query("open_orders"); rows.next();) ++open;
  EXPECT_EQ(open, 12);
  EXPECT_TRUE(state::verify(state::Location(file)).equal());
}

}  // namespace
}  // namespace reeve
