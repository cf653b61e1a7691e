#include "sql/tree.h"

#include "sql/translation.h"

#include <gtest/gtest.h>

namespace reeve::sql {
namespace {

const std::string index = "CREATE INDEX t_by_up ON t (up);\n";

std::string error_of(const std::string& text) {
  try {
    translate_migration("m.sql", text, {});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(tree, is_declared_before_a_table_that_points_to_itself) {
  const auto out = translate_migration(
      "m.sql", "-- tree: up\nCREATE TABLE t (id text PRIMARY KEY, up text REFERENCES t (id));\n" + index, {});
  EXPECT_EQ(out.after.tables.at("t").tree, "up");
  EXPECT_TRUE(out.after.tables.at("t").has_deferred_constraints());
  bool has_trigger = false;
  for (const auto& statement : out.postgres)
    has_trigger = has_trigger || statement.sql.starts_with("CREATE CONSTRAINT TRIGGER reeve_tree");
  EXPECT_TRUE(has_trigger);
  EXPECT_EQ(
      error_of("-- tree: up\nCREATE TABLE t (id text PRIMARY KEY, kind text, up text, UNIQUE (kind, id),"
               " FOREIGN KEY (kind, up) REFERENCES t (kind, id));\n" +
               index),
      "no error");
}

TEST(tree, refuses_what_is_none_with_place_and_remedy) {
  const auto refused = [](const std::string& table, const std::string& after = index) {
    return error_of("-- tree: up\nCREATE TABLE t (" + table + ");\n" + after);
  };
  const std::string good = "id text PRIMARY KEY, up text REFERENCES t (id)";
  EXPECT_EQ(refused("id text PRIMARY KEY"),
            "m.sql:1:1: the table has no column 'up' (write -- tree: COLUMN)");
  EXPECT_NE(refused("id text PRIMARY KEY, up text").find("points to no row of t"), std::string::npos);
  EXPECT_NE(
      refused("id text PRIMARY KEY, up text NOT NULL REFERENCES t (id)").find("a root hangs on nothing"),
      std::string::npos);
  EXPECT_NE(refused("id text PRIMARY KEY, other text UNIQUE, up text REFERENCES t (other)")
                .find("no link to the primary key"),
            std::string::npos);
  EXPECT_NE(refused(good, "").find("has no index that leads with up"), std::string::npos);
  EXPECT_NE(refused(good, "CREATE INDEX t_by_up ON t (up) WHERE up > 'a';").find("has no index"),
            std::string::npos);
  EXPECT_NE(refused(good, index + "ALTER TABLE t DROP COLUMN up;").find("holds the tree"), std::string::npos);
  EXPECT_NE(refused(good, index + "ALTER TABLE t ALTER COLUMN up SET NOT NULL;").find("holds the tree"),
            std::string::npos);
  EXPECT_NE(
      refused(good, index + "ALTER TABLE t DROP CONSTRAINT t_up_fkey;").find("has lost its foreign key"),
      std::string::npos);
  EXPECT_NE(error_of("-- tree: up\nCREATE INDEX i ON t (a)").find("makes no table"), std::string::npos);
}

}  // namespace
}  // namespace reeve::sql
