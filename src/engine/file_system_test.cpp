#include "engine/file_system.h"

#include "engine/connection.h"

#include <gtest/gtest.h>

#include <fstream>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reeve::engine {
namespace {

class standing : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path place(const char* name) const { return folder_ / name; }
  std::filesystem::path made(const char* name, int application_id) const {
    Connection::open(place(name), OpenMode::create)
        ->execute("PRAGMA application_id = " + std::to_string(application_id) + "; CREATE TABLE t (x)");
    return place(name);
  }
  /// As another process sees it, which SQLite asks before it takes a log away.
  static bool is_locked(const std::filesystem::path& file) {
    const pid_t child = ::fork();
    if (child == 0) {
      struct flock asked {};
      asked.l_type = F_WRLCK;
      asked.l_whence = SEEK_SET;
      asked.l_start = 0x40000002;
      asked.l_len = 510;
      const int opened = ::open(file.c_str(), O_RDWR);
      ::_exit(opened >= 0 && ::fcntl(opened, F_GETLK, &asked) == 0 && asked.l_type != F_UNLCK ? 1 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 1;
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "reeve_standing";
};

TEST_F(standing, tells_an_own_database_from_another_from_none) {
  EXPECT_EQ(standing_of(place("nothing"), 7), Standing::nothing);
  std::ofstream(place("empty")).close();
  EXPECT_EQ(standing_of(place("empty"), 7), Standing::nothing);
  EXPECT_EQ(standing_of(made("own", 7), 7), Standing::own);
  EXPECT_EQ(standing_of(made("foreign", 8), 7), Standing::other);
  for (const std::size_t bytes : {1U, 40U, 5'000U}) {
    std::ofstream(place("text")) << std::string(bytes, 'x');
    EXPECT_EQ(standing_of(place("text"), 7), Standing::other) << bytes;
  }
  EXPECT_EQ(standing_of(folder_, 7), Standing::other);
  EXPECT_EQ(standing_of("/dev/null", 7), Standing::other);
}

TEST_F(standing, of_a_database_that_is_in_use_leaves_its_locks_alone) {
  const std::filesystem::path file = made("used", 7);
  const auto used = Connection::open(file, OpenMode::read_write);
  used->execute("INSERT INTO t VALUES (1)");
  ASSERT_TRUE(is_locked(file));
  EXPECT_EQ(standing_of(file, 7), Standing::own);
  EXPECT_TRUE(is_locked(file));
}

}  // namespace
}  // namespace reeve::engine
