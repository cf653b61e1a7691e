// A Redis that goes away, comes back, is slow, or lets nobody in.

#include "live/redis_connection.h"
#include "live/stores_test.h"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

namespace reeve::live {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::RedisServer;

constexpr Bucket one_an_hour{.capacity = 1, .interval = 60 * minute};

TEST(live_redis, is_connected_to_anew_when_it_is_back) {
  RedisServer server;
  const auto store = open_store(server.url(), {.connections = 2, .wait_ms_max = 5'000});
  store->put("a", "one", minute);
  server.stop();
  EXPECT_EQ(code_of([&] { store->get("a"); }), ErrorCode::unavailable);
  EXPECT_EQ(code_of([&] { store->put("a", "two", minute); }), ErrorCode::unavailable);
  server.start();
  EXPECT_FALSE(store->get("a")) << "without appendonly it keeps nothing";
  EXPECT_EQ(store->put("a", "two", minute).verdict, Verdict::done);
  // Ended and begun while nobody looked: the next call does not fail for it.
  server.stop();
  server.start();
  EXPECT_FALSE(store->get("a"));
}

TEST(live_redis, keeps_with_appendonly_what_it_has_answered) {
  RedisServer server({"--appendonly", "yes"});
  const auto store = open_store(server.url(), {.wait_ms_max = 5'000});
  const Put put = store->put("a", "one", 60 * minute);
  store->acquire("l", "ada", 60 * minute, 7);
  store->take("b", one_an_hour);
  store->count("c", 60 * minute, 3);
  server.kill_now();
  server.start();
  EXPECT_EQ(store->get("a")->version, put.version);
  EXPECT_TRUE(store->acquire("l", "eve", minute, 6).stale);
  EXPECT_FALSE(store->take("b", one_an_hour).allowed);
  EXPECT_EQ(store->find_count("c")->count, 3);
  EXPECT_EQ(store->list("").size(), 1U);
}

TEST(live_redis, gives_no_version_twice_when_it_has_lost_everything) {
  RedisServer server;
  const auto store = open_store(server.url(), {.wait_ms_max = 5'000});
  const std::int64_t read = store->put("a", "one", minute).version;
  server.kill_now();
  server.start();
  store->put("a", "another", minute);
  EXPECT_EQ(store->put("a", "two", minute, {.version = read}).verdict, Verdict::changed);
}

TEST(live_redis, that_does_not_answer_is_unavailable_after_the_longest_wait) {
  RedisServer server;
  const auto store = open_store(server.url(), {.wait_ms_max = 200});
  store->put("a", "one", minute);
  server.freeze();
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of([&] { store->get("a"); }), ErrorCode::unavailable);
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(150));
  server.go_on();
  // An answer that came late is not taken for that of another question.
  EXPECT_FALSE(store->get("never"));
  EXPECT_EQ(store->get("a")->value, "one");
}

TEST(live_redis, lets_in_who_has_the_password_and_never_shows_it) {
  RedisServer server({"--requirepass", "open sesame"});
  const std::string at = "127.0.0.1:" + std::to_string(server.port());
  EXPECT_TRUE(open_store("redis://:open%20sesame@" + at)->put("a", "x", minute).version > 0);
  EXPECT_TRUE(open_store("redis://default:open%20sesame@" + at + "/3")->put("a", "x", minute).version > 0);
  EXPECT_EQ(open_store("redis://ada:open%20sesame@" + at + "/3?space=x")->name(),
            "redis://" + at + "/3?space=x");
  for (const std::string& url : {"redis://" + at, "redis://:shut%20sesame@" + at}) {
    const auto store = open_store(url);
    try {
      store->get("a");
      ADD_FAILURE() << "it let in";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::denied);
      EXPECT_THAT(error.what(), Not(HasSubstr("sesame")));
    }
  }
}

TEST(live_redis, that_is_not_there_is_unavailable_and_named) {
  const auto store = open_store("redis://:sesame@127.0.0.1:1", {.wait_ms_max = 500});
  try {
    store->get("a");
    ADD_FAILURE() << "nobody is there";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("redis://127.0.0.1:1/0"));
    EXPECT_THAT(error.what(), Not(HasSubstr("sesame")));
  }
}

TEST(live_redis, runs_scripts_that_it_has_forgotten) {
  HandClock clock;
  const std::string url = RedisServer::shared().url("forgotten");
  const auto store = open_store(url, {.clock = &clock, .connections = 1});
  store->put("a", "one", minute);
  RedisConnection(parse_redis_url(url), 2000).call({"SCRIPT", "FLUSH"});
  EXPECT_EQ(store->put("a", "two", minute).verdict, Verdict::done);
  EXPECT_EQ(store->get("a")->value, "two");
}

TEST(live_redis, takes_keys_away_by_itself_when_nobody_asks_again) {
  HandClock clock;
  const std::string url = RedisServer::shared().url("expiring");
  const auto store = open_store(url, {.clock = &clock});
  store->put("a", "one", 1'000);
  store->count("a", 1'000);
  store->take("a", {.capacity = 1, .interval = 1'000});
  RedisConnection redis(parse_redis_url(url), 2000);
  const auto is_there = [&](const char* kind) {
    return redis.call({"EXISTS", "reeve:live:1:{expiring}:" + std::string(kind) + ":a"}).integer() != 0;
  };
  for (int attempt = 0; attempt < 400 && (is_there("value") || is_there("count") || is_there("bucket"));
       ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  EXPECT_FALSE(is_there("value") || is_there("count") || is_there("bucket"));
  EXPECT_TRUE(store->list("").empty()) << "by the clock it lives, and yet it is gone";
  EXPECT_EQ(store->put("a", "two", minute, {.version = 0}).verdict, Verdict::done);
}

TEST(live_redis, of_another_program_is_told_from_ones_own) {
  const std::string url = RedisServer::shared().url("taken");
  RedisConnection(parse_redis_url(url), 2000).call({"SET", "reeve:live:1:{taken}:value:a", "theirs"});
  EXPECT_EQ(code_of([&] { open_store(url)->get("a"); }), ErrorCode::corrupt);
}

}  // namespace
}  // namespace reeve::live
