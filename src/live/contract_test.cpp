// One contract for all stores.

#include "live/stores_test.h"

#include <gmock/gmock.h>

#include <barrier>
#include <set>
#include <thread>
#include <vector>

namespace reeve::live {
namespace {

class live_store : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(of, live_store, ::testing::ValuesIn(store_kinds), name_of_kind);

std::vector<std::string> keys_of(const std::vector<Entry>& entries) {
  std::vector<std::string> keys;
  for (const Entry& entry : entries) keys.push_back(entry.key);
  return keys;
}

TEST_P(live_store, gives_back_what_was_put_until_it_ends_and_not_at_its_end) {
  const Put put = store->put("a", "one", minute);
  ASSERT_EQ(put.verdict, Verdict::done);
  const auto entry = store->get("a");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->key, "a");
  EXPECT_EQ(entry->value, "one");
  EXPECT_EQ(entry->version, put.version);
  EXPECT_EQ(entry->ends, noon + minute);
  clock.set(noon + minute - 1);
  EXPECT_TRUE(store->get("a"));
  clock.set(noon + minute);
  EXPECT_FALSE(store->get("a"));
}

TEST_P(live_store, what_was_found_to_have_ended_stays_so_when_the_clock_goes_back) {
  store->put("a", "one", minute);
  store->count("a", minute);
  clock.set(noon + minute);
  EXPECT_FALSE(store->get("a"));
  EXPECT_FALSE(store->find_count("a"));
  clock.set(noon);
  EXPECT_FALSE(store->get("a"));
  EXPECT_FALSE(store->find_count("a"));
}

TEST_P(live_store, a_put_replaces_and_gives_a_version_that_none_had_before) {
  std::set<std::int64_t> versions;
  for (int i = 0; i < 5; ++i) {
    versions.insert(store->put("a", std::to_string(i), minute).version);
    versions.insert(store->put("b", std::to_string(i), minute).version);
    store->erase("b");
  }
  EXPECT_EQ(versions.size(), 10U);
  EXPECT_EQ(store->get("a")->value, "4");
}

TEST_P(live_store, sets_only_what_has_the_version_that_was_read) {
  const std::int64_t first = store->put("a", "one", minute).version;
  EXPECT_EQ(store->put("a", "two", minute, {.version = first + 1000}).verdict, Verdict::changed);
  const Put second_put = store->put("a", "two", minute, {.version = first});
  EXPECT_EQ(second_put.verdict, Verdict::done);
  EXPECT_EQ(store->put("a", "three", minute, {.version = first}).verdict, Verdict::changed);
  EXPECT_EQ(store->get("a")->value, "two");
  EXPECT_EQ(store->erase("a", {.version = first}), Verdict::changed);
  EXPECT_EQ(store->refresh("a", minute, {.version = first}), Verdict::changed);
  EXPECT_EQ(store->refresh("a", minute, {.version = second_put.version}), Verdict::done);
  EXPECT_EQ(store->erase("a", {.version = second_put.version}), Verdict::done);
  EXPECT_EQ(store->erase("a", {.version = second_put.version}), Verdict::absent);
  EXPECT_EQ(store->put("a", "four", minute, {.version = second_put.version}).verdict, Verdict::changed);
}

TEST_P(live_store, puts_where_nothing_is_only_there_and_what_has_ended_is_nothing) {
  EXPECT_EQ(store->put("a", "one", minute, {.version = 0}).verdict, Verdict::done);
  EXPECT_EQ(store->put("a", "two", minute, {.version = 0}).verdict, Verdict::changed);
  EXPECT_EQ(store->erase("a", {.version = 0}), Verdict::changed);
  EXPECT_EQ(store->erase("b", {.version = 0}), Verdict::absent);
  clock.add(minute);
  EXPECT_EQ(store->put("a", "two", minute, {.version = 0}).verdict, Verdict::done);
  EXPECT_EQ(store->get("a")->value, "two");
}

TEST_P(live_store, refreshing_moves_the_end_and_leaves_value_and_version) {
  const std::int64_t version = store->put("a", "one", minute).version;
  clock.add(minute - 1);
  EXPECT_EQ(store->refresh("a", minute), Verdict::done);
  clock.add(minute - 1);
  const auto entry = store->get("a");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->version, version);
  EXPECT_EQ(entry->ends, noon + 2 * minute - 1);
  clock.add(1);
  EXPECT_EQ(store->refresh("a", minute), Verdict::absent);
  EXPECT_EQ(store->erase("a"), Verdict::absent);
  EXPECT_EQ(store->refresh("never", minute), Verdict::absent);
}

