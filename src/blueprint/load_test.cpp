#include "blueprint/fixture_test.h"

namespace reeve::blueprint {
namespace {

TEST(blueprint, a_good_one_is_loaded_whole) {
  const Sources sources = good_sources();
  const Loaded loaded = check(sources);
  ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  const Blueprint& estate = *loaded.blueprint;
  EXPECT_EQ(estate.name, "estate");
  EXPECT_EQ(estate.title, "The Estate");
  EXPECT_EQ(estate.sources.files, sources.files);
  ASSERT_TRUE(estate.moment.has_value());
  EXPECT_EQ(estate.moment->name, "game_year");
  EXPECT_EQ(estate.catalogue.moment_type, sql::Type::integer);
  EXPECT_NE(estate.catalogue.find_table("players"), nullptr);

  ASSERT_EQ(estate.migrations.size(), 1U);
  EXPECT_EQ(estate.migrations[0].name, "0001_core");
  EXPECT_EQ(estate.migrations[0].down_file, "migrations/0001_core.down.sql");

  const EventType* gained = estate.find_event("gold.gained");
  ASSERT_NE(gained, nullptr);
  EXPECT_EQ(gained->version, 2);
  ASSERT_EQ(gained->apply.size(), 1U);
  ASSERT_TRUE(gained->apply[0].expect.has_value());
  EXPECT_EQ(gained->apply[0].expect->rows_min, 1);
  EXPECT_EQ(gained->apply[0].expect->rows_max, 1);
  EXPECT_EQ(gained->apply[0].expect->message, "unknown player :player_id");
  EXPECT_FALSE(gained->upcast.has_value());
  EXPECT_FALSE(gained->seal);
  EXPECT_TRUE(estate.find_event("gold.gained", 1)->upcast.has_value());
  EXPECT_EQ(estate.find_event("gold.gained", 3), nullptr);
  EXPECT_EQ(estate.find_event("gold.lost"), nullptr);
  EXPECT_TRUE(estate.find_event("year.ended")->seal);

  const Command& grant = estate.commands.at("grant");
  EXPECT_EQ(grant.description, "Gives gold to a player.");
  ASSERT_EQ(grant.checks.size(), 1U);
  EXPECT_EQ(grant.checks[0].message, "unknown player :player_id");
  ASSERT_EQ(grant.emits.size(), 1U);
  EXPECT_EQ(grant.emits[0].type, "gold.gained");
  EXPECT_EQ(grant.emits[0].version, 2);

  EXPECT_TRUE(estate.queries.at("richest").many);
  EXPECT_EQ(estate.queries.at("richest").description, "The richest first.");
  EXPECT_FALSE(estate.queries.at("player").many);
}

TEST(blueprint, lines_may_end_in_cr_lf) {
  Sources sources = good_sources();
  for (auto& [path, text] : sources.files) {
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2))
      text.insert(at, "\r");
  }
  const Loaded loaded = check(sources);
  ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  EXPECT_EQ(loaded.blueprint->commands.at("grant").description, "Gives gold to a player.");
  EXPECT_EQ(loaded.blueprint->find_event("gold.gained")->apply[0].expect->message,
            "unknown player :player_id");

  spoil(sources, "queries/players.sql", "SELECT name, gold", "SELECT name, silver");
  expect_finding(sources, "queries/players.sql:6:14", "silver", "");
}

TEST(blueprint, the_smallest_is_a_name) {
  const Sources sources{{{"blueprint.toml", "format = 1\nname = \"a\"\ntitle = \"A\"\n"}}};
  const Loaded loaded = check(sources);
  ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  EXPECT_FALSE(loaded.blueprint->moment.has_value());
}

TEST(blueprint, nothing_at_all_is_a_finding) {
  expect_finding(Sources{}, "blueprint.toml", "is missing", "docs/blueprint.md");
}

TEST(blueprint, an_empty_blueprint_toml_gives_its_missing_keys) {
  Sources sources = good_sources();
  sources.files["blueprint.toml"] = "";
  const Loaded loaded = check(sources);
  EXPECT_EQ(loaded.blueprint, nullptr);
  ASSERT_EQ(loaded.findings.size(), 3U) << describe(loaded.findings);
}

