// What was read before clear() is given to nobody who comes after it, and what sequence an answer has that another asked for.

#include "cached_vault.h"

#include "base/clock.h"
#include "engine/connection.h"

#include <reeve/live.h>

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

namespace reeve::testing {
namespace {

using Origin = CachedAnswer::Origin;

/// A store in memory whose puts can be held: who asks for an answer then has it, and has not kept it yet.
class HeldStore : public live::Store {
 public:
  HeldStore() : Store(system_clock()) {}
  std::string name() const override { return "held"; }

  void hold() {
    const std::lock_guard lock(mutex_);
    is_held_ = true;
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    is_held_ = false;
    changed_.notify_all();
  }
  void wait_until_somebody_is_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_ > 0; });
  }

 private:
  live::Put do_put(std::string_view key, std::string_view value, const Change& change) override {
    {
      std::unique_lock lock(mutex_);
      ++held_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !is_held_; });
      --held_;
    }
    return inner_->put(key, value, change.ends - change.now, change.condition);
  }
  std::optional<live::Entry> do_get(std::string_view key, Microseconds /*now*/) override {
    return inner_->get(key);
  }
  // A cache asks for nothing else.
  live::Verdict do_erase(std::string_view, const Change&) override { return live::Verdict::absent; }
  live::Verdict do_refresh(std::string_view, const Change&) override { return live::Verdict::absent; }
  std::vector<live::Entry> do_list(std::string_view, std::string_view, std::size_t, Microseconds) override {
    return {};
  }
  live::Taken do_take(std::string_view, const live::Bucket&, std::int64_t, Microseconds) override {
    return {};
  }
  live::Acquired do_acquire(std::string_view, const live::Lease&, Microseconds) override { return {}; }
  bool do_renew(std::string_view, const live::Lease&, Microseconds) override { return false; }
  bool do_release(std::string_view, const live::Lease&, Microseconds) override { return false; }
  std::optional<live::Lease> do_find_lease(std::string_view) override { return std::nullopt; }
  void do_forget_lease(std::string_view) override {}
  live::Counted do_count(std::string_view, const live::Counted&, Microseconds) override { return {}; }
  std::optional<live::Counted> do_find_count(std::string_view, Microseconds) override { return std::nullopt; }
  void do_erase_count(std::string_view) override {}
  std::int64_t do_purge(std::size_t, Microseconds) override { return 0; }

  std::unique_ptr<live::Store> inner_ = live::open_store("memory:");
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
  int held_ = 0;
};

class cleared_cache : public CachedVault {
 protected:
  /// Behind Reeve's back, as damage and what heals it.
  void set_balance(int balance) const {
    const std::string change = "UPDATE accounts SET balance = " + std::to_string(balance);
    if (database) {
      database->execute("SET search_path = reeve; SET session_replication_role = replica; " + change);
    } else {
      engine::Connection::open(url, engine::OpenMode::read_write)->execute(change);
    }
  }
  CacheOptions sharing() { return {.store = &store}; }

  HeldStore store;
};
INSTANTIATE_TEST_SUITE_P(on, cleared_cache, ::testing::Values(On::sqlite, On::postgres), name_of_engine);

TEST_P(cleared_cache, keeps_nothing_that_was_being_asked_for) {
  QueryCache cache(*ledger, url, sharing());
  set_balance(999);
  store.hold();
  auto asked = std::async(std::launch::async, [&] { return balance(cache.query("accounts")); });
  store.wait_until_somebody_is_held();
  set_balance(100);
  cache.clear();
  auto anew = std::async(std::launch::async, [&] { return balance(cache.query("accounts")); });
  // Before the first has ended; where it waits for that one, it is let go after a while, and is given the wrong answer.
  anew.wait_for(std::chrono::milliseconds(200));
  store.let_go();
  EXPECT_EQ(asked.get(), 999);
  EXPECT_EQ(anew.get(), 100);
  const CachedAnswer kept = cache.query("accounts");
  EXPECT_EQ(balance(kept), 100);
  EXPECT_EQ(kept.origin, Origin::found);
  EXPECT_EQ(cache.stats().entries, 1u);
}

TEST_P(cleared_cache, takes_no_shared_answer_of_a_state_up_to_then) {
  QueryCache other(*ledger, url, sharing());
  set_balance(999);
  EXPECT_EQ(balance(other.query("accounts")), 999);
  EXPECT_EQ(origin(other, "badges"), Origin::made);
  set_balance(100);
  QueryCache cache(*ledger, url, sharing());
  EXPECT_EQ(balance(cache.query("accounts")), 999) << "it was cleared too late";
  cache.clear();
  for (int day = 0; day < 2; ++day) {
    const CachedAnswer anew = cache.query("accounts");
    EXPECT_EQ(anew.origin, day == 0 ? Origin::made : Origin::found);
    EXPECT_EQ(balance(anew), 100);
    commit("day.ended", "{}");
  }
  EXPECT_EQ(origin(cache, "badges"), Origin::made) << "what is older stays refused behind later events";
  // What others share of later states is taken again.
  credit();
  EXPECT_EQ(balance(other.query("accounts")), 101);
  EXPECT_EQ(origin(cache, "accounts"), Origin::taken);
}

TEST_P(cleared_cache, that_trusts_looks_before_it_takes_anything) {
  QueryCache other(*ledger, url, sharing());
  QueryCache cache(*ledger, url, {.trust_ms = 600'000, .store = &store});
  EXPECT_EQ(origin(cache, "badges"), Origin::made);
  credit();
  set_balance(999);
  EXPECT_EQ(balance(other.query("accounts")), 999);
  set_balance(101);
  cache.clear();
  const CachedAnswer anew = cache.query("accounts");
  EXPECT_EQ(anew.origin, Origin::made);
  EXPECT_EQ(balance(anew), 101);
}

TEST_P(cleared_cache, gives_what_another_thread_asked_for_as_of_the_head_that_was_known) {
  QueryCache cache(*ledger, url, sharing());
  store.hold();
  auto first = std::async(std::launch::async, [&] { return cache.query("accounts"); });
  store.wait_until_somebody_is_held();
  commit("badge.given", R"({"owner_id":"ann","number":1,"label":"first"})");
  const Sequence known = ledger->head().sequence;
  auto second = std::async(std::launch::async, [&] { return cache.query("accounts"); });
  second.wait_for(std::chrono::milliseconds(200));
  store.let_go();
  EXPECT_EQ(first.get().origin, Origin::made);
  EXPECT_GE(second.get().sequence.value, known.value);
}

TEST_P(cleared_cache, gives_what_another_process_shared_as_of_the_head_that_was_known) {
  QueryCache other(*ledger, url, sharing());
  EXPECT_EQ(origin(other, "accounts"), Origin::made);
  commit("badge.given", R"({"owner_id":"ann","number":1,"label":"first"})");
  QueryCache cache(*ledger, url, sharing());
  const CachedAnswer taken = cache.query("accounts");
  EXPECT_EQ(taken.origin, Origin::taken);
  EXPECT_EQ(taken.sequence, ledger->head().sequence);
}

}  // namespace
}  // namespace reeve::testing