TEST_P(live_store, lists_what_begins_so_in_order_of_bytes_page_by_page) {
  for (const char* key : {"m/2", "m/1", "m0", "m", "m/\xFF", "m/1/x", "n/1"}) store->put(key, key, minute);
  store->put("m/3", "ends soon", second);
  clock.add(second);
  EXPECT_THAT(keys_of(store->list("m/")), ::testing::ElementsAre("m/1", "m/1/x", "m/2", "m/\xFF"));
  EXPECT_THAT(keys_of(store->list("m/", 2)), ::testing::ElementsAre("m/1", "m/1/x"));
  EXPECT_THAT(keys_of(store->list("m/", 2, "m/1/x")), ::testing::ElementsAre("m/2", "m/\xFF"));
  EXPECT_THAT(keys_of(store->list("m/", 2, "m/\xFF")), ::testing::ElementsAre());
  EXPECT_THAT(keys_of(store->list("m/", 1, "a")), ::testing::ElementsAre("m/1"));
  EXPECT_EQ(store->list("").size(), 7U);
  EXPECT_EQ(store->list("m/1").front().value, "m/1");
}

TEST_P(live_store, lists_the_living_behind_any_number_that_have_ended) {
  for (int i = 100; i < 150; ++i) store->put("d" + std::to_string(i), "x", second);
  store->put("d999", "lives", minute);
  clock.add(second);
  EXPECT_THAT(keys_of(store->list("d", 2)), ::testing::ElementsAre("d999"));
}

TEST_P(live_store, takes_any_bytes_for_keys_values_and_owners) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  const std::vector<std::string> keys{std::string(1, '\0'),
                                      std::string("a\0b", 3),
                                      every,
                                      std::string(key_bytes_max, '\xFF'),
                                      std::string(key_bytes_max - 1, '\xFF'),
                                      "a{b}:*?[x]\r\n",
                                      "'; DROP TABLE reeve_live_values; --",
                                      "\xC3\x28\xED\xA0\x80"};
  for (const std::string& key : keys) {
    ASSERT_EQ(store->put(key, key + every, minute).verdict, Verdict::done);
    EXPECT_TRUE(store->take(key, {.capacity = 1, .interval = second}).allowed);
    EXPECT_TRUE(store->acquire(key, every, minute).acquired);
    EXPECT_EQ(store->count(key, minute).count, 1);
  }
  for (const std::string& key : keys) {
    const auto entry = store->get(key);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->value, key + every);
    EXPECT_EQ(store->find_lease(key)->owner, every);
    EXPECT_EQ(store->find_count(key)->count, 1);
    EXPECT_FALSE(store->take(key, {.capacity = 1, .interval = second}).allowed);
  }
  EXPECT_EQ(store->list("").size(), keys.size());
  EXPECT_EQ(store->list(std::string(key_bytes_max - 1, '\xFF')).size(), 2U);
  const std::string largest(value_bytes_max, '\0');
  store->put("large", largest, minute);
  EXPECT_EQ(store->get("large")->value, largest);
  store->put("empty", "", minute);
  EXPECT_EQ(store->get("empty")->value, "");
}

