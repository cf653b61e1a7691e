#include "blueprint/fixture_test.h"

namespace reeve::blueprint {
namespace {

const std::string apply_file = "events/gold.gained.v2.sql";
const std::string schema_file = "events/gold.gained.v2.json";

TEST(events, need_a_schema_and_an_apply_file) {
  Sources sources = good_sources();
  sources.files.erase("events/year.ended.v1.json");
  expect_finding(sources, "events/year.ended.v1.sql", "no schema", "write events/year.ended.v1.json");
  sources = good_sources();
  sources.files.erase("events/year.ended.v1.sql");
  expect_finding(sources, "events/year.ended.v1.json", "no apply file", "write events/year.ended.v1.sql");
}

TEST(events, may_change_no_table) {
  Sources sources = good_sources();
  sources.files["events/year.ended.v1.sql"] = "-- A fact that changes nothing.\n";
  const Loaded loaded = check(sources);
  ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  EXPECT_TRUE(loaded.blueprint->find_event("year.ended")->apply.empty());
}

TEST(events, number_their_versions_without_gaps) {
  Sources sources = good_sources();
  for (const std::string file : {"gold.gained.v1.sql", "gold.gained.v1.json", "gold.gained.v1-v2.sql"}) {
    sources.files.erase("events/" + file);
  }
  expect_finding(sources, apply_file, "version 1 of gold.gained is missing", "without gaps from v1");
}

TEST(events, have_an_upcast_for_each_version_but_the_newest) {
  Sources sources = good_sources();
  sources.files.erase("events/gold.gained.v1-v2.sql");
  expect_finding(sources, "events/gold.gained.v1.json", "has no upcast",
                 "write events/gold.gained.v1-v2.sql");
  sources = good_sources();
  sources.files["events/gold.gained.v1-v3.sql"] = "SELECT 1 AS amount;";
  expect_finding(sources, "events/gold.gained.v1-v3.sql", "from one version to the next",
                 "gold.gained.v1-v2.sql");
  sources = good_sources();
  sources.files["events/gold.gained.v2-v3.sql"] = "SELECT 1 AS amount;";
  expect_finding(sources, "events/gold.gained.v2-v3.sql", "has no version 3", "delete this file");
  sources = good_sources();
  sources.files["events/gold.lost.v1-v2.sql"] = "SELECT 1 AS amount;";
  expect_finding(sources, "events/gold.lost.v1-v2.sql", "gold.lost has no version 1", "delete this file");
}

TEST(events, an_upcast_makes_the_members_of_the_next_version) {
  const std::string file = "events/gold.gained.v1-v2.sql";
  Sources sources = good_sources();
  sources.files[file] = "SELECT :player_id AS player_id;\n";
  expect_finding(sources, file + ":1:1", "required member `amount` of gold.gained v2 is missing",
                 "add a column");
  sources.files[file] = "SELECT :player_id AS player_id, 1 AS amount, 2 AS reason;\n";
  expect_finding(sources, file + ":1:1", "column `reason` is no member", "`amount`");
  sources.files[file] = "SELECT :player_id AS player_id, 'one' AS amount;\n";
  expect_finding(sources, file + ":1:1", "column `amount` is text", "cast it to bigint");
  sources.files[file] = "SELECT :player_id AS player_id, 1 AS amount; SELECT 1;\n";
  expect_finding(sources, file + ":1:46", "an upcast is one SELECT", "one SELECT");
  sources.files[file] = "";
  expect_finding(sources, file + ":1:1", "an upcast is one SELECT", "one SELECT");
  sources.files[file] = "SELECT :player_id AS player_id, :at AS amount;\n";
  expect_finding(sources, file + ":1:33", "at", "");
}

TEST(events, a_schema_that_is_wrong_is_named_once) {
  Sources sources = good_sources();
  spoil(sources, schema_file, "\"minimum\"", "\"minimal\"");
  const Loaded loaded = check(sources);
  ASSERT_EQ(loaded.findings.size(), 1U) << describe(loaded.findings);
  EXPECT_EQ(loaded.findings[0].place.file, schema_file);
  EXPECT_EQ(loaded.findings[0].place.line, 2);
  EXPECT_FALSE(loaded.findings[0].remedy.empty());
}

TEST(events, a_parameter_is_a_member_or_a_built_in) {
  Sources sources = good_sources();
  sources.files["events/year.ended.v1.sql"] =
      "UPDATE calendar SET year = year + 1 WHERE id = 1 AND year = :moment AND :sequence > 0 AND :actor <> "
      "'x'\n"
      "  AND :event_id IS NOT NULL AND :at IS NOT NULL AND :payload IS NOT NULL;\n";
  const Loaded loaded = check(sources);
  ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  spoil(sources, "events/year.ended.v1.sql", ":sequence", ":number");
  expect_finding(sources, "events/year.ended.v1.sql:1:73", "number", "");
}

TEST(events, a_member_may_not_hide_a_built_in) {
  Sources sources = good_sources();
  sources.files["events/year.ended.v1.json"] =
      "{\"type\": \"object\",\n \"properties\": {\"why\": {\"type\": \"string\"}, \"actor\": {\"type\": "
      "\"string\"}}}\n";
  expect_finding(sources, "events/year.ended.v1.json:2:44", "member `actor`", "rename it");
}

TEST(events, a_type_may_not_be_one_of_reeves_own) {
  Sources sources = good_sources();
  sources.files["events/schema.migrated.v1.sql"] = "";
  sources.files["events/schema.migrated.v1.json"] = "{\"type\": \"object\"}";
  expect_finding(sources, "events/schema.migrated.v1.sql", "Reeve's own", "noun of the application");
}

TEST(events, expect_takes_a_number_or_a_range) {
  const struct {
    std::string text;
    std::int64_t rows_min;
    std::optional<std::int64_t> rows_max;
  } cases[] = {{"0", 0, 0}, {"1", 1, 1}, {"1..3", 1, 3}, {"1..", 1, std::nullopt}, {"0..0", 0, 0}};
  for (const auto& [text, rows_min, rows_max] : cases) {
    Sources sources = good_sources();
    spoil(sources, apply_file, "expect 1:", "expect " + text + ":");
    const Loaded loaded = check(sources);
    ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
    const Expect& expect = *loaded.blueprint->find_event("gold.gained")->apply[0].expect;
    EXPECT_EQ(expect.rows_min, rows_min) << text;
    EXPECT_EQ(expect.rows_max, rows_max) << text;
  }
}

TEST(events, expect_refuses_what_is_no_number_of_rows) {
  for (const std::string text : {"one", "-1", "3..1", "..3", "1...3", "1..x", "99999999999999999999",
                                 "1.."
                                 "-2"}) {
    Sources sources = good_sources();
    spoil(sources, apply_file, "expect 1:", "expect " + text + ":");
    expect_finding(sources, apply_file + ":1:1", "is no number of rows", "1..3");
  }
  Sources sources = good_sources();
  spoil(sources, apply_file, "expect 1:", "expect:");
  expect_finding(sources, apply_file + ":1:1", "is no number of rows", "1..3");
}

TEST(events, expect_says_why_and_once) {
  Sources sources = good_sources();
  spoil(sources, apply_file, "1: unknown player :player_id", "1:");
  expect_finding(sources, apply_file + ":1:1", "has no message", "say why");
  sources = good_sources();
  spoil(sources, apply_file, "-- expect", "-- expect 1: a\n-- expect");
  expect_finding(sources, apply_file + ":2:1", "two `-- expect` lines", "leave one");
}

TEST(events, a_message_names_known_parameters) {
  Sources sources = good_sources();
  spoil(sources, apply_file, "unknown player :player_id", "unknown player :player");
  expect_finding(sources, apply_file + ":1:1", "unknown parameter :player", "`player_id`");
}

TEST(events, a_directive_that_is_not_theirs_is_refused) {
  Sources sources = good_sources();
  spoil(sources, apply_file, "-- expect 1: ", "-- check: ");
  expect_finding(sources, apply_file + ":1:1", "`-- check` is not known here", "`expect`");
  sources = good_sources();
  spoil(sources, apply_file, "-- expect 1: ", "-- demand: ");
  expect_finding(sources, apply_file + ":1:4", "`-- demand` is unknown", "`expect`");
  sources = good_sources();
  spoil(sources, apply_file, "-- expect 1: ", "-- expcet 1: ");
  expect_finding(sources, apply_file + ":1:1", "expcet", "expect");
}

TEST(events, a_sealed_type_exists) {
  Sources sources = good_sources();
  spoil(sources, "blueprint.toml", "year.ended", "year.closed");
  expect_finding(sources, "blueprint.toml:11:9", "no event type `year.closed`",
                 "write events/year.closed.v1.sql");
}

TEST(events, a_personal_member_names_its_subject) {
  const std::string file = "events/player.joined.v1.json";
  const std::string member = "\"name\": {\"type\": \"string\"}";
  Sources sources = good_sources();
  spoil(sources, file, member, "\"name\": {\"type\": \"string\", \"personal\": \"person\"}");
  expect_finding(sources, file + ":5:32", "\"person\", which is no other member", "the subject");
  sources = good_sources();
  spoil(sources, file, member,
        "\"name\": {\"type\": \"string\", \"personal\": \"age\"}, \"age\": {\"type\": \"integer\"}");
  const Loaded loaded = check(sources);
  ASSERT_FALSE(loaded.findings.empty());
  EXPECT_EQ(loaded.findings[0].place, (Place{file, 5, 5}));
  EXPECT_NE(loaded.findings[0].message.find("personal to `age`, which is not a plain string"),
            std::string::npos);
  EXPECT_NE(loaded.findings[0].remedy.find("not personal itself"), std::string::npos);
}

TEST(events, a_personal_member_goes_into_no_plain_column) {
  Sources sources = good_sources();
  spoil(sources, "events/player.joined.v1.json", "\"name\": {\"type\": \"string\"}",
        "\"name\": {\"type\": \"string\", \"personal\": \"player_id\"}");
  const Loaded loaded = check(sources);
  ASSERT_FALSE(loaded.findings.empty());
  EXPECT_NE(loaded.findings[0].message.find("can't go into the plain column 'name'"), std::string::npos)
      << loaded.findings[0].message;
}

TEST(events, apply_may_not_read_the_clock) {
  Sources sources = good_sources();
  sources.files["events/year.ended.v1.sql"] = "UPDATE calendar SET year = 1 WHERE now() > :at;\n";
  const Loaded loaded = check(sources);
  ASSERT_EQ(loaded.findings.size(), 1U) << describe(loaded.findings);
  EXPECT_EQ(loaded.findings[0].place, (Place{"events/year.ended.v1.sql", 1, 36}));
  EXPECT_EQ(loaded.findings[0].code, ErrorCode::bad_statement);
  EXPECT_FALSE(loaded.findings[0].remedy.empty());
}

}  // namespace
}  // namespace reeve::blueprint
