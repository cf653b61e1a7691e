// How often: what the blueprint declares, from a folder and from an account on either engine, and what it says when Redis is away.

#include "keep_ledgers.h"

#include "cli/run_program.h"
#include "live/stores_test.h"
#include "whispyrkeep/keep.h"

namespace reeve::testing {
namespace {

using ::testing::HasSubstr;
using whispyrkeep::Keep;
using Reason = LimitDecision::Reason;

class keep_limits : public KeepLedgers {
 protected:
  std::string reserve(Keep& keep) {
    const Outcome outcome = keep.reserve_turn(
        json{{"campaign_id", campaign_id}, {"base_turn", 0}, {"expires_at", "2099-01-01T00:00:00Z"}}.dump());
    return outcome ? "" : outcome.rejection().reason;
  }
  std::string ask_for_export(Keep& keep) {
    const Outcome outcome = keep.request_export(json{{"universe_id", universe_id}}.dump());
    if (outcome) return "";
    return std::string(name_of(outcome.rejection().code)) + ": " + outcome.rejection().reason;
  }
};

TEST_F(keep_limits, are_those_of_the_blueprint_wherever_it_is_read) {
  open("limits");
  const auto text_of = [](const std::string& where) {
    std::string text;
    for (const RateLimit& limit : read_limits(where))
      text += fmt::format("{} {}/{} {}, ", limit.name, limit.capacity, limit.per_seconds,
                          limit.on_failure == OnFailure::open ? "open" : "closed");
    return text;
  };
  const std::string declared = text_of(project_file("blueprints/whispyrkeep").string());
  EXPECT_EQ(declared,
            "exports 4/3600 closed, log_ins 5/300 closed, log_ins_from 20/300 closed, turns 30/1800 open, ");
  EXPECT_EQ(text_of(file_), declared);
  EXPECT_EQ(text_of(accounts().application(account_)), declared);
  EXPECT_EQ(live::code_of([&] { read_limits(workshop_.path("nowhere.db")); }), ErrorCode::not_found);
  EXPECT_EQ(live::code_of([&] { read_limits(workshop_.path("")); }), ErrorCode::not_found);
  const tests::Result listed = tests::reeve(tests::Folder(), {"limit", "list", file_, "--format", "json"});
  EXPECT_THAT(listed.out,
              HasSubstr(R"("limit":"turns","capacity":30,"per_seconds":1800,"on_failure":"open")"));
}

TEST_F(keep_limits, bound_turns_exports_and_log_ins_of_each_account) {
  open_campaign("bounded");
  live::HandClock clock;
  const auto store = live::open_store("memory:", {.clock = &clock});
  RateLimits limits(*store, read_limits(file_));
  Keep keep(*sqlite_, {.limits = &limits});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ask_for_export(keep), "");
  EXPECT_EQ(ask_for_export(keep), "limit_exceeded: too many exports; try again in 900 s");
  EXPECT_EQ(rows_of(*sqlite_, "exports_of_user", {{"user_id", user_id}}).size(), 4U);
  clock.add(900 * live::second);
  EXPECT_EQ(ask_for_export(keep), "");
  for (int i = 0; i < 30; ++i) EXPECT_THAT(reserve(keep), HasSubstr("at most an hour"));
  EXPECT_THAT(reserve(keep), HasSubstr("too many turns; try again in 60 s"));
  Keep unlimited(*sqlite_);
  EXPECT_EQ(ask_for_export(unlimited), "");

  const auto log_in = [&](const char* email, const std::string& address) {
    const LimitDecision decision = whispyrkeep::take_log_in(limits, email, address);
    return decision.allowed ? "" : decision.limit;
  };
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(log_in(i % 2 == 0 ? "Wren@Keep.example" : "wren@keep.EXAMPLE", fmt::format("192.0.2.{}", i)),
              "");
  EXPECT_EQ(log_in("WREN@keep.example", "192.0.2.9"), "log_ins");
  EXPECT_EQ(log_in("rook@keep.example", "192.0.2.9"), "");
  for (int i = 0; i < 18; ++i) EXPECT_EQ(log_in(fmt::format("{}@x", i).c_str(), "192.0.2.9"), "");
  EXPECT_EQ(log_in("last@x", "192.0.2.9"), "log_ins_from");
}

TEST_F(keep_limits, say_what_each_declares_while_redis_is_away) {
  open_campaign("away");
  RedisServer server;
  const auto store = live::open_store(server.url(), {.wait_ms_max = 2'000});
  RateLimits limits(*store, read_limits(file_));
  Keep keep(*sqlite_, {.limits = &limits});
  EXPECT_EQ(ask_for_export(keep), "");
  server.stop();
  EXPECT_THAT(ask_for_export(keep), HasSubstr("unavailable: nobody can say whether exports"));
  EXPECT_EQ(whispyrkeep::take_log_in(limits, "wren@keep.example", "192.0.2.1").reason, Reason::failed_closed);
  EXPECT_THAT(reserve(keep), HasSubstr("at most an hour"));  // the turn's own rules were asked
  EXPECT_EQ(limits.take("turns", user_id).reason, Reason::failed_open);
  server.start();
  EXPECT_EQ(ask_for_export(keep), "");
  EXPECT_EQ(rows_of(*sqlite_, "exports_of_user", {{"user_id", user_id}}).size(), 2U);
}

}  // namespace
}  // namespace reeve::testing
