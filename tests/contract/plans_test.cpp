// The ledger's subqueries cost nothing: PostgreSQL plans a rewritten statement as if it had been written over the
// tables, and finds its rows by keys that begin with the ledger.

#include "tenants.h"

#include <gtest/gtest.h>

namespace reeve::test {
namespace {

class Plans : public testing::Test {
 protected:
  Plans() {
    const auto migration = sql::translate_migration(
        "m.sql",
        "CREATE TABLE players (id text PRIMARY KEY, name text NOT NULL, score bigint NOT NULL);"
        "CREATE TABLE moves (player text NOT NULL REFERENCES players (id), turn integer, what text, points "
        "integer "
        "NOT NULL DEFAULT 0, PRIMARY KEY (player, turn));"
        "CREATE INDEX moves_what ON moves (what, turn);",
        {}, Tenants::roles());
    tenants_.migrate(migration);
    catalogue_ = migration.after;
    // Empty tables are read whole by choice; here it is asked what can be found by an index.
    tenants_.connection().run("SET enable_seqscan = off; SET enable_bitmapscan = off");
  }

  /// Of a statement whose parameters are text, with the values given.
  std::string plan(const std::string& text, sql::Use use, const std::string& values,
                   const sql::ParameterTypes& types = {}) {
    const auto translation = sql::translate(sql::split("s.sql", text).at(0), catalogue_, use, types);
    EXPECT_EQ(translation.hidden, std::vector<sql::Hidden>{sql::Hidden::ledger});
    Postgres& connection = tenants_.connection();
    connection.run("DEALLOCATE ALL");
    const Answer prepared = connection.run("PREPARE s AS " + translation.postgres);
    EXPECT_FALSE(prepared.error) << *prepared.error;
    const Answer answer = connection.run("EXPLAIN (COSTS OFF) EXECUTE s (" + values +
                                         "'11111111-1111-1111-1111-111111111111')");
    EXPECT_FALSE(answer.error) << *answer.error;
    std::string out;
    for (const Row& row : answer.rows) out += row.at(0).value_or("") + "\n";
    return out;
  }

  static void expect_by_index(const std::string& text) {
    EXPECT_EQ(text.find("Subquery Scan"), std::string::npos) << text;
    EXPECT_EQ(text.find("Seq Scan"), std::string::npos) << text;
    EXPECT_NE(text.find("Index Cond: ((ledger_id = "), std::string::npos) << text;
  }

  Tenants tenants_;
  sql::Catalogue catalogue_;
};

TEST_F(Plans, a_row_is_found_by_its_key) {
  const std::string text = plan("SELECT name FROM players WHERE id = :id", sql::Use::query, "'a', ");
  expect_by_index(text);
  EXPECT_NE(text.find("AND (id = "), std::string::npos) << text;
}

TEST_F(Plans, a_join_runs_over_the_keys_of_one_ledger) {
  const std::string text = plan(
      "SELECT p.name, m.points FROM players p LEFT JOIN moves m ON m.player = p.id AND m.turn = 3 WHERE p.id "
      "= :id",
      sql::Use::query, "'a', ");
  expect_by_index(text);
  EXPECT_NE(text.find("moves_pkey"), std::string::npos) << text;
}

TEST_F(Plans, an_order_comes_from_the_index) {
  const std::string text = plan("SELECT what, turn FROM moves WHERE what > :what ORDER BY what, turn LIMIT 5",
                                sql::Use::query, "'a', ");
  expect_by_index(text);
  EXPECT_EQ(text.find("Sort"), std::string::npos) << text;
}

TEST_F(Plans, an_integer_column_is_compared_with_a_bigint_by_its_index) {
  const std::string text =
      plan("SELECT points FROM moves WHERE player = 'a' AND turn = :turn::bigint", sql::Use::query, "7, ");
  expect_by_index(text);
  EXPECT_NE(text.find("AND (turn = "), std::string::npos) << text;
}

TEST_F(Plans, writes_find_their_rows_by_index_too) {
  const sql::ParameterTypes types = {{"id", sql::Type::text}};
  expect_by_index(
      plan("UPDATE players SET score = score + 1 WHERE id = :id", sql::Use::apply, "'a', ", types));
  expect_by_index(
      plan("UPDATE players SET score = score + m.points FROM moves m WHERE m.player = players.id AND m.turn "
           "= 1 AND id = "
           ":id",
           sql::Use::apply, "'a', ", types));
  expect_by_index(plan("DELETE FROM moves WHERE player = :id AND turn = 2", sql::Use::apply, "'a', ", types));
}

}  // namespace
}  // namespace reeve::test
