#include "sql/online.h"
#include "sql/translation.h"

#include <gtest/gtest.h>

namespace reeve::sql {
namespace {

std::string error_of(const std::string& text, const Catalogue& before = {}) {
  try {
    translate_migration("m.sql", text, before);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(migration, writes_strict_tables_that_keep_their_types) {
  const auto out = translate_migration(
      "m.sql",
      "CREATE TABLE t (id bigint PRIMARY KEY, ok boolean NOT NULL DEFAULT true, n integer CHECK (n > 0),"
      " x double precision DEFAULT 0.5, code varchar(8) UNIQUE, at timestamptz, note jsonb DEFAULT '{\"b\": "
      "1, \"a\": 2}')",
      {});
  ASSERT_EQ(out.sqlite.size(), 1U);
  EXPECT_EQ(out.sqlite[0],
            "CREATE TABLE t (\n  id INT NOT NULL,\n  ok INT NOT NULL DEFAULT 1 CHECK (ok IN (0, 1)),\n"
            "  n INT CHECK (n BETWEEN -2147483648 AND 2147483647),\n  x REAL DEFAULT (5 / 10.0) CHECK "
            "(abs(x) < 9e999),\n"
            "  code TEXT CHECK (length(code) <= 8),\n  at TEXT CHECK (length(at) = 27),\n"
            "  note TEXT DEFAULT '{\"a\":2,\"b\":1}' CHECK (note IS NULL OR json_valid(note)),\n  PRIMARY "
            "KEY (id),\n"
            "  CONSTRAINT t_code_key UNIQUE (code),\n  CONSTRAINT t_n_check CHECK ((n > 0))\n) STRICT");
  EXPECT_EQ(create_statements_sqlite(out.after), out.sqlite);
}

TEST(migration, refuses_with_place_and_remedy) {
  EXPECT_EQ(
      error_of("CREATE TABLE t (a integer)"),
      "m.sql:1:14: table t has no primary key (name the columns that single out a row: PRIMARY KEY (...))");
  EXPECT_NE(error_of("CREATE TABLE t (a text PRIMARY KEY, b serial)").find("leads no key"),
            std::string::npos);
  EXPECT_NE(error_of("CREATE TABLE t (a numeric PRIMARY KEY)").find("bigint in minor units"),
            std::string::npos);
  EXPECT_NE(error_of("CREATE TABLE t (a text PRIMARY KEY, CHECK (lower(a) = a))").find("stored definition"),
            std::string::npos);
  EXPECT_NE(error_of("CREATE TABLE t (a text PRIMARY KEY DEFAULT now())").find("clock"), std::string::npos);
  EXPECT_NE(error_of("CREATE TABLE reeve_x (a text PRIMARY KEY)").find("reeve_"), std::string::npos);
  EXPECT_NE(error_of("CREATE TABLE t (a text PRIMARY KEY REFERENCES u)").find("unknown table 'u'"),
            std::string::npos);
  EXPECT_NE(error_of("BEGIN").find("one transaction"), std::string::npos);
}

TEST(migration, keeps_what_a_generated_column_is_made_of) {
  const std::string table =
      "CREATE TABLE t (id integer PRIMARY KEY, n bigint, twice bigint GENERATED ALWAYS AS (n * 2) STORED);\n";
  const auto out = translate_migration("m.sql", table, {});
  EXPECT_NE(out.sqlite[0].find("twice INT GENERATED ALWAYS AS ((n * 2)) STORED"), std::string::npos)
      << out.sqlite[0];
  EXPECT_EQ(create_statements_sqlite(out.after), out.sqlite);
  for (const char* change : {"DROP COLUMN n", "ALTER COLUMN n TYPE integer"})
    EXPECT_NE(error_of(table + "ALTER TABLE t " + change).find("'twice' is generated from 'n'"),
              std::string::npos);
  for (const char* change : {"ALTER COLUMN twice TYPE integer", "ALTER COLUMN twice SET DEFAULT 5"})
    EXPECT_NE(error_of(table + "ALTER TABLE t " + change).find("'twice' is generated"), std::string::npos);
  const auto renamed = translate_migration("m.sql", table + "ALTER TABLE t RENAME COLUMN n TO m", {});
  EXPECT_NE(create_statements_sqlite(renamed.after)[0].find("((m * 2))"), std::string::npos);
  EXPECT_NE(error_of("-- reference: for everybody\nCREATE TABLE t (id integer PRIMARY KEY, a integer "
                     "GENERATED ALWAYS AS (id) STORED)")
                .find("reference table"),
            std::string::npos);
}

TEST(migration, puts_a_functions_expression_where_it_is_called) {
  const auto function = [](const std::string& name, const std::string& body) {
    return "CREATE FUNCTION " + name + "(x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS '" + body +
           "';\n";
  };
  const std::string plus = function("plus", "SELECT x + 1");
  const auto out =
      translate_migration("m.sql", plus + "CREATE TABLE t (id bigint PRIMARY KEY, CHECK (plus(id) > 1))", {});
  ASSERT_EQ(out.sqlite.size(), 1U);
  EXPECT_NE(out.sqlite[0].find("CHECK (((id + 1) > 1))"), std::string::npos) << out.sqlite[0];
  EXPECT_NE(error_of(function("f", "SELECT f(x)")).find("calls itself (WITH RECURSIVE"), std::string::npos);
  EXPECT_NE(
      error_of(plus + "CREATE TABLE t (id bigint PRIMARY KEY, CHECK (plus(id) > 1));\nDROP FUNCTION plus")
          .find("m.sql:3:1: constraint 't_check' of t calls it"),
      std::string::npos);
  EXPECT_NE(error_of(plus + function("plus", "SELECT x")).find("exists already"), std::string::npos);
  EXPECT_NE(error_of("DROP FUNCTION nothing").find("unknown function"), std::string::npos);
  std::string chain = function("f0", "SELECT x + x");
  for (int i = 1; i < 20; ++i)
    chain += function("f" + std::to_string(i),
                      "SELECT f" + std::to_string(i - 1) + "(x) + f" + std::to_string(i - 1) + "(x)");
  EXPECT_NE(error_of(chain).find("grows beyond 64 KiB"), std::string::npos) << error_of(chain).substr(0, 200);
}

/// What one of the engines would refuse, or take for something else, is refused on both before anything is run.
TEST(migration, refuses_names_that_reeve_an_engine_or_another_object_has) {
  const auto expect = [](const std::string& text, const std::string& message) {
    EXPECT_EQ(
        error_of("CREATE TABLE a (a_id integer PRIMARY KEY, b_c integer UNIQUE, v varchar(3));\n" + text),
        "m.sql:2:1: " + message);
  };
  const std::string other = " (choose another name)";
  for (const char* column : {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}) {
    expect("ALTER TABLE a ADD COLUMN " + std::string(column) + " integer",
           "column " + std::string(column) + " of a: every table of PostgreSQL has a column of that name" +
               other);
  }
  expect("CREATE TABLE t (i integer PRIMARY KEY, \"I\" integer)",
         "column I of t has the name of column i of t" + other);
  expect("CREATE TABLE t (i integer PRIMARY KEY, \"Ledger_id\" integer)",
         "column Ledger_id of t: ledger_id is Reeve's own" + other);
  expect("ALTER TABLE a RENAME COLUMN v TO reeve_v",
         "column reeve_v of a: names that begin with reeve_ are Reeve's own" + other);
  expect("CREATE TABLE \"A\" (i integer PRIMARY KEY)", "table a has the name of table A" + other);
  expect("CREATE TABLE \"Reeve_events\" (i integer PRIMARY KEY)",
         "table Reeve_events: names that begin with reeve_ are Reeve's own" + other);
  expect("CREATE TABLE pg_class (i integer PRIMARY KEY)",
         "table pg_class: names that begin with sqlite_ or pg_ are the engine's" + other);
  expect("CREATE VIEW pg_user AS SELECT a_id FROM a",
         "view pg_user: names that begin with sqlite_ or pg_ are the engine's" + other);
  expect("CREATE TABLE a_pkey (i integer PRIMARY KEY)",
         "the primary key of a, a_pkey, has the name of table a_pkey (choose another name for that)");
  expect("CREATE INDEX a_pkey ON a (v)",
         "the primary key of a, a_pkey, has the name of index a_pkey (choose another name for that)");
  expect("CREATE TABLE a_b (i integer PRIMARY KEY, c integer UNIQUE)",
         "the unique key a_b_c_key of a_b has the name of the unique key a_b_c_key of a "
         "(name it: CONSTRAINT NAME UNIQUE (...))");
  expect("CREATE TABLE t (i integer PRIMARY KEY, CONSTRAINT reeve_i_length CHECK (i > 0))",
         "constraint reeve_i_length of t: names that begin with reeve_ are Reeve's own" + other);
  expect("CREATE TABLE t (i integer PRIMARY KEY, CONSTRAINT t_pkey CHECK (i > 0))",
         "constraint t_pkey of t has the name of the primary key of t" + other);
  expect("ALTER TABLE a RENAME TO pg_a",
         "table pg_a: names that begin with sqlite_ or pg_ are the engine's" + other);
}

TEST(migration, refuses_names_that_postgresql_would_cut) {
  const std::string longest(63, 'n');
  EXPECT_EQ(error_of("CREATE TABLE " + longest + " (\"" + longest + "\" integer PRIMARY KEY)"), "no error");
  const std::string refused = "a name is longer than PostgreSQL's 63 bytes (choose a shorter name)";
  EXPECT_EQ(error_of("CREATE TABLE t (i integer PRIMARY KEY,\n  " + longest + "n integer)"),
            "m.sql:2:3: " + refused);
  EXPECT_EQ(error_of("CREATE TABLE \"" + longest + "\u00e4\" (i integer PRIMARY KEY)"),
            "m.sql:1:14: " + refused);
}

TEST(migration, alters_in_place_where_sqlite_does_the_same_and_rebuilds_elsewhere) {
  const Catalogue before =
      translate_migration(
          "m.sql", "CREATE TABLE t (id bigint PRIMARY KEY, a text, b text); CREATE INDEX t_a ON t (a);", {})
          .after;
  const auto added =
      translate_migration("m.sql", "ALTER TABLE t ADD COLUMN c integer NOT NULL DEFAULT 7", before);
  EXPECT_EQ(
      added.sqlite,
      std::vector<std::string>{
          "ALTER TABLE t ADD COLUMN c INT NOT NULL DEFAULT 7 CHECK (c BETWEEN -2147483648 AND 2147483647)"});
  EXPECT_FALSE(added.rebuilds);
  const auto renamed = translate_migration("m.sql", "ALTER TABLE t RENAME COLUMN a TO z", before);
  EXPECT_EQ(renamed.after.indexes.at("t_a").columns, std::vector<std::string>{"z"});
  const auto narrowed = translate_migration("m.sql", "ALTER TABLE t ALTER COLUMN b SET NOT NULL", before);
  EXPECT_TRUE(narrowed.rebuilds);
  EXPECT_EQ(narrowed.sqlite.size(), 5U);
  EXPECT_FALSE(narrowed.after.tables.at("t").find_column("b")->nullable);
  const auto dropped = translate_migration("m.sql", "ALTER TABLE t DROP COLUMN a", before);
  EXPECT_TRUE(dropped.after.indexes.empty());
  const auto back = translate_migration("m.sql", "ALTER TABLE t DROP COLUMN c", added.after);
  EXPECT_EQ(back.after, before);
}

TEST(migration, a_view_must_still_fit_after_its_table_changed) {
  const Catalogue before =
      translate_migration(
          "m.sql",
          "CREATE TABLE t (id bigint PRIMARY KEY, a text, b text); CREATE VIEW v AS SELECT id, a FROM t;", {})
          .after;
  EXPECT_NE(error_of("ALTER TABLE t DROP COLUMN a", before).find("view 'v' no longer fits"),
            std::string::npos);
  const auto kept = translate_migration("m.sql", "ALTER TABLE t DROP COLUMN b", before);
  EXPECT_EQ(kept.sqlite.front(), "DROP VIEW v");
  EXPECT_EQ(kept.sqlite.back(), "CREATE VIEW v (id, a) AS SELECT t.id AS id, t.a AS a FROM t");
}

TEST(migration, apply_may_not_read_a_view_whose_order_decides) {
  const Catalogue catalogue =
      translate_migration(
          "m.sql",
          "CREATE TABLE t (id bigint PRIMARY KEY, a text);"
          "CREATE VIEW first AS SELECT id FROM t ORDER BY a LIMIT 1; CREATE VIEW all_of AS SELECT id FROM t;",
          {})
          .after;
  const auto apply = [&](const std::string& view) {
    translate(split("a.sql", "DELETE FROM t WHERE id IN (SELECT id FROM " + view + ")").at(0), catalogue,
              Use::apply);
  };
  EXPECT_THROW(apply("first"), Error);
  EXPECT_NO_THROW(apply("all_of"));
}

TEST(migration, fills_back_by_the_key_and_refuses_what_could_not_go_by_it) {
  const Catalogue before =
      translate_migration("a.sql",
                          "CREATE TABLE t (a integer, b text, c integer, PRIMARY KEY (a, b));"
                          "CREATE TABLE u (x double precision PRIMARY KEY, c integer)",
                          {})
          .after;
  const std::string fill = "-- backfill 10: why\n";
  const OnlinePlan plan = plan_migration(
      "m.sql", fill + "UPDATE t SET c = (SELECT 1 WHERE true) WHERE c IS NULL OR c = 0 -- or\n;", before);
  ASSERT_EQ(plan.backfills.size(), 1U);
  EXPECT_EQ(plan.backfills[0].table, "t");
  EXPECT_EQ(plan.backfills[0].rows, 10);
  EXPECT_TRUE(plan.tables_rewritten.empty());
  const BackfillBatch first = translate_backfill(plan.backfills[0], before, true);
  EXPECT_EQ(first.update.parameters.size(), 2U);  // until_1 and until_2
  const BackfillBatch next = translate_backfill(plan.backfills[0], before, false);
  EXPECT_EQ(next.update.parameters.size(), 4U);
  EXPECT_EQ(next.keys.columns.size(), 2U);
  for (const std::string& refused :
       {fill + "UPDATE t SET c = 1", fill + "UPDATE t SET b = 'x' WHERE c IS NULL",
        fill + "DELETE FROM t WHERE c IS NULL", fill + "UPDATE u SET c = 1 WHERE c IS NULL",
        "ALTER TABLE t ADD COLUMN d integer;\n" + fill + "UPDATE t SET d = 1 WHERE d IS NULL",
        std::string("-- backfill 0: why\nUPDATE t SET c = 1 WHERE c IS NULL"),
        std::string("-- backfill many: why\nUPDATE t SET c = 1 WHERE c IS NULL")}) {
    EXPECT_NE(error_of(refused, before).find("back-fill"), std::string::npos)
        << refused << ": " << error_of(refused, before);
  }
}

TEST(migration, makes_an_index_concurrently_alone_in_its_file) {
  const Catalogue before =
      translate_migration("a.sql", "CREATE TABLE t (a integer PRIMARY KEY, b text)", {}).after;
  EXPECT_EQ(plan_migration("m.sql", "CREATE INDEX CONCURRENTLY i ON t (b)", before).concurrent_index, "i");
  EXPECT_NE(error_of("CREATE INDEX CONCURRENTLY i ON t (b); CREATE INDEX j ON t (b)", before).find("alone"),
            std::string::npos);
}

}  // namespace
}  // namespace reeve::sql
