// A table that somebody dropped is no mistake of who asks: the file is not what was written, exit code 10.

#include "cli/run_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(a_dropped_table, is_corruption_to_every_verb_that_misses_it) {
  const Folder folder;
  ASSERT_EQ(reeve(folder, {"new", "book"}).exit_code, 0);
  ASSERT_EQ(reeve(folder, {"init", "whole.db", "--blueprint", "book"}).exit_code, 0);
  using Words = std::vector<std::string>;
  const Words sign{"command", "book.db", "sign", R"({"guest":"Ada","message":"m"})"};
  const Words ask{"query", "book.db", "guests"};
  const Words log{"log", "book.db"};
  const Words fork{"fork", "book.db", "fork.db"};
  const Words verify{"verify", "book.db"};
  const std::vector<std::pair<const char*, std::vector<Words>>> cases = {
      {"reeve_meta", {sign, ask, log, fork, verify}},
      {"reeve_events", {sign, ask, log, fork, verify}},
      {"reeve_groups", {sign, ask, log, fork, verify}},
      {"reeve_epochs", {sign, ask, fork, verify}},
      {"reeve_sources", {sign, ask, fork, verify}},
      {"reeve_sums", {sign, fork, verify}},
      {"guests", {sign, ask, fork, verify}},
  };
  for (const auto& [table, verbs] : cases) {
    for (const Words& words : verbs) {
      const std::string made =
          std::string("rm -f book.db* fork.db*; cp whole.db book.db && sqlite3 book.db ") +
          "'PRAGMA foreign_keys = OFF; DROP TABLE " + table + "'";
      ASSERT_EQ(shell(folder, made).exit_code, 0) << table;
      const Result run = reeve(folder, words);
      EXPECT_EQ(run.exit_code, 10) << table << " " << words[0] << "\n" << run.out << run.err;
      EXPECT_THAT(run.out + run.err, Not(HasSubstr("this is a defect"))) << table << " " << words[0];
      EXPECT_FALSE(std::filesystem::exists(folder.path() / "fork.db")) << table;
    }
  }
  const Result run = reeve(folder, sign);  // without the guests
  EXPECT_THAT(run.err, AllOf(HasSubstr("changed behind Reeve's back: no such table: guests"),
                             HasSubstr("`reeve rebuild` heals")));
  EXPECT_EQ(reeve(folder, {"rebuild", "book.db"}).exit_code, 0);
  EXPECT_EQ(reeve(folder, sign).exit_code, 0);
}

}  // namespace
}  // namespace reeve::tests
