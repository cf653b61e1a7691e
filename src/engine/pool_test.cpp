#include "engine/pool.h"
#include "engine/postgres_fixture_test.h"

#include <atomic>
#include <thread>

namespace reeve::engine {
namespace {

class PoolTest : public PostgresTest {
 protected:
  static std::int64_t pid_of(Connection& connection) {
    return std::get<std::int64_t>(*connection.value("SELECT pg_backend_pid()"));
  }
};

TEST_F(PoolTest, a_connection_given_back_is_taken_again) {
  ConnectionPool pool(url, {});
  EXPECT_EQ(pool.size(), 0);
  std::int64_t first = 0;
  {
    const auto lease = pool.take("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    first = pid_of(*lease);
    EXPECT_EQ(lease->ledger(), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  }
  const auto again = pool.take();
  EXPECT_EQ(pid_of(*again), first);
  EXPECT_EQ(again->ledger(), "") << "nothing of the last user stays";
  EXPECT_NE(pid_of(*pool.take()), first);
  EXPECT_EQ(pool.size(), 2);
  EXPECT_EQ(code_of([&] { pool.take("no uuid"); }), ErrorCode::invalid_input);
  EXPECT_EQ(pool.size(), 2);
}

TEST_F(PoolTest, no_more_than_the_bound_are_open_and_waiting_ends) {
  ConnectionPool pool(url, {}, {.connections_max = 2, .wait_ms_max = 50});
  {
    const auto a = pool.take();
    const auto b = pool.take();
    EXPECT_EQ(code_of([&] { pool.take(); }), ErrorCode::retryable);
  }
  std::atomic<int> served = 0;
  std::vector<std::thread> threads;
  ConnectionPool patient(url, {}, {.connections_max = 2, .wait_ms_max = 20'000});
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        served += patient.take()->value("SELECT 1") == integer(1) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(served, 160);
  EXPECT_LE(patient.size(), 2);
}

TEST_F(PoolTest, a_dead_connection_is_dropped) {
  ConnectionPool pool(url, {}, {.connections_max = 1, .idle_ms_max = 0});
  const std::int64_t first = pid_of(*pool.take());
  db->value("SELECT pg_terminate_backend(" + std::to_string(first) + ", 5000)");
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_NE(pid_of(*pool.take()), first) << "found out before it is handed out";
  {
    const auto lease = pool.take();
    const Transaction tx(*lease, Transaction::Mode::read);
    db->value("SELECT pg_terminate_backend(" + std::to_string(pid_of(*lease)) + ", 5000)");
    EXPECT_EQ(code_of([&] { lease->value("SELECT 1"); }), ErrorCode::unavailable);
  }
  EXPECT_EQ(pool.size(), 0) << "found out by its user";
  EXPECT_EQ(pool.take()->value("SELECT 1"), integer(1));
}

TEST_F(PoolTest, a_connection_that_can_not_be_opened_takes_no_place) {
  ConnectionPool pool(PostgresServer::shared().url("no_such_database"), {}, {.connections_max = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(code_of([&] { pool.take(); }), ErrorCode::not_found);
  }
  EXPECT_EQ(pool.size(), 0);
}

}  // namespace
}  // namespace reeve::engine
