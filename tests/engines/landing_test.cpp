// How rows land that a promotion brings over at once: constraints on the way, what is found when they differ, files and
// schemas that were left half made.

#include "database.h"
#include "support/reeve_run.h"

#include "state/promote.h"

#include <fstream>
#include <random>

namespace reeve::testing {
namespace {

/// Seats with names that change hands, and guests who sit on them.
blueprint::Sources seats_sources() {
  const auto schema = [](const std::string& properties) {
    return "{\"type\": \"object\", \"properties\": {" + properties + "}}\n";
  };
  const std::string seat =
      R"("seat": {"type": "string"}, "other": {"type": "string"}, "label": {"type": "string"})";
  const std::string guest =
      R"("guest": {"type": "string"}, "seat": {"type": "string"}, "host": {"type": "string"})";
  return {{
      {"blueprint.toml", "format = 1\nname = \"seats\"\ntitle = \"Seats\"\n"},
      {"migrations/0001_core.up.sql",
       "CREATE TABLE seats (seat text PRIMARY KEY, label text NOT NULL UNIQUE, turned integer NOT NULL "
       "DEFAULT 0);\n"
       "CREATE TABLE guests (guest text PRIMARY KEY, seat text NOT NULL REFERENCES seats (seat),\n"
       "  host text REFERENCES guests (guest) ON DELETE SET NULL, weight double precision, present boolean "
       "NOT NULL,\n"
       "  since timestamptz NOT NULL, card jsonb NOT NULL, token bytea, born date, tag uuid);\n"
       "CREATE INDEX guests_by_seat ON guests (seat);\nCREATE INDEX guests_by_host ON guests (host);\n"
       "CREATE TABLE plates (guest text NOT NULL REFERENCES guests (guest) ON DELETE CASCADE, number integer "
       "NOT NULL,\n"
       "  PRIMARY KEY (guest, number));\n"
       "CREATE TABLE badges (badge text PRIMARY KEY, place integer NOT NULL UNIQUE);\n"},
      {"migrations/0001_core.down.sql",
       "DROP TABLE badges;\nDROP TABLE plates;\nDROP TABLE guests;\nDROP TABLE seats;\n"},
      {"events/seat.made.v1.sql", "INSERT INTO seats (seat, label) VALUES (:seat, :label);\n"},
      {"events/seat.made.v1.json", schema(seat)},
      {"events/seat.removed.v1.sql", "-- expect 1: no seat :seat\nDELETE FROM seats WHERE seat = :seat;\n"},
      {"events/seat.removed.v1.json", schema(seat)},
      // The label of one goes to the other and back: no order of whole rows leads there, for guests hold both.
      {"events/seats.swapped.v1.sql",
       "UPDATE seats SET label = 'swapping', turned = turned + 1 WHERE seat = :seat;\n"
       "UPDATE seats SET label = :seat, turned = turned + 1 WHERE seat = :other;\n"
       "UPDATE seats SET label = :other WHERE seat = :seat;\n"},
      {"events/seats.swapped.v1.json", schema(seat)},
      {"events/guest.came.v1.sql",
       "INSERT INTO guests (guest, seat, host, weight, present, since, card, token, born, tag)\n"
       "VALUES (:guest, :seat, :host, 0.1, true, :at, '{\"z\":[1,null],\"a\":\"\\u00e9\"}'::jsonb,\n"
       "  convert_to(:guest, 'UTF8'), '1969-07-20'::date, '906dc0e2-e864-8bc2-ac2d-9ca82e0a1ba3'::uuid);\n"
       "INSERT INTO plates (guest, number) VALUES (:guest, 1);\nINSERT INTO plates (guest, number) VALUES "
       "(:guest, 2);\n"},
      {"events/guest.came.v1.json", schema(guest)},
      {"events/guest.moved.v1.sql",
       "-- expect 1: no guest :guest\nUPDATE guests SET seat = :seat, weight = NULL WHERE guest = :guest;\n"},
      {"events/guest.moved.v1.json", schema(guest)},
      {"events/guest.left.v1.sql",
       "-- expect 1: no guest :guest\nDELETE FROM guests WHERE guest = :guest;\n"},
      {"events/guest.left.v1.json", schema(guest)},
      {"events/badge.placed.v1.sql",
       "INSERT INTO badges (badge, place) VALUES (:seat, CAST(:label AS integer))\n"
       "ON CONFLICT (badge) DO UPDATE SET place = EXCLUDED.place;\n"},
      {"events/badge.placed.v1.json", schema(seat)},
  }};
}

class landing : public ::testing::Test {
 protected:
  using Events = std::vector<std::pair<const char*, std::string>>;

