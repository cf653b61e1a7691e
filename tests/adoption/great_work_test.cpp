// The Great Work's file from before Reeve, adopted by the mapping in blueprints/great_work/adopt: the real one where it lies
// beside the project, and a small one that the test makes.

#include "legacy_source.h"

#include "adoption/adopt.h"
#include "base/clock.h"
#include "cli/run_program.h"
#include "engine/connection.h"
#include "state/replay.h"
#include "state/transfer.h"
#include "state/vault_test.h"
#include "state/verify.h"
#include "support/reeve_run.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <reeve/reeve.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <memory>
#include <random>
#include <set>

namespace reeve {
namespace {

constexpr const char* left_out =
    "left out: shared/data/great_work_legacy.db lies neither beside the source folder nor above it, and "
    "REEVE_SHARED_DATA names no folder that holds it";

std::string blueprint() { return testing::project_file("blueprints/great_work").string(); }

/// The mapping on a file; adopted once for all tests of a suite.
struct Adopted {
  explicit Adopted(const std::string& old) {
    LedgerOptions options;
    options.clock = &system_clock();
    options.random = &system_random();
    adoption = adoption::adopt_log(old, state::Location(ledger()), blueprint(), options);
  }
  std::string ledger() const { return workshop.path("great_work.db"); }
  Value value(const std::string& sql) const {
    return engine::Connection::open(ledger(), engine::OpenMode::read_only)->value(sql).value_or(Null{});
  }
  std::int64_t number(const std::string& sql) const { return std::get<std::int64_t>(value(sql)); }
  std::int64_t count(const std::string& code) const {
    const auto found = adoption.findings.counts().find(code);
    return found == adoption.findings.counts().end() ? 0 : found->second;
  }
  testing::Workshop workshop;
  adoption::Adoption adoption;
};

class GreatWorkAdoption : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto file = legacy::find_file(testing::project_file("").lexically_normal());
    if (!file) {
      fmt::print("{}\n", left_out);
      return;
    }
    old_ = file->string();
    adopted_ = std::make_unique<Adopted>(old_);
  }
  static void TearDownTestSuite() { adopted_.reset(); }
  void SetUp() override {
    if (!adopted_) GTEST_SKIP() << left_out;
  }
  static std::string old_;
  static std::unique_ptr<Adopted> adopted_;
};

std::string GreatWorkAdoption::old_;
std::unique_ptr<Adopted> GreatWorkAdoption::adopted_;

TEST_F(GreatWorkAdoption, keeps_all_2829_events_in_their_order_as_they_were) {
  EXPECT_EQ(adopted_->adoption.events_kept, 2829);
  const auto old = engine::Connection::open_plain(old_, engine::OpenMode::read_only);
  const auto made = engine::Connection::open(adopted_->ledger(), engine::OpenMode::read_only);
  engine::Statement log = old->prepare("SELECT id, timestamp, action, payload FROM events ORDER BY id");
  engine::Statement kept = made->prepare(
      "SELECT payload, time FROM reeve_events WHERE type = 'reeve.event_adopted' ORDER BY sequence");
  std::int64_t events = 0;
  while (log.step()) {
    ASSERT_TRUE(kept.step());
    const auto payload = nlohmann::json::parse(kept.text(0));
    const auto& data = payload["data"];
    ASSERT_EQ(data["id"], log.integer(0));
    EXPECT_EQ(data["timestamp"], log.text(1));
    EXPECT_EQ(data["action"], log.text(2));
    EXPECT_EQ(data["payload"], nlohmann::json::parse(log.text(3)));
    EXPECT_EQ(parse_time(log.text(1)), parse_time(kept.text(1)));
    ++events;
  }
  EXPECT_FALSE(kept.step());
  EXPECT_EQ(events, 2829);
}

TEST_F(GreatWorkAdoption, refuses_no_event_that_the_mapping_makes) {
  for (const adoption::Irregularity& one : adopted_->adoption.findings.list()) {
    EXPECT_NE(one.code, "refused") << one.row << ": " << one.done;
  }
  EXPECT_EQ(adopted_->number("SELECT count(*) FROM players"), 6);
  EXPECT_EQ(adopted_->number("SELECT count(*) FROM scholars"), 30);
  EXPECT_EQ(adopted_->number("SELECT count(*) FROM press_releases"), 1852 + 1);  // one still waits
  EXPECT_EQ(adopted_->number("SELECT count(*) FROM press_releases WHERE state = 'scheduled'"), 1);
  EXPECT_EQ(adopted_->number("SELECT count(*) FROM theories"), 212);
  EXPECT_EQ(adopted_->number("SELECT count(*) FROM expeditions"), 56);
  EXPECT_EQ(adopted_->number("SELECT count(*) FROM orders WHERE status = 'pending'"), 52);
  EXPECT_EQ(adopted_->number("SELECT current_year FROM timeline"), 1979);
}

