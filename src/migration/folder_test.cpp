#include "migration/folder_fixture_test.h"
#include "migration/script.h"

namespace reeve::migration {
namespace {

using ::testing::Test;

TEST(script, ends_statements_at_semicolons_outside_of_quotes_and_comments) {
  std::vector<std::string> begins;
  for (const Token& token :
       tokens_of("-- one; two\n/* a /* nested; */ b */ INSERT INTO t VALUES ('x;''y', \"a;b\");\n"
                 "CREATE FUNCTION f() AS $body$ BEGIN; COMMIT; $body$; SELECT $1; x"))
    if (token.begins_statement) begins.emplace_back(token.text);
  EXPECT_EQ(begins, (std::vector<std::string>{"INSERT", "CREATE", "SELECT", "x"}));
  // What is not closed goes to the end, and nothing is read beyond it.
  for (const char* open : {"'", "\"a", "/* /* */", "$a$", "$", "--", "$a"})
    EXPECT_LE(tokens_of(open).size(), 2U) << open;
}

TEST(script, means_the_same_when_comments_and_blanks_differ_and_nothing_else_does) {
  EXPECT_EQ(meaning_of("CREATE TABLE t (a int); -- why\n"),
            meaning_of("CREATE  TABLE t(a\nint) /* for that */;"));
  EXPECT_NE(meaning_of("SELECT 'a b'"), meaning_of("SELECT 'a  b'"));
  EXPECT_NE(meaning_of("SELECT a b"), meaning_of("SELECT ab"));
  EXPECT_NE(meaning_of("SELECT '--x'"), meaning_of("SELECT '' --x'"));
}

TEST(script, names_what_no_transaction_of_others_holds) {
  EXPECT_EQ(word_against_transaction("CREATE INDEX concurrently i ON t (a)"), "CONCURRENTLY");
  EXPECT_EQ(word_against_transaction("-- x\nbegin; SELECT 1; COMMIT"), "BEGIN");
  EXPECT_EQ(word_against_transaction("PRAGMA foreign_keys = OFF;"), "foreign_keys");
  // SQLite's comments are not nested, and PostgreSQL's E'...' has backslashes.
  EXPECT_EQ(word_against_transaction("/* data/*.csv */ SELECT 1; COMMIT;"), "COMMIT");
  EXPECT_EQ(word_against_transaction("SELECT E'it\\'s'; ROLLBACK; SELECT 'x'"), "ROLLBACK");
  // A byte order mark is a blank between two tokens, and a letter within a word.
  EXPECT_EQ(word_against_transaction("\xEF\xBB\xBFROLLBACK;"), "ROLLBACK");
  EXPECT_EQ(word_against_transaction("SELECT 1;\xEF\xBB\xBF\xEF\xBB\xBF COMMIT;"), "COMMIT");
  EXPECT_EQ(word_against_transaction("CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = 1; END;"),
            "");
  EXPECT_EQ(word_against_transaction("CREATE FUNCTION f() AS $$BEGIN; COMMIT$$; SELECT 'VACUUM'"), "");
}

TEST_F(FolderTest, reads_golang_migrates_pairs) {
  write("0002_second.up.sql", "SELECT 2;");
  write("0001_first.up.sql", "SELECT 1;");
  write("0001_first.down.sql", "SELECT -1;");
  write("README.md", "no migration");
  const Folder folder = read();
  EXPECT_EQ(folder.tool, Tool::golang_migrate);
  ASSERT_EQ(folder.steps.size(), 2U);
  EXPECT_EQ(folder.steps[0].name, "0001_first.up.sql");
  EXPECT_EQ(folder.steps[0].down->text, "SELECT -1;");
  EXPECT_EQ(folder.steps[1].version, 2);
  EXPECT_FALSE(folder.steps[1].down);
}

TEST_F(FolderTest, reads_sqlxs_single_files_and_its_wish_for_no_transaction) {
  write("20240101000000_a.sql", "-- no-transaction\nVACUUM;");
  write("20240102000000_b.sql", "SELECT 2;");
  const Folder folder = read();
  EXPECT_EQ(folder.tool, Tool::sqlx);
  EXPECT_FALSE(folder.steps[0].up.in_transaction);
  EXPECT_TRUE(folder.steps[1].up.in_transaction);
  EXPECT_EQ(folder.steps[1].version, 20240102000000);
}

TEST_F(FolderTest, reads_dbmates_sections) {
  write("1_a.sql",
        "-- a comment before\n-- migrate:up transaction:false\nSELECT 1;\n-- migrate:down\nSELECT -1;\n");
  const Folder folder = read();
  EXPECT_EQ(folder.tool, Tool::dbmate);
  EXPECT_EQ(folder.steps[0].up.text, "SELECT 1;\n");
  EXPECT_EQ(folder.steps[0].up.place, (Place{"1_a.sql", 3, 1}));
  EXPECT_FALSE(folder.steps[0].up.in_transaction);
  EXPECT_TRUE(folder.steps[0].down->in_transaction);
  EXPECT_EQ(folder.steps[0].down->place.line, 5);
}

TEST_F(FolderTest, reads_gooses_sections_with_lines_as_in_the_file) {
  write("00001_a.sql",
        "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd\nSELECT 2;\n-- +goose "
        "Down\nSELECT 3;");
  const Folder folder = read();
  EXPECT_EQ(folder.tool, Tool::goose);
  EXPECT_EQ(folder.steps[0].up.text, "\nSELECT 1;\n\nSELECT 2;\n");
  EXPECT_EQ(folder.steps[0].up.place.line, 2);
  EXPECT_EQ(folder.steps[0].down->text, "SELECT 3;");
}

TEST_F(FolderTest, reads_marks_in_letters_of_either_case_and_behind_a_byte_order_mark) {
  write("1_a.sql", "\xEF\xBB\xBF-- +goose up\nSELECT 1;\n-- +goose down\nSELECT 2;");
  EXPECT_EQ(read().tool, Tool::goose);
  EXPECT_EQ(read().steps[0].up.text, "SELECT 1;\n");
  erase("1_a.sql");
  write("1_a.sql", "\xEF\xBB\xBF-- MIGRATE:UP\nSELECT 1;");
  EXPECT_EQ(read().tool, Tool::dbmate);
  EXPECT_NE(refusal([&] { read_folder(std::filesystem::path(sqlite()).parent_path() / "db", Tool::sqlx); }),
            "");
}

TEST_F(FolderTest, refuses_what_it_would_run_otherwise_than_its_tool) {
  const auto refused = [&](const std::string& name, const std::string& text) {
    write(name, text);
    const std::string why = refusal([&] { read(); });
    erase(name);
    return why;
  };
  write("1_first.up.sql", "SELECT 1;");
  EXPECT_EQ(refused("1_again.up.sql", ""),
            "invalid_input: 1_first.up.sql: version 1 is that of 1_again.up.sql too (give one of them "
            "another number)");
  EXPECT_EQ(refused("2_b.down.sql", ""), "invalid_input: 2_b.down.sql: a down file without its up file");
  EXPECT_EQ(refused("99999999999999999999_b.up.sql", ""),
            "invalid_input: 99999999999999999999_b.up.sql: the version is above 9223372036854775807");
  EXPECT_EQ(refused("2_b.go", ""),
            "invalid_input: 2_b.go: a migration in Go runs in its own program only (apply it with that "
            "program first, or "
            "write it as SQL)");
  EXPECT_NE(refused("2_b.up.sql", "\xff"), "");
  erase("1_first.up.sql");
  EXPECT_EQ(
      refused("1_a.sql", "-- +goose Up\n-- +goose ENVSUB ON\n"),
      "invalid_input: 1_a.sql:2: `-- +goose ENVSUB ON` needs goose itself (write the values into the file)");
  EXPECT_EQ(refused("1_a.sql", "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n"),
            "invalid_input: 1_a.sql:2: `-- +goose StatementBegin` is not ended");
  EXPECT_EQ(refused("1_a.sql", "CREATE TABLE t (a);\n-- migrate:up\n"),
            "invalid_input: 1_a.sql:1: a statement before `-- migrate:up`");
  EXPECT_EQ(refused("1_a.sql", "-- migrate:up\n-- migrate:up\n"),
            "invalid_input: 1_a.sql:2: a second `-- migrate:up`");
  EXPECT_NE(refusal([&] { read(); }).find("holds no migration"), std::string::npos);
  EXPECT_EQ(refusal([&] { read_folder("/nowhere/at/all"); }),
            "not_found: there is no folder /nowhere/at/all");
}

}  // namespace
}  // namespace reeve::migration
