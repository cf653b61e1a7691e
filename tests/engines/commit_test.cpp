// Connections die in the middle of COMMIT: the outcome is said to be unknown, its key tells what came of it, and the
// same key again never applies twice.

#include "cutting_proxy.h"
#include "database.h"

#include "state/verify.h"

#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

namespace reeve::testing {
namespace {

constexpr const char* credit = R"({"account_id":"a","amount":1})";

class commits : public ::testing::Test {
 protected:
  commits()
      : server_({.fsync = true, .connections_max = 60, .settings = {}}),
        database_("commits", server_),
        random_(test_seed("commits")) {
    create_ledger(database_.administrator(), workshop_.blueprint(vault_sources()));
    proxy_.emplace(workshop_.folder(), server_.folder());
    direct_ = database_.application();
    url_ = direct_;
    const std::string folder = server_.folder().string();
    url_.replace(url_.find(folder), folder.size(), workshop_.folder().string());
    Ledger ledger = Ledger::open(direct_);
    EXPECT_EQ(reason_of(ledger.commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
    EXPECT_EQ(reason_of(ledger.commit("account.opened", R"({"account_id":"a","owner_id":"o"})")), "");
  }

  /// What was in doubt after one round of three clients, with the fault's code.
  std::map<std::string, ErrorCode> round(Ledger& ledger) {
    std::map<std::string, ErrorCode> doubts;
    std::mutex mutex;
    std::vector<std::thread> clients;
    for (int client = 0; client < 3; ++client) {
      const std::string key = "k" + std::to_string(++keys_);
      clients.emplace_back([&, key] {
        try {
          const Outcome outcome = ledger.commit("account.credited", credit, {.key = key});
          EXPECT_EQ(reason_of(outcome), "");
        } catch (const Error& error) {
          const std::lock_guard lock(mutex);
          doubts.emplace(key, error.code());
        }
      });
    }
    for (std::thread& client : clients) client.join();
    return doubts;
  }

  /// Submits what is in doubt again, with its key, until there is an answer; and once more.
  void settle(Ledger& ledger, const std::string& key) {
    std::optional<Outcome> outcome;
    std::string fault;
    // A server whose backend was killed recovers first, which takes seconds on a busy machine.
    for (int attempt = 0; attempt < 2'000 && !outcome; ++attempt) {
      try {
        outcome = ledger.commit("account.credited", credit, {.key = key});
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::unavailable || error.code() == ErrorCode::retryable ||
                    error.code() == ErrorCode::commit_unknown)
            << error.what();
        fault = error.what();
        std::this_thread::sleep_for(std::chrono::milliseconds(25));
      }
    }
    ASSERT_TRUE(outcome) << key << ": " << fault;
    ASSERT_EQ(reason_of(*outcome), "");
    const Outcome again = ledger.commit("account.credited", credit, {.key = key});
    EXPECT_TRUE(again.receipt().repeated);
    EXPECT_EQ(again.receipt().first, outcome->receipt().first);
  }

  /// Every key was applied, and once.
  void expect_every_key_once() {
    Ledger ledger = Ledger::open(direct_);
    for (int key = 1; key <= keys_; ++key) EXPECT_TRUE(ledger.find_key("k" + std::to_string(key))) << key;
    Rows rows = ledger.query("account", R"({"account_id":"a"})");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.at(2).integer(), keys_);
    const state::Verification found = state::verify(direct_);
    EXPECT_TRUE(found.equal()) << describe(found);
  }

  static int rounds(int otherwise) {
    const char* given = std::getenv("REEVE_COMMIT_ROUNDS");
    return given != nullptr ? std::atoi(given) : otherwise;
  }

  PostgresServer server_;
  Workshop workshop_;
  Database database_;
  std::mt19937_64 random_;
  std::optional<CuttingProxy> proxy_;
  std::string direct_;  ///< the application's url, past the proxy
  std::string url_;
  int keys_ = 0;
};

TEST_F(commits, whose_answer_is_lost_are_unknown_and_their_key_tells) {
  Ledger ledger = Ledger::open(url_);
  std::map<Cut, int> cuts;
  for (int i = 0; i < rounds(60); ++i) {
    const auto cut = static_cast<Cut>(1 + random_() % 3);
    proxy_->arm(cut);
    const auto doubts = round(ledger);
    ASSERT_FALSE(proxy_->is_armed());
    ASSERT_FALSE(doubts.empty()) << "a cut was not noticed";
    ++cuts[cut];
    Ledger other = Ledger::open(direct_);
    for (const auto& [key, code] : doubts) {
      ASSERT_EQ(code, ErrorCode::commit_unknown) << name_of(code);
      if (cut != Cut::during) {  // then the server may still be at it
        EXPECT_EQ(other.find_key(key).has_value(), cut == Cut::after) << key;
      }
      settle(ledger, key);
    }
  }
  EXPECT_EQ(cuts.size(), 3U);
  expect_every_key_once();
}

TEST_F(commits, that_were_answered_before_their_session_ended_leave_the_ledger_fit) {
  Ledger ledger = Ledger::open(url_);
  for (int i = 0; i < 5; ++i) {
    proxy_->arm(Cut::answered);
    EXPECT_TRUE(round(ledger).size() < 3) << "the commit that was answered counts";
    ASSERT_FALSE(proxy_->is_armed());
    EXPECT_TRUE(round(ledger).empty()) << "a session is opened anew";
  }
}

/// The server ends sessions, or one of its processes is killed and all of them start anew.
TEST_F(commits, of_backends_that_are_ended_at_random_moments_apply_once) {
  const auto random_backend = [&] {
    auto connection = engine::Connection::open_postgres(database_.plain("test"));
    const auto pid = connection->value(
        "SELECT pid::bigint FROM pg_stat_activity WHERE usename = 'app' AND query !~ 'ROLLBACK' ORDER BY "
        "random() LIMIT 1");
    return pid ? std::get<std::int64_t>(*pid) : 0;
  };
  int unknown = 0;
  int known = 0;
  for (int i = 0; i < rounds(30); ++i) {
    Ledger ledger = Ledger::open(url_);
    const bool is_kill = i % 15 == 14;
    std::thread killer([&] {
      for (int shot = 0; shot < (is_kill ? 1 : 6); ++shot) {
        const std::int64_t pid = random_backend();
        std::this_thread::sleep_for(std::chrono::microseconds(random_() % 3000));
        if (pid > 0 && is_kill) kill(static_cast<pid_t>(pid), SIGKILL);
        if (pid > 0 && !is_kill)
          database_.execute("SELECT pg_terminate_backend(" + std::to_string(pid) + ")");
      }
    });
    std::map<std::string, ErrorCode> doubts;
    for (int burst = 0; burst < 8; ++burst) doubts.merge(round(ledger));
    killer.join();
    if (is_kill) server_.wait_until_it_answers();
    for (const auto& [key, code] : doubts) {
      if (code == ErrorCode::commit_unknown) {
        ++unknown;
      } else {
        EXPECT_TRUE(code == ErrorCode::unavailable || code == ErrorCode::retryable) << name_of(code);
        EXPECT_FALSE(Ledger::open(direct_).find_key(key)) << "what was refused was done: " << key;
        ++known;
      }
      settle(ledger, key);
    }
  }
  std::cout << unknown << " unknown, " << known << " known not to be done, of " << keys_ << std::endl;
  EXPECT_GT(unknown + known, 0);
  expect_every_key_once();
}

}  // namespace
}  // namespace reeve::testing
