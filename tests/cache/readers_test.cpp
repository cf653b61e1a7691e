// No reader is given what is older than what it knows: among threads, and among processes.

#include "cached_vault.h"

#include "support/child_process.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace reeve::testing {

namespace {

constexpr const char* write_and_say = "--write-and-say";
constexpr int written_max = 300;

/// The second process: says each amount after its commit was acknowledged.
int write(const std::string& url) {
  Ledger ledger = Ledger::open(url);
  for (int i = 1; i <= written_max; ++i) {
    const Outcome outcome = ledger.commit("account.credited", R"({"account_id":"a","amount":1})");
    if (!outcome) return 1;
    write_line(std::to_string(outcome.receipt().first.value));
  }
  return 0;
}

class cache_readers : public CachedVault {};
INSTANTIATE_TEST_SUITE_P(on, cache_readers, ::testing::Values(On::sqlite, On::postgres), name_of_engine);

TEST_P(cache_readers, are_never_given_what_is_older_than_the_last_commit_they_know_of) {
  QueryCache cache(*ledger, url);
  constexpr int each = 1'500;
  std::atomic<int> writing = 2;
  std::atomic<std::int64_t> answers = 0;
  std::vector<std::thread> threads;
  std::atomic<std::int64_t> paid = 0;  // acknowledged
  for (int writer = 0; writer < 2; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0; i < each; ++i) {
        if (i % 3 == 2) {
          commit("badge.given", R"({"owner_id":"ann","number":)" + std::to_string(i / 3 + 500 * writer) +
                                    R"(,"label":")" + std::to_string(writer) + "/" + std::to_string(i) +
                                    "\"}");
        } else {
          credit();
          ++paid;
        }
      }
      --writing;
    });
  }
  for (int reader = 0; reader < 8; ++reader) {
    threads.emplace_back([&, reader] {
      while (writing > 0) {
        const std::int64_t known = 100 + paid;
        const CachedAnswer answer = reader % 4 == 3 ? cache.query("wealth") : cache.query("accounts");
        const std::int64_t seen = std::get<std::int64_t>(answer.table->at(0, reader % 4 == 3 ? 2 : 1));
        ASSERT_GE(seen, known);
        ++answers;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(balance(cache.query("accounts")), 100 + paid);
  const CacheStats stats = cache.stats();
  std::cout << answers << " answers, of them " << stats.found << " found, " << stats.awaited << " awaited; "
            << stats.looks << " looks\n";
  EXPECT_GT(stats.found, 0u);
}

TEST_P(cache_readers, see_what_another_process_was_told_is_durable) {
  QueryCache cache(*ledger, url);
  EXPECT_EQ(balance(cache.query("accounts")), 100);
  ChildProcess writer({write_and_say, url});
  int lines = 0;
  for (std::string line = writer.read_line(); !line.empty(); line = writer.read_line()) {
    const CachedAnswer answer = cache.query("accounts");
    ASSERT_GE(answer.sequence.value, std::stoll(line));
    ASSERT_GE(balance(answer), 100 + ++lines);
  }
  EXPECT_EQ(lines, written_max);
  EXPECT_EQ(writer.wait(), 0);
}

TEST_P(cache_readers, that_trust_miss_other_processes_for_no_longer_than_they_said) {
  constexpr int trust_ms = 50;
  QueryCache cache(*ledger, url, {.trust_ms = trust_ms});
  EXPECT_EQ(balance(cache.query("accounts")), 100);
  ChildProcess writer({write_and_say, url});
  std::int64_t late_most = 0;
  int late = 0;
  int lines = 0;
  for (std::string line = writer.read_line(); !line.empty(); line = writer.read_line()) {
    ++lines;
    const auto told = std::chrono::steady_clock::now();
    while (cache.query("accounts").sequence.value < std::stoll(line)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const auto waited =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - told)
            .count();
    late_most = std::max<std::int64_t>(late_most, waited);
    late += waited > 1000 ? 1 : 0;
  }
  EXPECT_EQ(lines, written_max);
  std::cout << late << " of " << lines << " were seen late, by " << late_most << " us at most\n";
}

}  // namespace
}  // namespace reeve::testing

int main(int count, char** arguments) {
  const std::string_view what = count > 2 ? arguments[1] : "";
  if (what == reeve::testing::write_and_say) return reeve::testing::write(arguments[2]);
  ::testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
