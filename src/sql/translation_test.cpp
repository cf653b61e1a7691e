#include "sql/translation.h"

#include <gtest/gtest.h>

namespace reeve::sql {
namespace {

Catalogue catalogue() {
  return translate_migration(
             "m.sql",
             "CREATE TABLE players (player_id text PRIMARY KEY, name text NOT NULL, reputation integer NOT "
             "NULL "
             "DEFAULT 0, score bigint, weight double precision, note jsonb, born date);"
             "CREATE TABLE influence (player_id text REFERENCES players, faction text, amount integer NOT "
             "NULL, "
             "PRIMARY KEY (player_id, faction));"
             "CREATE TABLE clock (one integer PRIMARY KEY CHECK (one = 1), year integer NOT NULL);",
             {})
      .after;
}

const ParameterTypes parameters = {{"player_id", Type::text}, {"delta", Type::bigint},
                                   {"at", Type::timestamptz}, {"factor", Type::double_precision},
                                   {"born", Type::date},      {"note", Type::jsonb}};

/// The SQLite text, or the error.
std::string sqlite(const std::string& text, Use use = Use::query) {
  try {
    const auto statements = split("s.sql", text);
    return translate(statements.at(0), catalogue(), use, parameters).sqlite;
  } catch (const Error& error) {
    return error.what();
  }
}

struct Case {
  const char* sql;
  const char* expected;
};

void check(Use use, std::initializer_list<Case> cases) {
  for (const Case& one : cases) EXPECT_EQ(sqlite(one.sql, use), one.expected) << one.sql;
}

TEST(translation, writes_plain_sql_where_it_answers_alike) {
  check(Use::query,
        {
            {"SELECT name FROM players WHERE player_id = :player_id",
             "SELECT players.name AS name FROM players WHERE (players.player_id = ?1)"},
            {"SELECT p.reputation / 2 AS half FROM players p ORDER BY p.reputation DESC, p.player_id",
             "SELECT (p.reputation / 2) AS half FROM players AS p ORDER BY p.reputation DESC, p.player_id"},
            {"SELECT score FROM players ORDER BY score",
             "SELECT players.score AS score FROM players ORDER BY 1 NULLS LAST"},
            {"SELECT 0.98 AS x, 1e300 AS y", "SELECT (98 / 100.0) AS x, reeve_double('1e+300') AS y"},
            {"SELECT count(*) AS n FROM players", "SELECT count(*) AS n FROM players"},
        });
}

TEST(translation, leaves_the_test_for_overflow_to_the_column_it_is_stored_in) {
  check(Use::apply,
        {
            {"UPDATE players SET reputation = reputation + :delta WHERE player_id = :player_id",
             "UPDATE players SET reputation = (players.reputation + ?1) WHERE (players.player_id = ?2)"},
            {"UPDATE players SET weight = weight * 0.98",
             "UPDATE players SET weight = reeve_double_multiply(players.weight, (98 / 100.0))"},
            {"UPDATE players SET score = 1 WHERE score + :delta > 3",
             "UPDATE players SET score = 1 WHERE (reeve_add(players.score, ?1) > 3)"},
        });
}

TEST(translation, deletes_all_rows_one_by_one_so_that_the_hooks_see_them) {
  check(Use::apply, {
                        {"DELETE FROM clock", "DELETE FROM clock WHERE 1"},
                        {"DELETE FROM clock WHERE one = 1", "DELETE FROM clock WHERE (clock.one = 1)"},
                    });
}

TEST(translation, names_place_and_remedy_of_what_it_refuses) {
  check(Use::apply,
        {
            {"UPDATE players SET reputaton = 1",
             "s.sql:1:20: unknown column 'reputaton' of players (did you mean 'reputation'?)"},
            {"DELETE FROM player", "s.sql:1:13: unknown table 'player' (did you mean 'players'?)"},
            {"UPDATE players SET reputation = :delat",
             "s.sql:1:33: unknown parameter :delat (did you mean 'delta'?)"},
            {"UPDATE players SET name = now()",
             "s.sql:1:27: the clock can't be read here: the answer would differ when it is run again (use "
             ":at, the event's time)"},
            {"UPDATE players SET reputation = random()",
             "s.sql:1:33: function random() is not supported (use dice(name, sides) in a command and record "
             "the outcome in the event)"},
            {"SELECT 1",
             "s.sql:1:1: SELECT can't stand in an apply file (docs/dialect.md has what is supported, "
             "docs/refused.md what is not)"},
            {"UPDATE players SET reputation = 'x'",
             "s.sql:1:33: invalid input syntax for type integer (docs/dialect.md has what is supported, "
             "docs/refused.md what is not)"},
            {"UPDATE players SET note = name",
             "s.sql:1:27: a value of type text where jsonb is expected (cast it: (...)::jsonb)"},
        });
}

TEST(translation, refuses_what_depends_on_the_order_of_rows_in_apply) {
  for (const char* text : {
           "UPDATE players SET reputation = i.amount FROM influence i WHERE i.player_id = players.player_id",
           "INSERT INTO clock (one, year) SELECT 1, amount FROM influence LIMIT 1",
           "INSERT INTO players (player_id, name) SELECT 'x', string_agg(faction, ',') FROM influence",
           "UPDATE players SET weight = (SELECT sum(weight) FROM players)",
           "INSERT INTO clock (one, year) SELECT row_number() OVER (ORDER BY amount), 1 FROM influence",
           "INSERT INTO players (player_id, name) SELECT player_id, faction FROM influence ON CONFLICT "
           "(player_id) DO UPDATE SET name = excluded.name",
           "INSERT INTO players (player_id, name) SELECT id::text, actor FROM reeve_events",
           "UPDATE players SET name = dice('x', 6)::text",
       })
    EXPECT_EQ(sqlite(text, Use::apply).substr(0, 6), "s.sql:") << text;
  for (const char* text : {
           "UPDATE players SET reputation = i.amount FROM influence i WHERE i.player_id = players.player_id "
           "AND i.faction = 'A'",
           "INSERT INTO clock (one, year) SELECT 1, amount FROM influence ORDER BY player_id, faction LIMIT "
           "1",
           "INSERT INTO players (player_id, name) SELECT 'x', string_agg(faction, ',' ORDER BY faction) FROM "
           "influence",
           "INSERT INTO clock (one, year) SELECT row_number() OVER (ORDER BY player_id, faction), 1 FROM "
           "influence",
           "INSERT INTO players (player_id, name) SELECT player_id, max(faction) FROM influence GROUP BY "
           "player_id ON CONFLICT (player_id) DO UPDATE SET name = excluded.name",
       })
    EXPECT_NE(sqlite(text, Use::apply).substr(0, 6), "s.sql:") << text << "\n" << sqlite(text, Use::apply);
}

TEST(translation, knows_when_a_select_gives_one_row) {
  const auto ordered = [](const std::string& text) {
    return translate(split("s.sql", text).at(0), catalogue(), Use::query, parameters).ordered;
  };
  EXPECT_TRUE(ordered("SELECT name FROM players WHERE player_id = :player_id"));
  EXPECT_TRUE(ordered("SELECT year FROM clock"));
  EXPECT_TRUE(ordered("SELECT max(year) FROM clock"));
  EXPECT_TRUE(
      ordered("SELECT p.name, i.amount FROM influence i JOIN players p ON p.player_id = i.player_id WHERE "
              "i.player_id = :player_id AND i.faction = 'A'"));
  EXPECT_FALSE(ordered("SELECT name FROM players"));
  EXPECT_FALSE(ordered("SELECT amount FROM influence WHERE player_id = :player_id"));
}

TEST(translation, infers_parameters_and_columns) {
  const auto statements =
      split("s.sql",
            "SELECT p.name, p.reputation + 1 AS next, now() AS time FROM players p WHERE (:faction::text IS "
            "NULL OR p.name = :faction) AND p.score > :least ORDER BY 1");
  const Translation out = translate(statements[0], catalogue(), Use::query);
  ASSERT_EQ(out.parameters.size(), 3U);
  EXPECT_EQ(out.parameters[0].type, Type::text);
  EXPECT_EQ(out.parameters[1].type, Type::bigint);
  EXPECT_EQ(out.parameters[2].name, "at");
  ASSERT_EQ(out.columns.size(), 3U);
  EXPECT_EQ(out.columns[1].type, Type::integer);
  EXPECT_EQ(out.columns[2].type, Type::timestamptz);
  EXPECT_EQ(out.tables_read, std::set<std::string>{"players"});
}

TEST(translation, maps_places_behind_parameters_back_to_the_file) {
  EXPECT_EQ(sqlite("SELECT :player_id AS a,\n  :player_id || wrong AS b").substr(0, 10), "s.sql:2:17");
}

}  // namespace
}  // namespace reeve::sql