TEST_F(GreatWorkAdoption, reports_each_irregularity) {
  EXPECT_EQ(adopted_->count("logged_twice"), 53);
  EXPECT_EQ(adopted_->count("time_backwards"), 68);
  EXPECT_EQ(adopted_->count("fails_forever"), 12);
  EXPECT_EQ(adopted_->count("pending"), 40);
  EXPECT_EQ(adopted_->count("odd_date"), 3);
  EXPECT_EQ(adopted_->count("left_out"), 27);
  EXPECT_EQ(adopted_->count("no_version"), 1);
  EXPECT_EQ(adopted_->count("no_year"), 1);
  EXPECT_EQ(adopted_->count("balance_spelled_twice"), 9);
  EXPECT_GT(adopted_->count("spelled_otherwise"), 0);
  for (const auto& [code, count] : adopted_->adoption.findings.counts())
    fmt::print("  {}: {}\n", code, count);
}

TEST_F(GreatWorkAdoption, merges_the_balances_by_a_decision_that_is_recorded) {
  const auto old = engine::Connection::open_plain(old_, engine::OpenMode::read_only);
  EXPECT_EQ(adopted_->value("SELECT sum(influence) FROM player_influence"),
            old->value("SELECT sum(i.value) FROM players p, json_each(p.influence) i").value_or(Null{}));
  EXPECT_EQ(adopted_->number(
                "SELECT count(*) FROM reeve_events WHERE type = 'faction.merged' AND actor = 'adoption'"),
            30);
  EXPECT_EQ(adopted_->number(
                "SELECT influence FROM player_influence WHERE player_id = 'sarah' AND faction = 'Foreign'"),
            8 + 13);
}

TEST_F(GreatWorkAdoption, lets_verify_name_the_six_players_whose_table_disagrees_with_their_log) {
  const state::Verification found = state::verify(state::Location(adopted_->ledger()));
  EXPECT_TRUE(found.equal()) << testing::describe(found);
  std::set<std::string> players;
  for (const state::Disagreement& one : found.disagreements) {
    EXPECT_EQ(one.claim.table, "players");
    EXPECT_EQ(one.claim.field, "reputation");
    players.insert(one.claim.key);
  }
  EXPECT_EQ(players.size(), 6u);
  const tests::Folder anywhere;
  const tests::Result verified = tests::reeve(anywhere, {"verify", adopted_->ledger()});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  const std::string& printed = verified.out;
  for (const char* player : {"sarah", "bram", "ines", "otto", "keiko", "nadia"}) {
    EXPECT_NE(printed.find(fmt::format("table players, row {{\"player_id\":\"{}\"}}: reputation is", player)),
              std::string::npos)
        << printed;
  }
  EXPECT_NE(printed.find(", equal"), std::string::npos);
  fmt::print("{}", printed);
}

TEST_F(GreatWorkAdoption, replays_and_comes_back_from_an_export_with_the_same_hashes) {
  const state::Location ledger(adopted_->ledger());
  const state::Replay executed = state::replay_scratch(ledger);
  const state::Replay written =
      state::replay_scratch(ledger, {.by = state::ReplayBy::changeset, .progress = {}, .each = {}});
  EXPECT_EQ(executed.state_hash, written.state_hash);
  EXPECT_EQ(executed.state_hash, adopted_->adoption.state_hash);
  std::deque<std::string> lines;
  state::export_journal(ledger, [&](std::string_view line) { lines.emplace_back(line); });
  const state::Import imported = state::import_journal(
      [&](std::string& line) {
        if (lines.empty()) return false;
        line = std::move(lines.front());
        lines.pop_front();
        return true;
      },
      state::Location(adopted_->workshop.path("copy.db")), {});
  EXPECT_EQ(imported.chain_hash, executed.chain_hash);
  EXPECT_EQ(imported.state_hash, executed.state_hash);
}

TEST_F(GreatWorkAdoption, goes_on_by_its_commands) {
  Ledger game = Ledger::open(adopted_->ledger());
  const Outcome outcome = game.command("post_table_talk", R"({"player_id":"ada","message":"-"})");
  EXPECT_FALSE(outcome.accepted());
  EXPECT_TRUE(
      game.command("post_table_talk", R"({"player_id":"sarah","message":"Where were we?"})").accepted());
}

