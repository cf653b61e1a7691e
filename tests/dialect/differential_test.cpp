// The cases, and as many again by chance.

#include "case_file.h"
#include "comparison.h"
#include "generator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>

namespace reeve::test {
namespace {

struct Counts {
  int expressions = 0;
  int statements = 0;
};

/// Runs the cases of a line; gives how many have an answer.
int run_line(Comparison& comparison, const CaseLine& line, Counts& counts) {
  int answered = 0;
  for (const std::string& text : line.cases) {
    const std::string statement = line.statement ? text : "SELECT " + text + " AS v";
    const Compared compared =
        comparison.run(statement, {line.file, line.line, 1}, line.expected != Expected::settled);
    (line.statement ? counts.statements : counts.expressions) += 1;
    if (compared.verdict == Verdict::equal) ++answered;
    const bool alike = compared.verdict == Verdict::equal || compared.verdict == Verdict::both_failed;
    EXPECT_TRUE(alike) << line.file << ":" << line.line << ": " << text << "\n  "
                       << (compared.verdict == Verdict::refused ? "refused: " : "") << compared.what;
    if (line.expected == Expected::error && compared.verdict == Verdict::equal) {
      ADD_FAILURE() << line.file << ":" << line.line << ": " << text << "\n  is no error";
    }
    if (line.cases.size() == 1 && line.expected != Expected::error &&
        compared.verdict == Verdict::both_failed) {
      ADD_FAILURE() << line.file << ":" << line.line << ": " << text << "\n  fails: " << compared.what;
    }
  }
  return answered;
}

TEST(dialect, gives_postgresqls_answers_to_what_applications_write) {
  const std::string folder = std::string(DIALECT_FOLDER) + "/cases/";
  Counts counts;
  for (const std::string& file : case_files(folder)) {
    Comparison comparison;
    for (const CaseLine& line : read_cases(folder + file)) {
      if (line.expected == Expected::schema) {
        ASSERT_NO_THROW(comparison.schema(line.cases.at(0), line.file)) << line.file << ":" << line.line;
        continue;
      }
      const int answered = run_line(comparison, line, counts);
      if (line.expected != Expected::error) {
        EXPECT_GT(answered, 0) << line.file << ":" << line.line << " is always an error";
      }
    }
  }
  std::cout << counts.expressions << " expressions, " << counts.statements << " statements" << std::endl;
  EXPECT_GE(counts.expressions, 2000);
  EXPECT_GE(counts.statements, 300);
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

/// REEVE_SEED gives the seed of an earlier run, REEVE_DIALECT_RANDOM how many.
TEST(dialect, gives_postgresqls_answers_to_what_chance_writes) {
  const std::uint64_t seed = number_from("REEVE_SEED", std::random_device{}());
  const auto wanted = static_cast<int>(number_from("REEVE_DIALECT_RANDOM", 1500));
  std::cout << "REEVE_SEED=" << seed << std::endl;
  Comparison comparison;
  for (const std::string& statement : Generator::schema()) {
    if (statement.starts_with("CREATE")) {
      comparison.schema(statement, "generator");
    } else {
      ASSERT_EQ(comparison.run(statement, {"generator", 1, 1}).verdict, Verdict::equal) << statement;
    }
  }
  Generator generator(seed);
  int answered = 0;
  int wrong = 0;
  for (int i = 0; i < wanted && wrong < 20; ++i) {
    const std::string statement = generator.next();
    const Compared compared = comparison.run(statement, {"generator", i + 1, 1});
    if (compared.verdict == Verdict::equal) ++answered;
    if (compared.verdict == Verdict::equal || compared.verdict == Verdict::both_failed) continue;
    ++wrong;
    ADD_FAILURE() << statement << "\n  " << compared.what << "\n  REEVE_SEED=" << seed;
  }
  std::cout << answered << " of " << wanted << " have an answer" << std::endl;
  EXPECT_GT(answered * 10, wanted * 6);
}

}  // namespace
}  // namespace reeve::test
