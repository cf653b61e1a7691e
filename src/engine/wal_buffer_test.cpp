#include "engine/connection.h"

#include <gtest/gtest.h>

#include <charconv>
#include <csignal>
#include <fstream>
#include <random>

#include <sys/resource.h>
#include <unistd.h>

namespace reeve::engine {
namespace {

std::int64_t write_calls() {
  std::ifstream lines("/proc/self/io");
  std::int64_t calls = -1;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("syscw: ")) {
      std::from_chars(line.data() + 7, line.data() + line.size(), calls);
    }
  }
  return calls;
}

class WalBuffer : public ::testing::Test {
 public:
  WalBuffer() {
    std::filesystem::create_directory(folder_);
    writer = open({.gather_writes = true});
    writer->execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
    reader = Connection::open(file(), OpenMode::read_only);
  }
  ~WalBuffer() override {
    writer.reset();
    reader.reset();
    std::filesystem::remove_all(folder_);
  }

 protected:
  std::filesystem::path file() const { return folder_ / "t.db"; }
  std::unique_ptr<Connection> open(const ConnectionOptions& options) const {
    return Connection::open(file(), std::filesystem::exists(file()) ? OpenMode::read_write : OpenMode::create,
                            options);
  }
  static void insert(Connection& connection, int first, int count, int bytes) {
    Statement statement = connection.prepare("INSERT INTO t VALUES (?1, ?2)");
    const std::string text(static_cast<std::size_t>(bytes), 'x');
    for (int id = first; id < first + count; ++id) {
      statement.bind_integer(1, id);
      statement.bind_text(2, text);
      statement.run();
    }
  }
  static std::int64_t count(Connection& connection) {
    return std::get<std::int64_t>(*connection.value("SELECT count(*) FROM t"));
  }
  void expect_sound() const {
    EXPECT_EQ(*writer->value("PRAGMA integrity_check"), Value("ok"));
    EXPECT_EQ(*reader->value("PRAGMA integrity_check"), Value("ok"));
  }

  std::unique_ptr<Connection> writer;
  std::unique_ptr<Connection> reader;

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("reeve_wal_buffer_" + std::to_string(getpid()));
};

TEST_F(WalBuffer, another_connection_sees_each_commit_and_nothing_before) {
  for (int i = 0; i < 50; ++i) {
    Transaction tx(*writer, Transaction::Mode::write);
    insert(*writer, i, 1, 5000);
    EXPECT_EQ(count(*reader), i);
    tx.commit();
    EXPECT_EQ(count(*reader), i + 1);
  }
  expect_sound();
}

TEST_F(WalBuffer, a_small_commit_is_one_write_call) {
  insert(*writer, 0, 100, 3000);
  const std::int64_t before = write_calls();
  Transaction tx(*writer, Transaction::Mode::write);
  insert(*writer, 100, 10, 3000);
  tx.commit();
#if defined(__SANITIZE_THREAD__) || defined(__clang__)
  // The sanitizers' own run-time (the clang build is theirs) writes to pipes meanwhile; without gathering it would be 20 calls and more.
  EXPECT_LT(write_calls() - before, 10);
#else
  EXPECT_EQ(write_calls() - before, 1);
#endif
}

TEST_F(WalBuffer, a_transaction_beyond_the_cache_reads_what_it_wrote) {
  writer = open({.cache_kib = 64, .gather_writes = true});
  {
    Transaction tx(*writer, Transaction::Mode::write);
    insert(*writer, 0, 2000, 3000);
    // Pages that left the cache are read back, changed, and leave it again.
    writer->execute("UPDATE t SET text = text || 'y' WHERE id % 3 = 0");
    EXPECT_EQ(*writer->value("SELECT count(*) FROM t WHERE length(text) = 3001"), Value(std::int64_t{667}));
    EXPECT_EQ(count(*reader), 0);
    tx.commit();
  }
  EXPECT_EQ(count(*reader), 2000);
  expect_sound();
  writer->execute("PRAGMA wal_checkpoint(TRUNCATE)");
  expect_sound();
}

TEST_F(WalBuffer, what_is_rolled_back_is_nowhere) {
  writer = open({.cache_kib = 64, .gather_writes = true});
  insert(*writer, 0, 10, 100);
  for (int round = 0; round < 5; ++round) {
    {
      const Transaction tx(*writer, Transaction::Mode::write);
      insert(*writer, 1000, 500 * round + 1, 3000);
    }
    insert(*writer, 10 + round, 1, 100);
    EXPECT_EQ(count(*writer), 11 + round);
    EXPECT_EQ(count(*reader), 11 + round);
  }
  {
    Transaction tx(*writer, Transaction::Mode::write);
    writer->execute("SAVEPOINT s");
    insert(*writer, 1000, 500, 3000);
    writer->execute("ROLLBACK TO s");
    insert(*writer, 2000, 500, 3000);
    tx.commit();
  }
  EXPECT_EQ(count(*reader), 515);
  expect_sound();
}

TEST_F(WalBuffer, a_log_that_begins_anew_is_read_by_everybody) {
  std::mt19937_64 random(1);
  writer = open({.cache_kib = 64, .checkpoint_pages = 20, .gather_writes = true});
  std::int64_t expected = 0;
  for (int round = 0; round < 300; ++round) {
    const int rows = 1 + static_cast<int>(random() % 40);
    Transaction tx(*writer, Transaction::Mode::write);
    insert(*writer, 100 * round, rows, static_cast<int>(random() % 6000));
    if (random() % 4 == 0) {
      continue;  // rolled back
    }
    tx.commit();
    expected += rows;
    ASSERT_EQ(count(*reader), expected) << "round " << round;
  }
  expect_sound();
  writer = open({.gather_writes = true});
  EXPECT_EQ(count(*writer), expected);
}

TEST_F(WalBuffer, a_full_disk_fails_the_commit_and_harms_nothing) {
  insert(*writer, 0, 10, 1000);
  const auto size = std::filesystem::file_size(file().string() + "-wal");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  for (const int rows : {5, 500}) {  // seen by the sync, and by a write before it
    rlimit small = before;
    small.rlim_cur = size + 5000;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    std::optional<ErrorCode> code;
    try {
      Transaction tx(*writer, Transaction::Mode::write);
      insert(*writer, 100, rows, 3000);
      tx.commit();
    } catch (const Error& error) {
      code = error.code();
    }
    EXPECT_EQ(code, ErrorCode::unavailable) << rows;
    EXPECT_EQ(count(*reader), 10);
    EXPECT_EQ(count(*writer), 10);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  }
  std::signal(SIGXFSZ, SIG_DFL);
  insert(*writer, 100, 7, 3000);
  EXPECT_EQ(count(*reader), 17);
  expect_sound();
}

TEST_F(WalBuffer, without_a_sync_commits_are_seen_all_the_same) {
  writer->execute("PRAGMA synchronous = OFF");
  for (int i = 0; i < 50; ++i) {
    insert(*writer, i, 1, 5000);
    EXPECT_EQ(count(*reader), i + 1);
  }
  expect_sound();
}

}  // namespace
}  // namespace reeve::engine