/// A game of two players with one of each trouble; it is there wherever the test runs.
constexpr const char* small_game = R"sql(
CREATE TABLE players (id TEXT PRIMARY KEY, display_name TEXT, reputation INTEGER, influence TEXT, cooldowns TEXT);
CREATE TABLE scholars (id TEXT PRIMARY KEY, data TEXT);
CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT, action TEXT, payload TEXT);
CREATE TABLE theories (id INTEGER PRIMARY KEY, timestamp TEXT, player_id TEXT, theory TEXT, confidence TEXT,
                       supporters TEXT, deadline TEXT);
CREATE TABLE expeditions (code TEXT PRIMARY KEY, timestamp TEXT, player_id TEXT, outcome TEXT, reputation_delta INTEGER);
CREATE TABLE conferences (id INTEGER PRIMARY KEY, code TEXT, outcome TEXT);
CREATE TABLE press_releases (id INTEGER PRIMARY KEY, timestamp TEXT, type TEXT, headline TEXT, body TEXT, metadata TEXT);
CREATE TABLE queued_press (id INTEGER PRIMARY KEY, release_at TEXT, payload TEXT);
CREATE TABLE relationships (scholar_id TEXT, subject_id TEXT, feeling REAL);
CREATE TABLE offers (id INTEGER PRIMARY KEY, scholar_id TEXT, payload TEXT);
CREATE TABLE mentorships (id INTEGER PRIMARY KEY, player_id TEXT, scholar_id TEXT, status TEXT, resolved_at TEXT);
CREATE TABLE symposium_debts (player_id TEXT, faction TEXT, amount INTEGER, source TEXT);
CREATE TABLE seasonal_commitments (id INTEGER PRIMARY KEY, player_id TEXT, status TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, order_type TEXT, actor_id TEXT, subject_id TEXT, payload TEXT, status TEXT,
                     scheduled_at TEXT, created_at TEXT, updated_at TEXT, result TEXT);
CREATE TABLE timeline (singleton INTEGER PRIMARY KEY, current_year INTEGER);
INSERT INTO timeline VALUES (1, 1921);
INSERT INTO players VALUES ('ada', 'Ada', 3, '{"academia":2,"Academic":3,"foreign":-1}', '{}'),
                           ('bo', 'Bo', 0, '{"religion":1}', '{}');
INSERT INTO scholars VALUES ('s.one', '{"name":"Dr One","seed":1,"archetype":"a","drives":[],"virtues":[],"vices":[],
  "catchphrase":"c","stats":{"talent":3},"career":{"track":"Academia"}}');
INSERT INTO expeditions VALUES ('TH-1', '', 'ada', 'success', 5);
INSERT INTO orders VALUES (1, 'followup:evaluate_offer', 'ada', 's.one', '{}', 'pending', NULL, '2025-09-22T09:00:00+00:00',
                           '2025-09-22T09:00:00+00:00', NULL);
INSERT INTO press_releases VALUES (1, '2025-09-22T09:00:00+00:00', 'bulletin', 'At once', 'body', '{}'),
                                  (2, '2025-09-22T11:00:00+00:00', 'gossip', 'Later', 'body', '{}');
INSERT INTO events (timestamp, action, payload) VALUES
  ('2025-09-22T09:00:00+00:00', 'scholar_spawned', '{"id":"s.one","name":"Dr One","origin":"roster_fill"}'),
  ('2025-09-22T09:00:02+00:00', 'expedition_queued', '{"code":"TH-1","player_id":"ada","expedition_type":"think_tank",
    "objective":"o","team":["s.one"],"funding":["academia"]}'),
  ('2025-09-22T09:00:01+00:00', 'launch_expedition', '{"code":"TH-1","player":"ada","prep_depth":"deep","confidence":"certain"}'),
  ('2025-09-22T09:00:01+00:00', 'expedition_queued', '{"code":"TH-1","player_id":"ada","expedition_type":"think_tank",
    "objective":"o","team":["s.one"],"funding":["academia"]}'),
  ('2025-09-22T09:00:03+00:00', 'press_scheduled', '{"headline":"Later","release_at":"2025-09-22T11:00:00+00:00","layer_type":"gossip"}'),
  ('2025-09-22T11:00:00+00:00', 'scheduled_press_released', '{"headline":"Later","release_at":"2025-09-22T11:00:00+00:00"}'),
  ('2025-09-22T12:00:00+00:00', 'expedition_resolved', '{"code":"TH-1","player":"ada","type":"think_tank","result":"success",
    "roll":70,"modifier":1,"final":71,"confidence":"certain","reputation_delta":5,"reputation_after":5}'),
  ('2025-09-22T12:00:01+00:00', 'unheard_of', '{"what":[1,2.5,null]}'),
  ('2025-09-23T12:00:00+00:00', 'timeline_advanced', '{"current_year":1921,"years_elapsed":1}');
)sql";

