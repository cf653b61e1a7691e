#include "blueprint/fixture_test.h"

namespace reeve::blueprint {
namespace {

const std::string file = "queries/players.sql";

TEST(queries, have_a_name) {
  Sources sources = good_sources();
  spoil(sources, file, "-- name: richest :many\n", "");
  expect_finding(sources, file + ":2:1", "has no name", "-- name: leaderboard :many");
  sources = good_sources();
  spoil(sources, file, "-- name: player :one", "-- name: player :one\n-- name: player :one");
  expect_finding(sources, file + ":6:1", "two names", "leave one");
}

TEST(queries, say_one_or_many_and_nothing_else) {
  for (const std::string text :
       {"richest", "richest :exec", "Richest :many", "richest :many rows", ":many", ""}) {
    Sources sources = good_sources();
    spoil(sources, file, "richest :many", text);
    expect_finding(sources, file + ":1:1", "is no name of a query", ":one");
  }
}

TEST(queries, have_names_that_are_unique_over_all_files) {
  Sources sources = good_sources();
  sources.files["queries/zz.sql"] = "-- name: richest :one\nSELECT 1 AS one;\n";
  expect_finding(sources, "queries/zz.sql:1:1", "`richest`: queries/players.sql:1:1", "unique");
}

TEST(queries, files_hold_at_least_one) {
  Sources sources = good_sources();
  sources.files["queries/empty.sql"] = "-- nothing yet\n";
  expect_finding(sources, "queries/empty.sql:1:1", "no query", "delete it");
}

TEST(queries, take_the_type_of_a_parameter_from_its_use_or_a_cast) {
  Sources sources = good_sources();
  sources.files["queries/more.sql"] =
      "-- name: filtered :many\n"
      "SELECT player_id FROM players WHERE (:name::text IS NULL OR name = :name) AND gold > :gold ORDER BY "
      "player_id;\n";
  const Loaded loaded = check(sources);
  ASSERT_TRUE(loaded.findings.empty()) << describe(loaded.findings);
  const sql::Translation& query = loaded.blueprint->queries.at("filtered").sql;
  ASSERT_EQ(query.parameters.size(), 2U);
  EXPECT_EQ(query.parameters[0].type, sql::Type::text);
  EXPECT_EQ(query.parameters[1].type, sql::Type::integer);
}

TEST(queries, refuse_parameters_that_have_the_names_of_an_events) {
  for (const std::string name : {"actor", "at", "event_id", "sequence", "moment"}) {
    Sources sources = good_sources();
    sources.files["queries/more.sql"] = "-- name: mine :one\nSELECT :" + name + "::text AS value;\n";
    expect_finding(sources, "queries/more.sql:2:1", ":" + name + " is a word of an event's", ":by_" + name);
  }
  Sources sources = good_sources();
  sources.files["queries/more.sql"] =
      "-- name: clock :one\nSELECT now() AS value, :by_actor::text AS actor;\n";
  EXPECT_TRUE(check(sources).findings.empty()) << describe(check(sources).findings);
}

TEST(queries, refuse_a_parameter_without_a_type) {
  Sources sources = good_sources();
  sources.files["queries/more.sql"] = "-- name: untyped :one\nSELECT :value AS value;\n";
  const Loaded loaded = check(sources);
  ASSERT_EQ(loaded.findings.size(), 1U) << describe(loaded.findings);
  EXPECT_EQ(loaded.findings[0].place.file, "queries/more.sql");
  EXPECT_EQ(loaded.findings[0].place.line, 2);
  EXPECT_NE(loaded.findings[0].message.find("type"), std::string::npos) << loaded.findings[0].message;
  EXPECT_FALSE(loaded.findings[0].remedy.empty());
}

TEST(queries, change_nothing) {
  Sources sources = good_sources();
  sources.files["queries/more.sql"] = "-- name: sneaky :one\nDELETE FROM players;\n";
  expect_finding(sources, "queries/more.sql:2:1", "", "");
}

}  // namespace
}  // namespace reeve::blueprint
