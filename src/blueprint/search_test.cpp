#include "blueprint/fixture_test.h"

namespace reeve::blueprint {
namespace {

const char* const good =
    "format = 1\n"
    "table = \"players\"\n"
    "language = \"english\"\n"
    "filters = [\"gold\"]\n"
    "\n"
    "[text]\n"
    "name = 3\n";

Sources with_index(const std::string& text = good) {
  Sources sources = good_sources();
  sources.files["search/people.toml"] = text;
  return sources;
}

Sources spoilt(std::string_view old_text, std::string_view new_text) {
  Sources sources = with_index();
  spoil(sources, "search/people.toml", old_text, new_text);
  return sources;
}

TEST(search_index, is_read_from_its_file) {
  const Loaded loaded = check(with_index());
  ASSERT_NE(loaded.blueprint, nullptr) << describe(loaded.findings);
  const SearchIndex& index = loaded.blueprint->searches.at("people");
  EXPECT_EQ(index.table, "players");
  EXPECT_EQ(index.language, "english");
  ASSERT_EQ(index.text.size(), 1U);
  EXPECT_EQ(index.text[0].column, "name");
  EXPECT_EQ(index.text[0].weight, 3);
  EXPECT_EQ(index.filters, std::vector<std::string>{"gold"});
}

TEST(search_index, names_what_is_wrong_with_place_and_remedy) {
  expect_finding(spoilt("\"players\"", "\"player\""), "search/people.toml:2:9", "unknown table `player`",
                 "`players`");
  expect_finding(spoilt("name = 3", "title = 3"), "search/people.toml:7:1", "no column `title`", "`name`");
  expect_finding(spoilt("name = 3", "gold = 3"), "search/people.toml:7:1", "has no words",
                 "generated column");
  expect_finding(spoilt("name = 3", "name = 0"), "search/people.toml:7:8", "weight of `name`", "name = 1");
  expect_finding(spoilt("name = 3", "name = \"3\""), "search/people.toml:7:8", "weight of `name`",
                 "name = 1");
  expect_finding(spoilt("\"english\"", "\"klingon\""), "search/people.toml:3:12", "unknown language",
                 "`english`");
  expect_finding(spoilt("[\"gold\"]", "[\"silver\"]"), "search/people.toml:4:12", "no column `silver`",
                 "`gold`");
  expect_finding(spoilt("[\"gold\"]", "[\"gold\", \"gold\"]"), "search/people.toml:4:11", "named twice",
                 "leave one");
  expect_finding(spoilt("format = 1", "format = 2"), "search/people.toml:1:10", "a format", "newer version");
  expect_finding(spoilt("filters", "filter"), "search/people.toml:4:1", "unknown key `filter`", "`filters`");
  expect_finding(with_index("format = 1\ntable = \"players\"\n"), "search/people.toml:1:1",
                 "`text` is missing", "[text]");
  expect_finding(with_index("format = 1\ntable = \"players\"\n[text]\n"), "search/people.toml:3:1",
                 "no column", "title = 1");
  expect_finding(with_index("table = [[["), "search/people.toml:1:12", "", "TOML");
}

TEST(search_index, is_refused_over_personal_values_views_and_rows_that_ledgers_share) {
  Sources personal = with_index();
  personal.files["migrations/0001_core.up.sql"] =
      "-- personal name: player_id\n"
      "CREATE TABLE players (player_id text PRIMARY KEY, name text NOT NULL,\n"
      "  gold integer NOT NULL DEFAULT 0);\n"
      "CREATE TABLE calendar (id integer PRIMARY KEY, year integer NOT NULL);\n";
  const Loaded loaded = check(personal);
  const std::string said = describe(loaded.findings);
  EXPECT_NE(said.find("search/people.toml:7:1: the column `name` holds personal values"), std::string::npos)
      << said;

  Sources view = spoilt("\"players\"", "\"rich\"");
  view.files["migrations/0002_view.up.sql"] = "CREATE VIEW rich AS SELECT name, gold FROM players;\n";
  view.files["migrations/0002_view.down.sql"] = "DROP VIEW rich;\n";
  expect_finding(view, "search/people.toml:2:9", "`rich` is a view", "tables are");

  Sources reference = spoilt("\"players\"", "\"plans\"");
  reference.files["migrations/0002_plans.up.sql"] =
      "-- reference: the plans\nCREATE TABLE plans (plan text PRIMARY KEY, name text NOT NULL, gold "
      "integer);\n";
  reference.files["migrations/0002_plans.down.sql"] = "DROP TABLE plans;\n";
  expect_finding(reference, "search/people.toml:2:9", "`plans` is a reference table", "own rows");
}

const char* const embedding =
    "\n[embedding]\n"
    "table = \"player_vectors\"\n"
    "model = \"lexical\"\n"
    "dimensions = 512\n"
    "event = \"player.joined\"\n";

Sources with_embedding() {
  Sources sources = with_index(std::string("first = { gold = \"7\" }\n") + good + embedding);
  sources.files["migrations/0001_core.up.sql"] +=
      "CREATE TABLE player_vectors (player_id text PRIMARY KEY REFERENCES players (player_id) ON DELETE "
      "CASCADE,\n"
      "  model text NOT NULL, text_hash text NOT NULL, embedding bytea, failure text);\n";
  sources.files["migrations/0001_core.down.sql"].insert(0, "DROP TABLE player_vectors;\n");
  return sources;
}

TEST(search_index, says_where_vectors_are_and_what_makes_them) {
  const Loaded loaded = check(with_embedding());
  ASSERT_NE(loaded.blueprint, nullptr) << describe(loaded.findings);
  const SearchIndex& index = loaded.blueprint->searches.at("people");
  ASSERT_TRUE(index.embedding.has_value());
  EXPECT_EQ(index.embedding->table, "player_vectors");
  EXPECT_EQ(index.embedding->model, "lexical");
  EXPECT_EQ(index.embedding->metric, "cosine");
  EXPECT_EQ(index.embedding->dimensions, 512);
  EXPECT_EQ(index.embedding->event, "player.joined");
  ASSERT_TRUE(index.first.has_value());
  EXPECT_EQ(index.first->column, "gold");
  EXPECT_EQ(index.first->value, "7");
}

TEST(search_index, names_what_is_wrong_with_vectors) {
  const auto wrong = [](const std::string& file, std::string_view old_text, std::string_view new_text) {
    Sources sources = with_embedding();
    spoil(sources, file, old_text, new_text);
    return sources;
  };
  const std::string index = "search/people.toml";
  const std::string schema = "migrations/0001_core.up.sql";
  expect_finding(wrong(index, "\"player_vectors\"", "\"vectors\""), "search/people.toml:11:9", "no table",
                 "primary key");
  expect_finding(wrong(index, "512", "5000"), "search/people.toml:13:14", "1 to 4096", "dimensions = 768");
  expect_finding(wrong(index, "model = \"lexical\"\n", ""), "search/people.toml:10:1", "go together",
                 "write both");
  expect_finding(wrong(index, "dimensions", "metric = \"near\"\ndimensions"), "search/people.toml:13:10",
                 "unknown metric", "cosine");
  expect_finding(wrong(index, "player.joined", "player.seen"), "search/people.toml:14:9",
                 "unknown event type", "events/player.seen.v1.sql");
  expect_finding(wrong(index, "lexical", "a/b"), "search/people.toml:10:1", "no `/`", "shorter");
  expect_finding(wrong(index, "{ gold", "{ name"), "search/people.toml:1:9", "none of the filters",
                 "filters");
  expect_finding(wrong(index, "\"7\"", "7"), "search/people.toml:1:9", "not a filter with its value",
                 "first =");
  expect_finding(wrong(schema, "ON DELETE CASCADE,\n  model", ",\n  model"), "search/people.toml:11:9",
                 "don't go", "ON DELETE CASCADE");
  expect_finding(wrong(schema, "embedding bytea", "embedding text"), "search/people.toml:11:9",
                 "no column `embedding` of type bytea", "embedding bytea");
  expect_finding(wrong(schema, "embedding bytea", "embedding bytea NOT NULL"), "search/people.toml:11:9",
                 "may be NULL", "embedding bytea");
}

TEST(search_index, has_a_file_whose_name_fits_the_rule) {
  Sources sources = good_sources();
  sources.files["search/People.toml"] = good;
  expect_finding(sources, "search/People.toml", "fits no rule", "NAME.toml");
}

}  // namespace
}  // namespace reeve::blueprint
