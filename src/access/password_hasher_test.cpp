#include "access/password_hasher.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace reeve::access {
namespace {

constexpr PasswordOptions cheap{.passes = 1, .memory_kib = 64, .memory_kib_max = 128};

template <typename Work>
ErrorCode code_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::internal;
}

TEST(password_hasher, takes_one_password_in_every_way_to_type_it) {
  PasswordHasher hasher(cheap);
  const std::string hash = hasher.hash("caf\u00e9 \u1eb9\u0301");
  EXPECT_TRUE(hasher.check("cafe\u0301 e\u0323\u0301", hash).matches);
  EXPECT_TRUE(hasher.check("caf\u00e9 e\u0301\u0323", hash).matches);
  EXPECT_FALSE(hasher.check("cafe \u1eb9\u0301", hash).matches);
  EXPECT_FALSE(hasher.check("Caf\u00e9 \u1eb9\u0301", hash).matches);
}

TEST(password_hasher, asks_for_a_new_hash_when_its_cost_was_raised_and_not_when_it_was_lowered) {
  PasswordHasher before(cheap);
  const std::string hash = before.hash("correct horse");
  EXPECT_FALSE(before.check("correct horse", hash).needs_rehash);
  PasswordHasher more_passes({.passes = 2, .memory_kib = 64, .memory_kib_max = 128});
  PasswordHasher more_memory({.passes = 1, .memory_kib = 128, .memory_kib_max = 128});
  PasswordHasher less({.passes = 1, .memory_kib = 32, .memory_kib_max = 128});
  EXPECT_TRUE(more_passes.check("correct horse", hash).needs_rehash);
  EXPECT_TRUE(more_memory.check("correct horse", hash).needs_rehash);
  EXPECT_FALSE(less.check("correct horse", hash).needs_rehash);
  EXPECT_FALSE(more_passes.check("wrong horse", hash).needs_rehash) << "only who signs in has it made anew";
}

TEST(password_hasher, refuses_what_is_no_password_and_matches_nobody) {
  PasswordHasher hasher(cheap);
  const std::string hash = hasher.hash(std::string(1024, 'x'));
  EXPECT_TRUE(hasher.check(std::string(1024, 'x'), hash).matches);
  for (const std::string& password : {std::string(), std::string(1025, 'x'), std::string("\xff\xfe")}) {
    EXPECT_EQ(code_of([&] { hasher.hash(password); }), ErrorCode::invalid_input);
    EXPECT_FALSE(hasher.check(password, hash).matches);
  }
  EXPECT_FALSE(hasher.check("nobody", std::nullopt).matches) << "whatever nobody's password is";
  EXPECT_EQ(code_of([&] { hasher.check("x", "no hash"); }), ErrorCode::corrupt);
}

TEST(password_hasher, refuses_a_hash_that_asks_for_more_memory_than_there_is) {
  PasswordHasher hasher(cheap);
  EXPECT_EQ(code_of([&] {
              hasher.check(
                  "x",
                  "$argon2id$v=19$m=4000000,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
            }),
            ErrorCode::limit_exceeded);
  for (const PasswordOptions& options : std::vector<PasswordOptions>{
           {.passes = 0}, {.memory_kib = 4}, {.memory_kib = 300'000}, {.bytes_max = 0}}) {
    EXPECT_EQ(code_of([&] { PasswordHasher{options}; }), ErrorCode::invalid_input);
  }
}

TEST(memory_gate, never_gives_out_more_than_it_has) {
  MemoryGate gate(100, 1000, std::chrono::hours(1));
  std::atomic<int> taken = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        gate.take(30);
        const int now = taken += 30;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {}
        std::this_thread::yield();
        taken -= 30;
        gate.give_back(30);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 90);
  EXPECT_GE(most, 30);
}

TEST(memory_gate, refuses_who_comes_when_too_many_wait_or_waits_too_long) {
  MemoryGate full(100, 0, std::chrono::hours(1));
  full.take(100);
  EXPECT_EQ(code_of([&] { full.take(1); }), ErrorCode::retryable);
  EXPECT_EQ(code_of([&] { full.take(101); }), ErrorCode::limit_exceeded);
  full.give_back(100);
  full.take(1);
  MemoryGate slow(100, 5, std::chrono::milliseconds(1));
  slow.take(100);
  EXPECT_EQ(code_of([&] { slow.take(1); }), ErrorCode::retryable);
}

}  // namespace
}  // namespace reeve::access
