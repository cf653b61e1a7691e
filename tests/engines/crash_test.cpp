// The server is killed under load: what was acknowledged is there, once, and nothing is half applied.

#include "database.h"

#include "state/verify.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <random>
#include <set>
#include <thread>

namespace reeve::testing {
namespace {

TEST(postgres_crash, loses_nothing_that_was_acknowledged_and_applies_nothing_twice) {
  const char* given = std::getenv("REEVE_POSTGRES_CRASHES");
  const int crashes = given != nullptr ? std::atoi(given) : 25;
  PostgresServer server({.fsync = true, .connections_max = 30, .settings = {}});
  const Workshop workshop;
  const Database database("crashes", server);
  create_ledger(database.administrator(), workshop.blueprint(vault_sources()));
  const std::string url = database.application();
  {
    Ledger ledger = Ledger::open(url);
    ASSERT_EQ(reason_of(ledger.commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
    ASSERT_EQ(reason_of(ledger.commit("account.opened", R"({"account_id":"a","owner_id":"o"})")), "");
  }
  std::mt19937_64 random(test_seed("server crashes"));
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::set<std::string> in_doubt;
  int number = 0;
  for (int crash = 0; crash < crashes; ++crash) {
    Ledger ledger = Ledger::open(url);
    std::atomic<bool> stop = false;
    std::vector<std::thread> clients;
    for (int client = 0; client < 4; ++client) {
      clients.emplace_back([&] {
        while (!stop) {
          std::string key;
          {
            const std::lock_guard lock(mutex);
            key = "k" + std::to_string(++number);
          }
          try {
            ledger.commit("account.credited", R"({"account_id":"a","amount":1})", {.key = key});
            const std::lock_guard lock(mutex);
            acknowledged.insert(key);
          } catch (const Error&) {
            const std::lock_guard lock(mutex);
            in_doubt.insert(key);
            return;
          }
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 150));
    server.stop_immediate();
    stop = true;
    for (std::thread& client : clients) client.join();
    server.start();
    // The same ledger goes on, on a connection that it opens anew; its key tells what came of each doubt.
    for (const std::string& key : in_doubt) {
      if (!ledger.find_key(key)) {
        ASSERT_EQ(
            reason_of(ledger.commit("account.credited", R"({"account_id":"a","amount":1})", {.key = key})),
            "");
      }
      acknowledged.insert(key);
    }
    in_doubt.clear();
  }
  Ledger ledger = Ledger::open(url);
  for (const std::string& key : acknowledged) ASSERT_TRUE(ledger.find_key(key)) << key;
  Rows rows = ledger.query("account", R"({"account_id":"a"})");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ((std::get<2>(rows.as<std::string, std::string, std::int64_t>())),
            static_cast<std::int64_t>(acknowledged.size()));
  EXPECT_GT(acknowledged.size(), static_cast<std::size_t>(crashes));
  const state::Verification found = state::verify(url);
  EXPECT_TRUE(found.equal()) << describe(found);
}

}  // namespace
}  // namespace reeve::testing
