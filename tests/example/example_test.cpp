#include "cli/run_program.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace reeve::tests {
namespace {

/// Absolute, for commands run in another folder.
std::string folder_of(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return std::filesystem::absolute(value != nullptr ? value : otherwise).string();
}

std::string build_folder() { return folder_of("REEVE_BUILD_DIR", "build"); }
std::string source_folder() { return folder_of("REEVE_SOURCE_DIR", "."); }

Result run_example(const Folder& folder) {
  return shell(folder,
               build_folder() + "/example_ledger " + source_folder() + "/blueprints/great_work game.db");
}

TEST(example, prints_the_refusal_the_leaderboard_and_the_head) {
  const Folder folder;
  const Result result = run_example(folder);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, testing::MatchesRegex("refused: unknown player eve\n"
                                                "Ada \\(ada\\) has a reputation of 7\n"
                                                "Grace \\(grace\\) has a reputation of 0\n"
                                                "event 8, state hash [0-9a-f]+\n"));
}

TEST(example, leaves_a_ledger_that_verifies_and_is_not_overwritten) {
  const Folder folder;
  ASSERT_EQ(run_example(folder).exit_code, 0);
  EXPECT_EQ(reeve(folder, {"verify", "game.db"}).exit_code, 0);
  const Result again = run_example(folder);
  EXPECT_EQ(again.exit_code, 7) << again.err;
  EXPECT_EQ(reeve(folder, {"verify", "game.db"}).exit_code, 0);
}

}  // namespace
}  // namespace reeve::tests
