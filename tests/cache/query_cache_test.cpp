// What a cache keeps, and what takes it away, on both engines.

#include "cached_vault.h"

#include "erasure/people.h"
#include "state/migrate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace reeve::testing {
namespace {

using Origin = CachedAnswer::Origin;

class query_cache : public CachedVault {};
INSTANTIATE_TEST_SUITE_P(on, query_cache, ::testing::Values(On::sqlite, On::postgres), name_of_engine);

TEST_P(query_cache, gives_what_the_ledger_gives_and_finds_it_the_next_time) {
  QueryCache cache(*ledger, url);
  for (const Origin expected : {Origin::made, Origin::found}) {
    const CachedAnswer answer = cache.query("account", R"({"account_id":"a"})");
    EXPECT_EQ(answer.origin, expected);
    EXPECT_EQ(answer.sequence, ledger->head().sequence);
    Rows rows = ledger->query("account", R"({"account_id":"a"})");
    ASSERT_EQ(answer.table->columns.size(), rows.columns().size());
    ASSERT_EQ(answer.table->rows(), 1u);
    ASSERT_TRUE(rows.next());
    for (std::size_t column = 0; column < rows.columns().size(); ++column) {
      EXPECT_EQ(answer.table->columns[column].name, rows.columns()[column].name);
      EXPECT_EQ(answer.table->columns[column].type, rows.columns()[column].type);
      EXPECT_EQ(answer.table->at(0, column), rows.at(column).to_value());
    }
  }
}

TEST_P(query_cache, finds_equal_parameters_in_another_order) {
  QueryCache cache(*ledger, url);
  EXPECT_EQ(origin(cache, "between", R"({"low":1,"high":200})"), Origin::made);
  EXPECT_EQ(origin(cache, "between", R"({ "high": 200, "low": 1 })"), Origin::found);
  EXPECT_EQ(origin(cache, "between", R"({"low":1,"high":201})"), Origin::made);
}

TEST_P(query_cache, keeps_an_answer_while_events_touch_other_tables) {
  QueryCache cache(*ledger, url);
  EXPECT_EQ(origin(cache, "accounts"), Origin::made);
  commit("badge.given", R"({"owner_id":"ann","number":1,"label":"first"})");
  const CachedAnswer kept = cache.query("accounts");
  EXPECT_EQ(kept.origin, Origin::found);
  EXPECT_EQ(kept.sequence, ledger->head().sequence);
  credit();
  const CachedAnswer anew = cache.query("accounts");
  EXPECT_EQ(anew.origin, Origin::made);
  EXPECT_EQ(balance(anew), 101);
  EXPECT_EQ(cache.stats().outdated, 1u);
}

TEST_P(query_cache, drops_what_was_read_through_a_view) {
  QueryCache cache(*ledger, url);
  EXPECT_EQ(origin(cache, "wealth"), Origin::made);
  credit();
  const CachedAnswer answer = cache.query("wealth");
  EXPECT_EQ(answer.origin, Origin::made);
  EXPECT_EQ(answer.table->at(0, 2), Value(std::int64_t{101}));
}

TEST_P(query_cache, drops_what_only_a_cascade_touched) {
  QueryCache cache(*ledger, url);
  EXPECT_EQ(cache.query("accounts").table->rows(), 1u);
  commit("owner.left", R"({"owner_id":"ann"})");  // its statement names owners alone
  const CachedAnswer answer = cache.query("accounts");
  EXPECT_EQ(answer.origin, Origin::made);
  EXPECT_EQ(answer.table->rows(), 0u);
}

TEST_P(query_cache, drops_what_was_undone_and_rewound) {
  QueryCache cache(*ledger, url);
  credit();
  EXPECT_EQ(balance(cache.query("accounts")), 101);
  ASSERT_EQ(reason_of(ledger->undo(ledger->head().sequence)), "");
  EXPECT_EQ(balance(cache.query("accounts")), 100);
  const Sequence before = ledger->head().sequence;
  credit(7);
  EXPECT_EQ(balance(cache.query("accounts")), 107);
  ASSERT_EQ(reason_of(ledger->rewind(before)), "");
  EXPECT_EQ(balance(cache.query("accounts")), 100);
}

TEST_P(query_cache, lets_every_event_touch_what_reads_the_journal) {
  QueryCache cache(*ledger, url);
  const std::string next = R"({"number":)" + std::to_string(ledger->head().sequence.value + 1) + "}";
  const CachedAnswer before = cache.query("events", R"({"after":0})");
  EXPECT_EQ(origin(cache, "events", R"({"after":0})"), Origin::found);
  EXPECT_EQ(origin(cache, "changes", next), Origin::made);
  credit();
  EXPECT_EQ(cache.query("events", R"({"after":0})").table->rows(), before.table->rows() + 1);
  const CachedAnswer changes = cache.query("changes", next);
  EXPECT_EQ(changes.origin, Origin::made);
  EXPECT_NE(std::get<std::string>(changes.table->at(0, 0)), "[]");
}

TEST_P(query_cache, passes_what_reads_the_clock) {
  QueryCache cache(*ledger, url);
  EXPECT_EQ(origin(cache, "clock"), Origin::passed);
  EXPECT_EQ(origin(cache, "clock"), Origin::passed);
  EXPECT_EQ(cache.stats().entries, 0u);
}

TEST_P(query_cache, forgets_all_with_a_migration) {
  QueryCache cache(*ledger, url);
  EXPECT_EQ(cache.query("accounts").table->columns.size(), 2u);
  blueprint::Sources sources = cached_vault_sources();
  add_grades(sources);
  std::string& queries = sources.files["queries/accounts.sql"];
  const std::string known = "SELECT account_id, balance FROM accounts";
  ASSERT_NE(queries.find(known), std::string::npos);
  queries.replace(queries.find(known), known.size(), "SELECT account_id, balance, grade FROM accounts");
  state::migrate_up(state::Location::of(administrator()), sources);
  const CachedAnswer answer = cache.query("accounts");
  EXPECT_EQ(answer.origin, Origin::made);
  ASSERT_EQ(answer.table->columns.size(), 3u);
  EXPECT_EQ(answer.table->at(0, 2), Value(std::int64_t{1}));
  EXPECT_EQ(cache.stats().emptied, 1u);
  credit();
  EXPECT_EQ(balance(cache.query("accounts")), 101);
}

TEST_P(query_cache, keeps_no_error) {
  commit("account.opened", R"({"account_id":"b","owner_id":"ann"})");
  QueryCache cache(*ledger, url);
  for (int attempt = 0; attempt < 2; ++attempt) {
    EXPECT_NE(error_of([&] { cache.query("share"); }).code(), ErrorCode::internal);
  }
  EXPECT_EQ(error_of([&] { cache.query("nothing"); }).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of([&] { cache.query("accounts", "[1"); }).code(), ErrorCode::invalid_input);
  EXPECT_EQ(error_of([&] { cache.query("accounts", R"({"x":1})"); }).code(), ErrorCode::invalid_input);
  EXPECT_EQ(cache.stats().entries, 0u);
  commit("account.credited", R"({"account_id":"b","amount":50})");
  EXPECT_EQ(cache.query("share").table->at(1, 1), Value(std::int64_t{2}));
}

TEST_P(query_cache, of_many_who_miss_one_asks) {
  QueryCache cache(*ledger, url);
  std::atomic<bool> go = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      while (!go) std::this_thread::yield();
      EXPECT_EQ(balance(cache.query("accounts")), 100);
    });
  }
  go = true;
  for (std::thread& thread : threads) thread.join();
  const CacheStats stats = cache.stats();
  EXPECT_EQ(stats.made, 1u);
  EXPECT_EQ(stats.found + stats.awaited, 15u);
}