TEST_P(live_store, refuses_what_is_beyond_the_bounds_and_keeps_nothing_of_it) {
  const auto refuses = [&](auto&& call) { EXPECT_EQ(code_of(call), ErrorCode::invalid_input); };
  const std::string long_key(key_bytes_max + 1, 'k');
  refuses([&] { store->put("", "v", minute); });
  refuses([&] { store->put(long_key, "v", minute); });
  refuses([&] { store->put("k", std::string(value_bytes_max + 1, 'v'), minute); });
  refuses([&] { store->put("k", "v", 0); });
  refuses([&] { store->put("k", "v", -1); });
  refuses([&] { store->put("k", "v", duration_max + 1); });
  refuses([&] { store->put("k", "v", minute, {.version = -1}); });
  refuses([&] { store->put("k", "v", minute, {.fence = Fence{"l", 0}}); });
  refuses([&] { store->put("k", "v", minute, {.fence = Fence{"", 1}}); });
  refuses([&] { store->get(long_key); });
  refuses([&] { store->list("", 0); });
  refuses([&] { store->list("", listed_max + 1); });
  refuses([&] { store->take("k", {.capacity = 0, .interval = 1}); });
  refuses([&] { store->take("k", {.capacity = capacity_max, .interval = duration_max}); });
  refuses([&] { store->take("k", {.capacity = 2, .interval = 1}, 3); });
  refuses([&] { store->take("k", {.capacity = 2, .interval = 1}, 0); });
  refuses([&] { store->acquire("k", "", minute); });
  refuses([&] { store->acquire("k", std::string(owner_bytes_max + 1, 'o'), minute); });
  refuses([&] { store->acquire("k", "o", minute, generation_max + 1); });
  refuses([&] { store->renew("k", "o", 0, minute); });
  refuses([&] { store->count("k", minute, 0); });
  refuses([&] { store->count("k", minute, counted_max + 1); });
  EXPECT_TRUE(store->list("").empty());
  EXPECT_FALSE(store->find_lease("k"));
  EXPECT_FALSE(store->find_count("k"));
}

TEST_P(live_store, a_bucket_gives_its_capacity_at_once_and_one_more_after_each_interval) {
  const Bucket bucket{.capacity = 3, .interval = 10 * second};
  EXPECT_EQ(store->take("b", bucket).left, 2);
  EXPECT_EQ(store->take("b", bucket).left, 1);
  const Taken last = store->take("b", bucket);
  EXPECT_TRUE(last.allowed);
  EXPECT_EQ(last.left, 0);
  EXPECT_EQ(last.retry_after, 0);
  const Taken refused = store->take("b", bucket);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.left, 0);
  EXPECT_EQ(refused.retry_after, 10 * second);
  EXPECT_EQ(store->take("b", bucket, 2).retry_after, 20 * second);
  clock.add(10 * second - 1);
  EXPECT_EQ(store->take("b", bucket).retry_after, 1);
  clock.add(1);
  EXPECT_TRUE(store->take("b", bucket).allowed);
  EXPECT_FALSE(store->take("b", bucket).allowed);
  clock.add(1000 * second);
  EXPECT_TRUE(store->take("b", bucket, 3).allowed);  // full, and not more than that
  EXPECT_FALSE(store->take("b", bucket).allowed);
  EXPECT_TRUE(store->take("another", bucket).allowed);
}

TEST_P(live_store, a_bucket_whose_limits_change_keeps_what_was_taken) {
  EXPECT_TRUE(store->take("b", {.capacity = 10, .interval = second}, 10).allowed);
  const Taken smaller = store->take("b", {.capacity = 2, .interval = second});
  EXPECT_FALSE(smaller.allowed);
  EXPECT_EQ(smaller.retry_after, second);  // never emptier than empty
  clock.add(second);
  EXPECT_TRUE(store->take("b", {.capacity = 2, .interval = second}).allowed);
}

TEST_P(live_store, a_clock_that_goes_back_fills_no_bucket_and_stops_none_for_longer_than_it_takes_to_fill) {
  const Bucket bucket{.capacity = 2, .interval = 10 * second};
  EXPECT_TRUE(store->take("b", bucket, 2).allowed);
  clock.set(noon - 86'400 * second);
  const Taken refused = store->take("b", bucket);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, 10 * second);
  clock.add(10 * second);
  EXPECT_TRUE(store->take("b", bucket).allowed);
  EXPECT_FALSE(store->take("b", bucket).allowed);
}