TEST(great_work_adoption, of_a_small_game_keeps_its_log_and_names_who_disagrees) {
  const testing::Workshop workshop;
  const std::string old = workshop.path("old.db");
  engine::Connection::open_plain(old, engine::OpenMode::create)->execute(small_game);
  const Adopted adopted(old);
  EXPECT_EQ(adopted.adoption.events_kept, 9);
  EXPECT_EQ(adopted.count("refused"), 0);
  EXPECT_EQ(adopted.count("logged_twice"), 1);
  EXPECT_EQ(adopted.count("time_backwards"), 1);
  EXPECT_EQ(adopted.count("fails_forever"), 1);
  EXPECT_EQ(adopted.count("balance_spelled_twice"), 1);
  EXPECT_EQ(adopted.count("balance_below_zero"), 1);
  EXPECT_EQ(adopted.number(
                "SELECT influence FROM player_influence WHERE player_id = 'ada' AND faction = 'Academic'"),
            5);
  EXPECT_EQ(adopted.number("SELECT count(*) FROM press_releases WHERE state = 'released'"), 2);
  EXPECT_EQ(adopted.number("SELECT count(*) FROM reeve_events WHERE key = 'adopted:events/8' AND span = 1"),
            1);
  const state::Verification found = state::verify(state::Location(adopted.ledger()));
  EXPECT_TRUE(found.equal()) << testing::describe(found);
  ASSERT_EQ(found.disagreements.size(), 1u);
  EXPECT_EQ(found.disagreements[0].claim.key, R"({"player_id":"ada"})");
  EXPECT_EQ(found.disagreements[0].claim.value, "3");
  EXPECT_EQ(found.disagreements[0].found, "5");
  // By the command, too, with the report as objects.
  const tests::Folder anywhere;
  const tests::Result done =
      tests::reeve(anywhere, {"adopt", old, "--blueprint", std::filesystem::absolute(blueprint()).string(),
                              "--to", workshop.path("by_command.db"), "--format", "json"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  const std::string& printed = done.out;
  std::size_t lines = 0;
  for (std::size_t at = 0, end = 0; (end = printed.find('\n', at)) != std::string::npos;
       at = end + 1, ++lines) {
    EXPECT_TRUE(nlohmann::json::accept(printed.substr(at, end - at))) << printed.substr(at, end - at);
  }
  EXPECT_GT(lines, 5u);
  EXPECT_NE(printed.find("\"disagreements\":1"), std::string::npos) << printed;
}

TEST(adoption_by_command, that_is_killed_leaves_no_ledger_or_a_whole_one) {
  const tests::Folder folder;
  engine::Connection::open_plain(folder.path() / "big.db", engine::OpenMode::create)
      ->execute(
          "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT);"
          "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100000)"
          "  INSERT INTO t SELECT x, 'row ' || x FROM c;");
  const auto made = [&] { return std::filesystem::exists(folder.path() / "new.db"); };
  // What it has written so far, under whatever names.
  const auto written = [&] {
    std::int64_t bytes = 0;
    std::error_code gone;
    const std::filesystem::recursive_directory_iterator end;
    for (std::filesystem::recursive_directory_iterator at(folder.path(), gone); at != end;
         at.increment(gone)) {
      const auto size = at->is_regular_file(gone) ? at->file_size(gone) : 0;
      bytes += gone ? 0 : static_cast<std::int64_t>(size);
    }
    return bytes;
  };
  std::mt19937_64 random(testing::test_seed("adoption kills"));
  const testing::Kills kills = testing::run_with_kills(
      {"adopt", folder.path() / "big.db", "--to", folder.path() / "new.db", "--folder",
       folder.path() / "made"},
      8, 100'000, random, {written, [&] { return !made(); }}, [&] { EXPECT_FALSE(made()); });
  EXPECT_EQ(kills.exit_code, 0);
  EXPECT_GT(kills.count, 0);
  testing::expect_equal(folder.path() / "new.db");
  EXPECT_EQ(engine::Connection::open(folder.path() / "new.db", engine::OpenMode::read_only)
                ->value("SELECT count(*) FROM t"),
            Value(std::int64_t{100'000}));
  // Whatever the killed ones left is gone.
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_EQ(entry.path().string().find(".adopting"), std::string::npos) << entry.path();
    EXPECT_EQ(entry.path().string().find("-making"), std::string::npos) << entry.path();
  }
}

}  // namespace
}  // namespace reeve
