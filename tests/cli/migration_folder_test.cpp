// Folders of other tools from the command line.

#include "cli/run_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::tests {
namespace {

using testing::HasSubstr;

TEST(migrate_verbs, run_a_folder_of_another_tool_as_it_is) {
  const Folder folder;
  std::filesystem::create_directory(folder.path() / "db");
  const std::filesystem::path first = folder.path() / "db" / "1_notes.sql";
  write_file(
      first,
      "-- +goose Up\nCREATE TABLE notes (id integer PRIMARY KEY);\n-- +goose Down\nDROP TABLE notes;\n");
  const auto run = [&](std::vector<std::string> arguments, int exit_code = 0) {
    arguments.insert(arguments.begin(), "migrate");
    arguments.insert(arguments.begin() + 2, "app.db");
    arguments.insert(arguments.end(), {"--dir", "db"});
    const Result result = reeve(folder, arguments);
    EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
    return exit_code == 0 ? result.out : result.err;
  };
  EXPECT_THAT(run({"status"}, 4), HasSubstr("there is no file app.db"));
  EXPECT_EQ(run({"up"}), "1_notes.sql: up\n");
  EXPECT_EQ(run({"up"}), "no migration to bring up\n");
  EXPECT_EQ(run({"verify"}), "1_notes.sql: up, down, up: equal\n");
  EXPECT_THAT(run({"status", "--format", "json"}),
              HasSubstr("\"name\":\"1_notes.sql\",\"status\":\"applied\""));
  write_file(first, "-- notes\n" + read_file(first));
  EXPECT_THAT(run({"repair"}), HasSubstr("no applied file was edited"));  // before the mark nothing is run
  write_file(first,
             "-- +goose Up\n-- one a row\nCREATE TABLE notes (id integer PRIMARY KEY);\n-- +goose Down\nDROP "
             "TABLE notes;\n");
  EXPECT_THAT(run({"up"}, 7), HasSubstr("1_notes.sql: its comments or blanks were edited"));
  EXPECT_EQ(run({"repair", "--format", "csv"}), "repaired\r\n1_notes.sql\r\n");
  EXPECT_EQ(run({"down"}), "1_notes.sql: down\n");
  EXPECT_THAT(run({"up", "--tool", "flyway"}, 2), HasSubstr("one of golang-migrate, sqlx, dbmate, goose"));
}

TEST(migrate_verbs, leave_a_ledgers_schema_to_its_blueprint) {
  const Folder folder;
  ASSERT_EQ(reeve(folder, {"new", "book"}).exit_code, 0);
  ASSERT_EQ(reeve(folder, {"init", "book.db", "--blueprint", "book"}).exit_code, 0);
  const Result result = reeve(folder, {"migrate", "up", "book.db", "--dir", "book/migrations"});
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_THAT(result.err, HasSubstr("a ledger lives in this database"));
}

}  // namespace
}  // namespace reeve::tests
