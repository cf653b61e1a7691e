// The log of a real game from before Reeve, turned into commands and events and played through the blueprint.

#include "legacy_play.h"
#include "legacy_source.h"

#include "state/replay.h"
#include "state/transfer.h"
#include "state/verify.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <reeve/reeve.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace reeve::legacy {
namespace {

/// Where the blueprints are: the runner says it, and it runs the tests there.
std::filesystem::path source_directory() {
  const char* said = std::getenv("REEVE_SOURCE_DIR");
  return said != nullptr ? std::filesystem::path(said) : std::filesystem::current_path();
}

constexpr const char* left_out =
    "left out: shared/data/great_work_legacy.db lies neither beside the source folder nor above it, and "
    "REEVE_SHARED_DATA names no folder that holds it";

/// One ledger for all tests: it is played once.
class LegacyGreatWork : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto file = find_file(source_directory());
    if (!file) {
      fmt::print("{}\n", left_out);
      return;
    }
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("reeve_legacy_{}", std::chrono::steady_clock::now().time_since_epoch().count());
    std::filesystem::create_directories(folder_);
    game_ = std::make_unique<Game>(read_game(*file));
    Ledger ledger =
        Ledger::create(ledger_file().string(), (source_directory() / "blueprints" / "great_work").string());
    report_ = std::make_unique<Report>(Play(ledger, *game_).run());
    head_ = ledger.head();
  }
  static void TearDownTestSuite() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    game_.reset();
    report_.reset();
  }
  void SetUp() override {
    if (!game_) GTEST_SKIP() << left_out;
  }

  static std::filesystem::path ledger_file() { return folder_ / "great_work.db"; }
  static std::int64_t count(Ledger& ledger, std::string_view type) {
    for (Rows rows = ledger.query("event_counts"); rows.next();) {
      const auto [name, events] = rows.as<std::string, std::int64_t>();
      if (name == type) return events;
    }
    return 0;
  }

  static std::filesystem::path folder_;
  static std::unique_ptr<Game> game_;
  static std::unique_ptr<Report> report_;
  static Head head_;
};

std::filesystem::path LegacyGreatWork::folder_;
std::unique_ptr<Game> LegacyGreatWork::game_;
std::unique_ptr<Report> LegacyGreatWork::report_;
Head LegacyGreatWork::head_;

TEST_F(LegacyGreatWork, the_file_holds_what_is_known_of_it) {
  EXPECT_EQ(game_->events.size(), 2829u);
  EXPECT_EQ(game_->players.size(), 6u);
  EXPECT_EQ(game_->scholars.size(), 30u);
  EXPECT_EQ(game_->theories.size(), 212u);
  EXPECT_EQ(game_->press.size(), 1852u);
  EXPECT_EQ(game_->current_year, 1979);
  std::int64_t backwards = 0;
  for (std::size_t i = 1; i < game_->events.size(); ++i) {
    if (game_->events[i].time < game_->events[i - 1].time) ++backwards;
  }
  EXPECT_EQ(backwards, 68);
}

TEST_F(LegacyGreatWork, every_event_is_committed_or_listed_with_its_reason) {
  std::int64_t committed = 0;
  std::int64_t kept = 0;
  std::int64_t refused = 0;
  for (const LoggedEvent& event : game_->events) {
    const auto found = report_->fates.find(event.id);
    ASSERT_NE(found, report_->fates.end()) << "event " << event.id << " was not played";
    const Fate& fate = found->second;
    if (fate.committed > 0 && fate.refusals.empty()) {
      ++committed;
    } else if (fate.committed > 0) {
      ++kept;
    } else {
      ++refused;
      EXPECT_FALSE(fate.refusals.empty()) << "event " << event.id << " left nothing behind";
    }
  }
  fmt::print("{} events of the log: {} accepted, {} refused as intents and kept as facts, {} refused\n",
             game_->events.size(), committed, kept, refused);
  for (const auto& [what, times] : report_->refused) {
    fmt::print("  refused {} times: {}: {}\n", times, what.first, what.second);
  }
  for (const auto& [what, times] : report_->irregularities)
    fmt::print("  mended {} times: {}\n", times, what);
  for (const auto& [what, times] : report_->recovered) fmt::print("  recovered: {} {}\n", times, what);
  for (const auto& [spelling, meant] : report_->spellings) {
    fmt::print("  spelled {} times: {}, meaning {}\n", meant.second, spelling, meant.first);
  }
  EXPECT_EQ(committed + kept + refused, 2829);
  const std::map<std::pair<std::string, std::string>, std::int64_t> expected = {
      {{"counter_offer_created", "not enough influence"}, 3},
      {{"expedition_queued", "there is an expedition :expedition_id already"}, 53},
      {{"faction_investment", "not enough influence"}, 3},
      {{"launch_expedition", "not enough influence"}, 56},
      {{"offer_created", ":scholar_id follows :player_id already"}, 1},
      {{"offer_created", "not enough influence"}, 11},
  };
  EXPECT_EQ(report_->refused, expected);
}

