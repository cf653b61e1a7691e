#include "blueprint/fixture_test.h"

namespace reeve::blueprint {
namespace {

const std::string file = "commands/grant.sql";

TEST(commands, need_a_schema_and_a_file) {
  Sources sources = good_sources();
  sources.files.erase("commands/grant.json");
  expect_finding(sources, file, "no schema", "write commands/grant.json");
  sources = good_sources();
  sources.files.erase(file);
  expect_finding(sources, "commands/grant.json", "no command", "write commands/grant.sql");
}

TEST(commands, without_an_emit_are_refused) {
  Sources sources = good_sources();
  sources.files[file] = "-- check: never\nSELECT 1 = 2;\n";
  expect_finding(sources, file + ":1:1", "emits no event", "-- emit: TYPE");
  sources.files[file] = "";
  expect_finding(sources, file + ":1:1", "emits no event", "-- emit: TYPE");
}

TEST(commands, mark_every_statement_as_check_or_emit) {
  Sources sources = good_sources();
  spoil(sources, file, "-- emit: gold.gained\n", "");
  expect_finding(sources, file + ":5:1", "neither a check nor an emit", "directly before it");
  sources = good_sources();
  spoil(sources, file, "-- emit: gold.gained\n", "-- emit: gold.gained\n-- check: no\n");
  expect_finding(sources, file + ":7:1", "more than once", "one line");
}

TEST(commands, a_check_is_one_boolean) {
  Sources sources = good_sources();
  spoil(sources, file, "SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id)",
        "SELECT gold FROM players WHERE player_id = :player_id");
  const Loaded loaded = check(sources);
  ASSERT_EQ(loaded.findings.size(), 1U) << describe(loaded.findings);
  EXPECT_EQ(loaded.findings[0].place.file, file);
  EXPECT_EQ(loaded.findings[0].place.line, 3);
  EXPECT_NE(loaded.findings[0].message.find("boolean"), std::string::npos) << loaded.findings[0].message;
  EXPECT_FALSE(loaded.findings[0].remedy.empty());
}

TEST(commands, a_check_says_why) {
  Sources sources = good_sources();
  spoil(sources, file, "-- check: unknown player :player_id", "-- check:");
  expect_finding(sources, file + ":2:1", "has no message", "say why");
  sources = good_sources();
  spoil(sources, file, "-- check: unknown player :player_id", "-- check: unknown player :sequence");
  expect_finding(sources, file + ":2:1", "unknown parameter :sequence", "`player_id`");
}

TEST(commands, an_emit_names_an_event_and_version_that_exist) {
  const std::string emit = "-- emit: gold.gained";
  const struct {
    std::string text;
    std::string message;
    std::string remedy;
  } cases[] = {
      {"-- emit: gold.found", "no event type `gold.found`", "write events/gold.found.v1.sql"},
      {"-- emit: gold.gained v3", "has no version 3", "newest version is v2"},
      {"-- emit: gold.gained 2", "is no event type with a version", "TYPE vN"},
      {"-- emit: gold.gained v2 v2", "is no event type with a version", "TYPE vN"},
      {"-- emit: Gold", "is no event type", "TYPE vN"},
      {"-- emit:", "is no event type", "TYPE vN"},
  };
  for (const auto& [text, message, remedy] : cases) {
    Sources sources = good_sources();
    spoil(sources, file, emit, text);
    expect_finding(sources, file + ":5:1", message, remedy);
  }
}

TEST(commands, an_emit_may_name_an_older_version) {
  Sources sources = good_sources();
  spoil(sources, file, "-- emit: gold.gained", "-- emit: gold.gained v1");
  spoil(sources, file, ", CAST(:amount AS bigint) AS amount", "");
  const Loaded loaded = check(sources);
  ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  EXPECT_EQ(loaded.blueprint->commands.at("grant").emits[0].version, 1);
}

TEST(commands, an_emit_makes_the_members_of_its_event) {
  const std::string column = "CAST(:amount AS bigint) AS amount";
  Sources sources = good_sources();
  spoil(sources, file, column, "name");
  const Loaded loaded = check(sources);
  ASSERT_EQ(loaded.findings.size(), 2U) << describe(loaded.findings);
  EXPECT_EQ(loaded.findings[0].place, (Place{file, 6, 1}));
  EXPECT_NE(loaded.findings[0].message.find("`name` is no member of gold.gained v2"), std::string::npos);
  EXPECT_NE(loaded.findings[1].message.find("required member `amount`"), std::string::npos);

  const struct {
    std::string sql;
    std::string message;
    std::string remedy;
  } cases[] = {
      {"name AS amount", "column `amount` is text, but in gold.gained v2 it is a integer",
       "cast it to bigint"},
      {"CAST(gold AS double precision) AS amount", "is double precision", "cast it to bigint"},
      {"gold > 1 AS amount", "is boolean", "cast it to bigint"},
  };
  for (const auto& [sql, message, remedy] : cases) {
    sources = good_sources();
    spoil(sources, file, column, sql);
    expect_finding(sources, file + ":6:1", message, remedy);
  }
}

TEST(commands, an_emit_of_several_rows_is_ordered) {
  Sources sources = good_sources();
  spoil(sources, file, "WHERE player_id = :player_id ORDER BY player_id", "WHERE name <> :player_id");
  const Loaded loaded = check(sources);
  ASSERT_EQ(loaded.findings.size(), 1U) << describe(loaded.findings);
  EXPECT_EQ(loaded.findings[0].place.file, file);
  EXPECT_NE(loaded.findings[0].remedy.find("ORDER BY"), std::string::npos) << loaded.findings[0].remedy;
}

TEST(commands, a_parameter_is_a_member_of_the_schema_or_a_built_in) {
  Sources sources = good_sources();
  spoil(sources, file, "ORDER BY player_id",
        "AND :at IS NOT NULL AND :actor <> 'x' AND :moment > 0 ORDER BY player_id");
  const Loaded loaded = check(sources);
  ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  sources = good_sources();
  spoil(sources, file, "ORDER BY player_id", "AND gold > :price ORDER BY player_id");
  expect_finding(sources, file + ":7:41", "price", "");
}

TEST(commands, a_parameter_may_not_hide_a_built_in) {
  Sources sources = good_sources();
  spoil(sources, "commands/grant.json", "\"properties\": {",
        "\"properties\": {\"at\": {\"type\": \"string\"}, ");
  expect_finding(sources, "commands/grant.json:1:35", "member `at`", "rename it");
}

}  // namespace
}  // namespace reeve::blueprint
