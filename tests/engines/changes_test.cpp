// What an event changed is the same JSON on both engines: read by C++ from a file, by PostgreSQL itself from a schema.

#include "database.h"
#include "support/dark_tower_campaign.h"

#include "base/json.h"
#include "journal/changeset.h"
#include "state/host.h"
#include "state/promote.h"

#include <fmt/format.h>

namespace reeve::testing {
namespace {

class changed_rows : public ::testing::Test {
 protected:
  /// Of every event: of the file, and of its copy as a reader sees it through reeve_changes().
  void expect_equal(const std::string& file, const std::string& database_name) {
    database_.emplace(database_name);
    ASSERT_TRUE(state::promote(file, database_->administrator(), {.progress = {}, .fence = false}).equal());
    const auto left = engine::Connection::open(file, engine::OpenMode::read_only);
    const auto right = engine::Connection::open_postgres(database_->plain("test"), {.schema = "reeve"});
    right->execute("SET ROLE reeve_reader");
    const std::string id(
        std::get<std::string>(*left->value("SELECT value FROM reeve_meta WHERE name = 'ledger_id'")));
    right->set_ledger(id);
    engine::Transaction reading(*right, engine::Transaction::Mode::read);
    auto row = right->prepare("SELECT reeve_changes($1, $2)");
    row.bind_text(1, id);
    state::EpochCache epochs;
    const auto last = std::get<std::int64_t>(*left->value("SELECT max(sequence) FROM reeve_events"));
    for (std::int64_t sequence = 0; sequence <= last + 1; ++sequence) {
      row.bind_integer(2, sequence);
      ASSERT_TRUE(row.step());
      ASSERT_EQ(row.text(0), json::canonical(state::event_changes_json(*left, sequence, epochs)))
          << "event " << sequence;
      row.reset();
    }
  }

  Workshop workshop_;
  std::optional<Database> database_;
};

TEST_F(changed_rows, of_a_campaign_are_the_same_json_on_both_engines) {
  const std::string file = workshop_.path("tower.db");
  Ledger ledger = Ledger::create(file, project_file("blueprints/dark_tower").string());
  DarkTowerCampaign campaign(test_seed("changes of dark tower"));
  for (int i = 0; i < 600; ++i) submit(ledger, campaign.next());
  expect_equal(file, "changes_tower");
}

/// Every kind of value, where the two could part: bounds, signs, exponents, letters cut by a splice.
TEST_F(changed_rows, of_values_of_every_type_are_the_same_json_on_both_engines) {
  const std::string folder = workshop_.blueprint({{
      {"blueprint.toml", "format = 1\nname = \"kinds\"\ntitle = \"Kinds\"\n"},
      {"migrations/0001_kinds.up.sql",
       "CREATE TABLE kinds (id bigint, part text, yes boolean, small integer, large bigint, real double "
       "precision,\n"
       "  words text, uid uuid, day date, time timestamptz, doc jsonb, raw bytea, PRIMARY KEY (part, id));\n"
       "CREATE TABLE \"Zebra\" (id integer PRIMARY KEY);\n"
       "INSERT INTO kinds (id, part, large) VALUES (1, 'of the migration', 7);\n"},
      {"migrations/0001_kinds.down.sql", "DROP TABLE \"Zebra\";\nDROP TABLE kinds;\n"},
      {"events/kind.put.v1.json",
       R"({"type":"object","properties":{"id":{"type":"integer"},"yes":{"type":"boolean"},
           "small":{"type":"integer"},"large":{"type":"string"},"real":{"type":"number"},
           "words":{"type":"string"},"uid":{"type":"string","format":"uuid"},"day":{"type":"string","format":"date"},"time":{"type":"string","format":"date-time"},
           "doc":{"type":"object"}},"required":["id"]})"},
      {"events/kind.put.v1.sql",
       "INSERT INTO kinds (id, part, yes, small, large, real, words, uid, day, time, doc, raw)\n"
       "VALUES (:id, 'x', :yes, :small, :large::bigint, :real, :words, :uid, :day, :time, :doc,\n"
       "        convert_to(:words, 'UTF8'))\n"
       "ON CONFLICT (part, id) DO UPDATE SET yes = excluded.yes, small = excluded.small, large = "
       "excluded.large,\n"
       "  real = excluded.real, words = excluded.words, uid = excluded.uid, day = excluded.day,\n"
       "  time = excluded.time, doc = excluded.doc, raw = excluded.raw;\n"},
      {"events/kind.dropped.v1.json",
       R"({"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]})"},
      {"events/kind.dropped.v1.sql", "DELETE FROM kinds WHERE id = :id;\n"},
  }});
  const std::string file = workshop_.path("kinds.db");
  Ledger ledger = Ledger::create(file, folder);
  const auto put = [&](const std::string& payload) {
    const Outcome outcome = ledger.commit("kind.put", payload, {.actor = "t"});
    ASSERT_TRUE(outcome.accepted()) << payload << reason_of(outcome);
  };
  const std::string umlauts(40, 'u');
  std::string long_text;
  for (int i = 0; i < 30; ++i) long_text += "\xc3\xa9\xe2\x82\xac";
  put(R"({"id":1})");
  put(R"({"id":1,"yes":true,"small":-2147483648,"large":"9223372036854775807","real":4.9e-324})");
  put(R"({"id":1,"yes":false,"small":2147483647,"large":"-9223372036854775808","real":1.7976931348623157e308})");
  put(R"({"id":2,"large":"9007199254740992","real":-0.0,"uid":"906dc0e2-e864-8bc2-ac2d-9ca82e0a1ba3"})");
  put(R"({"id":2,"large":"9007199254740993","real":1e-7,"day":"0001-01-01","time":"9999-12-31T23:59:59.999999Z"})");
  put(R"({"id":2,"large":"-9007199254740993","real":2.2250738585072011e-308,"words":""})");
  put(R"({"id":-5,"real":1e21,"doc":{"b":[1.5,null,true,{"z":"\u00e9\ud83d\ude00"}],"a":1e-9,"":[]},"words":"\u0001\"\\"})");
  put(R"({"id":-5,"real":123456789.125,"doc":{"b":[]},"words":"\u2028 \uffff"})");
  // The two letters differ in their last byte alone, so that the splice cuts through them.
  put(R"({"id":7,"words":")" + long_text + "\xc3\xa9" + long_text + R"("})");
  put(R"({"id":7,"words":")" + long_text + "\xc3\xa8" + long_text + R"("})");
  put(R"({"id":7,"words":")" + long_text + R"("})");
  for (const char* real : {"0.1", "1e300", "-1e-300", "5e-324", "3.0", "4503599627370497.5", "-2.5e-8"})
    put(fmt::format(R"({{"id":8,"real":{},"words":"{}"}})", real, umlauts));
  ASSERT_TRUE(ledger.commit("kind.dropped", R"({"id":7})", {.actor = "t"}).accepted());
  ASSERT_TRUE(ledger.commit("kind.dropped", R"({"id":8})", {.actor = "t"}).accepted());
  expect_equal(file, "changes_kinds");
}