TEST_P(query_cache, keeps_within_its_bound_what_was_used_last) {
  QueryCache cache(*ledger, url, {.bytes_max = 8'000});
  const auto ask = [&](int number) {
    return origin(cache, "between", R"({"low":1,"high":)" + std::to_string(1'000 + number) + "}");
  };
  for (int number = 0; number < 200; ++number) {
    EXPECT_EQ(ask(number), Origin::made);
    EXPECT_EQ(ask(0), Origin::found) << number;
    EXPECT_LE(cache.stats().bytes, 8'000u);
  }
  EXPECT_EQ(ask(199), Origin::found);
  EXPECT_EQ(ask(100), Origin::made);
  EXPECT_GT(cache.stats().evicted, 100u);
}

TEST_P(query_cache, gives_a_huge_answer_and_does_not_keep_it) {
  QueryCache cache(*ledger, url, {.answer_bytes_max = 20'000});
  commit("account.noted", R"({"account_id":"a","notes":{"text":")" + std::string(100'000, 'x') + R"("}})");
  for (int attempt = 0; attempt < 2; ++attempt) {
    const CachedAnswer answer = cache.query("account", R"({"account_id":"a"})");
    EXPECT_EQ(answer.origin, Origin::made);
    EXPECT_GT(std::get<std::string>(answer.table->at(0, 6)).size(), 100'000u);
  }
  EXPECT_EQ(cache.stats().entries, 0u);
}

class StillClock : public Clock {
 public:
  Microseconds now() override { return at; }
  std::atomic<Microseconds> at = 1'767'323'045'000'006;
};

TEST_P(query_cache, that_trusts_still_sees_what_a_ledger_of_this_process_committed) {
  StillClock clock;
  QueryCache cache(*ledger, url, {.trust_ms = 60'000, .clock = &clock});
  EXPECT_EQ(balance(cache.query("accounts")), 100);
  const std::uint64_t looks = cache.stats().looks;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(origin(cache, "accounts"), Origin::found);
  EXPECT_EQ(cache.stats().looks, looks);
  credit();
  EXPECT_EQ(balance(cache.query("accounts")), 101);
  Ledger another = Ledger::open(url);
  ASSERT_EQ(reason_of(another.commit("account.credited", R"({"account_id":"a","amount":1})")), "");
  EXPECT_EQ(balance(cache.query("accounts")), 102);
  const std::uint64_t after = cache.stats().looks;
  clock.at += 60'000'000;
  EXPECT_EQ(origin(cache, "accounts"), Origin::found);
  EXPECT_EQ(cache.stats().looks, after + 1);
}

TEST_P(query_cache, takes_up_thousands_of_events_at_once) {
  QueryCache cache(*ledger, url);
  EXPECT_EQ(origin(cache, "accounts"), Origin::made);
  EXPECT_EQ(origin(cache, "badges"), Origin::made);
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 1'000; ++i) {
    outcomes.push_back(ledger->submit("account.credited", R"({"account_id":"a","amount":1})"));
  }
  for (auto& outcome : outcomes) EXPECT_EQ(reason_of(outcome.get()), "");
  EXPECT_EQ(balance(cache.query("accounts")), 1'100);
  EXPECT_EQ(origin(cache, "badges"), Origin::found);
  EXPECT_EQ(cache.stats().emptied, 0u);
}

TEST(query_cache_of_people, keeps_no_personal_value) {
  const Workshop workshop;
  const std::string file = workshop.path("people.db");
  create_ledger(file, workshop.blueprint(people_sources()));
  Ledger people = Ledger::open(file);
  ASSERT_EQ(
      reason_of(people.commit("user.joined", R"({"user_id":"ada","email":"ada@example.org","name":"Ada"})")),
      "");
  QueryCache cache(people, file);
  EXPECT_EQ(cache.query("people").table->at(0, 1), Value(std::string("ada@example.org")));
  ASSERT_TRUE(people.forget("ada"));  // no event says so
  const CachedAnswer answer = cache.query("people");
  EXPECT_EQ(answer.origin, Origin::passed);
  EXPECT_EQ(answer.table->at(0, 1), Value(std::string("[erased]")));
}

class query_cache_of_a_server : public CachedVault {};
INSTANTIATE_TEST_SUITE_P(on, query_cache_of_a_server, ::testing::Values(On::postgres), name_of_engine);

TEST_P(query_cache_of_a_server, goes_on_when_its_session_was_ended) {
  QueryCache cache(*ledger, url);
  EXPECT_EQ(origin(cache, "accounts"), Origin::made);
  database->execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
  EXPECT_EQ(origin(cache, "accounts"), Origin::found);
}

TEST(query_cache_options, are_checked) {
  const Workshop workshop;
  const std::string file = workshop.path("vault.db");
  Ledger ledger = Ledger::create(file, workshop.blueprint(cached_vault_sources()));
  EXPECT_EQ(error_of([&] { QueryCache(ledger, file, {.trust_ms = -1}); }).code(), ErrorCode::invalid_input);
  EXPECT_EQ(error_of([&] { QueryCache(ledger, workshop.path("none.db")); }).code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace reeve::testing
