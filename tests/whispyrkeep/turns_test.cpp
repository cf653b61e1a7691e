// Turns: one writer each, a hash of the state after it, checkpoints that are looked at, and the way back.

#include "keep_ledgers.h"

#include "base/hash.h"
#include "base/json.h"
#include "engine/connection.h"
#include "state/rebuild.h"
#include "state/verify.h"

#include <reeve/directory.h>

#include <atomic>
#include <map>
#include <thread>

namespace reeve::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;

class turns : public KeepLedgers {
 protected:
  json hash_at(int turn) {
    const json at = state_at(turn);
    EXPECT_EQ(at["state_hash"], at["canonical_state_hash"]) << turn;
    // The same from the canonical text, by other code than that which stored it.
    EXPECT_EQ(at["state_hash"], json(to_hex(sha256(reeve::json::canonical(at["state"].dump()))))) << turn;
    return at["state_hash"];
  }
  /// On both sides of each checkpoint, and at the ends.
  std::map<int, json> hashes() {
    std::map<int, json> all;
    for (const int turn : {0, 1, 7, 9, 10, 12, 13, 19, 20, 25}) all[turn] = hash_at(turn);
    return all;
  }
  json held() {
    json all = json::object();
    for (const json& row : ask("checkpoints", {{"campaign_id", campaign_id}}))
      all[std::to_string(row["turn_index"].get<int>())] = row["holds"];
    return all;
  }
  /// Behind Reeve's back, on both engines.
  void tamper(const std::string& table, const std::string& sql) {
    engine::Connection::open(file_, engine::OpenMode::read_write)->execute(sql);
    for (const DirectoryEntry& entry : list_ledgers(accounts().administrator()))
      if (entry.name == account_) ledger_id_ = entry.ledger_id;
    on_server(fmt::format("{} AND ledger_id = '{}'", sql, ledger_id_));
    EXPECT_THAT(differing_tables(file_), Contains(table));
    EXPECT_THAT(differing_tables(accounts().application(account_)), Contains(table));
  }
  /// What the journal gives takes the place of what was changed.
  void heal() {
    sqlite_.reset();
    postgres_.reset();
    state::rebuild(file_);
    state::rebuild(accounts().administrator(account_));
    expect_verified();
    sqlite_.emplace(Ledger::open(file_));
    postgres_.emplace(Ledger::open(accounts().application(account_)));
  }
  static void on_server(const std::string& sql) {
    accounts().execute("SET search_path = reeve; SET session_replication_role = replica; " + sql);
  }
  static std::vector<std::string> differing_tables(const std::string& url) {
    std::vector<std::string> tables;
    for (const auto& difference : state::verify(url).differences) tables.push_back(difference.table);
    return tables;
  }
  void expect_verified() {
    for (const std::string& url : {file_, accounts().application(account_)})
      EXPECT_TRUE(state::verify(url).equal()) << url;
  }

  std::string ledger_id_;
};

TEST_F(turns, are_reckoned_from_checkpoints_that_hold_play_again_to_their_hashes_and_keep_them_elsewhere) {
  open_campaign("checkpoints");
  play(1, 25);
  std::map<int, json> before = hashes();
  EXPECT_NE(before[9], before[10]);
  EXPECT_EQ(before[25], campaign()["canonical_state_hash"]);
  EXPECT_EQ(held(), json::parse(R"({"10":1,"20":1})"));
  EXPECT_TRUE(ask("wrong_turns", {{"campaign_id", campaign_id}}).empty());

  // Without the checkpoint of turn 20.
  accept("drop_checkpoint", {{"campaign_id", campaign_id}, {"turn_index", 20}});
  EXPECT_EQ(hashes(), before);
  accept("rebuild_checkpoint", {{"campaign_id", campaign_id}, {"turn_index", 20}});
  EXPECT_EQ(held(), json::parse(R"({"10":1,"20":1})"));
  EXPECT_EQ(hash_at(20), before[20]);
  EXPECT_NE(command("rebuild_checkpoint", {{"campaign_id", campaign_id}, {"turn_index", 26}}), "");

  // With one that somebody changed: it is refused, and its state is not in any answer.
  tamper("campaign_checkpoints",
         "UPDATE campaign_checkpoints SET state = '{\"calendar\":{},\"party\":{},\"time\":{},\"world\":{}}' "
         "WHERE "
         "turn_index = 10");
  EXPECT_EQ(held(), json::parse(R"({"10":0,"20":1})"));
  EXPECT_EQ(hashes(), before);
  heal();
  EXPECT_EQ(held(), json::parse(R"({"10":1,"20":1})"));

  // A turn that was changed is named, and no state before the first stands for it.
  tamper("turn_operations",
         "UPDATE turn_operations SET value = '4' WHERE turn_index = 3 AND path = '/party/player/hp/current'");
  const json wrong = ask("wrong_turns", {{"campaign_id", campaign_id}});
  ASSERT_EQ(wrong.size(), 1U);  // each turn sets the hit points anew
  EXPECT_EQ(wrong[0]["turn_index"], 3);
  EXPECT_NE(state_at(3)["state_hash"], state_at(3)["canonical_state_hash"]);
  tamper(
      "turn_operations",
      "UPDATE turn_operations SET op = 'replace' WHERE turn_index = 3 AND path LIKE '/world/global_flags/%'");
  EXPECT_EQ(state_at(5)["state"], nullptr);
  EXPECT_EQ(ask("wrong_turns", {{"campaign_id", campaign_id}}).size(), 23U);
  heal();

  // The account goes to another database.
  const Head head = sqlite_->head();
  sqlite_.reset();
  const Database database("whispyrkeep_promoted");
  EXPECT_TRUE(state::promote(file_, database.administrator("moved"), {.progress = {}}).equal());
  Ledger there = Ledger::open(database.application("moved"));
  EXPECT_EQ(there.head().state_hash.to_string(), head.state_hash.to_string());
  for (const int turn : {0, 9, 10, 25}) {
    const json at = rows_of(there, "state_at_turn", {{"campaign_id", campaign_id}, {"turn_index", turn}})[0];
    EXPECT_EQ(at["state_hash"], before[turn]);
  }
}

