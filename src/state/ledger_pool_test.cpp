// Thousands of ledgers in one process, of which few are open at once.

#include "state/vault_test.h"

#include <reeve/ledger_pool.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

namespace reeve::testing {
namespace {

class ledger_pool : public ::testing::Test {
 protected:
  /// One furnished ledger, copied: making each of thousands would only take longer.
  void make_ledgers(const std::vector<std::string>& names) {
    std::filesystem::create_directory(folder);
    const std::string first = workshop.path("first.db");
    LedgerOptions small;
    small.page_bytes = 512;
    {
      Ledger ledger = Ledger::create(first, workshop.blueprint(vault_sources()), small);
      EXPECT_EQ(reason_of(ledger.commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
      EXPECT_EQ(reason_of(ledger.commit("account.opened", R"({"account_id":"a","owner_id":"o"})")), "");
    }
    for (const std::string& name : names) std::filesystem::copy_file(first, folder + "/" + name + ".db");
  }
  static void credit(Ledger& ledger) {
    EXPECT_EQ(reason_of(ledger.commit("account.credited", R"({"account_id":"a","amount":1})")), "");
  }
  static std::int64_t balance(Ledger& ledger) {
    Rows rows = ledger.query("accounts");
    EXPECT_TRUE(rows.next());
    return std::get<1>(rows.as<std::string, std::int64_t>());
  }
  static std::vector<std::string> numbered(int count) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back("ledger " + std::to_string(i));
    return names;
  }

  Workshop workshop;
  std::string folder = workshop.path("ledgers");
};

TEST_F(ledger_pool, serves_thousands_of_ledgers_to_several_threads_with_64_open) {
  const std::vector<std::string> names = numbered(2000);
  make_ledgers(names);
  LedgerPool pool(folder, {.ledger = {}, .open_max = 64, .connections_max = 96});
  const std::uint64_t seed = test_seed("pool");
  std::vector<std::atomic<std::int64_t>> credited(names.size());
  std::atomic<int> most_open = 0;
  std::atomic<int> most_connections = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 6; ++thread) {
    threads.emplace_back([&, thread] {
      std::mt19937_64 random(seed + static_cast<std::uint64_t>(thread));
      for (std::size_t i = static_cast<std::size_t>(thread); i < names.size(); i += 6) {
        // Each one once, and in between some that all threads want.
        for (const std::size_t place : {i, static_cast<std::size_t>(random() % 10)}) {
          const auto ledger = pool.open(names[place]);
          credit(*ledger);
          ++credited[place];
          if (random() % 4 == 0) {
            EXPECT_GE(balance(*ledger), 1);
          }
        }
        most_open = std::max<int>(most_open, static_cast<int>(pool.open_count()));
        most_connections = std::max<int>(most_connections, pool.connection_count());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most_open, 64);
  EXPECT_LE(most_connections, 96);
  for (std::size_t place = 0; place < names.size(); place += place < 10 ? 1 : 97) {
    EXPECT_EQ(balance(*pool.open(names[place])), credited[place]) << names[place];
  }
  pool.close_idle();
  EXPECT_EQ(pool.open_count(), 0u);
  EXPECT_EQ(pool.connection_count(), 0);
  expect_equal(folder + "/" + names[3] + ".db");
}

TEST_F(ledger_pool, closes_the_one_that_was_used_the_longest_time_ago_and_never_one_that_is_held) {
  make_ledgers({"a", "b", "c", "d"});
  LedgerPool pool(folder, {.ledger = {}, .open_max = 2, .connections_max = 3, .wait_ms_max = 50});
  const auto a = pool.open("a");
  pool.open("b");
  Ledger* const a_again = pool.open("a").get();
  EXPECT_EQ(a_again, a.get());
  const auto c = pool.open("c");  // instead of b
  EXPECT_EQ(pool.open_count(), 2u);
  const Error full = error_of([&] { pool.open("d"); });
  EXPECT_EQ(full.code(), ErrorCode::retryable) << full.message();
  credit(*a);
  credit(*c);
  EXPECT_EQ(pool.open("a").get(), a.get());
}

TEST_F(ledger_pool, a_waiting_thread_gets_the_room_that_another_gives_up) {
  make_ledgers({"a", "b"});
  LedgerPool pool(folder, {.ledger = {}, .open_max = 1, .connections_max = 2, .wait_ms_max = 20'000});
  auto a = pool.open("a");
  std::thread waiting([&] { credit(*pool.open("b")); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  a.reset();
  waiting.join();
  EXPECT_EQ(balance(*pool.open("b")), 1);
}

TEST_F(ledger_pool, who_asks_for_one_that_is_being_opened_gets_the_same) {
  make_ledgers({"a"});
  LedgerPool pool(folder);
  std::vector<std::shared_ptr<Ledger>> handles(16);
  std::vector<std::thread> threads;
  for (auto& handle : handles) threads.emplace_back([&] { handle = pool.open("a"); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& handle : handles) EXPECT_EQ(handle.get(), handles[0].get());
  EXPECT_EQ(pool.open_count(), 1u);
}

TEST_F(ledger_pool, a_handle_outlives_its_pool) {
  make_ledgers({"a"});
  std::shared_ptr<Ledger> kept;
  {
    LedgerPool pool(folder);
    kept = pool.open("a");
  }
  credit(*kept);
  EXPECT_EQ(balance(*kept), 1);
}

TEST_F(ledger_pool, a_ledger_that_can_not_be_opened_takes_no_room) {
  make_ledgers({"a"});
  workshop.write("ledgers/broken.db", "no database at all");
  LedgerPool pool(folder, {.ledger = {}, .open_max = 1, .connections_max = 2, .wait_ms_max = 50});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(error_of([&] { pool.open("nobody"); }).code(), ErrorCode::not_found);
    EXPECT_EQ(error_of([&] { pool.open("broken"); }).code(), ErrorCode::corrupt);
  }
  EXPECT_EQ(pool.open_count(), 0u);
  EXPECT_EQ(pool.connection_count(), 0);
  EXPECT_FALSE(std::filesystem::exists(folder + "/nobody.db"));
  credit(*pool.open("a"));
}

TEST_F(ledger_pool, an_answer_that_finds_no_connection_is_retryable_and_an_idle_one_of_another_is_closed) {
  make_ledgers({"a", "b"});
  LedgerPool pool(folder, {.ledger = {}, .open_max = 2, .connections_max = 4, .wait_ms_max = 50});
  const auto a = pool.open("a");
  const auto b = pool.open("b");
  {
    const Rows one = a->query("accounts");
    const Rows two = a->query("accounts");
    EXPECT_EQ(pool.connection_count(), 4);
    const Error full = error_of([&] { b->query("accounts"); });
    EXPECT_EQ(full.code(), ErrorCode::retryable) << full.message();
    EXPECT_FALSE(full.remedy().empty());
  }
  // a keeps its two readers, idle now; b gets the room of one.
  EXPECT_EQ(balance(*b), 0);
  EXPECT_EQ(pool.connection_count(), 4);
  EXPECT_EQ(balance(*a), 0);
}

TEST_F(ledger_pool, a_ledger_by_itself_is_bounded_too) {
  LedgerOptions options;
  options.connections_max = 3;
  options.busy_ms_max = 50;
  Ledger ledger = Ledger::create(workshop.path("alone.db"), workshop.blueprint(vault_sources()), options);
  {
    const Rows one = ledger.query("accounts");
    const Rows two = ledger.query("accounts");
    EXPECT_EQ(error_of([&] { ledger.query("accounts"); }).code(), ErrorCode::retryable);
    EXPECT_EQ(reason_of(ledger.commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
  }
  EXPECT_NO_THROW(ledger.query("accounts"));
  options.connections_max = 1;
  EXPECT_EQ(error_of([&] { Ledger::open(workshop.path("alone.db"), options); }).code(),
            ErrorCode::invalid_input);
}

TEST_F(ledger_pool, names_lead_to_files_of_the_folder_alone) {
  make_ledgers({"Ärger ☀ 𝕏", "with space", "a..b", "-rf"});
  std::filesystem::copy_file(workshop.path("first.db"), workshop.path("outside.db"));
  std::filesystem::create_directory(folder + "/below");
  std::filesystem::copy_file(workshop.path("first.db"), folder + "/below/inside.db");
  LedgerPool pool(folder);
  for (const char* name : {"Ärger ☀ 𝕏", "with space", "a..b", "-rf"}) credit(*pool.open(name));
  const std::vector<std::string> refused = {"",
                                            ".",
                                            "..",
                                            "../outside",
                                            "/etc/passwd",
                                            "below/inside",
                                            "below\\x",
                                            ".hidden",
                                            "new\nline",
                                            "\x7f",
                                            "a\xc2\x85"
                                            "b",
                                            std::string("a\0b", 3),
                                            "\xff\xfe",
                                            "\xc3\x28",
                                            "\xed\xa0\x80",
                                            "a\xc2",
                                            std::string(201, 'x')};
  for (const std::string& name : refused) {
    EXPECT_EQ(error_of([&] { pool.open(name); }).code(), ErrorCode::invalid_input) << name;
  }
  EXPECT_EQ(error_of([&] { pool.open(std::string(200, 'x')); }).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of([&] { LedgerPool(folder + "/nothing"); }).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of([&] { LedgerPool("postgresql:///x?ledger=a"); }).code(), ErrorCode::invalid_input);
  LedgerPoolOptions narrow;
  narrow.connections_max = narrow.open_max;
  EXPECT_EQ(error_of([&] { LedgerPool(folder, narrow); }).code(), ErrorCode::invalid_input);
}

}  // namespace
}  // namespace reeve::testing