  std::string seated(const Events& events) {
    std::string file = workshop.path("seats.db");
    Ledger ledger = Ledger::create(file, workshop.blueprint(seats_sources()));
    for (const auto& [type, payload] : events) {
      EXPECT_EQ(reason_of(ledger.commit(type, payload)), "") << type << payload;
    }
    return file;
  }

  /// There with that many events in a transaction, verified, and back.
  void goes_there_and_back(const std::string& file, Database& database, std::int64_t batch) {
    const std::string name = "of_" + std::to_string(batch);
    const auto there = state::promote(file, database.administrator(name),
                                      {.progress = {}, .fence = false, .batch_events = batch});
    ASSERT_TRUE(there.equal());
    const state::Verification found = state::verify(database.application(name));
    EXPECT_TRUE(found.equal()) << describe(found);
    EXPECT_EQ(database.value("SELECT count(*) FROM reeve.reeve_captured"), Value(std::int64_t{0}));
    const std::string back = workshop.path(name + ".db");
    ASSERT_TRUE(state::promote(database.administrator(name), back,
                               {.progress = {}, .fence = false, .batch_events = batch})
                    .equal());
    expect_equal(back);
    // Both go on: the next commit works.
    EXPECT_EQ(reason_of(Ledger::open(back).commit("seat.made", R"({"seat":"next","label":"next"})")), "");
    EXPECT_EQ(reason_of(Ledger::open(database.application(name))
                            .commit("seat.made", R"({"seat":"next","label":"next"})")),
              "");
    EXPECT_TRUE(state::verify(database.application(name)).equal());
  }

