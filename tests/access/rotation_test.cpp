// Keys change while many read and write, and while the run that changes them is killed.

#include "base/secret.h"
#include "installation.h"
#include "support/child_process.h"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <random>
#include <set>
#include <thread>

namespace reeve::testing {
namespace {

constexpr const char* rotate_until_killed = "--rotate-until-killed";

std::string value_of(int i) { return fmt::format("value-of-{}", i); }
SecretName name_of_secret(int i) { return {i % 2 == 0 ? "ann" : "", fmt::format("secret-{}", i)}; }

int rotate(const std::string& url, const std::string& key_file) {
  Access access = Access::open(url, {.master_key_file = key_file});
  write_line("ready");
  for (;;) {
    access.rotate({.master = true, .batch = 3, .progress = [](std::int64_t, std::int64_t) {
                     write_line("batch");
                     return true;
                   }});
    write_line("end");
  }
}

class rotation : public Installation {
 protected:
  static constexpr int count = 40;
  void fill(Access& access) {
    for (int i = 0; i < count; ++i) access.set_secret(name_of_secret(i), value_of(i));
  }
  void expect_all(Access& access) {
    for (int i = 0; i < count; ++i) {
      const auto found = access.find_secret(name_of_secret(i));
      ASSERT_TRUE(found) << i;
      EXPECT_EQ(found->text(), value_of(i));
    }
  }
  std::set<std::uint32_t> versions(Access& access) {
    std::set<std::uint32_t> found;
    for (const SecretEntry& entry : access.list_secrets()) found.insert(entry.key_version);
    return found;
  }
};

INSTANTIATE_TEST_SUITE_P(engines, rotation,
                         ::testing::Values(engine::Engine::sqlite, engine::Engine::postgres), name_of);

TEST_P(rotation, seals_all_with_a_new_key_and_erases_the_old_one) {
  Access access = open();
  fill(access);
  const RotationReport report = access.rotate({.batch = 7});
  EXPECT_EQ(report.resealed, count);
  EXPECT_EQ(report.keys_erased, 1);
  EXPECT_FALSE(report.resumed);
  EXPECT_EQ(versions(access), std::set{report.key_version});
  EXPECT_EQ(number("SELECT count(*) FROM reeve_access_keys"), 1);
  expect_all(access);
  Access again = open();
  expect_all(again);
}

TEST_P(rotation, that_was_stopped_is_gone_on_with) {
  Access access = open();
  fill(access);
  const RotationReport stopped =
      access.rotate({.batch = 10, .progress = [](std::int64_t, std::int64_t) { return false; }});
  EXPECT_TRUE(stopped.stopped);
  EXPECT_EQ(stopped.resealed, 10);
  EXPECT_EQ(versions(access).size(), 2U);
  expect_all(access);
  const RotationReport rest = access.rotate();
  EXPECT_TRUE(rest.resumed);
  EXPECT_EQ(rest.key_version, stopped.key_version) << "no second new key";
  EXPECT_EQ(rest.resealed, count - 10);
  EXPECT_EQ(versions(access).size(), 1U);
}

TEST_P(rotation, to_a_new_master_key_leaves_the_old_one_without_use) {
  Access access = open();
  fill(access);
  const SealedSecret sealed = access.seal({"ann", "row"}, "in a row");
  access::add_master_key(key_file_, system_random());
  const RotationReport report = access.rotate({.secrets = false, .master = true});
  EXPECT_EQ(report.rewrapped, 2) << "the key of secrets and that of rows";
  EXPECT_EQ(number("SELECT count(*) FROM reeve_access_keys WHERE master = 2"), 2);
  // The first line is taken away.
  const access::SharedKey second = access::MasterKeys(key_file_, "").find(2);
  std::ofstream(key_file_, std::ios::trunc) << "2:" << secret_to_base64(*second).text() << "\n";
  Access later = open();
  expect_all(later);
  EXPECT_EQ(later.unseal({"ann", "row"}, sealed.bytes).text(), "in a row");
}

TEST_P(rotation, goes_on_with_the_others_where_a_secret_can_not_be_opened) {
  Access access = open();
  fill(access);
  const std::string name = name_of_secret(20).name;
  const auto sealed_of = [&] {
    return value("SELECT sealed FROM reeve_access_secrets WHERE name = '" + name + "'");
  };
  const auto before = sealed_of();
  meddle("CREATE TABLE kept AS SELECT * FROM reeve_access_secrets WHERE name = '" + name + "'");
  meddle("UPDATE reeve_access_secrets SET sealed = " +
         std::string(GetParam() == engine::Engine::sqlite ? "x'0102'" : "'\\x0102'") + " WHERE name = '" +
         name + "'");
  const RotationReport report = access.rotate({.batch = 7});
  EXPECT_FALSE(report.resumed);
  EXPECT_EQ(report.resealed, count - 1);
  EXPECT_EQ(report.left, 1);
  ASSERT_EQ(report.left_secrets.size(), 1U);
  EXPECT_EQ(report.left_secrets[0].name.ledger, "ann");
  EXPECT_EQ(report.left_secrets[0].name.name, name);
  EXPECT_EQ(report.left_secrets[0].key_version, 1U);
  EXPECT_NE(report.left_secrets[0].reason, "");
  EXPECT_EQ(report.keys_erased, 0) << "the one that sealed it is kept";

  // A later run has a key of its own, and erases that of the run before.
  const RotationReport later = access.rotate({.batch = 7});
  EXPECT_FALSE(later.resumed);
  EXPECT_EQ(later.key_version, report.key_version + 1);
  EXPECT_EQ(later.resealed, count - 1);
  EXPECT_EQ(later.left, 1);
  EXPECT_EQ(later.keys_erased, 1);
  EXPECT_EQ(versions(access), (std::set<std::uint32_t>{1, later.key_version}));

  // Nothing was lost: with its bytes of before it is sealed anew as well.
  meddle("UPDATE reeve_access_secrets SET sealed = (SELECT sealed FROM kept) WHERE name = '" + name + "'");
  EXPECT_EQ(sealed_of(), before);
  Access again = open();
  const RotationReport mended = again.rotate();
  EXPECT_TRUE(mended.resumed);
  EXPECT_EQ(mended.resealed, 1);
  EXPECT_EQ(mended.left, 0);
  EXPECT_EQ(mended.keys_erased, 1);
  expect_all(again);
}

TEST_P(rotation, leaves_a_data_key_that_can_not_be_opened_under_its_master_key) {
  {
    Access access = open();
    fill(access);
    access.seal({"ann", "row"}, "in a row");
  }
  // The key of the secrets is damaged; that of rows is not.
  meddle("CREATE TABLE kept AS SELECT * FROM reeve_access_keys WHERE version = 1");
  meddle("UPDATE reeve_access_keys SET wrapped = " +
         std::string(GetParam() == engine::Engine::sqlite ? "x'0102'" : "'\\x0102'") + " WHERE version = 1");
  access::add_master_key(key_file_, system_random());
  Access access = open();
  const RotationReport report = access.rotate({.secrets = false, .master = true});
  EXPECT_EQ(report.rewrapped, 1);
  ASSERT_EQ(report.left_keys.size(), 1U);
  EXPECT_EQ(report.left_keys[0].version, 1U);
  EXPECT_EQ(report.left_keys[0].master_version, 1U);

  // A new data key takes the place of the newest that can't be opened, and the secrets of that one are left.
  const RotationReport secrets = access.rotate();
  EXPECT_EQ(secrets.key_version, 3U);
  EXPECT_EQ(secrets.left, count);
  EXPECT_EQ(secrets.keys_erased, 0);
  access.set_secret({"", "new"}, "sealed again");
  EXPECT_EQ(access.find_secret({"", "new"})->text(), "sealed again");

  meddle("UPDATE reeve_access_keys SET wrapped = (SELECT wrapped FROM kept) WHERE version = 1");
  const RotationReport mended = access.rotate({.master = true});
  EXPECT_EQ(mended.rewrapped, 1);
  EXPECT_EQ(mended.resealed, count);
  EXPECT_EQ(mended.left, 0);
  expect_all(access);
}

TEST_P(rotation, with_the_wrong_master_keys_makes_no_key) {
  {
    Access access = open();
    fill(access);
  }
  const std::string right = std::exchange(key_file_, workshop_.path("other.keys"));
  access::add_master_key(key_file_, system_random());
  {
    Access access = open();
    EXPECT_THROW(access.rotate(), Error);
  }
  key_file_ = right;
  Access access = open();
  access.set_secret({"", "new"}, "as before");
  expect_all(access);
}

TEST_P(rotation, fails_nobody_who_reads_or_writes_meanwhile_also_when_it_is_killed) {
  Access access = open();
  fill(access);
  std::atomic<bool> stop = false;
  std::atomic<std::int64_t> reads = 0;
  std::atomic<std::int64_t> writes = 0;
  std::atomic<int> wrong = 0;
  const auto guarded = [&](auto&& work) {
    try {
      while (!stop) work();
    } catch (const Error& error) {
      ++wrong;
      ADD_FAILURE() << error.what();
    }
  };
  const auto read_one = [&](Access& from, int i) {
    const auto found = from.find_secret(name_of_secret(i));
    if (!found || found->text() != value_of(i)) ++wrong;
    ++reads;
  };
  std::vector<std::thread> threads;
  for (int reader = 0; reader < 3; ++reader) {
    threads.emplace_back([&, reader] {
      std::mt19937 random(static_cast<unsigned>(reader));
      guarded([&] { read_one(access, static_cast<int>(random() % count)); });
    });
  }
  // Who has opened no key yet reads as well as who has.
  threads.emplace_back([&] {
    guarded([&] {
      Access fresh = open();
      for (int i = 0; i < 5; ++i) read_one(fresh, i);
    });
  });
  threads.emplace_back([&] {
    guarded([&] {
      const int i = static_cast<int>(writes++ % count);
      access.set_secret(name_of_secret(i), value_of(i));
      // A file has one writer at a time: who never pauses lets nobody in.
      if (GetParam() == engine::Engine::sqlite) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
  });
  std::mt19937 random(7);
  int killed_within = 0;
  for (int round = 0; round < 12; ++round) {
    if (round % 4 == 0) access::add_master_key(key_file_, system_random());
    ChildProcess child({rotate_until_killed, url_, key_file_});
    ASSERT_EQ(child.read_line(), "ready");
    const int batches = 1 + static_cast<int>(random() % 20);
    std::string last;
    for (int i = 0; i < batches; ++i) last = child.read_line();
    child.kill_now();
    child.wait();
    killed_within += last == "batch" ? 1 : 0;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(killed_within, 0);
  EXPECT_GT(reads, 100);
  EXPECT_GT(writes, 10);
  access.rotate();
  access.rotate();
  EXPECT_EQ(number("SELECT count(*) FROM reeve_access_keys"), 1);
  expect_all(access);
}

TEST_P(rotation, of_several_at_once_ends_with_one_key) {
  Access access = open();
  fill(access);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { access.rotate({.master = true, .batch = 5}); });
  }
  for (std::thread& thread : threads) thread.join();
  access.rotate();
  EXPECT_EQ(versions(access).size(), 1U);
  EXPECT_EQ(number("SELECT count(*) FROM reeve_access_keys"), 1);
  expect_all(access);
}

}  // namespace
}  // namespace reeve::testing

int main(int count, char** arguments) {
  if (count > 3 && std::string_view(arguments[1]) == reeve::testing::rotate_until_killed) {
    return reeve::testing::rotate(arguments[2], arguments[3]);
  }
  ::testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
