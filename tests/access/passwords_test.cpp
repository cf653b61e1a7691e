// Signing in: passwords, what becomes of them when hashing is to cost more, and lockout.

#include "installation.h"

#include <ctime>

#include <atomic>
#include <thread>

namespace reeve::testing {
namespace {

using Outcome = SignIn::Outcome;

constexpr Microseconds minute = 60 * second;

class sign_in : public Installation {
 protected:
  AccessOptions cheap(std::uint32_t memory_kib = 64) {
    AccessOptions given = options();
    given.passwords = {.passes = 1, .memory_kib = memory_kib, .memory_kib_max = 65'536};
    return given;
  }
  Access open_cheap() { return Access::open(url_, cheap()); }
  static Outcome outcome(Access& access, std::string_view subject, std::string_view password,
                         std::string_view source = {}) {
    return access.sign_in(subject, password, source).outcome;
  }
  std::int64_t failures(Access& access, LockoutKind kind, std::string_view name) {
    for (const LockoutEntry& entry : access.list_lockouts()) {
      if (entry.kind == kind && entry.name == name) return entry.failures;
    }
    return 0;
  }
};

INSTANTIATE_TEST_SUITE_P(engines, sign_in,
                         ::testing::Values(engine::Engine::sqlite, engine::Engine::postgres), name_of);

TEST_P(sign_in, accepts_the_password_and_nothing_else) {
  Access access = open_cheap();
  access.set_password("ann", "correct horse");
  EXPECT_EQ(outcome(access, "ann", "correct horse"), Outcome::accepted);
  EXPECT_EQ(outcome(access, "ann", "Correct horse"), Outcome::refused);
  EXPECT_EQ(outcome(access, "Ann", "correct horse"), Outcome::refused);
  EXPECT_EQ(outcome(access, "bob", "correct horse"), Outcome::refused);
  access.set_password("ann", "another horse");
  EXPECT_EQ(outcome(access, "ann", "correct horse"), Outcome::refused);
  EXPECT_EQ(outcome(access, "ann", "another horse"), Outcome::accepted);
  EXPECT_TRUE(access.erase_password("ann"));
  EXPECT_FALSE(access.erase_password("ann"));
  EXPECT_EQ(outcome(access, "ann", "another horse"), Outcome::refused);
  EXPECT_EQ(error_of([&] { access.set_password("ann", ""); }).code(), ErrorCode::invalid_input);
}

TEST_P(sign_in, makes_the_hash_anew_when_it_is_to_cost_more) {
  {
    Access access = open_cheap();
    access.set_password("ann", "correct horse");
    access.set_password("bob", "battery");
  }
  Access raised = Access::open(url_, cheap(128));
  EXPECT_EQ(outcome(raised, "ann", "wrong"), Outcome::refused);
  EXPECT_EQ(number("SELECT count(*) FROM reeve_access_passwords WHERE hash LIKE '%m=128,%'"), 0);
  const SignIn first = raised.sign_in("ann", "correct horse");
  EXPECT_TRUE(first.accepted());
  EXPECT_TRUE(first.rehashed);
  EXPECT_EQ(number("SELECT count(*) FROM reeve_access_passwords WHERE hash LIKE '%m=128,%'"), 1);
  const SignIn second_time = raised.sign_in("ann", "correct horse");
  EXPECT_TRUE(second_time.accepted());
  EXPECT_FALSE(second_time.rehashed);
  EXPECT_EQ(outcome(raised, "bob", "battery"), Outcome::accepted);
  Access lowered = open_cheap();
  EXPECT_FALSE(lowered.sign_in("ann", "correct horse").rehashed) << "never made cheaper";
}

TEST_P(sign_in, computes_as_much_for_a_subject_that_is_not_there) {
  AccessOptions given = options();
  given.passwords = {.passes = 2, .memory_kib = 16'384, .memory_kib_max = 65'536};
  given.lockout.subject_failures = 100;
  Access access = Access::open(url_, given);
  access.set_password("ann", "correct horse");
  const auto cost = [&](std::string_view subject) {
    timespec before{};
    timespec after{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(outcome(access, subject, "wrong horse"), Outcome::refused);
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    return static_cast<double>(after.tv_sec - before.tv_sec) +
           1e-9 * static_cast<double>(after.tv_nsec - before.tv_nsec);
  };
  cost("somebody");  // the first one of a process makes what nobody is compared with
  const double known = cost("ann");
  const double unknown = cost("bob");
  EXPECT_GT(unknown, known / 3);
  EXPECT_LT(unknown, known * 3);
}

TEST_P(sign_in, waits_longer_after_each_failure_and_is_freed_by_success) {
  Access access = open_cheap();
  access.set_password("ann", "correct horse");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(outcome(access, "ann", "wrong"), Outcome::refused);
  SignIn locked = access.sign_in("ann", "correct horse");
  EXPECT_EQ(locked.outcome, Outcome::locked) << "also with the right one";
  EXPECT_EQ(locked.locked_until, clock_.now() + second);
  EXPECT_EQ(failures(access, LockoutKind::subject, "ann"), 5) << "who is locked out is not counted";
  for (const Microseconds wait : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}) {
    clock_.pass(wait * second - 1);
    EXPECT_EQ(outcome(access, "ann", "wrong"), Outcome::locked) << wait;
    clock_.pass(1);
    EXPECT_EQ(outcome(access, "ann", "wrong"), Outcome::refused) << wait;
  }
  Access restarted = open_cheap();
  EXPECT_EQ(outcome(restarted, "ann", "correct horse"), Outcome::locked) << "a restart frees nobody";
  clock_.pass(15 * minute);
  EXPECT_EQ(outcome(restarted, "ann", "correct horse"), Outcome::accepted);
  EXPECT_EQ(failures(restarted, LockoutKind::subject, "ann"), 0);
  EXPECT_EQ(outcome(restarted, "ann", "wrong"), Outcome::refused) << "it begins anew";
}

TEST_P(sign_in, locks_nobody_else_out) {
  Access access = open_cheap();
  access.set_password("ann", "correct horse");
  access.set_password("anna", "battery");
  for (int i = 0; i < 5; ++i) outcome(access, "ann", "wrong", "192.0.2.1");
  EXPECT_EQ(outcome(access, "ann", "correct horse", "192.0.2.9"), Outcome::locked);
  EXPECT_EQ(outcome(access, "anna", "battery", "192.0.2.1"), Outcome::accepted);
  EXPECT_EQ(outcome(access, "Ann", "x", "192.0.2.1"), Outcome::refused);
  // The name of a subject that is that of a source, too.
  EXPECT_EQ(outcome(access, "192.0.2.1", "x", "ann"), Outcome::refused);
}

TEST_P(sign_in, locks_a_source_that_tries_many_subjects) {
  AccessOptions given = cheap();
  given.lockout.source_failures = 10;
  Access access = Access::open(url_, given);
  access.set_password("ann", "correct horse");
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(outcome(access, "user-" + std::to_string(i), "12345", "192.0.2.1"), Outcome::refused);
  EXPECT_EQ(outcome(access, "ann", "correct horse", "192.0.2.1"), Outcome::locked);
  EXPECT_EQ(outcome(access, "ann", "correct horse", "192.0.2.2"), Outcome::accepted);
  EXPECT_EQ(outcome(access, "ann", "correct horse"), Outcome::accepted);
  EXPECT_EQ(failures(access, LockoutKind::source, "192.0.2.2"), 0) << "a success is no failure of its source";
  EXPECT_TRUE(access.clear_lockout(LockoutKind::source, "192.0.2.1"));
  EXPECT_EQ(outcome(access, "ann", "correct horse", "192.0.2.1"), Outcome::accepted);
}

TEST_P(sign_in, a_success_prolongs_no_lock_of_its_source) {
  AccessOptions given = cheap();
  given.lockout.source_failures = 10;
  Access access = Access::open(url_, given);
  access.set_password("ann", "correct horse");
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(outcome(access, "user-" + std::to_string(i), "12345", "192.0.2.1"), Outcome::refused);
  clock_.pass(2 * given.lockout.wait_first);
  EXPECT_EQ(outcome(access, "ann", "correct horse", "192.0.2.1"), Outcome::accepted);
  EXPECT_EQ(outcome(access, "ann", "correct horse", "192.0.2.1"), Outcome::accepted) << "at once";
  // A real failure locks again, and a day after it all are forgotten, whoever has signed in meanwhile.
  EXPECT_EQ(outcome(access, "bob", "12345", "192.0.2.1"), Outcome::refused);
  EXPECT_EQ(outcome(access, "ann", "correct horse", "192.0.2.1"), Outcome::locked);
  clock_.pass(given.lockout.forget_after / 2);
  EXPECT_EQ(outcome(access, "ann", "correct horse", "192.0.2.1"), Outcome::accepted);
  clock_.pass(given.lockout.forget_after / 2);
  EXPECT_EQ(outcome(access, "bob", "12345", "192.0.2.1"), Outcome::refused);
  EXPECT_EQ(outcome(access, "ann", "correct horse", "192.0.2.1"), Outcome::accepted) << "the only one";
}

TEST_P(sign_in, is_freed_by_an_operator_and_forgets_with_time) {
  Access access = open_cheap();
  access.set_password("ann", "correct horse");
  for (int i = 0; i < 5; ++i) outcome(access, "ann", "wrong");
  ASSERT_EQ(access.list_lockouts().size(), 1U);
  EXPECT_EQ(access.list_lockouts()[0].locked_until, clock_.now() + second);
  EXPECT_TRUE(access.clear_lockout(LockoutKind::subject, "ann"));
  EXPECT_FALSE(access.clear_lockout(LockoutKind::subject, "ann"));
  EXPECT_EQ(outcome(access, "ann", "correct horse"), Outcome::accepted);
  for (int i = 0; i < 4; ++i) outcome(access, "ann", "wrong");
  clock_.pass(1440 * minute);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(outcome(access, "ann", "wrong"), Outcome::refused);
  EXPECT_EQ(failures(access, LockoutKind::subject, "ann"), 4);
}

TEST_P(sign_in, is_not_locked_for_long_by_a_clock_that_was_wrong) {
  Access access = open_cheap();
  access.set_password("ann", "correct horse");
  clock_.pass(1'000'000 * minute);
  for (int i = 0; i < 5; ++i) outcome(access, "ann", "wrong");
  clock_.pass(-1'000'000 * minute);
  EXPECT_EQ(access.sign_in("ann", "correct horse").locked_until, clock_.now() + second);
  clock_.pass(second);
  EXPECT_EQ(outcome(access, "ann", "correct horse"), Outcome::accepted);
}

TEST_P(sign_in, is_locked_no_shorter_because_another_process_has_a_clock_that_lags) {
  StandingClock late;
  late.pass(-20 * minute);
  AccessOptions lagging = cheap();
  lagging.clock = &late;
  Access access = open_cheap();
  Access behind = Access::open(url_, lagging);
  access.set_password("ann", "correct horse");
  for (int i = 0; i < 20; ++i) {
    outcome(access, "ann", "wrong", "192.0.2.1");
    if (const auto until = access.list_lockouts().back().locked_until; until && i < 19) {
      clock_.pass(*until - clock_.now());
      late.pass(clock_.now() - 20 * minute - late.now());
    }
  }
  const auto until = access.sign_in("ann", "wrong", "192.0.2.1").locked_until;
  ASSERT_EQ(until, clock_.now() + options().lockout.wait_max);
  // Neither by trying there, nor by trying there to be somebody else from the same place.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(outcome(behind, "ann", "wrong", "192.0.2.1"), Outcome::locked);
    EXPECT_EQ(outcome(behind, "bob", "wrong", "192.0.2.1"), Outcome::refused);
    late.pass(second);
  }
  EXPECT_EQ(access.sign_in("ann", "correct horse").locked_until, until);
  EXPECT_EQ(failures(access, LockoutKind::source, "192.0.2.1"), 23);
  clock_.pass(until - clock_.now());
  EXPECT_EQ(outcome(access, "ann", "correct horse"), Outcome::accepted);
}

TEST_P(sign_in, counts_by_a_clock_that_lags_from_the_last_failure_that_is_known) {
  StandingClock late;
  late.pass(-20 * minute);
  AccessOptions lagging = cheap();
  lagging.clock = &late;
  Access access = open_cheap();
  Access behind = Access::open(url_, lagging);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(outcome(access, "ann", "wrong"), Outcome::refused);
  EXPECT_EQ(outcome(behind, "ann", "wrong"), Outcome::refused);
  EXPECT_EQ(access.sign_in("ann", "wrong").locked_until, clock_.now() + second);
}

TEST_P(sign_in, of_sixteen_at_once_lets_as_many_through_as_the_policy_says) {
  Access access = open_cheap();
  access.set_password("ann", "correct horse");
  std::atomic<int> refused = 0;
  std::atomic<int> locked = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 4; ++round) {
        const Outcome said = outcome(access, "ann", "wrong", "192.0.2.1");
        (said == Outcome::refused ? refused : locked) += 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 5);
  EXPECT_EQ(locked, 59);
  EXPECT_EQ(failures(access, LockoutKind::subject, "ann"), 5);
  EXPECT_EQ(failures(access, LockoutKind::source, "192.0.2.1"), 5);
}

TEST_P(sign_in, counts_every_failure_of_sixteen_threads) {
  AccessOptions given = cheap();
  given.lockout.subject_failures = 1000;
  given.lockout.source_failures = 1000;
  Access access = Access::open(url_, given);
  access.set_password("bob", "battery");
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        EXPECT_EQ(outcome(access, "ann", "wrong", "192.0.2.1"), Outcome::refused);
        // Successes of others meanwhile take nothing away.
        if (i % 4 == 0) {
          EXPECT_EQ(outcome(access, "bob", "battery", "192.0.2.1"), Outcome::accepted);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures(access, LockoutKind::subject, "ann"), 160);
  EXPECT_EQ(failures(access, LockoutKind::source, "192.0.2.1"), 160);
}

TEST_P(sign_in, that_could_not_be_compared_is_no_failure) {
  AccessOptions given = cheap(65'536);
  given.passwords.waiting_max = 0;
  Access access = Access::open(url_, given);
  access.set_password("ann", "correct horse");
  std::atomic<int> busy = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 4; ++round) {
        try {
          if (outcome(access, "user-" + std::to_string(round), "wrong") == Outcome::refused) ++refused;
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::retryable);
          ++busy;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(busy + refused, 16);
  std::int64_t counted = 0;
  for (const LockoutEntry& entry : access.list_lockouts()) counted += entry.failures;
  EXPECT_EQ(counted, refused);
}

}  // namespace
}  // namespace reeve::testing
