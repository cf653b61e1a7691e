// The corpora through their targets, as every build can: what was once found stays mended.

#include "fuzz/support.h"
#include "fuzz/targets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace reeve::fuzz {
namespace {

struct Target {
  const char* name;
  void (*run)(std::string_view input);
};

constexpr Target targets[] = {{"changeset", changeset}, {"import", import},   {"live", live},
                              {"migration", migration}, {"payload", payload}, {"proof", proof},
                              {"query", query},         {"script", script},   {"sealed", sealed},
                              {"statement", statement}};

std::filesystem::path folder() {
  return std::filesystem::path(std::getenv("REEVE_SOURCE_DIR")) / "tests/fuzz";
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& of) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(of)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, goes_through_its_target_without_a_finding) {
  const auto files = files_of(folder() / "corpus" / GetParam().name);
  EXPECT_FALSE(files.empty());
  for (const auto& file : files) EXPECT_NO_THROW(GetParam().run(text_of(file))) << file;
}

INSTANTIATE_TEST_SUITE_P(every, Corpus, testing::ValuesIn(targets),
                         [](const auto& target) { return std::string(target.param.name); });

TEST(fuzz, has_a_test_here_for_each_target) {
  const auto files = files_of(folder());
  const auto are_targets = [](const auto& file) { return file.filename().string().ends_with("_target.cpp"); };
  EXPECT_EQ(std::ranges::count_if(files, are_targets), std::ssize(targets));
}

/// The corpus of a target that makes genuine inputs has them: otherwise nothing that is forged is near a true one.
TEST(fuzz, has_genuine_proofs_and_sealed_values_in_its_corpora) {
  for (const auto& [name, seeds] : {std::pair("proof", proof_seeds()), std::pair("sealed", sealed_seeds())}) {
    for (const std::string& seed : seeds) {
      const auto files = files_of(folder() / "corpus" / name);
      const auto is_there =
          std::ranges::any_of(files, [&](const auto& file) { return text_of(file) == seed; });
      EXPECT_TRUE(is_there) << "write to a file of tests/fuzz/corpus/" << name << ":\n" << seed;
    }
  }
}

/// The targets find what is wrong: a requirement that does not hold ends them.
TEST(fuzz, shows_what_does_not_hold) {
  EXPECT_THROW(require(false, "a promise"), std::logic_error);
  EXPECT_THROW(unless_refused([]() -> int { throw Error(ErrorCode::internal, "a defect"); }), Error);
  EXPECT_EQ(unless_refused([]() -> int { throw Error(ErrorCode::invalid_input, "no"); }), std::nullopt);
}

}  // namespace
}  // namespace reeve::fuzz
