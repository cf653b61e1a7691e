// Answers shared through Redis: slower without it, and never another's.

#include "cached_vault.h"

#include "support/redis_server.h"

#include <reeve/live.h>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace reeve::testing {
namespace {

using Origin = CachedAnswer::Origin;

class StillClock : public Clock {
 public:
  Microseconds now() override { return at; }
  std::atomic<Microseconds> at = 1'767'323'045'000'006;
};

class shared_cache : public CachedVault {
 protected:
  shared_cache() : space("one_" + std::to_string(++spaces)) { reopen(); }
  void reopen(int wait_ms_max = 2'000) {
    store = live::open_store(RedisServer::shared().url(space), {.wait_ms_max = wait_ms_max});
  }
  CacheOptions sharing() { return {.store = store.get(), .clock = &clock}; }
  std::vector<live::Entry> stored() const { return store->list("answer/"); }

  static inline int spaces = 0;
  std::string space;  ///< of the test alone
  StillClock clock;
  std::unique_ptr<live::Store> store;
};
INSTANTIATE_TEST_SUITE_P(on, shared_cache, ::testing::Values(On::sqlite, On::postgres), name_of_engine);

TEST_P(shared_cache, takes_what_another_cache_has_asked) {
  QueryCache first(*ledger, url, sharing());
  QueryCache second(*ledger, url, sharing());
  const CachedAnswer made = first.query("account", R"({"account_id":"a"})");
  EXPECT_EQ(made.origin, Origin::made);
  const CachedAnswer taken = second.query("account", R"({"account_id":"a"})");
  EXPECT_EQ(taken.origin, Origin::taken);
  EXPECT_EQ(taken.table->values, made.table->values);
  EXPECT_EQ(taken.table->columns[3].type, made.table->columns[3].type);
  EXPECT_EQ(origin(second, "account", R"({"account_id":"a"})"), Origin::found);
}

TEST_P(shared_cache, takes_what_is_older_if_nothing_touched_it_since) {
  QueryCache first(*ledger, url, sharing());
  EXPECT_EQ(origin(first, "accounts"), Origin::made);
  EXPECT_EQ(origin(first, "badges"), Origin::made);
  commit("badge.given", R"({"owner_id":"ann","number":1,"label":"first"})");
  QueryCache later(*ledger, url, sharing());
  EXPECT_EQ(origin(later, "accounts"), Origin::taken);
  const CachedAnswer badges = later.query("badges");
  EXPECT_EQ(badges.origin, Origin::made);
  EXPECT_EQ(badges.table->rows(), 1u);
}

TEST_P(shared_cache, believes_nothing_that_was_changed_or_moved_in_the_store) {
  QueryCache first(*ledger, url, sharing());
  EXPECT_EQ(balance(first.query("accounts")), 100);
  EXPECT_EQ(origin(first, "wealth"), Origin::made);
  const auto entries = stored();
  ASSERT_EQ(entries.size(), 2u);
  std::vector<std::string> values{"", "x", entries[1].value};
  for (std::size_t place = 0; place < entries[0].value.size(); place += 16) {
    values.push_back(entries[0].value);
    values.back()[place] = static_cast<char>(values.back()[place] ^ 1);
  }
  for (const std::string& value : values) {
    for (const live::Entry& entry : entries) {
      if (entry.value != value) store->put(entry.key, value, 60'000'000);
    }
    QueryCache another(*ledger, url, sharing());
    EXPECT_EQ(balance(another.query("accounts")), 100);
    EXPECT_EQ(another.query("wealth").table->at(0, 1), Value(std::string("Ann")));
    EXPECT_EQ(another.stats().store_faults, 0u);
    store->put(entries[0].key, entries[0].value, 60'000'000);
    store->put(entries[1].key, entries[1].value, 60'000'000);
  }
}

TEST_P(shared_cache, shares_no_answer_that_is_huge) {
  QueryCache first(*ledger, url, sharing());
  commit("account.noted", R"({"account_id":"a","notes":{"text":")" + std::string(100'000, 'x') + R"("}})");
  EXPECT_EQ(origin(first, "account", R"({"account_id":"a"})"), Origin::made);
  EXPECT_EQ(origin(first, "account", R"({"account_id":"a"})"), Origin::found);
  EXPECT_TRUE(stored().empty());
  EXPECT_EQ(first.stats().store_faults, 0u);
}

TEST_P(shared_cache, answers_while_redis_is_stopped_and_started) {
  reopen(300);
  QueryCache cache(*ledger, url, sharing());
  EXPECT_EQ(balance(cache.query("accounts")), 100);
  RedisServer::shared().stop();
  credit();
  EXPECT_EQ(balance(cache.query("accounts")), 101);
  EXPECT_EQ(origin(cache, "badges"), Origin::made);
  EXPECT_EQ(cache.stats().store_faults, 1u) << "it is left alone for a second";
  RedisServer::shared().start();
  clock.at += 1'000'000;
  credit();
  EXPECT_EQ(balance(cache.query("accounts")), 102);
  QueryCache another(*ledger, url, sharing());
  EXPECT_EQ(balance(another.query("accounts")), 102);
}

TEST_P(shared_cache, is_never_older_than_what_is_known_however_many_caches_share) {
  constexpr int writes = 400;
  std::atomic<bool> is_writing = true;
  std::atomic<std::int64_t> paid = 0;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (int i = 0; i < writes; ++i) {
      credit();
      ++paid;
    }
    is_writing = false;
  });
  std::atomic<std::uint64_t> taken = 0;
  for (int reader = 0; reader < 4; ++reader) {
    threads.emplace_back([&] {
      QueryCache cache(*ledger, url,
                       {.bytes_max = 0, .store = store.get()});  // keeps nothing: always the store
      while (is_writing) {
        const std::int64_t known = 100 + paid;
        ASSERT_GE(balance(cache.query("accounts")), known);
      }
      taken += cache.stats().taken;
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::cout << taken << " were taken\n";
}

TEST(shared_cache_of_copies, takes_no_answer_of_another_past) {
  const Workshop workshop;
  const std::string file = workshop.path("vault.db");
  create_ledger(file, workshop.blueprint(cached_vault_sources()));
  const std::string copy = workshop.path("copy.db");
  std::filesystem::copy_file(file, copy);  // of the same id, as a restored backup
  Ledger one = Ledger::open(file);
  Ledger other = Ledger::open(copy);
  const auto join = [](Ledger& of, const std::string& name) {
    EXPECT_EQ(reason_of(of.commit("owner.joined", R"({"owner_id":"o","name":")" + name + "\"}")), "");
  };
  join(one, "Ann");
  join(other, "Bob");
  const auto store = live::open_store(RedisServer::shared().url("copies"));
  QueryCache of_one(one, file, {.store = store.get()});
  EXPECT_EQ(of_one.query("owners").table->at(0, 1), Value(std::string("Ann")));
  QueryCache of_other(other, copy, {.store = store.get()});
  const CachedAnswer answer = of_other.query("owners");
  EXPECT_EQ(answer.origin, Origin::made);
  EXPECT_EQ(answer.table->at(0, 1), Value(std::string("Bob")));
  // And behind the event in which they part.
  EXPECT_EQ(reason_of(one.commit("day.ended", "{}")), "");
  EXPECT_EQ(reason_of(other.commit("day.ended", "{}")), "");
  QueryCache later(one, file, {.store = store.get()});
  EXPECT_EQ(later.query("owners").table->at(0, 1), Value(std::string("Ann")));
}

TEST(shared_cache_of_tenants, gives_none_the_answer_of_another) {
  const Workshop workshop;
  const Database database("cache_tenants");
  const std::string blueprint = workshop.blueprint(cached_vault_sources());
  const auto store = live::open_store(RedisServer::shared().url("tenants"));
  const std::vector<std::string> names{"ann", "bob", "cyd"};
  for (const std::string& name : names) create_ledger(database.administrator(name), blueprint);
  std::vector<Ledger> ledgers;
  std::vector<std::unique_ptr<QueryCache>> caches;
  ledgers.reserve(names.size());
  for (const std::string& name : names) {
    ledgers.push_back(Ledger::open(database.application(name)));
    EXPECT_EQ(reason_of(ledgers.back().commit("owner.joined", R"({"owner_id":"o","name":")" + name + "\"}")),
              "");
  }
  for (int round = 0; round < 2; ++round) {  // the second round's caches are new and take from the store
    for (std::size_t i = 0; i < names.size(); ++i) {
      caches.push_back(std::make_unique<QueryCache>(ledgers[i], database.application(names[i]),
                                                    CacheOptions{.store = store.get()}));
      for (int attempt = 0; attempt < 2; ++attempt) {
        const CachedAnswer answer = caches.back()->query("owners");
        ASSERT_EQ(answer.table->rows(), 1u);
        EXPECT_EQ(answer.table->at(0, 1), Value(names[i]));
      }
      EXPECT_EQ(caches.back()->stats().taken, static_cast<std::uint64_t>(round));
    }
  }
  // What is moved from one tenant's key to another's is believed by nobody.
  const auto entries = store->list("answer/");
  ASSERT_EQ(entries.size(), 3u);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    store->put(entries[i].key, entries[(i + 1) % 3].value, 60'000'000);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    QueryCache cache(ledgers[i], database.application(names[i]), {.store = store.get()});
    EXPECT_EQ(cache.query("owners").table->at(0, 1), Value(names[i]));
    EXPECT_EQ(cache.stats().taken, 0u);
  }
}

}  // namespace
}  // namespace reeve::testing