/// A reader of the database alone: the blueprint's view answers in any session that says which ledger.
TEST_F(changed_rows, are_answered_by_a_view_to_a_reader_and_of_no_other_ledger) {
  const std::string file = workshop_.path("work.db");
  Ledger ledger = Ledger::create(file, project_file("blueprints/great_work").string());
  ASSERT_TRUE(
      ledger.command("join_player", R"({"player_id":"ada","name":"Ada"})", {.actor = "ada"}).accepted());
  ASSERT_NO_FATAL_FAILURE(expect_equal(file, "changes_work"));
  database_->execute("CREATE ROLE looker LOGIN IN ROLE reeve_reader");
  const auto reader = engine::Connection::open_postgres(database_->plain("looker"), {.schema = "reeve"});
  const std::string count =
      "SELECT count(*) FROM events_with_consequences WHERE consequences -> 0 ->> 'table' = 'player_events'";
  EXPECT_EQ(std::get<std::int64_t>(*reader->value(count)), 0);
  reader->set_ledger(
      std::get<std::string>(*engine::Connection::open(file, engine::OpenMode::read_only)
                                 ->value("SELECT value FROM reeve_meta WHERE name = 'ledger_id'")));
  engine::Transaction reading(*reader, engine::Transaction::Mode::read);
  EXPECT_GE(std::get<std::int64_t>(*reader->value(count)), 1);
}

TEST_F(changed_rows, that_are_damaged_are_corrupt_and_never_guessed) {
  const std::string file = workshop_.path("tower.db");
  Ledger ledger = Ledger::create(file, project_file("blueprints/dark_tower").string());
  DarkTowerCampaign campaign(test_seed("damaged changes"));
  for (int i = 0; i < 40; ++i) submit(ledger, campaign.next());
  ASSERT_NO_FATAL_FAILURE(expect_equal(file, "changes_damaged"));
  const auto left = engine::Connection::open(file, engine::OpenMode::read_only);
  const auto right = engine::Connection::open_postgres(database_->plain("test"), {.schema = "reeve"});
  state::EpochCache epochs;
  const auto last = std::get<std::int64_t>(*left->value("SELECT max(sequence) FROM reeve_events"));
  journal::EntryReader entries(*left, last - 1);
  journal::Entry entry;
  ASSERT_TRUE(entries.next(entry));
  const std::string layout = journal::read_layouts(*left).back().json;
  const journal::Layout known = journal::Layout::of_json(layout);
  auto row = right->prepare("SELECT to_jsonb(reeve_read_changes($1::jsonb, $2))");
  row.bind_text(1, layout);
  int refused = 0;
  for (std::size_t place = 0; place < entry.changeset.size(); ++place) {
    for (const unsigned change : {1U, 0x80U, 0xffU}) {
      std::string bytes(entry.changeset);
      bytes[place] = static_cast<char>(static_cast<unsigned char>(bytes[place]) ^ change);
      std::optional<std::string> expected;
      try {
        expected = json::canonical(journal::changeset_json(known, bytes));
      } catch (const Error&) {
        ++refused;
      }
      row.bind_bytes(2, bytes.data(), bytes.size());
      try {
        row.step();
        ASSERT_TRUE(expected) << place << " " << change << " " << row.text(0);
        ASSERT_EQ(row.text(0), *expected) << place << " " << change;
      } catch (const Error& error) {
        ASSERT_FALSE(expected) << place << " " << change << " " << error.what() << *expected;
      }
      row.reset();
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace reeve::testing