TEST_P(live_store, a_lease_is_one_owners_and_its_generation_only_grows) {
  const Acquired first = store->acquire("l", "ada", minute);
  ASSERT_TRUE(first.acquired);
  EXPECT_EQ(first.lease.generation, 1);
  EXPECT_EQ(first.lease.ends, noon + minute);
  EXPECT_TRUE(first.lease.is_held);
  EXPECT_TRUE(store->find_lease("l")->is_held);
  const Acquired refused = store->acquire("l", "eve", minute);
  EXPECT_FALSE(refused.acquired);
  EXPECT_FALSE(refused.stale);
  EXPECT_EQ(refused.lease.owner, "ada");
  EXPECT_EQ(refused.lease.ends, noon + minute);
  clock.add(minute - 1);
  EXPECT_TRUE(store->renew("l", "ada", 1, minute));
  EXPECT_FALSE(store->renew("l", "eve", 1, minute));
  EXPECT_FALSE(store->renew("l", "ada", 2, minute));
  clock.add(minute);
  EXPECT_FALSE(store->renew("l", "ada", 1, minute)) << "it ended just now";
  EXPECT_EQ(store->find_lease("l")->generation, 1);
  EXPECT_FALSE(store->find_lease("l")->is_held);
  const Acquired second_one = store->acquire("l", "eve", minute);
  EXPECT_TRUE(second_one.acquired);
  EXPECT_EQ(second_one.lease.generation, 2);
  EXPECT_FALSE(store->release("l", "ada", 1));
  EXPECT_TRUE(store->release("l", "eve", 2));
  EXPECT_FALSE(store->release("l", "eve", 2));
  EXPECT_EQ(store->acquire("l", "ada", minute).lease.generation, 3);
  EXPECT_EQ(store->acquire("l", "ada", minute).lease.generation, 4) << "what she had before is stale";
  EXPECT_FALSE(store->renew("l", "ada", 3, minute));
  store->forget_lease("l");
  EXPECT_FALSE(store->find_lease("l"));
}

TEST_P(live_store, a_lease_is_fenced_by_a_generation_that_somebody_else_hands_out) {
  EXPECT_TRUE(store->acquire("l", "ada", minute, 7).acquired);
  EXPECT_TRUE(store->acquire("l", "ada", minute, 7).acquired) << "the same again";
  const Acquired another = store->acquire("l", "eve", minute, 7);
  EXPECT_FALSE(another.acquired);
  EXPECT_TRUE(another.stale);
  EXPECT_TRUE(store->acquire("l", "eve", minute, 9).acquired) << "a newer one takes it";
  EXPECT_FALSE(store->renew("l", "ada", 7, minute));
  const Acquired late = store->acquire("l", "ada", minute, 8);
  EXPECT_TRUE(late.stale);
  EXPECT_EQ(late.lease.owner, "eve");
  EXPECT_EQ(late.lease.generation, 9);
  clock.add(2 * minute);
  EXPECT_TRUE(store->acquire("l", "ada", minute, 8).stale) << "also when it has ended";
  EXPECT_EQ(store->acquire("l", "ada", minute).lease.generation, 10);
}

TEST_P(live_store, refuses_writes_from_an_older_generation_of_a_lease) {
  const auto under = [](std::int64_t generation) { return Condition{.fence = Fence{"l", generation}}; };
  store->acquire("l", "ada", minute, 3);
  EXPECT_EQ(store->put("k", "old", minute, under(3)).verdict, Verdict::done);
  EXPECT_EQ(store->put("k", "new", minute, under(4)).verdict, Verdict::done);
  EXPECT_EQ(store->find_lease("l")->generation, 4);
  EXPECT_FALSE(store->renew("l", "ada", 3, minute)) << "a newer one has written";
  EXPECT_EQ(store->put("k", "old", minute, under(3)).verdict, Verdict::stale);
  EXPECT_EQ(store->refresh("k", minute, under(3)), Verdict::stale);
  EXPECT_EQ(store->erase("k", under(3)), Verdict::stale);
  EXPECT_EQ(store->get("k")->value, "new");
  EXPECT_TRUE(store->acquire("l", "eve", minute, 4).acquired);
  EXPECT_EQ(store->put("k", "x", minute, {.version = 1, .fence = Fence{"l", 4}}).verdict, Verdict::changed);
  EXPECT_EQ(store->refresh("k", minute, under(4)), Verdict::done);
  EXPECT_EQ(store->erase("k", under(4)), Verdict::done);
  EXPECT_EQ(store->erase("k", under(4)), Verdict::absent);
}