TEST_F(turns, that_are_rewound_leave_state_lore_clock_and_search_and_an_undo_brings_them_back) {
  open_campaign("rewinds");
  play(1, 25);
  std::map<int, json> before = hashes();
  const json clock = ask_one("universe_by_id", {{"universe_id", universe_id}})["current_universe_time"];
  EXPECT_EQ(clock, json::parse(R"({"year":813,"month":7,"day":27})"));
  const auto found = [&](const std::string& words) {
    const auto left = sqlite_->search("lore", words, {.limit = 100});
    EXPECT_EQ(left.matches, postgres_->search("lore", words, {.limit = 100}).matches);
    return left.matches;
  };
  EXPECT_EQ(found("hollow"), 25);
  const std::string head = sqlite_->head().state_hash.to_string();

  accept("rewind_campaign", {{"campaign_id", campaign_id}, {"turn_index", 7}});
  const Sequence rewound = sqlite_->head().sequence;
  EXPECT_EQ(campaign()["turn_index"], 7);
  EXPECT_EQ(campaign()["canonical_state_hash"], before[7]);
  EXPECT_EQ(campaign()["state"]["world"]["location_id"], "room_7");
  EXPECT_EQ(ask_one("universe_by_id", {{"universe_id", universe_id}})["current_universe_time"],
            json::parse(R"({"year":812,"month":7,"day":27})"));
  EXPECT_EQ(found("hollow"), 7);
  EXPECT_EQ(ask("lore_at_year", {{"universe_id", universe_id}, {"year", 900}}).size(), 7U);
  EXPECT_EQ(ask("turns", {{"campaign_id", campaign_id}}).size(), 7U);
  EXPECT_TRUE(held().empty());
  EXPECT_TRUE(ask("state_at_turn", {{"campaign_id", campaign_id}, {"turn_index", 8}}).empty());

  ASSERT_EQ(undo(rewound), "");
  EXPECT_EQ(sqlite_->head().state_hash.to_string(), head);
  EXPECT_EQ(hashes(), before);
  EXPECT_EQ(campaign()["canonical_state_hash"], before[25]);
  EXPECT_EQ(ask_one("universe_by_id", {{"universe_id", universe_id}})["current_universe_time"], clock);
  EXPECT_EQ(found("hollow"), 25);
  EXPECT_EQ(held(), json::parse(R"({"10":1,"20":1})"));

  // Another way from there: then what was rewound does not come back over it.
  accept("rewind_campaign", {{"campaign_id", campaign_id}, {"turn_index", 12}});
  const Sequence again = sqlite_->head().sequence;
  play(13, 13);
  EXPECT_EQ(hash_at(13), before[13]);
  EXPECT_NE(undo(again), "");
  accept("rewind_campaign", {{"campaign_id", campaign_id}, {"turn_index", 0}});
  EXPECT_EQ(campaign()["canonical_state_hash"], before[0]);
  expect_verified();
}

