#include "blueprint/fixture_test.h"

namespace reeve::blueprint {
namespace {

const std::string up_file = "migrations/0002_more.up.sql";
const std::string down_file = "migrations/0002_more.down.sql";

Sources with_second(std::string_view up, std::string_view down) {
  Sources sources = good_sources();
  sources.files[up_file] = up;
  if (!down.empty()) sources.files[down_file] = down;
  return sources;
}

TEST(migrations, are_read_in_order_with_their_reasons) {
  const Sources sources = with_second(
      "-- breaking: nobody reads it\n-- irreversible: the rows are gone\n"
      "DROP TABLE calendar;\n",
      "");
  const std::vector<Migration> migrations = read_migrations(sources);
  ASSERT_EQ(migrations.size(), 2U);
  EXPECT_EQ(migrations[1].number, 2);
  EXPECT_EQ(migrations[1].name, "0002_more");
  EXPECT_EQ(migrations[1].up_file, up_file);
  EXPECT_EQ(migrations[1].down_file, "");
  EXPECT_EQ(migrations[1].breaking, "nobody reads it");
  EXPECT_EQ(migrations[1].irreversible, "the rows are gone");
}

TEST(migrations, the_hash_covers_up_and_down) {
  const std::string up = "ALTER TABLE players ADD COLUMN nick text;\n";
  const std::string down = "ALTER TABLE players DROP COLUMN nick;\n";
  const Digest hash = read_migrations(with_second(up, down))[1].up_hash;
  EXPECT_EQ(read_migrations(with_second(up, down))[1].up_hash, hash);
  EXPECT_NE(read_migrations(with_second(up + " ", down))[1].up_hash, hash);
  EXPECT_NE(read_migrations(with_second(up, down + " "))[1].up_hash, hash);
}

TEST(migrations, a_second_one_that_fits_is_accepted) {
  const Loaded loaded =
      check(with_second("ALTER TABLE players ADD COLUMN nick text;\n"
                        "CREATE INDEX players_by_gold ON players (gold);\n",
                        "DROP INDEX players_by_gold;\nALTER TABLE players DROP COLUMN nick;\n"));
  ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  EXPECT_NE(loaded.blueprint->catalogue.find_table("players")->find_column("nick"), nullptr);
}

TEST(migrations, catalogue_at_gives_the_schema_of_every_level) {
  const Sources sources =
      with_second("ALTER TABLE players ADD COLUMN nick text;\n", "ALTER TABLE players DROP COLUMN nick;\n");
  EXPECT_TRUE(catalogue_at(sources, 0).tables.empty());
  EXPECT_EQ(catalogue_at(sources, 0).moment_type, sql::Type::integer);
  EXPECT_EQ(catalogue_at(sources, 1).find_table("players")->find_column("nick"), nullptr);
  EXPECT_EQ(catalogue_at(sources, 2), check(sources).blueprint->catalogue);
  EXPECT_THROW(catalogue_at(sources, 3), Error);
  EXPECT_THROW(catalogue_at(sources, -1), Error);
}

TEST(migrations, are_numbered_without_gaps_from_one) {
  Sources sources = good_sources();
  sources.files["migrations/0003_late.up.sql"] = "CREATE TABLE late (id integer PRIMARY KEY);";
  sources.files["migrations/0003_late.down.sql"] = "DROP TABLE late;";
  expect_finding(sources, "migrations/0003_late.down.sql", "migration 2 is missing", "without gaps");
  EXPECT_THROW(read_migrations(sources), Error);
  sources = good_sources();
  sources.files["migrations/0000_early.up.sql"] = "CREATE TABLE early (id integer PRIMARY KEY);";
  sources.files["migrations/0000_early.down.sql"] = "DROP TABLE early;";
  expect_finding(sources, "migrations/0000_early.down.sql", "numbered from 0001", "from 0001");
}

TEST(migrations, share_no_number) {
  Sources sources = good_sources();
  sources.files["migrations/0001_other.up.sql"] = "CREATE TABLE other (id integer PRIMARY KEY);";
  expect_finding(sources, "migrations/0001_other.up.sql", "same number", "its own number");
}

TEST(migrations, have_an_up_file_for_each_down_file) {
  Sources sources = good_sources();
  sources.files[down_file] = "DROP TABLE nothing;";
  expect_finding(sources, down_file, "no up file", up_file);
}

TEST(migrations, have_a_down_file_unless_they_are_irreversible) {
  expect_finding(with_second("CREATE TABLE more (id integer PRIMARY KEY);", ""), up_file + ":1:1",
                 "no down file", "-- irreversible: REASON");
  EXPECT_TRUE(
      check(with_second("-- irreversible: no way back\nCREATE TABLE more (id integer PRIMARY KEY);", ""))
          .findings.empty());
  expect_finding(with_second("-- irreversible: no way back\nCREATE TABLE more (id integer PRIMARY KEY);",
                             "DROP TABLE more;"),
                 down_file, "irreversible migration has a down file", "delete it");
  expect_finding(with_second("-- irreversible:\nCREATE TABLE more (id integer PRIMARY KEY);", ""),
                 up_file + ":1:1", "gives no reason", "REASON");
}

TEST(migrations, a_down_file_restores_the_schema) {
  expect_finding(
      with_second("ALTER TABLE players ADD COLUMN nick text;", "UPDATE players SET gold = 0 WHERE gold < 0;"),
      down_file + ":1:1", "column nick of the table players is left", "irreversible");
  Sources sources =
      with_second("CREATE TABLE more (id integer PRIMARY KEY, size integer);", "DROP TABLE more;");
  sources.files["migrations/0003_less.up.sql"] = "-- breaking: unused\nDROP TABLE more;";
  sources.files["migrations/0003_less.down.sql"] = "CREATE TABLE more (size bigint, id integer PRIMARY KEY);";
  expect_finding(sources, "migrations/0003_less.down.sql:1:1",
                 "column size of the table more is declared otherwise", "mend it");
  sources.files["migrations/0003_less.down.sql"] =
      "CREATE TABLE more (size integer, id integer PRIMARY KEY);";
  EXPECT_TRUE(check(sources).findings.empty()) << describe(check(sources).findings);
  expect_finding(
      with_second("CREATE INDEX by_gold ON players (gold);", "UPDATE players SET gold = 1 WHERE gold = 0;"),
      down_file + ":1:1", "index by_gold is left", "mend it");
}

TEST(migrations, without_a_statement_are_refused) {
  expect_finding(with_second("-- nothing yet\n", "UPDATE players SET gold = 1 WHERE gold = 0;"),
                 up_file + ":1:1", "no statement", "delete it");
}

TEST(migrations, that_drop_rename_or_narrow_say_why) {
  const struct {
    std::string up;
    std::string down;
    std::string change;
  } cases[] = {
      {"ALTER TABLE players DROP COLUMN gold;",
       "ALTER TABLE players ADD COLUMN gold integer NOT NULL DEFAULT 0;", "players.gold is dropped"},
      {"ALTER TABLE players RENAME COLUMN gold TO coins;", "ALTER TABLE players RENAME COLUMN coins TO gold;",
       "players.gold is dropped or renamed"},
      {"ALTER TABLE players RENAME TO gamers;", "ALTER TABLE gamers RENAME TO players;",
       "table players is dropped or renamed"},
      {"CREATE UNIQUE INDEX one_name ON players (name);", "DROP INDEX one_name;", "unique index one_name"},
  };
  for (const auto& [up, down, change] : cases) {
    Sources sources = with_second(up, down);
    const Loaded loaded = check(sources);
    ASSERT_FALSE(loaded.findings.empty()) << up;
    EXPECT_EQ(loaded.findings.front().place.to_string(), up_file + ":1:1");
    EXPECT_NE(loaded.findings.front().message.find(change), std::string::npos)
        << loaded.findings.front().message;
    EXPECT_NE(loaded.findings.front().remedy.find("-- breaking: REASON"), std::string::npos);
    sources.files[up_file] = "-- breaking: agreed\n" + up;
    for (const Finding& finding : check(sources).findings) {
      EXPECT_EQ(finding.message.find("breaks"), std::string::npos) << finding.message;
    }
  }
}

TEST(migrations, that_make_a_table_anew_say_why) {
  expect_finding(
      with_second(
          "DROP TABLE calendar;\nCREATE TABLE calendar (id integer PRIMARY KEY, year integer NOT NULL);",
          "UPDATE players SET gold = 1 WHERE gold = 0;"),
      up_file + ":1:1", "table calendar is dropped", "-- breaking: REASON");
}

TEST(migrations, have_no_transaction_of_their_own) {
  expect_finding(
      with_second("BEGIN;\nCREATE TABLE more (id integer PRIMARY KEY);\nCOMMIT;", "DROP TABLE more;"),
      up_file + ":1:1", "", "");
}

TEST(migrations, with_wrong_sql_do_not_spread_findings_to_what_reads_the_schema) {
  Sources sources = good_sources();
  spoil(sources, "migrations/0001_core.up.sql", "CREATE TABLE players", "CREATE TABEL players");
  expect_finding(sources, "migrations/0001_core.up.sql:1:8", "", "");
}

}  // namespace
}  // namespace reeve::blueprint