TEST_P(live_store, a_clock_that_goes_back_leaves_a_lease_to_nobody_for_longer_than_it_lasts) {
  store->acquire("l", "ada", minute);
  clock.set(noon - 86'400 * second);
  const Acquired refused = store->acquire("l", "eve", minute);
  EXPECT_FALSE(refused.acquired);
  EXPECT_EQ(refused.lease.ends, noon - 86'400 * second + minute);
  clock.add(minute);
  EXPECT_TRUE(store->acquire("l", "eve", minute).acquired);
}

TEST_P(live_store, counts_until_the_end_that_the_first_one_set) {
  EXPECT_EQ(store->count("c", minute).count, 1);
  clock.add(minute - 1);
  const Counted counted = store->count("c", minute, 4);
  EXPECT_EQ(counted.count, 5);
  EXPECT_EQ(counted.ends, noon + minute);
  EXPECT_EQ(store->find_count("c")->count, 5);
  clock.add(1);
  EXPECT_FALSE(store->find_count("c"));
  EXPECT_EQ(store->count("c", minute).count, 1);
  store->erase_count("c");
  EXPECT_FALSE(store->find_count("c"));
  EXPECT_EQ(store->count("c", minute, counted_max).count, counted_max);
  EXPECT_EQ(store->count("c", minute, counted_max).count, 2 * counted_max);
}

TEST_P(live_store, takes_away_what_has_ended_and_nothing_else) {
  for (int i = 0; i < 20; ++i) store->put("k" + std::to_string(i), "v", second);
  store->put("lives", "v", minute);
  store->count("c", second);
  clock.add(second);
  EXPECT_GE(store->purge(5), 5);
  while (store->purge() > 0) {}
  clock.set(noon);
  EXPECT_THAT(keys_of(store->list("")), ::testing::ElementsAre("lives"));
  EXPECT_TRUE(store->get("lives"));
}

TEST_P(live_store, kinds_do_not_meet_under_one_name) {
  store->put("x", "v", minute);
  store->take("x", {.capacity = 1, .interval = minute});
  store->acquire("x", "ada", minute);
  store->count("x", minute);
  store->erase("x");
  store->erase_count("x");
  EXPECT_FALSE(store->take("x", {.capacity = 1, .interval = minute}).allowed);
  EXPECT_EQ(store->find_lease("x")->generation, 1);
}

TEST_P(live_store, is_atomic_among_threads) {
  constexpr int threads_count = 8;
  std::atomic<int> allowed = 0;
  std::atomic<int> leaders = 0;
  std::barrier start(threads_count);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < threads_count; ++thread) {
    threads.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (int i = 0; i < 10; ++i) {
        allowed += store->take("b", {.capacity = 25, .interval = minute}).allowed ? 1 : 0;
        store->count("c", minute);
        for (bool is_set = false; !is_set;) {
          const auto known = store->get("sum");
          const std::int64_t sum = known ? std::stoll(known->value) : 0;
          is_set = store->put("sum", std::to_string(sum + 1), minute, {.version = known ? known->version : 0})
                       .verdict == Verdict::done;
        }
      }
      leaders += store->acquire("l", "owner " + std::to_string(thread), minute).acquired ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 25);
  EXPECT_EQ(leaders, 1);
  EXPECT_EQ(store->find_count("c")->count, threads_count * 10);
  EXPECT_EQ(store->get("sum")->value, std::to_string(threads_count * 10));
}

TEST_P(live_store, is_one_for_all_who_open_it) {
  if (!is_shared()) return;
  const std::unique_ptr<Store> other = open();
  store->put("a", "one", minute);
  EXPECT_EQ(other->get("a")->value, "one");
  EXPECT_TRUE(other->take("b", {.capacity = 1, .interval = minute}).allowed);
  EXPECT_FALSE(store->take("b", {.capacity = 1, .interval = minute}).allowed);
  EXPECT_TRUE(other->acquire("l", "ada", minute).acquired);
  EXPECT_FALSE(store->acquire("l", "eve", minute).acquired);
  EXPECT_NE(store->put("a", "x", minute).version, other->put("a", "y", minute).version);
}

TEST(live_url, that_is_none_is_refused_without_a_word_of_its_password) {
  for (const char* url :
       {"", "sqlite:", "mysql://root:sesame@host/db", "redis://", "redis://:sesame@", "redis://ada@host",
        "redis://h:0", "redis://h:70000", "redis://h:sesame", "redis://h/sesame", "redis://h?password=sesame",
        "redis://h?space=", "redis://h?space=A B", "redis://u:%zz@h", "redis://[::1]sesame",
        "postgresql://h/db?schema=se\"same", "postgresql://h/db?schema="}) {
    try {
      open_store(url);
      ADD_FAILURE() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_input) << url << ": " << error.what();
      EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("sesame")));
    }
  }
}

}  // namespace
}  // namespace reeve::live