TEST_F(LegacyGreatWork, state_has_the_totals_of_the_old_tables) {
  Ledger ledger = Ledger::open(ledger_file().string());
  EXPECT_EQ(count(ledger, "player.joined"), 6);
  EXPECT_EQ(count(ledger, "scholar.spawned"), 30);
  EXPECT_EQ(count(ledger, "theory.submitted"), 212);
  EXPECT_EQ(count(ledger, "expedition.queued"), 56);
  EXPECT_EQ(count(ledger, "expedition.launched"), 56);
  EXPECT_EQ(count(ledger, "expedition.resolved"), 53);
  EXPECT_EQ(count(ledger, "conference.launched"), 21);
  EXPECT_EQ(count(ledger, "conference.resolved"), 2);
  EXPECT_EQ(count(ledger, "recruitment.attempted"), 34);
  EXPECT_EQ(count(ledger, "mentorship.queued"), 28);
  EXPECT_EQ(count(ledger, "mentorship.activated"), 27);
  EXPECT_EQ(count(ledger, "symposium.voted"), 30);
  EXPECT_EQ(count(ledger, "year.advanced"), 59);
  EXPECT_EQ(count(ledger, "digest.published"), 119);
  Rows clock = ledger.query("clock");
  ASSERT_TRUE(clock.next());
  EXPECT_EQ(clock.at(1).integer(), game_->current_year);
}

TEST_F(LegacyGreatWork, the_players_whose_old_table_disagrees_with_the_log_are_named) {
  Ledger ledger = Ledger::open(ledger_file().string());
  std::map<std::string, std::int64_t> of_log;
  for (Rows rows = ledger.query("leaderboard"); rows.next();) {
    of_log[std::string(rows.at(0).text())] = rows.at(2).integer();
  }
  std::int64_t disagreeing = 0;
  for (const Player& player : game_->players) {
    if (of_log.at(player.id) == player.reputation) continue;
    ++disagreeing;
    fmt::print("  {}: reputation {} by the log, {} in the old table\n", player.name, of_log.at(player.id),
               player.reputation);
  }
  EXPECT_EQ(disagreeing, 6);
  EXPECT_FALSE(ledger.query("reputation_disagreements").next());
  EXPECT_FALSE(ledger.query("influence_disagreements").next());
  EXPECT_FALSE(ledger.query("player_disagreements").next());
}

TEST_F(LegacyGreatWork, balances_under_two_spellings_are_added_up) {
  Ledger ledger = Ledger::open(ledger_file().string());
  std::int64_t in_old_tables = 0;
  for (const Player& player : game_->players) {
    for (const auto& [spelling, balance] : player.influence.items())
      in_old_tables += balance.get<std::int64_t>();
  }
  std::int64_t in_ledger = 0;
  for (Rows rows = ledger.query("player_influence"); rows.next();) in_ledger += rows.at(2).integer();
  EXPECT_EQ(in_ledger, in_old_tables);
}

TEST_F(LegacyGreatWork, verifies_and_replays_equal_both_ways) {
  const state::Verification verification = state::verify(ledger_file());
  for (const auto& difference : verification.differences) ADD_FAILURE() << difference.message;
  EXPECT_EQ(verification.events, head_.sequence.value);
  EXPECT_EQ(verification.state_hash, head_.state_hash.bytes);
  for (const state::ReplayBy by : {state::ReplayBy::execution, state::ReplayBy::changeset}) {
    state::ReplayOptions options;
    options.by = by;
    const state::Replay replay = state::replay_scratch(ledger_file(), options);
    EXPECT_EQ(replay.events, head_.sequence.value);
    EXPECT_EQ(replay.chain_hash, head_.chain_hash.bytes);
    EXPECT_EQ(replay.state_hash, head_.state_hash.bytes);
  }
}

TEST_F(LegacyGreatWork, exported_and_imported_it_is_the_same) {
  std::vector<std::string> lines;
  state::export_journal(ledger_file(), [&lines](std::string_view line) { lines.emplace_back(line); });
  std::size_t next = 0;
  state::ImportOptions options;
  options.page_bytes = 8192;
  options.group_events_max = 7;
  const state::Import imported = state::import_journal(
      [&](std::string& line) {
        if (next == lines.size()) return false;
        line = lines[next++];
        return true;
      },
      folder_ / "imported.db", options);
  EXPECT_EQ(imported.events, head_.sequence.value);
  EXPECT_EQ(imported.chain_hash, head_.chain_hash.bytes);
  EXPECT_EQ(imported.state_hash, head_.state_hash.bytes);
}

}  // namespace
}  // namespace reeve::legacy
