// kill -9 at random moments under load: nothing acknowledged is lost, nothing is half applied.
// REEVE_CRASH_ROUNDS sets the number of kills, REEVE_SEED repeats a run.

#include "state/vault_test.h"
#include "support/child_process.h"

#include <chrono>
#include <map>
#include <thread>

namespace reeve::state {
namespace {

using testing::ChildProcess;
using testing::reason_of;
using testing::test_seed;
using testing::vault_sources;
using testing::Workshop;
using testing::write_line;

constexpr const char* child_argument = "--commit-until-killed";
constexpr int rounds_of_a_file = 15;

std::string acknowledgement(const std::string& key, const Receipt& receipt) {
  return key + " " + std::to_string(receipt.first.value) + " " + std::to_string(receipt.count);
}

/// What a thread of the child asks for: events alone, commands of two events and of one for each account.
struct Intent {
  bool command = false;
  const char* name = "";
  std::string payload;

  static Intent of(int number) {
    const std::string account = "a" + std::to_string(number % 5);
    switch (number % 4) {
      case 0: return {true, "pay_all", R"({"amount":1})"};
      case 1: return {true, "transfer", R"({"from_id":"a0","to_id":")" + account + R"(","amount":1})"};
      case 2: return {false, "day.ended", "{}"};
      default:
        return {false, "account.noted",
                R"({"account_id":")" + account + R"(","notes":{"number":)" + std::to_string(number) + "}}"};
    }
  }
};

/// The child: acknowledges each key on its standard output after the commit, until it is killed.
int commit_until_killed(const std::string& file, const std::string& round) {
  Ledger vault = Ledger::open(file);
  write_line("ready");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0;; ++i) {
        const std::string key = "r" + round + "-" + std::to_string(t) + "-" + std::to_string(i);
        const Intent intent = Intent::of(i + t);
        if (t == 0) {
          // One of the threads does not wait for its verdicts.
          const auto callback = [key](const Ledger::Verdict& verdict) {
            if (verdict.outcome && verdict.outcome->accepted()) {
              write_line(acknowledgement(key, verdict.outcome->receipt()));
            }
          };
          intent.command ? vault.submit_command(intent.name, intent.payload, {.key = key}, callback)
                         : vault.submit(intent.name, intent.payload, {.key = key}, callback);
          std::this_thread::sleep_for(std::chrono::microseconds(100));
        } else {
          const Outcome outcome = intent.command ? vault.command(intent.name, intent.payload, {.key = key})
                                                 : vault.commit(intent.name, intent.payload, {.key = key});
          if (outcome.accepted()) write_line(acknowledgement(key, outcome.receipt()));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
}

void make_ledger(const Workshop& workshop, const std::string& file) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file + suffix);
  Ledger vault = Ledger::create(file, workshop.blueprint(vault_sources()));
  ASSERT_EQ(reason_of(vault.commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
  for (int i = 0; i < 5; ++i) {
    const std::string account = "a" + std::to_string(i);
    ASSERT_EQ(reason_of(vault.command("open", R"({"account_id":")" + account + R"(","owner_id":"o"})")), "");
    ASSERT_EQ(reason_of(vault.commit("account.credited",
                                     R"({"account_id":")" + account + R"(","amount":1000000})")),
              "");
  }
}

/// Every submission's events are there, all of them: a span of n is followed by n - 1 spans of 0.
void expect_whole_submissions(const std::string& file) {
  const auto connection = engine::Connection::open(file, engine::OpenMode::read_only);
  engine::Statement rows =
      connection->prepare("SELECT sequence, span FROM reeve_events ORDER BY sequence", false);
  std::int64_t left = 0;
  while (rows.step()) {
    const std::int64_t span = rows.integer(1);
    ASSERT_EQ(span == 0, left > 0) << "event " << rows.integer(0);
    left = span == 0 ? left - 1 : span - 1;
  }
  EXPECT_EQ(left, 0) << "the last command is half there";
}

TEST(crash, loses_nothing_that_was_acknowledged_and_leaves_nothing_half_applied) {
  const char* given = std::getenv("REEVE_CRASH_ROUNDS");
  const int rounds = given != nullptr ? std::atoi(given) : 300;
  std::mt19937_64 random(test_seed("crash"));
  const Workshop workshop;
  const std::string file = workshop.path("vault.db");
  std::map<std::string, std::string> acknowledged;  // of this file
  std::size_t acknowledged_in_all = 0;
  int empty_rounds = 0;
  for (int round = 0; round < rounds; ++round) {
    if (round % rounds_of_a_file == 0) {
      make_ledger(workshop, file);
      acknowledged.clear();
    }
    std::size_t fresh = 0;
    {
      ChildProcess child({child_argument, file, std::to_string(round)});
      ASSERT_EQ(child.read_line(), "ready");
      std::this_thread::sleep_for(std::chrono::microseconds(5'000 + random() % 55'000));
      child.kill_now();
      child.wait();
      for (std::string line = child.read_line(); !line.empty(); line = child.read_line()) {
        acknowledged[line.substr(0, line.find(' '))] = line;
        ++fresh;
      }
    }
    acknowledged_in_all += fresh;
    empty_rounds += fresh == 0 ? 1 : 0;
    Ledger vault = Ledger::open(file);
    for (const auto& [key, line] : acknowledged) {
      const auto receipt = vault.find_key(key);
      ASSERT_TRUE(receipt.has_value()) << key << " was acknowledged and is lost, round " << round;
      ASSERT_EQ(acknowledgement(key, *receipt), line);
    }
    expect_whole_submissions(file);
    const Verification verification = verify(file);
    ASSERT_TRUE(verification.equal()) << "round " << round << "\n" << testing::describe(verification);
    // The ledger takes the next commit as if nothing had happened, and the same key is the same receipt.
    ASSERT_EQ(reason_of(vault.command("pay_all", R"({"amount":1})")), "");
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
  std::cout << "crash: " << rounds << " kills, " << acknowledged_in_all << " acknowledged commits, "
            << empty_rounds << " rounds without one" << std::endl;
  EXPECT_LT(empty_rounds, rounds / 2 + 1) << "the kills came too early to show anything";
}

}  // namespace
}  // namespace reeve::state

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == reeve::state::child_argument) {
    return reeve::state::commit_until_killed(argv[2], argv[3]);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
