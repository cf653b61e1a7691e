// Rate limits on every store, and on one that is not there.

#include "live/stores_test.h"

#include <reeve/rate_limits.h>

#include <gmock/gmock.h>

namespace reeve {
namespace {

using live::code_of;
using live::second;
using Reason = LimitDecision::Reason;

class rate_limits : public live::StoreTest {};
INSTANTIATE_TEST_SUITE_P(on, rate_limits, ::testing::ValuesIn(live::store_kinds), live::name_of_kind);

TEST_P(rate_limits, let_each_subject_through_as_often_as_was_declared) {
  RateLimits limits(*store, {{.name = "login", .capacity = 2, .per_seconds = 60}});
  EXPECT_EQ(limits.take("login", "ada").left, 1);
  const LimitDecision last = limits.take("login", "ada");
  EXPECT_TRUE(last.allowed);
  EXPECT_EQ(last.reason, Reason::within);
  const LimitDecision refused = limits.take("login", "ada");
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.reason, Reason::exceeded);
  EXPECT_EQ(refused.limit, "login");
  EXPECT_EQ(refused.retry_after, 30 * second);
  EXPECT_TRUE(limits.take("login", "eve").allowed);
  clock.add(30 * second);
  EXPECT_TRUE(limits.take("login", "ada").allowed);
}

TEST_P(rate_limits, name_the_one_that_refused) {
  RateLimits limits(*store, {{.name = "address", .capacity = 5, .per_seconds = 60},
                             {.name = "user", .capacity = 2, .per_seconds = 60}});
  const std::vector<LimitUse> uses{{"address", "192.0.2.7"}, {"user", "ada"}};
  EXPECT_EQ(limits.take(uses).limit, "user");
  EXPECT_TRUE(limits.take(uses).allowed);
  const LimitDecision refused = limits.take(uses);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.limit, "user");
  EXPECT_TRUE(limits.take("address", "192.0.2.7").allowed);
  EXPECT_TRUE(limits.take("address", "192.0.2.7").allowed);
  EXPECT_EQ(limits.take({{"address", "192.0.2.7"}, {"user", "eve"}}).limit, "address");
}

TEST_P(rate_limits, take_any_subject) {
  RateLimits limits(*store, {{.name = "login", .capacity = 1, .per_seconds = 60}});
  const std::string longest(1'000'000, 's');
  for (const std::string& subject : {std::string(), std::string(1, '\0'), std::string("/=#"),
                                     std::string(200, 's'), std::string(201, 's'), longest}) {
    EXPECT_TRUE(limits.take("login", subject).allowed);
    EXPECT_FALSE(limits.take("login", subject).allowed);
  }
}

TEST_P(rate_limits, are_checked_when_they_are_declared_and_asked) {
  const auto refuses = [&](const RateLimit& limit) {
    EXPECT_EQ(code_of([&] { RateLimits(*store, {limit}); }), ErrorCode::invalid_input);
  };
  refuses({.name = ""});
  refuses({.name = "Log In"});
  refuses({.name = std::string(65, 'n')});
  refuses({.name = "n", .capacity = 0});
  refuses({.name = "n", .capacity = live::capacity_max + 1});
  refuses({.name = "n", .capacity = 1, .per_seconds = 0});
  refuses({.name = "n", .capacity = 1, .per_seconds = INT64_MAX});
  EXPECT_EQ(code_of([&] { RateLimits(*store, {{.name = "n"}, {.name = "n"}}); }), ErrorCode::invalid_input);
  RateLimits limits(*store, {{.name = "n", .capacity = 2}});
  EXPECT_EQ(code_of([&] { limits.take("m", "s"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { limits.take("n", "s", 3); }), ErrorCode::invalid_input);
  EXPECT_EQ(code_of([&] { limits.take({}); }), ErrorCode::invalid_input);
}

TEST_P(rate_limits, never_give_more_than_was_declared_when_it_does_not_divide) {
  RateLimits limits(*store, {{.name = "n", .capacity = 7, .per_seconds = 1}});
  EXPECT_TRUE(limits.take("n", "s", 7).allowed);
  int taken = 0;
  for (int i = 0; i < 10'000; i += 10) {
    clock.add(10'000);
    taken += limits.take("n", "s").allowed ? 1 : 0;
  }
  EXPECT_LE(taken, 70);
  EXPECT_GE(taken, 60);
}

TEST(rate_limit, says_what_was_declared_when_its_store_is_not_there) {
  testing::RedisServer server;
  const auto store = live::open_store(server.url(), {.wait_ms_max = 2'000});
  RateLimits limits(*store,
                    {{.name = "login", .capacity = 1, .per_seconds = 3600},
                     {.name = "search", .capacity = 1, .per_seconds = 3600, .on_failure = OnFailure::open}});
  EXPECT_TRUE(limits.take("login", "ada").allowed);
  server.stop();
  const LimitDecision closed = limits.take("login", "ada");
  EXPECT_FALSE(closed.allowed);
  EXPECT_EQ(closed.reason, Reason::failed_closed);
  EXPECT_THAT(closed.failure, ::testing::HasSubstr("redis://127.0.0.1:"));
  const LimitDecision open = limits.take("search", "ada");
  EXPECT_TRUE(open.allowed);
  EXPECT_EQ(open.reason, Reason::failed_open);
  EXPECT_EQ(limits.take({{"search", "ada"}, {"login", "ada"}}).limit, "login");
  server.start();
  EXPECT_EQ(limits.take("login", "ada").reason, Reason::within);
  EXPECT_EQ(limits.take("login", "ada").reason, Reason::exceeded);
}

}  // namespace
}  // namespace reeve
