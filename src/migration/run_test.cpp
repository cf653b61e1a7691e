#include "base/clock.h"
#include "migration/folder_fixture_test.h"
#include "migration/rehearsal.h"

#include <thread>

namespace reeve::migration {
namespace {

Run up(const std::string& url, const Folder& folder, const RunOptions& options = {}) {
  return apply(*open_database(url, true), folder, system_clock(), options);
}

Run down(const std::string& url, const Folder& folder, int steps = 1) {
  return revert(*open_database(url, false), folder, system_clock(), {.steps = steps, .progress = {}});
}

std::string standing(const std::string& url, const Folder& folder) {
  std::string text;
  constexpr std::string_view letters = "paecmu";  // pending, applied, edited, changed, missing, unfinished
  for (const StepStatus& step : status(*open_database(url, false), folder))
    text += letters[static_cast<std::size_t>(step.standing)];
  return text;
}

std::int64_t count(const std::string& url, const std::string& query) {
  return std::get<std::int64_t>(open_database(url, false)->value(query).value());
}

/// Each promise on both engines.
class EachEngine : public FolderTest, public ::testing::WithParamInterface<std::string> {
 protected:
  EachEngine() : url_(GetParam() == "sqlite" ? sqlite() : postgres()) {}
  std::string url_;
};

INSTANTIATE_TEST_SUITE_P(engines, EachEngine, ::testing::Values("sqlite", "postgres"),
                         [](const auto& of_one) { return of_one.param; });

TEST_P(EachEngine, brings_a_folder_up_and_down_and_up) {
  write("1_t.up.sql", "CREATE TABLE t (a integer);\nCREATE INDEX i ON t (a);");
  write("1_t.down.sql", "DROP TABLE t;");
  write("2_rows.up.sql", "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);");
  write("2_rows.down.sql", "DELETE FROM t;");
  const Folder folder = read();
  EXPECT_EQ(up(url_, folder).names, (std::vector<std::string>{"1_t.up.sql", "2_rows.up.sql"}));
  EXPECT_EQ(up(url_, folder).names.size(), 0U);
  EXPECT_EQ(count(url_, "SELECT count(*) FROM t"), 2);
  EXPECT_EQ(down(url_, folder).names, (std::vector<std::string>{"2_rows.up.sql"}));
  EXPECT_EQ(count(url_, "SELECT count(*) FROM t"), 0);
  EXPECT_EQ(standing(url_, folder), "ap");
  EXPECT_EQ(up(url_, folder, {.steps = 5, .progress = {}}).names.size(), 1U);
  EXPECT_EQ(down(url_, folder, 2).names.size(), 2U);
  EXPECT_EQ(standing(url_, folder), "pp");
}

TEST_P(EachEngine, keeps_what_came_before_a_file_that_fails_and_nothing_of_that_file) {
  write("1_t.up.sql", "CREATE TABLE t (a integer);");
  write("2_fails.up.sql",
        "INSERT INTO t VALUES (1);\n-- the next has a fault\n\nINSERT INTO nowhere VALUES (1);");
  write("3_u.up.sql", "CREATE TABLE u (a integer);");
  const std::string why = refusal([&] { up(url_, read()); });
  EXPECT_NE(why.find("2_fails.up.sql:4"), std::string::npos) << why;
  EXPECT_EQ(standing(url_, read()), "app");
  EXPECT_EQ(count(url_, "SELECT count(*) FROM t"), 0);
  write("2_fails.up.sql", "INSERT INTO t VALUES (1);");
  EXPECT_EQ(up(url_, read()).names.size(), 2U);
  EXPECT_EQ(count(url_, "SELECT count(*) FROM t"), 1);
}

TEST_P(EachEngine, tells_an_edited_comment_from_a_changed_statement) {
  write("1_t.up.sql", "CREATE TABLE t (a integer);");
  up(url_, read());
  write("1_t.up.sql", "-- rows of t\nCREATE TABLE t (a  integer);");
  EXPECT_EQ(standing(url_, read()), "e");
  EXPECT_NE(refusal([&] { up(url_, read()); }).find("`reeve migrate repair` takes that up"),
            std::string::npos);
  EXPECT_EQ(repair(*open_database(url_, false), read()), (std::vector<std::string>{"1_t.up.sql"}));
  EXPECT_EQ(standing(url_, read()), "a");
  write("1_t.up.sql", "CREATE TABLE t (b integer);");
  EXPECT_EQ(standing(url_, read()), "c");
  EXPECT_NE(refusal([&] { up(url_, read()); }).find("was changed since it was applied"), std::string::npos);
  EXPECT_NE(refusal([&] { repair(*open_database(url_, false), read()); }), "");
  EXPECT_EQ(standing(url_, read()), "c");
}

TEST_P(EachEngine, goes_on_past_gone_and_late_files_only_when_told) {
  write("1_a.up.sql", "CREATE TABLE a (a integer);");
  write("3_c.up.sql", "CREATE TABLE c (a integer);");
  up(url_, read());
  write("2_b.up.sql", "CREATE TABLE b (a integer);");
  EXPECT_NE(refusal([&] { up(url_, read()); }).find("2_b.up.sql: it is pending, but version 3 is applied"),
            std::string::npos);
  erase("1_a.up.sql");
  EXPECT_EQ(standing(url_, read()), "mpa");
  EXPECT_EQ(up(url_, read(), {.steps = {}, .allow_missing = true, .progress = {}}).names.size(), 1U);
  EXPECT_NE(refusal([&] { up(url_, read()); }).find("its file is gone"), std::string::npos);
}

TEST_P(EachEngine, leaves_a_person_to_settle_what_failed_outside_of_a_transaction) {
  write("1_t.up.sql", "CREATE TABLE t (a integer);");
  write("2_own.up.sql", "BEGIN; CREATE TABLE u (a integer); COMMIT; INSERT INTO nowhere VALUES (1);");
  write("3_v.up.sql", "CREATE TABLE v (a integer);");
  EXPECT_NE(refusal([&] { up(url_, read()); }), "");
  EXPECT_EQ(standing(url_, read()), "aup");
  EXPECT_NE(refusal([&] { up(url_, read()); }).find("--applied 2"), std::string::npos);
  EXPECT_NE(refusal([&] { settle(*open_database(url_, false), read(), system_clock(), 1, true); }), "");
  EXPECT_EQ(settle(*open_database(url_, false), read(), system_clock(), 2, true), "2_own.up.sql");
  EXPECT_EQ(up(url_, read()).names, (std::vector<std::string>{"3_v.up.sql"}));
  EXPECT_EQ(standing(url_, read()), "aaa");
}

TEST_P(EachEngine, refuses_a_script_that_leaves_its_transaction_open) {
  write("1_t.up.sql", "BEGIN; CREATE TABLE t (a integer);");
  EXPECT_NE(refusal([&] { up(url_, read()); }).find("does not end it"), std::string::npos);
  EXPECT_EQ(standing(url_, read()), "u");
  settle(*open_database(url_, false), read(), system_clock(), 1, false);
  EXPECT_EQ(standing(url_, read()), "p");
}

TEST_P(EachEngine, notes_a_script_that_ends_the_transaction_it_runs_in_as_unfinished) {
  write("1_t.up.sql", "CREATE TABLE t (a integer);");
  write("2_ends.up.sql", "CREATE TABLE u (a integer); END; CREATE TABLE v (a integer);");
  EXPECT_NE(refusal([&] { up(url_, read()); }).find("ends the transaction"), std::string::npos);
  EXPECT_EQ(standing(url_, read()), "au");
  write("2_ends.up.sql", "CREATE TABLE w (a integer); END; CREATE TABLE w (a integer);");
  settle(*open_database(url_, false), read(), system_clock(), 2, false);
  EXPECT_NE(refusal([&] { up(url_, read()); }), "");
  EXPECT_EQ(standing(url_, read()), "au");
}

TEST_P(EachEngine, applies_each_once_when_two_run_at_once) {
  write("000_t.up.sql", "CREATE TABLE t (a integer);");
  for (int i = 1; i < 250; ++i)
    write(std::to_string(i) + "_row.up.sql", "INSERT INTO t VALUES (" + std::to_string(i) + ");");
  const Folder folder = read();
  std::size_t moved[2] = {};
  {
    std::jthread one([&] { moved[0] = up(url_, folder).names.size(); });
    std::jthread two([&] { moved[1] = up(url_, folder).names.size(); });
  }
  EXPECT_EQ(moved[0] + moved[1], 250U);
  EXPECT_EQ(count(url_, "SELECT count(*) FROM t"), 249);
}

TEST_P(EachEngine, takes_up_what_the_tool_itself_has_applied) {
  const auto as_the_tool_left_it = [&](const std::string& script) {
    open_database(url_, true)->execute(script);
  };
  write("1_a.sql", "-- migrate:up\nCREATE TABLE a (a integer);");
  write("2_b.sql", "-- migrate:up\nCREATE TABLE b (a integer);");
  as_the_tool_left_it(
      "CREATE TABLE a (a integer); CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);"
      "INSERT INTO schema_migrations VALUES ('1')");
  EXPECT_EQ(standing(url_, read()), "ap");
  const auto run = up(url_, read());
  EXPECT_EQ(run.taken_up, 1);
  EXPECT_EQ(run.names, (std::vector<std::string>{"2_b.sql"}));
}

TEST_P(EachEngine,
       takes_up_what_sqlx_applied_of_a_folder_of_halves_and_refuses_what_no_folder_of_its_kind_left) {
  write("1_a.up.sql", "CREATE TABLE a (a integer);");
  write("2_b.up.sql", "CREATE TABLE b (a integer);");
  open_database(url_, true)
      ->execute(
          "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, success boolean);"
          "INSERT INTO _sqlx_migrations VALUES (1, true)");
  EXPECT_EQ(standing(url_, read()), "ap");
  erase("1_a.up.sql");
  erase("2_b.up.sql");
  write("1_a.sql", "-- migrate:up\nCREATE TABLE a (a integer);");
  EXPECT_NE(refusal([&] { up(url_, read()); }).find("another tool than dbmate has migrated this database"),
            std::string::npos);
}

TEST_P(EachEngine, takes_up_what_golang_migrate_goose_and_sqlx_say) {
  const auto database = open_database(url_, true);
  const bool is_sqlite = GetParam() == "sqlite";
  const auto seen = [&](Tool tool) {
    Folder folder;
    folder.tool = tool;
    for (int version = 1; version <= 3; ++version) folder.steps.push_back({version, "f", {}, {}, {}, {}});
    std::string text;
    for (const StepStatus& step : status(*database, folder))
      text += step.standing == Standing::applied ? 'a' : 'p';
    return text;
  };
  database->execute(std::string("CREATE TABLE schema_migrations (version bigint, dirty ") +
                    (is_sqlite ? "bool" : "boolean") + "); INSERT INTO schema_migrations VALUES (2, false)");
  EXPECT_EQ(seen(Tool::golang_migrate), "aap");
  database->execute("UPDATE schema_migrations SET dirty = true");
  EXPECT_NE(refusal([&] { seen(Tool::golang_migrate); }).find("version 2 failed half-way"),
            std::string::npos);
  database->execute(
      "DROP TABLE schema_migrations;"
      "CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint, is_applied boolean);"
      "INSERT INTO goose_db_version VALUES (1, 0, true), (2, 1, true), (3, 2, true), (4, 2, false)");
  EXPECT_EQ(seen(Tool::goose), "app");
  database->execute(
      "DROP TABLE goose_db_version;"
      "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, success boolean);"
      "INSERT INTO _sqlx_migrations VALUES (1, true), (3, true)");
  EXPECT_EQ(seen(Tool::sqlx), "apa");
  database->execute("UPDATE _sqlx_migrations SET success = false WHERE version = 3");
  EXPECT_NE(refusal([&] { seen(Tool::sqlx); }).find("version 3 failed half-way"), std::string::npos);
}

TEST_F(FolderTest, leaves_a_sqlite_file_as_other_programs_know_it) {
  // The journal mode stays, and lower() is SQLite's own: an index over Reeve's would be wrong for everybody else.
  write("1_t.up.sql", "CREATE TABLE t (a text); INSERT INTO t VALUES (lower('\xC3\x84' || 'B'));");
  up(sqlite(), read());
  const auto database = open_database(sqlite(), false);
  EXPECT_EQ(std::get<std::string>(database->value("PRAGMA journal_mode").value()), "delete");
  EXPECT_EQ(std::get<std::string>(database->value("SELECT a FROM t").value()),
            "\xC3\x84"
            "b");
}

TEST_F(FolderTest, builds_an_index_concurrently_on_postgresql) {
  write("1_t.up.sql", "CREATE TABLE t (a integer);");
  write("2_i.up.sql", "CREATE INDEX CONCURRENTLY i ON t (a);");
  const std::string url = postgres();
  EXPECT_EQ(up(url, read()).names.size(), 2U);
  EXPECT_EQ(count(url, "SELECT count(*) FROM pg_indexes WHERE indexname = 'i'"), 1);
  write("3_two.up.sql",
        "CREATE INDEX CONCURRENTLY j ON t (a);\n-- and\nCREATE INDEX CONCURRENTLY k ON t (a);");
  EXPECT_EQ(up(url, read()).names.size(), 1U);
}

TEST_F(FolderTest, rehearses_on_a_copy_and_names_what_down_leaves) {
  write("1_t.up.sql", "CREATE TABLE t (a integer); INSERT INTO t VALUES (1);");
  write("1_t.down.sql", "DROP TABLE t;");
  up(sqlite(), read());
  write("2_u.up.sql", "CREATE TABLE u (a integer); UPDATE t SET a = a + 1;");
  write("2_u.down.sql", "DROP TABLE u;");
  const auto checks = rehearse(sqlite(), read(), system_clock());
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].differences, (std::vector<std::string>{"after down: rows of t differs",
                                                             "after the second up: rows of t differs"}));
  EXPECT_EQ(standing(sqlite(), read()), "ap");  // the file itself was not touched
  write("2_u.down.sql", "DROP TABLE u; UPDATE t SET a = a - 1;");
  EXPECT_TRUE(rehearse(sqlite(), read(), system_clock())[0].equal);
  up(sqlite(), read());
  EXPECT_EQ(rehearse(sqlite(), read(), system_clock()).size(),
            2U);  // none pending: each of all, from nothing
}

}  // namespace
}  // namespace reeve::migration
