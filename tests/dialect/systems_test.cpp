// The tables of five systems, as plain DDL: taken by the dialect, made on both engines, and the rules that their columns
// carry hold there alike.

#include "case_file.h"
#include "comparison.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace reeve::test {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(dialect_systems, tables_of_five_systems_are_made_on_both_engines) {
  const std::string folder = std::string(DIALECT_FOLDER) + "/systems/";
  std::size_t tables = 0;
  const auto files = case_files(folder);
  EXPECT_EQ(files.size(), 5U);
  for (const std::string& file : files) {
    Sqlite sqlite(false);  // As any other tool has it: what is stored needs no function of Reeve's.
    Tenants tenants;
    const auto migration = sql::translate_migration(file, text_of(folder + file), {}, Tenants::roles());
    for (const std::string& statement : migration.sqlite) {
      const auto answer = sqlite.run(statement);
      EXPECT_FALSE(answer.error) << file << ": " << *answer.error;
    }
    EXPECT_NO_THROW(tenants.migrate(migration)) << file;
    tables += migration.after.tables.size();
  }
  EXPECT_EQ(tables, 58U);
}

/// What a function in plpgsql did in the original, as the CHECK that the refusal of it names.
TEST(dialect_systems,
     a_check_of_ability_scores_refuses_all_but_six_integers_and_never_by_an_error_of_a_cast) {
  const std::string of_abilities = text_of(std::string(DIALECT_FOLDER) + "/systems/whispyrkeep.sql");
  const auto start = of_abilities.find("CHECK (\n    CASE WHEN jsonb_typeof(ability_scores)");
  const auto end = of_abilities.find("ELSE false END)", start);
  ASSERT_NE(end, std::string::npos);
  const std::string check = of_abilities.substr(start, end + 15 - start);
  const std::string table =
      "CREATE TABLE sheets (id integer PRIMARY KEY, ability_scores jsonb NOT NULL " + check + ")";
  Sqlite sqlite(true);
  Tenants tenants;
  const auto migration = sql::translate_migration("sheets", table, {}, Tenants::roles());
  for (const std::string& statement : migration.sqlite) ASSERT_FALSE(sqlite.run(statement).error);
  tenants.migrate(migration);
  const auto insert = [&](const std::string& scores) {
    const auto translation = sql::translate(
        {"INSERT INTO sheets (id, ability_scores) VALUES (1, '" + scores + "')", {"x", 1, 1}, {}, {}},
        migration.after, sql::Use::migration);
    const auto on_sqlite = sqlite.run(translation.sqlite).error.value_or("");
    const auto on_postgres = tenants.run(translation).error.value_or("");
    sqlite.run("DELETE FROM sheets");
    tenants.connection().run("DELETE FROM sheets");
    EXPECT_EQ(on_sqlite.empty(), on_postgres.empty()) << scores << on_sqlite << on_postgres;
    EXPECT_TRUE(on_sqlite.empty() || on_sqlite.find("CHECK constraint failed") != std::string::npos)
        << on_sqlite;
    EXPECT_TRUE(on_postgres.empty() || on_postgres.find("violates check constraint") != std::string::npos)
        << on_postgres;
    return on_sqlite.empty();
  };
  EXPECT_TRUE(insert(R"({"str": 16, "dex": 1, "con": 30, "int": 8, "wis": 10, "cha": 12})"));
  for (const char* bad : {
           "null",
           R"(["str", "dex", "con", "int", "wis", "cha"])",
           R"("str")",
           "7",
           "{}",
           R"({"str": null})",
           R"({"str": 16, "dex": 1, "con": 30, "int": 8, "wis": 10})",
           R"({"str": "sixteen", "dex": 1, "con": 30, "int": 8, "wis": 10, "cha": 12})",
           R"({"str": "16", "dex": 1, "con": 30, "int": 8, "wis": 10, "cha": 12})",
           R"({"str": 16.5, "dex": 1, "con": 30, "int": 8, "wis": 10, "cha": 12})",
           R"({"str": 0, "dex": 1, "con": 30, "int": 8, "wis": 10, "cha": 12})",
           R"({"str": 31, "dex": 1, "con": 30, "int": 8, "wis": 10, "cha": 12})",
           R"({"str": null, "dex": 1, "con": 30, "int": 8, "wis": 10, "cha": 12})",
           R"({"str": [16], "dex": 1, "con": 30, "int": 8, "wis": 10, "cha": 12})",
           R"({"str": 16, "dex": 1, "con": 30, "int": 8, "wis": 10, "cha": 12, "luck": 3})",
       })
    EXPECT_FALSE(insert(bad)) << bad;
}

TEST(dialect_systems, a_function_in_plpgsql_is_refused_with_the_check_that_replaces_it) {
  const std::string function =
      "CREATE FUNCTION valid_scores(scores jsonb) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN "
      "(scores ->> "
      "'str')::integer BETWEEN 1 AND 30; END $$";
  try {
    sql::translate_migration("functions.sql", function, {});
    FAIL() << "it is taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_statement);
    EXPECT_EQ(error.place().line, 1);
    EXPECT_NE(error.remedy().find("CHECK (CASE jsonb_typeof"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace reeve::test