TEST(blueprint, findings_of_all_files_are_gathered_at_once) {
  Sources sources = good_sources();
  spoil(sources, "queries/players.sql", "SELECT name, gold", "SELECT name, silver");
  spoil(sources, "events/year.ended.v1.sql", "calendar", "kalender");
  sources.files.erase("commands/grant.json");
  const Loaded loaded = check(sources);
  ASSERT_EQ(loaded.findings.size(), 3U) << describe(loaded.findings);
  EXPECT_EQ(loaded.findings[0].place.file, "events/year.ended.v1.sql");
  EXPECT_EQ(loaded.findings[1].place.file, "commands/grant.sql");
  EXPECT_EQ(loaded.findings[2].place.file, "queries/players.sql");
}

TEST(blueprint, findings_are_bounded) {
  Sources sources = good_sources();
  for (int number = 0; number < 300; ++number)
    sources.files["queries/q" + std::to_string(number) + ".sql"] = "";
  EXPECT_EQ(check(sources).findings.size(), findings_max);
}

TEST(blueprint, load_throws_the_first_finding_and_counts_the_others) {
  Sources sources = good_sources();
  EXPECT_EQ(load(sources)->name, "estate");
  spoil(sources, "events/year.ended.v1.sql", "calendar", "kalender");
  sources.files.erase("commands/grant.json");
  try {
    load(sources);
    FAIL() << "loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_statement);
    EXPECT_EQ(error.place().to_string(), "events/year.ended.v1.sql:1:8");
    EXPECT_NE(error.message().find("and 1 other finding"), std::string::npos) << error.message();
    EXPECT_FALSE(error.remedy().empty());
  }
}

TEST(blueprint, files_for_one_engine_alone_are_refused) {
  for (const std::string path : {"queries/players.sqlite.sql", "queries/players.postgres.sql",
                                 "migrations/0001_core.up.postgres.sql"}) {
    Sources sources = good_sources();
    sources.files[path] = "SELECT 1;";
    expect_finding(sources, path, "one engine alone", "docs/dialect.md");
  }
}

TEST(blueprint, hostile_sources_give_findings) {
  Sources sources = good_sources();
  sources.files["../outside.sql"] = "";
  sources.files["queries/binary.sql"] = std::string(
      "\x7F"
      "ELF\0\1",
      6);
  sources.files["queries/large.sql"] = std::string(10 * 1024 * 1024, 'x');
  sources.files["queries/two words.sql"] = "";
  sources.files["queries/\xC3\xA4.sql"] = "";
  const Loaded loaded = check(sources);
  ASSERT_EQ(loaded.findings.size(), 5U) << describe(loaded.findings);
  for (const Finding& finding : loaded.findings) {
    EXPECT_FALSE(finding.place.file.empty());
    EXPECT_FALSE(finding.remedy.empty());
  }
}

TEST(blueprint, the_moment_is_one_value_of_its_type) {
  const std::string query = "SELECT year FROM calendar WHERE id = 1";
  Sources sources = good_sources();
  spoil(sources, "blueprint.toml", query, "SELECT id, year FROM calendar");
  expect_finding(sources, "blueprint.toml:8:17", "one column", "docs/dialect.md");
  sources = good_sources();
  spoil(sources, "blueprint.toml", query, "SELECT name FROM players WHERE player_id = 'a'");
  expect_finding(sources, "blueprint.toml:8:9", "one value of type integer", "CAST(");
  sources = good_sources();
  spoil(sources, "blueprint.toml", query, "SELECT year FROM kalender");
  expect_finding(sources, "blueprint.toml:8:27", "kalender", "");
  sources = good_sources();
  spoil(sources, "blueprint.toml", query, "SELECT 1; SELECT 2");
  expect_finding(sources, "blueprint.toml:8:9", "not one statement", "one SELECT");
}

TEST(blueprint, loading_many_files_takes_well_under_a_second) {
  Sources sources = good_sources();
  for (int number = 0; number < 150; ++number) {
    sources.files["queries/more" + std::to_string(number) + ".sql"] =
        "-- name: more" + std::to_string(number) + " :many\n" +
        "SELECT player_id, gold FROM players WHERE gold > :gold::integer ORDER BY gold DESC, player_id;\n";
  }
  const std::clock_t begin = std::clock();
  const Loaded loaded = check(sources);
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  EXPECT_LT(seconds, 2.0);  // Some 0.1 s; the bound is for machines under load and sanitizers.
}

}  // namespace
}  // namespace reeve::blueprint
