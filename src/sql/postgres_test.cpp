#include "sql/names.h"
#include "sql/translation.h"

#include <gtest/gtest.h>

namespace reeve::sql {
namespace {

constexpr const char* schema_text =
    "CREATE TABLE players (player_id text PRIMARY KEY, name varchar(20) NOT NULL, score bigint, note jsonb);"
    "CREATE TABLE influence (player_id text REFERENCES players ON DELETE SET NULL, faction text, amount "
    "integer "
    "NOT NULL DEFAULT 0 CHECK (amount >= 0), PRIMARY KEY (faction));"
    "CREATE UNIQUE INDEX once ON influence (player_id, (amount + 1) DESC) WHERE amount > 5;"
    "CREATE VIEW ranks AS SELECT player_id, score FROM players;";

Catalogue catalogue() { return translate_migration("m.sql", schema_text, {}).after; }

const ParameterTypes parameters = {
    {"player_id", Type::text}, {"delta", Type::bigint}, {"at", Type::timestamptz}};

Translation translated(const std::string& text, Use use = Use::query) {
  return translate(split("s.sql", text).at(0), catalogue(), use, parameters);
}

std::string postgres(const std::string& text, Use use = Use::query) { return translated(text, use).postgres; }

TEST(postgres, sets_updated_at_of_a_changed_row_as_sqlite_does) {
  const Catalogue stamped =
      translate_migration(
          "m.sql",
          "CREATE TABLE notes (id text PRIMARY KEY, note text, updated_at timestamptz NOT NULL);"
          "CREATE TABLE days (id text PRIMARY KEY, updated_at date)",
          {})
          .after;
  const auto text = [&](const std::string& sql, Use use = Use::apply) {
    return translate(split("s.sql", sql).at(0), stamped, use, parameters);
  };
  const Translation update = text("UPDATE notes SET note = 'x' WHERE id = :player_id");
  EXPECT_EQ(update.sqlite, "UPDATE notes SET note = 'x', updated_at = ?2 WHERE (notes.id = ?1)");
  EXPECT_EQ(update.postgres,
            "UPDATE notes SET note = 'x'::text, updated_at = $2::timestamptz WHERE (notes.id = $1::text) AND "
            "notes.ledger_id = $3::uuid");
  ASSERT_EQ(update.parameters.size(), 2U);
  EXPECT_EQ(update.parameters[1].name, "at");
  const Translation conflict = text(
      "INSERT INTO notes (id, updated_at) VALUES ('a', :at) ON CONFLICT (id) DO UPDATE SET note = "
      "excluded.note");
  EXPECT_NE(conflict.sqlite.find("DO UPDATE SET note = excluded.note, updated_at = ?1"), std::string::npos);
  EXPECT_NE(conflict.postgres.find("note = excluded.note, updated_at = $1::timestamptz"), std::string::npos);
  // By hand it stays as it is written; a column of another type is nobody's but the author's.
  EXPECT_EQ(text("UPDATE notes SET updated_at = :at, note = 'x'").sqlite,
            "UPDATE notes SET updated_at = ?1, note = 'x'");
  EXPECT_EQ(text("UPDATE days SET id = 'x'").sqlite, "UPDATE days SET id = 'x'");
  EXPECT_EQ(translate_migration("m.sql", "UPDATE notes SET note = 'x'", stamped).sqlite.at(0),
            "UPDATE notes SET note = 'x'");
}

TEST(postgres, narrows_every_table_to_the_ledger) {
  EXPECT_EQ(
      postgres("SELECT name FROM players WHERE player_id = :player_id"),
      "SELECT players.name AS name FROM (SELECT player_id, name, score, note FROM players WHERE ledger_id = "
      "$2::uuid) AS players WHERE (players.player_id = $1::text)");
  EXPECT_EQ(
      postgres("SELECT * FROM influence i LEFT JOIN ranks USING (player_id) ORDER BY faction"),
      "SELECT i.player_id AS player_id, i.faction AS faction, i.amount AS amount, ranks.score AS score FROM "
      "(SELECT player_id, faction, amount FROM influence WHERE ledger_id = $1::uuid) AS i LEFT JOIN ranks ON "
      "(i.player_id = ranks.player_id) ORDER BY 2");
  EXPECT_EQ(
      postgres("SELECT version, payload::jsonb ->> 'x' AS x FROM reeve_events"),
      "SELECT reeve_events.version AS version, (reeve_events.payload::jsonb ->> 'x'::text) AS x FROM (SELECT "
      "sequence, id, type, version::integer AS version, \"time\", moment, actor, command, key, payload FROM "
      "reeve_events WHERE ledger_id = $1::uuid) AS reeve_events");
}

TEST(postgres, writes_rows_of_the_ledger_alone) {
  EXPECT_EQ(
      postgres("INSERT INTO influence (player_id, faction) VALUES (:player_id, 'A') ON CONFLICT (faction) DO "
               "UPDATE SET amount = influence.amount + 1 WHERE excluded.faction <> 'B' RETURNING *",
               Use::apply),
      "INSERT INTO influence (ledger_id, player_id, faction) VALUES ($2::uuid, $1::text, 'A'::text) ON "
      "CONFLICT (ledger_id, faction) DO UPDATE SET amount = (influence.amount + 1) WHERE (excluded.faction "
      "<> "
      "'B'::text) RETURNING influence.player_id AS player_id, influence.faction AS faction, influence.amount "
      "AS amount");
  EXPECT_EQ(
      postgres("INSERT INTO influence (faction, amount) SELECT name, 1 FROM players UNION SELECT 'x', 2",
               Use::apply),
      "INSERT INTO influence (ledger_id, faction, amount) SELECT $1::uuid, reeve_rows.* FROM (SELECT "
      "players.name AS name, 1 AS \"?column?\" FROM (SELECT player_id, name, score, note FROM players WHERE "
      "ledger_id = $1::uuid) AS players UNION SELECT 'x'::text AS \"?column?\", 2 AS \"?column?\") AS "
      "reeve_rows");
  EXPECT_EQ(
      postgres("UPDATE players AS p SET score = p.score + :delta WHERE player_id = :player_id", Use::apply),
      "UPDATE players AS p SET score = (p.score + $1::bigint) WHERE (p.player_id = $2::text) AND p.ledger_id "
      "= $3::uuid");
  EXPECT_EQ(postgres("DELETE FROM influence USING players WHERE players.player_id = influence.player_id",
                     Use::apply),
            "DELETE FROM influence USING (SELECT player_id, name, score, note FROM players WHERE ledger_id = "
            "$1::uuid) AS players WHERE (players.player_id = influence.player_id) AND influence.ledger_id = "
            "$1::uuid");
  EXPECT_EQ(postgres("DELETE FROM influence", Use::apply),
            "DELETE FROM influence WHERE influence.ledger_id = $1::uuid");
}

TEST(postgres, returns_the_rows_that_a_statement_changes) {
  const auto returning = [](const std::string& text) {
    return translated(text, Use::apply).postgres_returning;
  };
  EXPECT_EQ(
      returning("INSERT INTO influence (player_id, faction) VALUES (:player_id, 'A') ON CONFLICT DO NOTHING"),
      "INSERT INTO influence (ledger_id, player_id, faction) VALUES ($2::uuid, $1::text, 'A'::text) ON "
      "CONFLICT DO NOTHING RETURNING NULL::bytea, record_send(influence.*)");
  EXPECT_EQ(returning("UPDATE players AS p SET score = p.score + :delta WHERE player_id = :player_id"),
            "UPDATE players AS p SET score = (p.score + $1::bigint) FROM (SELECT record_send(p.*) AS image "
            "FROM players AS p "
            "WHERE (p.player_id = $2::text) AND p.ledger_id = $3::uuid) AS reeve_before WHERE (p.player_id = "
            "$2::text) AND "
            "p.ledger_id = $3::uuid RETURNING reeve_before.image, record_send(p.*)");
  EXPECT_EQ(returning("WITH i AS (SELECT name FROM players) UPDATE influence SET amount = 1 WHERE faction IN "
                      "(SELECT name FROM i)"),
            "WITH reeve_before AS (WITH i(name) AS (SELECT players.name AS name FROM (SELECT player_id, "
            "name, score, note "
            "FROM players WHERE ledger_id = $1::uuid) AS players) SELECT record_send(influence.*) AS image "
            "FROM influence "
            "WHERE (influence.faction IN (SELECT i.name AS name FROM i)) AND influence.ledger_id = "
            "$1::uuid), reeve_after "
            "AS (WITH i(name) AS (SELECT players.name AS name FROM (SELECT player_id, name, score, note FROM "
            "players WHERE "
            "ledger_id = $1::uuid) AS players) UPDATE influence SET amount = 1 WHERE (influence.faction IN "
            "(SELECT i.name "
            "AS name FROM i)) AND influence.ledger_id = $1::uuid RETURNING record_send(influence.*) AS "
            "image) SELECT image, "
            "NULL::bytea FROM reeve_before UNION ALL SELECT NULL::bytea, image FROM reeve_after");
  EXPECT_EQ(returning("DELETE FROM influence"),
            "DELETE FROM influence WHERE influence.ledger_id = $1::uuid RETURNING record_send(influence.*), "
            "NULL::bytea");
  EXPECT_EQ(returning("INSERT INTO influence AS i (player_id, faction) VALUES (:player_id, "
                      "upper(:player_id)) ON CONFLICT "
                      "(faction) DO UPDATE SET amount = i.amount + 1 WHERE i.amount < 9"),
            "WITH reeve_before AS (SELECT record_send(i.*) AS image FROM influence AS i WHERE i.ledger_id = "
            "$2::uuid AND "
            "i.faction = reeve_upper($1::text)), reeve_after AS (INSERT INTO influence AS i (ledger_id, "
            "player_id, faction) "
            "VALUES ($2::uuid, $1::text, reeve_upper($1::text)) ON CONFLICT (ledger_id, faction) DO UPDATE "
            "SET amount = "
            "(i.amount + 1) WHERE (i.amount < 9) RETURNING record_send(i.*) AS image) SELECT image, "
            "NULL::bytea FROM "
            "reeve_before WHERE EXISTS (SELECT FROM reeve_after) UNION ALL SELECT NULL::bytea, image FROM "
            "reeve_after");
  for (const char* text :
       {"INSERT INTO influence (player_id, faction) VALUES ('a', 'A'), ('b', 'B') ON CONFLICT (faction) DO "
        "UPDATE SET amount = influence.amount + 1",
        "INSERT INTO influence (faction) SELECT 'A' ON CONFLICT (faction) DO UPDATE SET amount = 1",
        "DELETE FROM influence RETURNING faction"}) {
    EXPECT_EQ(returning(text), "") << text;
  }
}

TEST(postgres, numbers_what_only_the_caller_knows_after_the_parameters) {
  const Translation dice = translated(
      "SELECT dice('d', :delta) AS d, now() AS now, new_uuid('n') AS u, (SELECT count(*) FROM players) AS n",
      Use::emit);
  EXPECT_EQ(dice.hidden, (std::vector<Hidden>{Hidden::seed, Hidden::decided_at, Hidden::ledger}));
  ASSERT_EQ(dice.parameters.size(), 2U);
  EXPECT_EQ(dice.parameters[1].name, "at");
  EXPECT_EQ(dice.postgres.substr(0, 149),
            "SELECT reeve_dice($3::bytea, $4::bigint, 'd'::text, $1::bigint) AS d, $2::timestamptz AS now, "
            "reeve_new_uuid($3::bytea, $4::bigint, 'n'::text) AS u, ");
  EXPECT_EQ(postgres("SELECT reeve_changes(5) AS c"), "SELECT reeve_changes($1::uuid, 5) AS c");
  EXPECT_TRUE(translated("SELECT 1 AS one").hidden.empty());
}

TEST(postgres, casts_what_it_would_type_otherwise) {
  EXPECT_EQ(
      postgres("SELECT 0.98 * 2 AS x, sum(score) AS s, avg(score) AS a, extract(year FROM now()) AS y FROM "
               "players"),
      "SELECT ('0.98'::double precision * '2'::double precision) AS x, sum(players.score)::bigint AS s, "
      "avg(players.score::double precision) AS a, extract(year FROM ($1::timestamptz AT TIME ZONE "
      "'UTC'))::double precision AS y FROM (SELECT player_id, name, score, note FROM players WHERE ledger_id "
      "= "
      "$2::uuid) AS players");
}

TEST(postgres, orders_text_by_code_point) {
  EXPECT_EQ(
      postgres("SELECT v FROM (SELECT note ->> 'a' AS v FROM players) AS x ORDER BY v"),
      "SELECT (x.v COLLATE \"C\") AS v FROM (SELECT (players.note ->> 'a'::text) AS v FROM (SELECT "
      "player_id, "
      "name, score, note FROM players WHERE ledger_id = $1::uuid) AS players) AS x ORDER BY 1 NULLS LAST");
  EXPECT_EQ(postgres("SELECT max(name) AS m FROM players WHERE name < 'x'"),
            "SELECT max(players.name) AS m FROM (SELECT player_id, name, score, note FROM players WHERE "
            "ledger_id = "
            "$1::uuid) AS players WHERE (players.name < 'x'::text)");
}

TEST(postgres, keys_and_indexes_begin_with_the_ledger) {
  const PostgresRoles roles = {"o", "w", "r"};
  const auto migration = translate_migration("m.sql", schema_text, {}, roles);
  std::vector<std::string> texts;
  for (const MigrationStatement& statement : migration.postgres) texts.push_back(statement.sql);
  ASSERT_EQ(texts.size(), 19U);
  EXPECT_EQ(
      texts[0],
      "CREATE TABLE players (\n  ledger_id uuid NOT NULL,\n  player_id text COLLATE \"C\" NOT NULL,\n  name "
      "text COLLATE \"C\" NOT NULL,\n  score bigint,\n  note jsonb,\n  CONSTRAINT players_pkey PRIMARY KEY "
      "(ledger_id, player_id),\n  CONSTRAINT reeve_name_length CHECK (char_length(name) <= 20)\n)");
  EXPECT_EQ(texts[1], "ALTER TABLE players ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
  EXPECT_EQ(texts[2],
            "CREATE POLICY reeve_tenant ON players FOR ALL USING (ledger_id = "
            "nullif(current_setting('reeve.ledger_id', true), '')::uuid) WITH CHECK (ledger_id = "
            "nullif(current_setting('reeve.ledger_id', true), '')::uuid)");
  EXPECT_EQ(
      texts[3],
      "CREATE TRIGGER \"0_reeve_capture\" AFTER INSERT OR UPDATE OR DELETE ON players FOR EACH ROW EXECUTE "
      "FUNCTION reeve_capture()");
  EXPECT_EQ(texts[4], "ALTER TABLE players OWNER TO o");
  EXPECT_EQ(texts[5], "GRANT SELECT, INSERT, UPDATE, DELETE ON players TO w");
  EXPECT_EQ(texts[6], "GRANT SELECT ON players TO r");
  EXPECT_EQ(
      texts[7],
      "CREATE TABLE influence (\n  ledger_id uuid NOT NULL,\n  player_id text COLLATE \"C\",\n  faction text "
      "COLLATE \"C\" NOT NULL,\n  amount integer NOT NULL DEFAULT 0,\n  CONSTRAINT influence_pkey PRIMARY "
      "KEY "
      "(ledger_id, faction),\n  CONSTRAINT influence_player_id_fkey FOREIGN KEY (ledger_id, player_id) "
      "REFERENCES players (ledger_id, player_id) ON DELETE SET NULL (player_id),\n  CONSTRAINT "
      "influence_amount_check CHECK ((amount >= 0))\n)");
  EXPECT_EQ(
      texts[14],
      "CREATE UNIQUE INDEX once ON influence (ledger_id, player_id, ((amount + 1)) DESC) WHERE (amount > 5)");
  EXPECT_EQ(
      texts[15],
      "CREATE VIEW ranks (player_id, score) WITH (security_invoker = true) AS SELECT players.player_id AS "
      "player_id, players.score AS score FROM (SELECT player_id, name, score, note FROM players WHERE "
      "ledger_id = nullif(current_setting('reeve.ledger_id', true), '')::uuid) AS players");
}

TEST(postgres, a_migration_tells_schema_from_rows_and_keeps_their_order) {
  const auto migration = translate_migration(
      "m.sql",
      "ALTER TABLE players RENAME TO people; INSERT INTO people (player_id, name) VALUES ('a', 'b');"
      "ALTER TABLE people RENAME COLUMN name TO title;",
      translate_migration("m.sql", "CREATE TABLE players (player_id text PRIMARY KEY, name varchar(9));", {})
          .after);
  ASSERT_EQ(migration.postgres.size(), 5U);
  EXPECT_EQ(migration.postgres[0].sql, "ALTER TABLE players RENAME TO people");
  EXPECT_EQ(migration.postgres[1].sql, "ALTER TABLE people RENAME CONSTRAINT players_pkey TO people_pkey");
  EXPECT_EQ(migration.postgres[2].part, MigrationPart::rows);
  EXPECT_EQ(migration.postgres[2].hidden, std::vector<Hidden>{Hidden::ledger});
  EXPECT_EQ(migration.postgres[2].sql,
            "INSERT INTO people (ledger_id, player_id, name) VALUES ($1::uuid, 'a'::text, 'b'::text)");
  EXPECT_EQ(migration.postgres[3].sql, "ALTER TABLE people RENAME COLUMN name TO title");
  EXPECT_EQ(migration.postgres[4].sql,
            "ALTER TABLE people RENAME CONSTRAINT reeve_name_length TO reeve_title_length");
}

TEST(postgres, refuses_what_would_touch_the_ledger) {
  const auto error_of = [](const std::string& text) -> std::string {
    try {
      translate_migration("m.sql", text, catalogue());
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(error_of("CREATE TABLE t (ledger_id text PRIMARY KEY)").find("Reeve's own"), std::string::npos);
  EXPECT_NE(error_of("ALTER TABLE players RENAME COLUMN score TO ledger_id").find("Reeve's own"),
            std::string::npos);
  EXPECT_NE(error_of("CREATE TABLE t (a text PRIMARY KEY, b text REFERENCES players ON UPDATE SET NULL)")
                .find("can't be kept on PostgreSQL"),
            std::string::npos);
}

TEST(postgres, names_are_quoted_where_they_must_be_and_kept_below_its_limit) {
  EXPECT_EQ(quoted_for_postgres("value"), "value");
  EXPECT_EQ(quoted_for_postgres("user"), "\"user\"");
  EXPECT_EQ(quoted_for_postgres("end"), "\"end\"");
  EXPECT_EQ(quoted_for_postgres("Name"), "\"Name\"");
  EXPECT_EQ(short_name("plain"), "plain");
  const std::string shared(70, 'x');
  EXPECT_EQ(short_name(shared).size(), 63U);
  EXPECT_NE(short_name(shared), short_name(shared + "y"));
  std::string wide = "a";
  for (int i = 0; i < 40; ++i) wide += "ä";
  EXPECT_LE(short_name(wide).size(), 63U);
  EXPECT_EQ(short_name(wide).substr(0, 53), wide.substr(0, 53)) << "cut between letters";
}

}  // namespace
}  // namespace reeve::sql
