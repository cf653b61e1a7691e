// Many ledgers of a schema in one process, over a bounded number of connections.

#include "database.h"

#include <reeve/directory.h>
#include <reeve/ledger_pool.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace reeve::testing {
namespace {

TEST(postgres_pool, six_ledgers_share_five_connections_of_which_each_sees_its_own_rows_alone) {
  const Database database("pool");
  const Workshop workshop;
  const std::string blueprint = workshop.blueprint(vault_sources());
  std::vector<std::string> names;
  for (const char* name : {"a", "b&c", "d e", "ü", "100%", "x=y"}) names.emplace_back(name);
  for (const std::string& name : names) {
    std::string escaped;
    for (const char letter : name)
      escaped += letter == '&' ? "%26" : letter == '%' ? "%25" : std::string(1, letter);
    create_ledger(database.administrator(escaped), blueprint);
  }
  const std::string url = database.application();
  LedgerPool pool(url.substr(0, url.find("ledger=") - 1),
                  {.ledger = {}, .open_max = 3, .connections_max = 5, .wait_ms_max = 60'000});
  for (const std::string& name : names) {
    const auto ledger = pool.open(name);
    EXPECT_EQ(reason_of(ledger->commit("owner.joined", R"({"owner_id":"o","name":")" + name + "\"}")), "");
  }
  std::atomic<int> most = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 6; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::size_t i = 0; i < 12; ++i) {
        const std::string& name = names[(thread * 5 + i) % names.size()];
        const auto ledger = pool.open(name);
        Rows rows = ledger->query("owners");
        const bool is_own = rows.next() && rows.at(1).text() == name && !rows.next();
        wrong += is_own ? 0 : 1;
      }
    });
  }
  std::atomic<bool> stop = false;
  std::thread watch([&] {
    while (!stop) {
      const auto seen = database.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'");
      most = std::max<int>(most, static_cast<int>(std::get<std::int64_t>(*seen)));
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  for (std::thread& thread : threads) thread.join();
  stop = true;
  watch.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(most, 4) << "there was nothing to bound";
  EXPECT_LE(pool.connection_count(), 5);
  // The server may not have noticed yet that one was closed when the next is opened.
  EXPECT_LE(most, 5 + 2);
  suspend_ledger(database.administrator("a"));
  EXPECT_EQ(error_of([&] {
              for (const std::string& name : names) pool.open(name)->query("owners");
            }).code(),
            ErrorCode::denied);
}

}  // namespace
}  // namespace reeve::testing
