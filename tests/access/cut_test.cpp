// The database goes away in the middle of a sign-in: nobody gets a guess that was not counted.

#include "access/master_keys.h"
#include "base/clock.h"
#include "cutting_proxy.h"
#include "database.h"

#include <reeve/access.h>

#include <random>

namespace reeve::testing {
namespace {

class sign_in_cut : public ::testing::Test {
 protected:
  sign_in_cut() {
    access::add_master_key(keys_, system_random());
    direct_.emplace(open(database_.plain("test")));
    direct_->set_password("ann", "correct horse");
  }

  Access open(const std::string& url) {
    AccessOptions given{.master_key_file = keys_};
    given.passwords = {.passes = 1, .memory_kib = 64, .memory_kib_max = 65'536};
    given.lockout.subject_failures = 10'000;
    return Access::open(url, given);
  }
  Access open_behind_the_proxy() {
    return open("postgresql://test@/" + name_ + "?host=" + workshop_.folder().string());
  }
  std::int64_t failures() {
    for (const LockoutEntry& entry : direct_->list_lockouts()) {
      if (entry.kind == LockoutKind::subject && entry.name == "ann") return entry.failures;
    }
    return 0;
  }
  /// Signs in again and again, while commits are cut at any of its steps; how often each outcome was told, and a fault.
  struct Told {
    int accepted = 0;
    int refused = 0;
    int locked = 0;
    int faults = 0;
  };
  Told tell(std::string_view password) {
    Access access = open_behind_the_proxy();
    Told told;
    for (int i = 0; i < 240; ++i) {
      const auto cut = static_cast<Cut>(1 + i % 4);
      // Some are armed while the sign-in is at work.
      std::thread arming([&, wait = std::chrono::microseconds(random_() % 1'500)] {
        std::this_thread::sleep_for(wait);
        proxy_.arm(cut);
      });
      try {
        switch (access.sign_in("ann", password).outcome) {
          case SignIn::Outcome::accepted: ++told.accepted; break;
          case SignIn::Outcome::refused: ++told.refused; break;
          case SignIn::Outcome::locked: ++told.locked; break;
        }
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::unavailable || error.code() == ErrorCode::commit_unknown ||
                    error.code() == ErrorCode::retryable)
            << error.what();
        ++told.faults;
      }
      arming.join();
    }
    proxy_.arm(Cut::none);
    return told;
  }

  Workshop workshop_;
  const std::string keys_ = workshop_.path("master.keys");
  PostgresServer& server_ = PostgresServer::shared();
  static inline int number_ = 0;
  const std::string name_ = "sign_in_cut_" + std::to_string(++number_);
  Database database_{name_};
  CuttingProxy proxy_{workshop_.folder(), server_.folder()};
  std::optional<Access> direct_;
  std::mt19937_64 random_{test_seed("sign-ins cut")};
};

TEST_F(sign_in_cut, counts_every_guess_that_was_answered) {
  const Told told = tell("wrong");
  EXPECT_EQ(told.accepted + told.locked, 0);
  EXPECT_GT(told.faults, 0);
  EXPECT_GT(told.refused, 0);
  EXPECT_GE(failures(), told.refused) << "a guess was answered and not counted";
  EXPECT_LE(failures(), told.refused + told.faults);
}

TEST_F(sign_in_cut, refuses_no_right_password_and_frees_it_afterwards) {
  const Told told = tell("correct horse");
  EXPECT_EQ(told.refused + told.locked, 0);
  EXPECT_GT(told.faults, 0);
  EXPECT_GT(told.accepted, 0);
  Access access = open_behind_the_proxy();
  EXPECT_TRUE(access.sign_in("ann", "correct horse").accepted());
  EXPECT_EQ(failures(), 0);
}

}  // namespace
}  // namespace reeve::testing
