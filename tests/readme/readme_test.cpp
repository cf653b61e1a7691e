#include "cli/run_program.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::tests {
namespace {

/// Absolute, for commands run in another folder.
std::string folder_of(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return std::filesystem::absolute(value != nullptr ? value : otherwise).string();
}

std::string build_folder() { return folder_of("REEVE_BUILD_DIR", "build"); }
std::string source_folder() { return folder_of("REEVE_SOURCE_DIR", "."); }

std::filesystem::path source(const std::string& path) {
  return std::filesystem::path(source_folder()) / path;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);) lines.push_back(line);
  return lines;
}

/// The lines of the README's first block of a language; of none: ''.
std::vector<std::string> block(const std::string& language) {
  std::vector<std::string> found;
  bool inside = false;
  bool other = false;
  for (const std::string& line : lines_of(read_file(source("README.md")))) {
    if (inside && line == "```") return found;
    if (inside) {
      found.push_back(line);
    } else if (line == "```" && other) {
      other = false;  // the end of another's block
    } else if (line == "```" + language) {
      inside = true;
    } else if (line.starts_with("```")) {
      other = true;
    }
  }
  ADD_FAILURE() << "README.md has no whole block of " << language;
  return found;
}

/// Hashes, ids and times differ each time; all else is promised.
std::string without_what_differs(std::string text) {
  RE2::GlobalReplace(&text, "[0-9a-f]{64}", "HASH");
  RE2::GlobalReplace(&text, "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID");
  RE2::GlobalReplace(&text, R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6}Z)?)", "TIME");
  return text;
}

TEST(readme, sixty_seconds_print_what_is_shown) {
  const Folder folder;
  std::string shown;
  std::string printed;
  int commands = 0;
  for (const std::string& line : block("console")) {
    shown += line + "\n";
    if (!line.starts_with("$ ")) continue;
    ++commands;
    printed += line + "\n";
    printed += shell(folder, "PATH=\"" + build_folder() + ":$PATH\"; exec 2>&1; " + line.substr(2)).out;
  }
  EXPECT_GE(commands, 8);
  EXPECT_EQ(without_what_differs(printed), without_what_differs(shown));
}

TEST(readme, use_in_a_program_is_the_compiled_example) {
  const std::string example = read_file(source("examples/ledger.cpp"));
  int compared = 0;
  for (std::string line : block("cpp")) {
    line.erase(0, line.find_first_not_of(' '));
    if (line.empty()) continue;
    ++compared;
    EXPECT_NE(example.find(line), std::string::npos) << "not in examples/ledger.cpp: " << line;
  }
  EXPECT_GE(compared, 10);
}

TEST(readme, tells_what_the_demo_prints) {
  const Folder folder;
  const Result demo = shell(folder, "'" + build_folder() + "/reeve_demo' --file demo.db --blueprint '" +
                                        source("blueprints/great_work").string() + "' 2>&1");
  ASSERT_EQ(demo.exit_code, 0) << demo.out;
  const auto without_seconds = [](std::string text) {
    RE2::GlobalReplace(&text, R"(in \d+\.\d+ s)", "in SECONDS");
    return text;
  };
  const std::string printed = without_seconds(demo.out);
  int compared = 0;
  for (const std::string& line : block("")) {
    if (line.empty()) continue;
    ++compared;
    EXPECT_NE(printed.find(without_seconds(line) + "\n"), std::string::npos) << "not printed: " << line;
  }
  EXPECT_GE(compared, 8);
}

TEST(readme, counts_what_the_blueprints_hold) {
  std::string readme = read_file(source("README.md"));
  RE2::GlobalReplace(&readme, "\\s+", " ");
  const Folder folder;
  for (const std::string name : {"great_work", "dark_tower", "storyforge", "sp404mk2", "whispyrkeep"}) {
    const Result checked =
        shell(folder, "'" + build_folder() + "/reeve' check '" + source("blueprints/" + name).string() + "'");
    std::string counts;
    ASSERT_TRUE(
        RE2::PartialMatch(checked.out, R"((\d+ types of events, \d+ commands, \d+ queries))", &counts))
        << checked.out;
    const std::string row = "| [" + name + "](blueprints/" + name + "/README.md) |";
    const std::size_t from = readme.find(row);
    ASSERT_NE(from, std::string::npos) << row;
    const std::string rest = readme.substr(from, readme.find(" | | ", from) - from);
    EXPECT_NE(rest.find(counts), std::string::npos) << name << " has " << counts << "; README.md: " << rest;
  }
}

/// A promise is worth the test that proves it: `suite.name` in the tables of the README must exist.
TEST(readme, every_test_that_it_names_exists) {
  std::string tests;
  for (const char* folder : {"src", "tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source(folder))) {
      if (entry.path().filename().string().ends_with("_test.cpp")) tests += read_file(entry.path());
    }
  }
  const RE2 named("`([A-Za-z_]+)\\.([a-z_0-9]{12,})`");
  const std::string readme = read_file(source("README.md"));
  re2::StringPiece rest(readme);
  std::string suite;
  std::string name;
  int count = 0;
  while (RE2::FindAndConsume(&rest, named, &suite, &name)) {
    ++count;
    EXPECT_NE(tests.find("(" + suite + ", " + name + ")"), std::string::npos) << suite << "." << name;
  }
  EXPECT_GE(count, 15);
}

}  // namespace
}  // namespace reeve::tests
