#include "cli/run_program.h"

#include <gtest/gtest.h>

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

void expect_success(const Result& result) { EXPECT_EQ(result.exit_code, 0) << result.out << result.err; }

TEST(package, is_found_by_a_project_that_links_a_program_and_opens_a_ledger) {
  const Folder folder;
  const std::string installed = (folder.path() / "installed").string();
  expect_success(shell(folder, "cmake --install " + build_folder() + " --prefix " + installed));
  expect_success(shell(folder, "installed/bin/reeve new book"));
  expect_success(shell(folder, "cmake -S " + source_folder() +
                                   "/tests/package/consumer -B consumer -G Ninja -DCMAKE_BUILD_TYPE=Release"
                                   " -DBOOK=" +
                                   (folder.path() / "book").string() + " -DCMAKE_PREFIX_PATH=" + installed));
  expect_success(shell(folder, "cmake --build consumer"));
  expect_success(shell(folder, "installed/bin/reeve init book.db --blueprint book"));
  const Result used = shell(folder, "consumer/consumer book.db");
  expect_success(used);
  EXPECT_EQ(used.out, "The Guest Book: Ada 1\n");
  expect_success(shell(folder, "installed/bin/reeve verify book.db"));
}

}  // namespace
}  // namespace reeve::tests