  Workshop workshop;
};

const std::vector<std::pair<const char*, std::string>> turbulent = {
    {"seat.made", R"({"seat":"a","label":"a"})"},
    {"seat.made", R"({"seat":"b","label":"b"})"},
    {"seat.made", R"({"seat":"c","label":"c"})"},
    {"guest.came", R"({"guest":"ann","seat":"a"})"},
    {"guest.came", R"({"guest":"bob","seat":"b","host":"ann"})"},
    {"guest.came", R"({"guest":"cid","seat":"c","host":"bob"})"},
    {"badge.placed", R"({"seat":"x","label":"1"})"},
    {"badge.placed", R"({"seat":"y","label":"2"})"},
    {"badge.placed", R"({"seat":"x","label":"3"})"},
    {"badge.placed", R"({"seat":"y","label":"1"})"},
    {"badge.placed", R"({"seat":"x","label":"2"})"},
    {"seats.swapped", R"({"seat":"a","other":"b"})"},
    {"guest.moved", R"({"guest":"cid","seat":"a"})"},
    {"seat.removed", R"({"seat":"c"})"},
    {"seat.made", R"({"seat":"d","label":"c"})"},
    {"guest.moved", R"({"guest":"cid","seat":"d"})"},
    {"guest.left", R"({"guest":"ann"})"},
    {"guest.came", R"({"guest":"ann","seat":"d","host":"cid"})"},
    {"guest.left", R"({"guest":"bob"})"},
    {"seats.swapped", R"({"seat":"b","other":"a"})"},
    {"guest.moved", R"({"guest":"cid","seat":"b"})"},
    {"guest.left", R"({"guest":"ann"})"},
    {"seat.removed", R"({"seat":"d"})"},
};

TEST_F(landing, rows_that_change_hands_arrive_in_batches_of_any_size) {
  const std::string file = seated(turbulent);
  for (const std::int64_t batch : {1, 2, 3, 5, 8, 13, 100'000}) {
    SCOPED_TRACE(batch);
    Database database("landing_" + std::to_string(batch));
    goes_there_and_back(file, database, batch);
  }
}

TEST_F(landing, goes_from_one_postgresql_database_to_another_and_fences_the_first) {
  const std::string file = seated(turbulent);
  const Database first("landing_first");
  const Database second("landing_second");
  const auto there = state::promote(file, first.administrator(), {});
  const auto across = state::promote(first.administrator(), second.administrator(), {});
  ASSERT_TRUE(across.equal());
  EXPECT_EQ(to_hex(across.chain_hash), to_hex(there.chain_hash));
  EXPECT_EQ(to_hex(across.target_state_hash), to_hex(there.target_state_hash));
  EXPECT_TRUE(state::verify(second.application()).equal());
  EXPECT_EQ(
      error_of([&] { Ledger::open(first.application()).commit("seat.removed", R"({"seat":"a"})"); }).code(),
      ErrorCode::conflict);
}

TEST_F(landing, a_row_that_is_not_what_was_written_is_named_with_its_event_and_the_source_goes_on) {
  const std::string file = seated(turbulent);
  const Database database("landing_other_rows");
  {  // a first ledger makes the schema, and then somebody changes what is written there
    const std::string other = workshop.path("other.db");
    Ledger::create(other, workshop.blueprint(seats_sources()));
    ASSERT_TRUE(state::promote(other, database.administrator("other"), {}).equal());
  }
  database.execute(
      "CREATE FUNCTION reeve.spoil() RETURNS trigger LANGUAGE plpgsql AS "
      "'BEGIN IF new.guest = ''cid'' THEN new.weight := 7; END IF; RETURN new; END';"
      "CREATE TRIGGER spoil BEFORE INSERT OR UPDATE ON reeve.guests FOR EACH ROW EXECUTE FUNCTION "
      "reeve.spoil()");
  const auto done = state::promote(file, database.administrator("spoiled"), {});
  EXPECT_FALSE(done.equal());
  ASSERT_EQ(done.differences.size(), 1U);
  // The last event that changed the row is the third from the end.
  EXPECT_EQ(done.differences[0],
            "on the target: table guests, row {\"guest\":\"cid\"}: weight is 7, the journal says null"
            " (event " +
                std::to_string(done.events - 2) + ")");
  database.execute("DROP TRIGGER spoil ON reeve.guests");
  EXPECT_EQ(error_of([&] { Ledger::open(database.application("spoiled")); }).code(), ErrorCode::conflict);
  EXPECT_EQ(reason_of(Ledger::open(file).commit("seat.made", R"({"seat":"e","label":"e"})")), "");
}

TEST_F(landing, rows_that_were_changed_between_two_runs_are_found_by_the_second) {
  const std::string file = seated(turbulent);
  const Database database("landing_changed_between");
  const auto source = engine::Connection::open(file, engine::OpenMode::read_write);
  const std::string last = "(SELECT max(sequence) FROM reeve_events)";
  source->execute("UPDATE reeve_events SET actor = 'x' WHERE sequence = " + last);
  EXPECT_EQ(error_of([&] {
              state::promote(file, database.administrator(),
                             {.progress = {}, .fence = false, .batch_events = 4});
            }).code(),
            ErrorCode::corrupt);
  source->execute("UPDATE reeve_events SET actor = '' WHERE sequence = " + last);
  database.execute("SET search_path = reeve; UPDATE seats SET turned = turned + 1 WHERE seat = 'a'");
  const Error changed = error_of([&] { state::promote(file, database.administrator(), {}); });
  EXPECT_EQ(changed.code(), ErrorCode::corrupt);
  EXPECT_NE(std::string(changed.message()).find("was changed there since"), std::string::npos)
      << changed.message();
  database.execute("SET search_path = reeve; UPDATE seats SET turned = turned - 1 WHERE seat = 'a'");
  database.execute("DELETE FROM reeve.reeve_captured");
  EXPECT_TRUE(state::promote(file, database.administrator(), {}).equal());
  EXPECT_TRUE(state::verify(database.application()).equal());
}

TEST_F(landing, a_schema_whose_triggers_can_not_be_silenced_keeps_nothing_of_it) {
  const std::string file = seated(turbulent);
  const Database database("landing_old_triggers");
  {
    const std::string other = workshop.path("other.db");
    Ledger::create(other, workshop.blueprint(seats_sources()));
    ASSERT_TRUE(state::promote(other, database.administrator("other"), {}).equal());
  }
  database.execute(
      "CREATE OR REPLACE FUNCTION reeve.reeve_capture() RETURNS trigger LANGUAGE plpgsql AS $reeve$ BEGIN "
      "IF tg_op = 'UPDATE' THEN INSERT INTO reeve.reeve_captured (ledger_id, table_name, before, after) "
      "VALUES (new.ledger_id, tg_table_name, record_send(old), record_send(new)); "
      "ELSIF tg_op = 'INSERT' THEN INSERT INTO reeve.reeve_captured (ledger_id, table_name, after) "
      "VALUES (new.ledger_id, tg_table_name, record_send(new)); "
      "ELSE INSERT INTO reeve.reeve_captured (ledger_id, table_name, before) "
      "VALUES (old.ledger_id, tg_table_name, record_send(old)); END IF; RETURN NULL; END $reeve$");
  ASSERT_TRUE(
      state::promote(file, database.administrator("game"), {.progress = {}, .batch_events = 6}).equal());
  EXPECT_EQ(database.value("SELECT count(*) FROM reeve.reeve_captured"), Value(std::int64_t{0}));
  EXPECT_EQ(
      reason_of(
          Ledger::open(database.application("game")).commit("seat.made", R"({"seat":"e","label":"e"})")),
      "");
  EXPECT_TRUE(state::verify(database.application("game")).equal());
}

TEST_F(landing, an_application_can_not_silence_what_captures_its_changes) {
  const std::string file = seated(turbulent);
  const Database database("landing_not_silenced");
  ASSERT_TRUE(state::promote(file, database.administrator(), {}).equal());
  const std::string application = database.application();
  database.execute("ALTER ROLE app IN DATABASE landing_not_silenced SET reeve.capture = 'off'");
  ASSERT_EQ(reason_of(Ledger::open(application).commit("seat.made", R"({"seat":"e","label":"e"})")), "");
  const state::Verification found = state::verify(application);
  EXPECT_TRUE(found.equal()) << describe(found);
}

TEST_F(landing, takes_up_a_file_that_was_left_before_it_had_tables) {
  const std::string file = seated(turbulent);
  const std::string empty = workshop.path("empty.db");
  std::ofstream(empty).close();
  ASSERT_TRUE(state::promote(file, empty, {.progress = {}, .fence = false}).equal());
  expect_equal(empty);
  const std::string bare = workshop.path("bare.db");
  engine::Connection::open(bare, engine::OpenMode::create);
  ASSERT_TRUE(std::filesystem::exists(bare));
  ASSERT_TRUE(state::promote(file, bare, {.progress = {}, .fence = false}).equal());
  expect_equal(bare);
}

TEST_F(landing, makes_a_file_anew_that_was_left_in_the_middle_of_a_migration) {
  const std::string file = seated(turbulent);
  const std::string target = workshop.path("target.db");
  const auto source = engine::Connection::open(file, engine::OpenMode::read_write);
  source->execute("UPDATE reeve_events SET actor = 'x' WHERE sequence = 9");
  EXPECT_EQ(error_of([&] {
              state::promote(file, target, {.progress = {}, .fence = false, .batch_events = 1});
            }).code(),
            ErrorCode::corrupt);
  source->execute("UPDATE reeve_events SET actor = '' WHERE sequence = 9");
  {
    const auto left = engine::Connection::open(target, engine::OpenMode::read_write);
    EXPECT_EQ(left->value("SELECT value FROM reeve_meta WHERE name = 'arriving'"), Value(std::string("1")));
    left->execute(
        "UPDATE reeve_meta SET value = 'crossing' WHERE name = 'arriving';"
        "ALTER TABLE seats ADD COLUMN half TEXT; CREATE TABLE made_half (x TEXT) STRICT;"
        "INSERT INTO reeve_events SELECT * FROM (SELECT sequence + 1000, 'id', type, version, time, moment, "
        "actor,"
        " command, key, request_hash, span, payload FROM reeve_events LIMIT 1)");
  }
  EXPECT_EQ(error_of([&] { Ledger::open(target); }).code(), ErrorCode::conflict);
  const auto done = state::promote(file, target, {.progress = {}, .fence = false});
  EXPECT_TRUE(done.equal());
  EXPECT_EQ(done.resumed_at, 0);
  expect_equal(target);
}

/// In a file that another process makes: none before it is one.
std::int64_t events_in(const std::string& file) {
  try {
    const auto connection = engine::Connection::open(file, engine::OpenMode::read_only);
    return std::get<std::int64_t>(*connection->value("SELECT count(*) FROM reeve_events"));
  } catch (const Error&) {
    return 0;
  }
}

TEST_F(landing, a_run_into_a_file_that_was_killed_is_gone_on_with) {
  Events many(turbulent.begin(), turbulent.begin() + 6);
  for (int i = 0; i < 3'000; ++i) {
    many.emplace_back("badge.placed", R"({"seat":"s)" + std::to_string(i % 50) + R"(","label":")" +
                                          std::to_string(i) + "\"}");
  }
  const std::string file = seated(many);
  const std::string target = workshop.path("target.db");
  std::mt19937_64 random(test_seed("landing kills"));
  const Kills kills = run_with_kills({"promote", "--batch", "5", file, target}, 5, 200, random,
                                     {[&] { return events_in(target); }});
  EXPECT_EQ(kills.exit_code, 0);
  EXPECT_GT(kills.count, 0);
  expect_equal(target);
  EXPECT_TRUE(state::promote(file, target, {}).equal());
  EXPECT_EQ(reason_of(Ledger::open(target).commit("seat.made", R"({"seat":"e","label":"e"})")), "");
}

}  // namespace
}  // namespace reeve::testing
