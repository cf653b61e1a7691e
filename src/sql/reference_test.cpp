#include "sql/names.h"
#include "sql/translation.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace reeve::sql {
namespace {

constexpr const char* schema_text =
    "-- reference: what a plan allows, for everybody\n"
    "CREATE TABLE plans (plan text PRIMARY KEY, rank integer NOT NULL UNIQUE, parent text REFERENCES plans);"
    "CREATE TABLE houses (house text PRIMARY KEY, plan text NOT NULL REFERENCES plans);"
    "CREATE VIEW allowed AS SELECT house, rank FROM houses JOIN plans USING (plan);";

MigrationTranslation made() {
  return translate_migration("m.sql", schema_text, {}, {"owner", "writer", "reader"});
}

std::string refusal(const std::string& text) {
  try {
    translate_migration("m.sql", text, made().after);
  } catch (const Error& error) {
    return error.place().file + ":" + std::to_string(error.place().line) + " " + error.message() + " | " +
           error.remedy();
  }
  return "accepted";
}

bool has(const MigrationTranslation& migration, std::string_view text) {
  return std::any_of(migration.postgres.begin(), migration.postgres.end(),
                     [&](const auto& statement) { return statement.sql.find(text) != std::string::npos; });
}

TEST(reference_table, is_made_by_a_line_before_create_table) {
  const MigrationTranslation migration = made();
  EXPECT_TRUE(migration.after.tables.at("plans").reference);
  EXPECT_FALSE(migration.after.tables.at("houses").reference);
  EXPECT_TRUE(migration.after.tables.at("houses").foreign_keys.at(0).to_reference);
  EXPECT_FALSE(migration.after.tables.at("plans").foreign_keys.at(0).to_reference);
  // In a file it is a table like any other.
  EXPECT_NE(migration.sqlite.at(1).find("REFERENCES plans"), std::string::npos);
}

TEST(reference_table, is_kept_by_version_on_postgres_and_only_selected_by_applications) {
  const MigrationTranslation migration = made();
  EXPECT_TRUE(has(migration, "CREATE TABLE plans (\n  reeve_version uuid NOT NULL"));
  EXPECT_TRUE(has(migration, "PRIMARY KEY (reeve_version, plan)"));
  EXPECT_TRUE(has(migration, "UNIQUE (reeve_version, rank)"));
  EXPECT_TRUE(has(migration, "FOREIGN KEY (reeve_version, parent) REFERENCES plans (reeve_version, plan)"));
  EXPECT_TRUE(has(migration, "GRANT SELECT ON plans TO writer"));
  EXPECT_FALSE(has(migration, "GRANT SELECT, INSERT, UPDATE, DELETE ON plans"));
  EXPECT_TRUE(
      has(migration, "CREATE POLICY reeve_tenant ON plans FOR SELECT USING (reeve_version = (SELECT"));
  EXPECT_TRUE(
      has(migration, "CREATE CONSTRAINT TRIGGER reeve_houses_plan_fkey AFTER INSERT OR UPDATE ON houses"));
  EXPECT_FALSE(has(migration, "FOREIGN KEY (ledger_id, plan)"));
}

TEST(reference_table, is_narrowed_to_the_version_that_the_ledger_has_pinned) {
  const Translation query = translate(
      split("q.sql", "SELECT p.rank AS rank FROM houses h JOIN plans p USING (plan) WHERE house = :house")
          .at(0),
      made().after, Use::query, {{"house", Type::text}});
  EXPECT_NE(query.postgres.find("FROM plans WHERE reeve_version = (SELECT value::uuid FROM reeve_meta WHERE "
                                "ledger_id = $2::uuid AND name = 'reference'))"),
            std::string::npos)
      << query.postgres;
  EXPECT_EQ(query.hidden, std::vector<Hidden>{Hidden::ledger});
  EXPECT_EQ(query.sqlite.find("reeve_version"), std::string::npos);
}

TEST(reference_table, is_written_by_no_statement) {
  for (const std::string text :
       {"INSERT INTO plans (plan, rank) VALUES ('a', 1)", "UPDATE plans SET rank = 2", "DELETE FROM plans"}) {
    const std::string fault = refusal(text);
    EXPECT_NE(fault.find("m.sql:1 'plans' is a reference table"), std::string::npos) << fault;
    EXPECT_NE(fault.find("reeve reference publish"), std::string::npos) << fault;
    EXPECT_THROW(translate(split("e.sql", text).at(0), made().after, Use::apply), Error) << text;
  }
  EXPECT_NO_THROW(translate(
      split("e.sql", "INSERT INTO houses (house, plan) SELECT 'h', plan FROM plans WHERE rank = 1").at(0),
      made().after, Use::apply));
}

TEST(reference_table, changes_only_in_ways_that_leave_published_rows_as_they_are) {
  EXPECT_EQ(refusal("ALTER TABLE plans ADD COLUMN note text"), "accepted");
  EXPECT_EQ(refusal("CREATE INDEX plans_by_parent ON plans (parent)"), "accepted");
  for (const std::string text :
       {"ALTER TABLE plans ADD COLUMN note text NOT NULL DEFAULT ''",
        "ALTER TABLE plans ADD COLUMN note text UNIQUE", "ALTER TABLE plans DROP COLUMN rank",
        "ALTER TABLE plans RENAME COLUMN rank TO place", "ALTER TABLE plans ALTER COLUMN rank TYPE bigint",
        "ALTER TABLE plans RENAME TO tariffs", "ALTER TABLE plans ADD CHECK (rank > 0)"}) {
    EXPECT_NE(refusal(text).find("would change the rows of its published versions"), std::string::npos)
        << text << ": " << refusal(text);
  }
}

TEST(reference_table, points_to_no_table_of_a_ledger_and_cascades_nothing) {
  EXPECT_NE(
      refusal("-- reference: x\nCREATE TABLE roofs (roof text PRIMARY KEY, house text REFERENCES houses)")
          .find("can't point to houses"),
      std::string::npos);
  EXPECT_NE(
      refusal("CREATE TABLE roofs (roof text PRIMARY KEY, plan text REFERENCES plans ON DELETE CASCADE)")
          .find("leave ON DELETE and ON UPDATE out"),
      std::string::npos);
  EXPECT_NE(refusal("-- reference: x\nCREATE INDEX i ON houses (plan)").find("before CREATE TABLE"),
            std::string::npos);
  EXPECT_NE(refusal("CREATE TABLE t (reeve_version text PRIMARY KEY)").find("Reeve's own"),
            std::string::npos);
}

TEST(reference_table, foreign_keys_to_it_follow_their_columns_on_postgres) {
  const Catalogue before = translate_migration("m.sql", "DROP VIEW allowed", made().after).after;
  const auto renamed =
      translate_migration("m.sql", "ALTER TABLE houses RENAME COLUMN plan TO tariff", before);
  EXPECT_TRUE(has(renamed, "DROP TRIGGER reeve_houses_plan_fkey ON houses"));
  EXPECT_TRUE(has(renamed, "plan = ($1).tariff"));
  const auto dropped =
      translate_migration("m.sql", "ALTER TABLE houses DROP CONSTRAINT houses_plan_fkey", before);
  EXPECT_TRUE(has(dropped, "DROP TRIGGER reeve_houses_plan_fkey ON houses"));
  EXPECT_FALSE(has(dropped, "DROP CONSTRAINT"));
  const auto added = translate_migration(
      "m.sql", "ALTER TABLE houses ADD CONSTRAINT again FOREIGN KEY (plan) REFERENCES plans", dropped.after);
  EXPECT_TRUE(has(added, "CREATE CONSTRAINT TRIGGER reeve_again"));
  EXPECT_EQ(added.postgres.back().part, MigrationPart::rows);
}

}  // namespace
}  // namespace reeve::sql
