// Arguments that are mistaken: what is said names what was typed, and what to type instead.

#include "cli/run_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A folder with a guest book's blueprint, its ledger and a folder where a file is expected.
class arguments : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(reeve(folder, {"new", "book"}).exit_code, 0);
    ASSERT_EQ(reeve(folder, {"init", "book.db", "--blueprint", "book"}).exit_code, 0);
    std::filesystem::create_directory(folder.path() / "shelf");
  }

  Folder folder;
};

TEST_F(arguments, of_nested_verbs_are_explained_by_help) {
  const Result up = reeve(folder, {"help", "migrate", "up"});
  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_THAT(up.out,
              AllOf(HasSubstr("Usage: reeve migrate up [OPTIONS] FILE"), HasSubstr("--lock-timeout")));
  const Result none = reeve(folder, {"help", "migrate", "sideways"});
  EXPECT_EQ(none.exit_code, 4);
  EXPECT_THAT(none.err, AllOf(HasSubstr("`migrate sideways`"), HasSubstr("`reeve migrate --help`")));
  EXPECT_EQ(reeve(folder, {"help", "exit-codes", "formats"}).exit_code, 4);
}

TEST_F(arguments, that_lack_a_nested_verb_are_told_which_there_are) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"jobs"}, {"jobs", "show_all", "book.db"}, {"jobs", "book.db"}}) {
    const Result run = reeve(folder, words);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, AllOf(StartsWith("reeve: `reeve jobs` is followed by one of list, dead, show,"),
                               HasSubstr("`reeve help jobs`")));
  }
  EXPECT_THAT(reeve(folder, {"jobs", "--format", "yaml", "list", "book.db"}).err,
              StartsWith("reeve: --format: yaml"));
  EXPECT_THAT(reeve(folder, {"jobs", "list"}).err, StartsWith("reeve: FILE is required"));
}

TEST_F(arguments, that_are_no_number_of_the_kind_are_refused_in_a_line_that_can_be_read) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"log", "book.db", "--after", "-1"},
                                             {"jobs", "list", "book.db", "--limit", "0"},
                                             {"prove", "book.db", "0"},
                                             {"prove", "book.db", "one"},
                                             {"command", "book.db", "sign", "{}", "--expected", "1.5"},
                                             {"log", "book.db", "--after", "99999999999999999999"}}) {
    const Result run = reeve(folder, words);
    EXPECT_EQ(run.exit_code, 2) << testing::PrintToString(words);
    EXPECT_THAT(run.err, HasSubstr("is no whole number from ")) << testing::PrintToString(words);
    EXPECT_LT(run.err.size(), 150U) << run.err;
  }
  EXPECT_EQ(reeve(folder, {"log", "book.db", "--after", "9223372036854775807"}).exit_code, 0);
  EXPECT_THAT(reeve(folder, {"jobs", "list", "book.db", "--limit", "0"}).err,
              HasSubstr("`reeve help jobs list`"));
}

TEST_F(arguments, that_are_folders_where_a_file_is_meant_are_called_so) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"log", "shelf"},
                                             {"command", "shelf", "sign", "{}"},
                                             {"migrate", "drift", "shelf"},
                                             {"promote", "book.db", "shelf"},
                                             {"session", "list", "shelf"},
                                             {"sql", "shelf"}}) {
    const Result run = reeve(folder, words);
    EXPECT_EQ(run.exit_code, 2) << testing::PrintToString(words) << run.out;
    EXPECT_THAT(run.err, StartsWith("reeve: shelf is a folder\n  ")) << testing::PrintToString(words);
  }
  EXPECT_EQ(reeve(folder, {"verify", "book.db"}).exit_code, 0);
}

TEST_F(arguments, that_name_no_job_are_told_so_by_every_verb) {
  for (const char* verb : {"show", "retry", "confirm"}) {
    const Result run = reeve(folder, {"jobs", verb, "book.db", "nothing:1"});
    EXPECT_EQ(run.exit_code, 4) << verb;
    EXPECT_THAT(run.err, StartsWith("reeve: there is no job nothing:1\n")) << verb;
  }
}

TEST_F(arguments, that_lead_into_a_folder_which_is_not_there_say_so) {
  const Result run = reeve(folder, {"init", "nowhere/book.db", "--blueprint", "book"});
  EXPECT_EQ(run.exit_code, 9);
  EXPECT_THAT(run.err, HasSubstr("\n  make the folder first"));
}

TEST_F(arguments, that_name_a_file_without_a_statement_are_refused_by_sql) {
  const Result run = reeve(folder, {"sql", "book/blueprint.toml"});
  EXPECT_EQ(run.exit_code, 2) << run.out;
  EXPECT_THAT(run.err, HasSubstr("holds no statement"));
}

TEST_F(arguments, that_name_no_store_of_sessions_are_not_told_to_make_a_ledger) {
  const Result run = reeve(folder, {"session", "list", "nowhere.db"});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.err, AllOf(HasSubstr("keeps its sessions in"), Not(HasSubstr("reeve init"))));
}

TEST_F(arguments, that_name_a_header_leave_the_old_one_until_the_new_one_is_whole) {
  const auto generate = [this](const std::string& blocks) {
    return shell(folder, "trap '' XFSZ; ulimit -f " + blocks + "; \"$reeve\" generate book -o book.h")
        .exit_code;
  };
  EXPECT_EQ(generate("1"), 9);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "book.h"));
  write_file(folder.path() / "book.h", "old");
  EXPECT_EQ(generate("1"), 9);
  EXPECT_EQ(read_file(folder.path() / "book.h"), "old");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "book.h.partial"));
  std::filesystem::rename(folder.path() / "book.h", folder.path() / "elsewhere.h");
  std::filesystem::create_symlink("elsewhere.h", folder.path() / "book.h");
  EXPECT_EQ(generate("unlimited"), 0);
  EXPECT_THAT(read_file(folder.path() / "elsewhere.h"), HasSubstr("namespace"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "book.h"));
  EXPECT_EQ(reeve(folder, {"generate", "book", "-o", "book.h", "--check"}).exit_code, 0);
  EXPECT_EQ(reeve(folder, {"generate", "book", "-o", "/dev/full"}).exit_code, 9);
}

}  // namespace
}  // namespace reeve::tests
