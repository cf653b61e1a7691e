#include "blueprint/fixture_test.h"

namespace reeve::blueprint {
namespace {

Sources with_ranks(std::string_view event = {}) {
  Sources sources = good_sources();
  sources.files["migrations/0002_ranks.up.sql"] =
      "-- reference: titles by gold\nCREATE TABLE ranks (title text PRIMARY KEY, gold integer NOT NULL);\n";
  sources.files["migrations/0002_ranks.down.sql"] = "DROP TABLE ranks;\n";
  sources.files["queries/ranks.sql"] =
      "-- name: titles :many\nSELECT p.name, r.title FROM players p JOIN ranks r ON r.gold <= p.gold\n"
      "ORDER BY p.player_id, r.title;\n";
  if (!event.empty()) sources.files["events/year.ended.v1.sql"] = event;
  return sources;
}

TEST(references, are_tables_like_others_to_who_reads_them) {
  const Loaded loaded =
      check(with_ranks("UPDATE players SET gold = 0 WHERE gold > (SELECT max(gold) FROM ranks);\n"));
  ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  EXPECT_TRUE(loaded.blueprint->catalogue.find_table("ranks")->reference);
}

TEST(references, can_be_written_by_no_apply_file) {
  const Loaded loaded =
      check(with_ranks("UPDATE calendar SET year = year + 1 WHERE id = 1;\nINSERT INTO ranks (title, gold) "
                       "VALUES ('x', 1);\n"));
  ASSERT_EQ(loaded.findings.size(), 1U) << describe(loaded.findings);
  EXPECT_EQ(loaded.findings[0].place.file, "events/year.ended.v1.sql");
  EXPECT_EQ(loaded.findings[0].place.line, 2);
  EXPECT_NE(loaded.findings[0].message.find("is a reference table"), std::string::npos);
  EXPECT_NE(loaded.findings[0].remedy.find("reeve reference publish"), std::string::npos);
}

TEST(references, do_not_become_other_tables_unnoticed) {
  Sources sources = with_ranks();
  sources.files["migrations/0003_again.up.sql"] =
      "-- irreversible: they were the same for all\nDROP TABLE ranks;\n"
      "CREATE TABLE ranks (title text PRIMARY KEY, gold integer NOT NULL);\n";
  const Loaded loaded = check(sources);
  ASSERT_EQ(loaded.findings.size(), 1U) << describe(loaded.findings);
  EXPECT_NE(loaded.findings[0].message.find("breaks readers or writers"), std::string::npos);
}

}  // namespace
}  // namespace reeve::blueprint