TEST_F(turns, that_are_archived_leave_the_tables_and_an_undo_brings_them_back) {
  open_campaign("archive");
  play(1, 25);
  accept("change_campaign_status", {{"campaign_id", campaign_id}, {"status", "ended"}});
  const std::map<int, json> before = hashes();
  const std::string head = sqlite_->head().state_hash.to_string();

  accept("archive_campaign", {{"campaign_id", campaign_id}});
  const Sequence archived = sqlite_->head().sequence;
  EXPECT_EQ(campaign()["archived_turns"], 25);
  EXPECT_EQ(campaign()["canonical_state_hash"], before.at(25));
  EXPECT_TRUE(ask("turns", {{"campaign_id", campaign_id}}).empty());
  EXPECT_TRUE(ask("state_at_turn", {{"campaign_id", campaign_id}, {"turn_index", 25}}).empty());
  EXPECT_EQ(ask("lore_at_year", {{"universe_id", universe_id}, {"year", 900}}).size(), 25U);
  expect_verified();

  ASSERT_EQ(undo(archived), "");
  EXPECT_EQ(sqlite_->head().state_hash.to_string(), head);
  EXPECT_EQ(hashes(), before);
}

TEST_F(turns, are_written_by_one_of_two_who_want_to_and_the_other_hears_before_it_spends) {
  open_campaign("writers");
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    std::atomic<int> won = 0;
    std::vector<std::string> told(8);
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 8; ++writer) {
      writers.emplace_back([&, writer] {
        const Outcome reserved =
            ledger->command("reserve_turn",
                            json{{"campaign_id", campaign_id},
                                 {"base_turn", 0},
                                 {"reservation_id", id_of('5', writer + 1)},
                                 {"expires_at", "2026-01-01T00:30:00Z"}}
                                .dump(),
                            {.actor = fmt::format("writer {}", writer), .time = time_of(60)});
        if (!reserved) {
          told[static_cast<std::size_t>(writer)] = reserved.rejection().reason;
          return;
        }
        ++won;
        EXPECT_TRUE(ledger->command("record_turn",
                                    json{{"campaign_id", campaign_id},
                                         {"reservation_id", id_of('5', writer + 1)},
                                         {"user_input_text", "I go in."},
                                         {"llm_response_text", "You are in."}}
                                        .dump(),
                                    {.time = time_of(61)}));
      });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(won, 1);
    EXPECT_THAT(told, Each(AnyOf("", HasSubstr("somebody else is at the turn"),
                                 HasSubstr("somebody else wrote the turn"))));
    EXPECT_EQ(rows_of(*ledger, "turns", {{"campaign_id", campaign_id}}).size(), 1U);
  }
}

TEST_F(turns, that_were_reserved_and_not_written_in_time_are_free_again) {
  open_campaign("expiry");
  const auto reserve = [&](int who, int until) {
    return command("reserve_turn", {{"campaign_id", campaign_id},
                                    {"base_turn", 0},
                                    {"reservation_id", id_of('5', who)},
                                    {"expires_at", time_of(until)}});
  };
  const auto record = [&](int who) {
    return command("record_turn", {{"campaign_id", campaign_id},
                                   {"reservation_id", id_of('5', who)},
                                   {"user_input_text", "I wait."},
                                   {"llm_response_text", "Nothing."}});
  };
  EXPECT_THAT(reserve(1, 7200), HasSubstr("at most an hour"));
  EXPECT_EQ(reserve(1, seconds_ + 10), "");
  EXPECT_THAT(reserve(2, seconds_ + 10), HasSubstr("somebody else is at the turn"));
  // Nobody gets round the reservation, with an event either.
  EXPECT_THAT(event("turn.recorded", turn(1)), HasSubstr("is not reserved by who writes it"));
  json forged = turn(1);
  forged["reservation_id"] = id_of('5', 2);
  EXPECT_THAT(event("turn.recorded", forged), HasSubstr("is not reserved by who writes it"));
  seconds_ += 60;
  EXPECT_EQ(reserve(2, seconds_ + 60), "");
  EXPECT_THAT(record(1), HasSubstr("not any more"));
  const json spec = {{"rolls",
                      {{{"roll_id", "stealth"}, {"dice", 1}, {"sides", 20}, {"modifier", 5}, {"dc", 12}},
                       {{"roll_id", "dagger"}, {"dice", 3}, {"sides", 4}, {"modifier", -1}}}}};
  EXPECT_EQ(command("roll_dice",
                    {{"campaign_id", campaign_id}, {"reservation_id", id_of('5', 2)}, {"roll_spec", spec}}),
            "");
  // The dice have fallen: a turn without them, or with better ones, is none.
  forged["reservation_id"] = id_of('5', 2);
  EXPECT_THAT(event("turn.recorded", forged), HasSubstr("not those that fell"));
  EXPECT_EQ(record(2), "");
  const json written = ask("turns", {{"campaign_id", campaign_id}})[0];
  EXPECT_EQ(written["roll_spec"], spec);
  const json& results = written["roll_results"]["rolls"];
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[1]["rolls"].size(), 3U);
  EXPECT_EQ(results[0]["success"], results[0]["total"] >= 12);
  expect_verified();  // replayed with the same dice
}

}  // namespace
}  // namespace reeve::testing
