// Several processes on one store, and stores that go away while they are used.

#include "engine/connection.h"
#include "live/stores_test.h"
#include "support/child_process.h"

#include <reeve/rate_limits.h>
#include <reeve/sessions.h>

#include <chrono>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace reeve::testing {
namespace {

using live::Bucket;
using live::code_of;
using live::minute;
using live::open_store;

constexpr const char* take_all = "--take-all";
constexpr const char* hold = "--hold";
constexpr Bucket of_a_day{.capacity = 60, .interval = 24 * 60 * minute};

/// Takes until there is nothing left, adds to a sum by compare-and-set, and asks for a lease once.
int take(const std::string& url, const std::string& name) {
  const auto store = open_store(url, {.wait_ms_max = 30'000});
  write_line("ready");
  int taken = 0;
  while (store->take("bucket", of_a_day).allowed) ++taken;
  for (int i = 0; i < 20;) {
    const auto known = store->get("sum");
    const std::int64_t sum = known ? std::stoll(known->value) : 0;
    const auto put =
        store->put("sum", std::to_string(sum + 1), 60 * minute, {.version = known ? known->version : 0});
    i += put.verdict == live::Verdict::done ? 1 : 0;
    store->count("count", 60 * minute);
  }
  const bool leads = store->acquire("lease", name, 60 * minute).acquired;
  write_line(std::to_string(taken) + (leads ? " leads" : ""));
  return 0;
}

/// Holds a lease until it is killed.
int hold_until_killed(const std::string& url) {
  const auto store = open_store(url);
  const auto acquired = store->acquire("lease", "the first", 500'000);
  write_line(acquired.acquired ? std::to_string(acquired.lease.generation) : "refused");
  while (store->renew("lease", "the first", acquired.lease.generation, 500'000)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  write_line("lost");
  return 0;
}

class live_processes : public live::StoreTest {};
INSTANTIATE_TEST_SUITE_P(on, live_processes, ::testing::Values("sqlite", "postgres", "redis"),
                         live::name_of_kind);

TEST_P(live_processes, share_one_bucket_one_sum_and_one_lease) {
  store.reset();
  std::vector<std::unique_ptr<ChildProcess>> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(std::make_unique<ChildProcess>(
        std::vector<std::string>{take_all, url, "owner " + std::to_string(i)}));
  }
  int taken = 0;
  int leaders = 0;
  for (const auto& child : children) {
    EXPECT_EQ(child->read_line(), "ready");
    const std::string line = child->read_line();
    ASSERT_FALSE(line.empty());
    taken += std::stoi(line);
    leaders += line.ends_with(" leads") ? 1 : 0;
    EXPECT_EQ(child->wait(), 0);
  }
  EXPECT_EQ(taken, of_a_day.capacity);
  EXPECT_EQ(leaders, 1);
  const auto after = live::open_store(url);
  EXPECT_EQ(after->get("sum")->value, "80");
  EXPECT_GE(after->find_count("count")->count, 80);
}

TEST_P(live_processes, get_the_lease_of_one_that_was_killed_with_a_higher_generation) {
  const auto by_time = live::open_store(url);
  ChildProcess holder({hold, url});
  ASSERT_EQ(holder.read_line(), "1");
  EXPECT_FALSE(by_time->acquire("lease", "the second", minute).acquired);
  holder.kill_now();
  holder.wait();
  live::Acquired acquired;
  for (int attempt = 0; attempt < 1200 && !acquired.acquired; ++attempt) {
    acquired = by_time->acquire("lease", "the second", minute);
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  EXPECT_TRUE(acquired.acquired);
  EXPECT_EQ(acquired.lease.generation, 2);
  EXPECT_EQ(by_time->put("k", "late", minute, {.fence = live::Fence{"lease", 1}}).verdict,
            live::Verdict::stale);
}

/// Several threads have called at once, so that as many connections are idle when the server starts anew.
TEST(live_failure, of_postgres_that_was_started_anew_fails_no_more_than_one_call) {
  constexpr int connections = 6;
  PostgresServer server;
  const std::string url = server.create_database("live");
  const auto store = open_store(url, {.connections = connections, .wait_ms_max = 30'000});
  const auto open_connections = [&] {
    return engine::Connection::open_postgres(server.url())
        ->value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'reeve live'");
  };
  // Each waits for the row that is locked here, on a connection of its own.
  store->count("k", 60 * minute);
  {
    const auto locker = engine::Connection::open_postgres(url, {.schema = "reeve_live"});
    engine::Transaction lock(*locker, engine::Transaction::Mode::write);
    locker->execute("LOCK TABLE reeve_live_counts IN ACCESS EXCLUSIVE MODE");
    std::vector<std::thread> threads;
    for (int i = 0; i < connections; ++i) {
      threads.emplace_back([&] {
        try {
          store->count("k", 60 * minute);
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::retryable) << error.what();
        }
      });
    }
    while (open_connections() != Value(std::int64_t{connections})) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    lock.commit();
    for (std::thread& thread : threads) thread.join();
  }
  ASSERT_EQ(open_connections(), Value(std::int64_t{connections}));
  const std::int64_t counted = store->find_count("k")->count;
  server.stop();
  server.start();
  std::int64_t failed = 0;
  std::int64_t done = 0;
  std::vector<std::thread> threads;
  std::mutex mutex;
  for (int i = 0; i < connections; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < 3; ++call) {
        bool is_done = true;
        try {
          store->count("k", 60 * minute);
        } catch (const Error&) {
          is_done = false;
        }
        const std::lock_guard guard(mutex);
        is_done ? ++done : ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(failed, 1);
  EXPECT_EQ(store->find_count("k")->count, counted + done) << "none was sent twice";
}

/// A store whose server is stopped and started. What it keeps is what docs/live.md says of it.
struct Server {
  std::function<void()> stop;
  std::function<void()> start;
  bool keeps = false;
};

void expect_closed_while_away(live::Store& store, const Server& server) {
  Sessions sessions(store);
  RateLimits limits(
      store, {{.name = "login", .capacity = 2, .per_seconds = 86'400},
              {.name = "search", .capacity = 2, .per_seconds = 86'400, .on_failure = OnFailure::open}});
  // A take waits for no disk, but what is synced after it takes it along.
  EXPECT_TRUE(limits.take("login", "ada").allowed);
  const std::string token = sessions.create("ada").token;
  const std::string revoked = sessions.create("ada").token;
  EXPECT_TRUE(sessions.revoke(revoked));
  server.stop();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(code_of([&] { sessions.find(token); }), ErrorCode::unavailable);
    EXPECT_EQ(code_of([&] { sessions.create("eve"); }), ErrorCode::unavailable);
    EXPECT_EQ(limits.take("login", "ada").reason, LimitDecision::Reason::failed_closed);
    EXPECT_EQ(limits.take("search", "ada").reason, LimitDecision::Reason::failed_open);
  }
  server.start();
  EXPECT_EQ(sessions.find(token).has_value(), server.keeps);
  EXPECT_FALSE(sessions.find(revoked));
  EXPECT_EQ(limits.take("login", "ada").left, server.keeps ? 0 : 1);
  EXPECT_TRUE(sessions.find(sessions.create("eve").token));
}

TEST(live_failure, of_redis_closes_sessions_and_limits_and_loses_what_it_does_not_keep) {
  RedisServer server;
  const auto store = open_store(server.url());
  expect_closed_while_away(*store, {[&] { server.kill_now(); }, [&] { server.start(); }, false});
}

TEST(live_failure, of_redis_with_appendonly_closes_sessions_and_limits_and_loses_nothing) {
  RedisServer server({"--appendonly", "yes"});
  const auto store = open_store(server.url());
  expect_closed_while_away(*store, {[&] { server.kill_now(); }, [&] { server.start(); }, true});
}

TEST(live_failure, of_postgresql_closes_sessions_and_limits_and_loses_nothing) {
  PostgresServer server({.fsync = true});
  const auto store = open_store(server.create_database("live"));
  expect_closed_while_away(*store, {[&] { server.stop_immediate(); }, [&] { server.start(); }, true});
}

TEST(live_failure, of_redis_in_the_middle_of_many_threads_leaves_a_bucket_that_gives_no_more_than_it_holds) {
  RedisServer server({"--appendonly", "yes"});
  const auto store = open_store(server.url(), {.wait_ms_max = 1'000});
  std::atomic<int> taken = 0;
  std::atomic<int> failed = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        try {
          taken += store->take("bucket", {.capacity = 500, .interval = 24 * 60 * minute}).allowed ? 1 : 0;
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::unavailable);
          ++failed;
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
      }
    });
  }
  while (taken < 50) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server.kill_now();
  while (failed < 8) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server.start();
  // Until nothing is left: an answer that was lost may have taken one, and none was given twice.
  for (int attempt = 0; attempt < 2400; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
    try {
      if (store->take("bucket", {.capacity = 500, .interval = 24 * 60 * minute}, 1).left == 0) break;
    } catch (const Error&) {
      // A thread may have left a connection that is over.
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(taken, 500);
  EXPECT_GE(taken + failed, 400);
}

}  // namespace
}  // namespace reeve::testing

int main(int count, char** arguments) {
  const std::string_view what = count > 2 ? arguments[1] : "";
  if (what == reeve::testing::take_all) return reeve::testing::take(arguments[2], arguments[3]);
  if (what == reeve::testing::hold) return reeve::testing::hold_until_killed(arguments[2]);
  ::testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
