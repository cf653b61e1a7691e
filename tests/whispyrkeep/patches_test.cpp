// The patch contract: what is of it changes the state as it says, and all else is refused before anything is written.

#include "keep_ledgers.h"

namespace reeve::testing {
namespace {

using ::testing::HasSubstr;

struct Illegal {
  const char* operations;
  const char* reason = "not of the contract";
};

constexpr const char* unfit = "does not fit the state";
constexpr const char* element = "an element of a list";

// On a campaign that legal_patches() left.
const std::vector<Illegal>& illegal_patches() {
  static const std::vector<Illegal> all = {
      // Paths that are not on the list.
      {R"([{"op":"replace","path":"/party/player/hp/max","value":99}])"},
      {R"([{"op":"replace","path":"/party/player/hp","value":{"current":9,"max":9,"temp":0}}])"},
      {R"([{"op":"replace","path":"/party/player","value":{}}])"},
      {R"([{"op":"replace","path":"","value":1}])", ""},
      {R"([{"op":"replace","path":"/","value":1}])"},
      {R"([{"op":"replace","path":"party/player/hp/current","value":1}])"},
      {R"([{"op":"replace","path":"/party/player/hp/current/","value":1}])"},
      {R"([{"op":"replace","path":"/party/player/hp/current/x","value":1}])"},
      {R"([{"op":"replace","path":"/Party/player/hp/current","value":1}])"},
      {R"([{"op":"replace","path":"/party/player/hp/current\n","value":1}])"},
      {R"([{"op":"add","path":"/party/player/level","value":20}])"},
      {R"([{"op":"add","path":"/party/player/ability_scores/str","value":30}])"},
      {R"([{"op":"add","path":"/party/rival/hp/current","value":1}])"},
      {R"([{"op":"replace","path":"/time/year","value":1}])"},
      {R"([{"op":"replace","path":"/calendar/days","value":1}])"},
      {R"([{"op":"add","path":"/world/weather","value":"rain"}])"},
      {R"([{"op":"add","path":"/world/zones/gate/name","value":"Gate"}])"},
      {R"([{"op":"add","path":"/world/zones/gate/flags","value":{}}])"},
      {R"([{"op":"add","path":"/world/zones//flags/open","value":true}])"},
      {R"([{"op":"add","path":"/world/zones/the gate/flags/open","value":true}])"},
      {R"([{"op":"add","path":"/world/npcs/guard/name","value":"Tom"}])"},
      {R"([{"op":"add","path":"/world/npcs/guard","value":{}}])"},
      {R"([{"op":"add","path":"/world/npcs/../npcs/status","value":"dead"}])"},
      {R"([{"op":"add","path":"/world/factions/crows","value":{}}])"},
      {R"([{"op":"add","path":"/world/global_flags","value":{}}])"},
      {R"([{"op":"add","path":"/world/global_flags/a/b","value":1}])"},
      {R"([{"op":"add","path":"/world/quests/0/title","value":"Other"}])"},
      {R"([{"op":"add","path":"/world/quests/-","value":{"quest_id":"q"}}])"},
      {R"([{"op":"add","path":"/world/quests/00","value":{"quest_id":"q"}}])"},
      {R"([{"op":"add","path":"/party/player/conditions/-1","value":"prone"}])"},
      {R"([{"op":"add","path":"/party/player/resources/hit_dice/d7/spent","value":1}])"},
      {R"([{"op":"add","path":"/party/player/resources/hit_dice/d8/max","value":9}])"},
      {R"([{"op":"add","path":"/party/player/resources/spell_slots/0/used","value":1}])"},
      {R"([{"op":"add","path":"/party/player/resources/spell_slots/10/used","value":1}])"},
      {R"([{"op":"add","path":"/party/player/money/GP","value":1}])"},
      // Values that are not of the path.
      {R"([{"op":"replace","path":"/party/player/hp/current","value":-1}])"},
      {R"([{"op":"replace","path":"/party/player/hp/current","value":4.5}])"},
      {R"([{"op":"replace","path":"/party/player/hp/current","value":"9"}])"},
      {R"([{"op":"replace","path":"/party/player/hp/current","value":null}])"},
      {R"([{"op":"replace","path":"/party/player/hp/current","value":true}])"},
      {R"([{"op":"replace","path":"/party/player/hp/current","value":1000000000}])"},
      {R"([{"op":"replace","path":"/party/player/hp/current","value":1e30}])"},
      {R"([{"op":"replace","path":"/party/player/hp/current"}])"},
      {R"([{"op":"replace","path":"/party/player/hp/temp","value":[1]}])"},
      {R"([{"op":"replace","path":"/party/player/money/gp","value":-5}])"},
      {R"([{"op":"replace","path":"/world/location_id","value":""}])"},
      {R"([{"op":"replace","path":"/world/location_id","value":7}])"},
      {R"([{"op":"add","path":"/world/npcs/guard/status","value":{"dead":true}}])"},
      {R"([{"op":"add","path":"/world/global_flags/a","value":{"deep":1}}])"},
      {R"([{"op":"add","path":"/world/global_flags/a","value":null}])"},
      {R"([{"op":"add","path":"/party/player/conditions","value":["prone"]}])"},
      {R"([{"op":"replace","path":"/party/player/conditions","value":"prone"}])"},
      {R"([{"op":"replace","path":"/party/player/conditions","value":["prone",7]}])", element},
      {R"([{"op":"replace","path":"/world/quests","value":[{"title":"no id"}]}])", element},
      {R"([{"op":"add","path":"/party/player/inventory","value":"sword"}])"},
      {R"([{"op":"add","path":"/party/player/inventory","value":{"name":"sword","quantity":-1}}])"},
      {R"([{"op":"add","path":"/party/player/inventory","value":{"name":"sword","magic":9}}])"},
      {R"([{"op":"replace","path":"/party/player/inventory","value":[{"quantity":1}]}])", element},
      {R"([{"op":"add","path":"/world/quests/0/stage","value":-1}])"},
      // Operations that there are not, or not there.
      {R"([{"op":"move","path":"/world/location_id","value":"hall"}])", "state_patch"},
      {R"([{"op":"copy","path":"/world/location_id"}])", "state_patch"},
      {R"([{"op":"test","path":"/world/location_id","value":"gate"}])", "state_patch"},
      {R"([{"path":"/world/location_id","value":"hall"}])", "state_patch"},
      {R"([{"op":"replace","from":"/world","path":"/world/location_id","value":"hall"}])", "state_patch"},
      {R"([{"op":"remove","path":"/party/player/hp/current"}])"},
      {R"([{"op":"remove","path":"/world/location_id"}])"},
      {R"([{"op":"remove","path":"/party/player/conditions"}])"},
      {R"([{"op":"remove","path":"/world/quests/0/stage"}])"},
      {R"([{"op":"remove","path":"/world/global_flags/alarm","value":true}])"},
      // What does not fit the state as it is, at the operation's turn.
      {R"([{"op":"remove","path":"/world/global_flags/never"}])", unfit},
      {R"([{"op":"replace","path":"/world/global_flags/never","value":1}])", unfit},
      {R"([{"op":"replace","path":"/world/npcs/nobody/status","value":"dead"}])", unfit},
      {R"([{"op":"remove","path":"/party/player/inventory/9"}])", unfit},
      {R"([{"op":"replace","path":"/party/player/conditions/9","value":"prone"}])", unfit},
      {R"([{"op":"add","path":"/party/player/inventory/99","value":{"name":"sword"}}])", unfit},
      {R"([{"op":"add","path":"/world/quests/9/flags/done","value":true}])", unfit},
      {R"([{"op":"add","path":"/world/quests/9/stage","value":1}])", unfit},
      {R"([{"op":"remove","path":"/world/global_flags/alarm"},{"op":"remove","path":"/world/global_flags/alarm"}])",
       unfit},
      // Time.
      {R"([{"op":"advance_time","value":{"days":-1}}])"},
      {R"([{"op":"advance_time","value":{"days":0}}])"},
      {R"([{"op":"advance_time","value":{}}])"},
      {R"([{"op":"advance_time","value":3}])"},
      {R"([{"op":"advance_time"}])"},
      {R"([{"op":"advance_time","value":{"days":1.5}}])"},
      {R"([{"op":"advance_time","value":{"weeks":1}}])"},
      {R"([{"op":"advance_time","path":"/time","value":{"days":1}}])"},
      {R"([{"op":"advance_time","value":{"years":101}}])", "100 years"},
      {R"([{"op":"advance_time","value":{"years":100}},{"op":"advance_time","value":{"days":1}}])",
       "100 years"},
      {R"([{"op":"advance_time","value":{"days":36001}}])", "100 years"},
      // A good one does not carry a bad one along.
      {R"([{"op":"replace","path":"/party/player/hp/current","value":1},{"op":"replace","path":"/party/player/hp/max","value":1}])"},
  };
  return all;
}

struct Legal {
  const char* operations;
  const char* path;  ///< of the state after it
  const char* value;
};

const std::vector<Legal>& legal_patches() {
  static const std::vector<Legal> all = {
      {R"([{"op":"replace","path":"/party/player/hp/current","value":0}])", "/party/player/hp/current", "0"},
      {R"([{"op":"replace","path":"/party/player/hp/current","value":12}])", "/party/player/hp/current",
       "12"},
      {R"([{"op":"add","path":"/party/player/hp/temp","value":5}])", "/party/player/hp/temp", "5"},
      {R"([{"op":"replace","path":"/party/player/hp/temp","value":999999999}])", "/party/player/hp/temp",
       "999999999"},
      {R"([{"op":"add","path":"/party/player/conditions","value":"prone"}])", "/party/player/conditions",
       R"(["prone"])"},
      {R"([{"op":"add","path":"/party/player/conditions","value":"blinded"}])", "/party/player/conditions",
       R"(["prone","blinded"])"},
      {R"([{"op":"add","path":"/party/player/conditions/1","value":"deafened"}])", "/party/player/conditions",
       R"(["prone","deafened","blinded"])"},
      {R"([{"op":"replace","path":"/party/player/conditions/0","value":"stunned"}])",
       "/party/player/conditions", R"(["stunned","deafened","blinded"])"},
      {R"([{"op":"remove","path":"/party/player/conditions/1"}])", "/party/player/conditions",
       R"(["stunned","blinded"])"},
      {R"([{"op":"add","path":"/party/player/conditions/2","value":"charmed"}])",
       "/party/player/conditions/2", R"("charmed")"},
      {R"([{"op":"replace","path":"/party/player/conditions","value":[]}])", "/party/player/conditions",
       "[]"},
      {R"([{"op":"replace","path":"/party/player/resources/hit_dice/d8/spent","value":1}])",
       "/party/player/resources/hit_dice/d8", R"({"max":1,"spent":1})"},
      {R"([{"op":"add","path":"/party/player/resources/hit_dice/d6/spent","value":2}])",
       "/party/player/resources/hit_dice/d6", R"({"spent":2})"},
      {R"([{"op":"add","path":"/party/player/resources/spell_slots/9/used","value":1}])",
       "/party/player/resources/spell_slots", R"({"9":{"used":1}})"},
      {R"([{"op":"add","path":"/party/player/inventory","value":{"name":"sword"}}])",
       "/party/player/inventory/2", R"({"name":"sword"})"},
      {R"([{"op":"add","path":"/party/player/inventory/0","value":{"name":"key","quantity":1,"notes":"silver"}}])",
       "/party/player/inventory/0", R"({"name":"key","notes":"silver","quantity":1})"},
      {R"([{"op":"replace","path":"/party/player/inventory/1","value":{"name":"lamp"}}])",
       "/party/player/inventory/1/name", R"("lamp")"},
      {R"([{"op":"remove","path":"/party/player/inventory/3"}])", "/party/player/inventory",
       R"([{"name":"key","notes":"silver","quantity":1},{"name":"lamp"},{"name":"rope","quantity":2}])"},
      {R"([{"op":"replace","path":"/party/player/inventory","value":[{"name":"crown"},{"name":"salt","quantity":9}]}])",
       "/party/player/inventory", R"([{"name":"crown"},{"name":"salt","quantity":9}])"},
      {R"([{"op":"replace","path":"/party/player/money/gp","value":3}])", "/party/player/money",
       R"({"gp":3})"},
      {R"([{"op":"add","path":"/party/player/money/salt_crowns","value":7}])",
       "/party/player/money/salt_crowns", "7"},
      {R"([{"op":"remove","path":"/party/player/money/gp"}])", "/party/player/money", R"({"salt_crowns":7})"},
      {R"([{"op":"replace","path":"/world/location_id","value":"the hall"}])", "/world/location_id",
       R"("the hall")"},
      {R"([{"op":"add","path":"/world/location_id","value":"Ō"}])", "/world/location_id", R"("Ō")"},
      {R"([{"op":"add","path":"/world/zones/gate/flags/open","value":true}])", "/world/zones/gate",
       R"({"flags":{"open":true}})"},
      {R"([{"op":"add","path":"/world/zones/gate/flags/guards","value":2}])",
       "/world/zones/gate/flags/guards", "2"},
      {R"([{"op":"remove","path":"/world/zones/gate/flags/open"}])", "/world/zones/gate/flags",
       R"({"guards":2})"},
      {R"([{"op":"add","path":"/world/zones/hall/npcs_present","value":"guard"}])",
       "/world/zones/hall/npcs_present", R"(["guard"])"},
      {R"([{"op":"replace","path":"/world/zones/hall/npcs_present","value":["guard","queen"]}])",
       "/world/zones/hall/npcs_present", R"(["guard","queen"])"},
      {R"([{"op":"add","path":"/world/quests","value":{"quest_id":"crown","title":"The Crown","stage":"begun"}}])",
       "/world/quests", R"([{"quest_id":"crown","stage":"begun","title":"The Crown"}])"},
      {R"([{"op":"add","path":"/world/quests/0","value":{"quest_id":"salt"}}])", "/world/quests/0/quest_id",
       R"("salt")"},
      {R"([{"op":"replace","path":"/world/quests/1/stage","value":2}])", "/world/quests/1/stage", "2"},
      {R"([{"op":"add","path":"/world/quests/0/stage","value":"bought"}])", "/world/quests/0",
       R"({"quest_id":"salt","stage":"bought"})"},
      {R"([{"op":"add","path":"/world/quests/0/flags/paid","value":false}])", "/world/quests/0/flags",
       R"({"paid":false})"},
      {R"([{"op":"remove","path":"/world/quests/0"}])", "/world/quests/0/quest_id", R"("crown")"},
      {R"([{"op":"replace","path":"/world/quests","value":[{"quest_id":"only","flags":{}}]}])",
       "/world/quests", R"([{"flags":{},"quest_id":"only"}])"},
      {R"([{"op":"add","path":"/world/npcs/guard-1/status","value":"asleep"}])", "/world/npcs/guard-1",
       R"({"status":"asleep"})"},
      {R"([{"op":"replace","path":"/world/npcs/guard-1/status","value":"awake"},{"op":"add","path":"/world/npcs/guard-1/attitude","value":"wary"}])",
       "/world/npcs/guard-1", R"({"attitude":"wary","status":"awake"})"},
      {R"([{"op":"add","path":"/world/npcs/guard-1/location_id","value":"gate"},{"op":"remove","path":"/world/npcs/guard-1/attitude"}])",
       "/world/npcs/guard-1", R"({"location_id":"gate","status":"awake"})"},
      {R"([{"op":"add","path":"/world/npcs/guard-1/knowledge_flags","value":"saw_mira"},{"op":"add","path":"/world/npcs/guard-1/knowledge_flags/0","value":"heard_steps"}])",
       "/world/npcs/guard-1/knowledge_flags", R"(["heard_steps","saw_mira"])"},
      {R"([{"op":"remove","path":"/world/npcs/guard-1/knowledge_flags/0"}])",
       "/world/npcs/guard-1/knowledge_flags", R"(["saw_mira"])"},
      {R"([{"op":"add","path":"/world/factions/crows/standing","value":-3}])", "/world/factions",
       R"({"crows":{"standing":-3}})"},
      {R"([{"op":"replace","path":"/world/factions/crows/standing","value":"friends"}])",
       "/world/factions/crows/standing", R"("friends")"},
      {R"([{"op":"add","path":"/world/global_flags/alarm","value":true}])", "/world/global_flags",
       R"({"alarm":true})"},
      {R"([{"op":"add","path":"/world/global_flags/depth","value":1.5}])", "/world/global_flags/depth",
       "1.5"},
      {R"([{"op":"advance_time","value":{"days":24}}])", "/time", R"({"day":1,"month":4,"year":812})"},
      {R"([{"op":"advance_time","value":{"months":9}}])", "/time", R"({"day":1,"month":1,"year":813})"},
      {R"([{"op":"advance_time","value":{"years":1,"months":1,"days":1}}])", "/time",
       R"({"day":2,"month":2,"year":814})"},
      {R"([{"op":"advance_time","value":{"years":50}},{"op":"advance_time","value":{"years":50}}])", "/time",
       R"({"day":2,"month":2,"year":914})"},
      {R"([])", "/party/player/hp/max", "12"},
  };
  return all;
}

class patch_contract : public KeepLedgers {
 protected:
  std::string submit(int index, const char* operations) {
    return event("turn.recorded", turn(index, json::parse(operations)));
  }
};

TEST_F(patch_contract, changes_the_state_as_it_says_and_refuses_all_else_before_anything_is_written) {
  EXPECT_GE(legal_patches().size(), 40U);
  EXPECT_GE(illegal_patches().size(), 60U);
  open_campaign("keep_legal");
  int index = 0;
  for (const Legal& legal : legal_patches()) {
    ASSERT_EQ(submit(++index, legal.operations), "") << legal.operations;
    const json now = campaign();
    EXPECT_EQ(now["state"].at(json::json_pointer(legal.path)), json::parse(legal.value)) << legal.operations;
    EXPECT_EQ(now["turn_index"], index);
    EXPECT_TRUE(ask("patch_faults", {{"operations", json::parse(legal.operations)}}).empty())
        << legal.operations;
  }
  EXPECT_TRUE(ask("wrong_turns", {{"campaign_id", campaign_id}}).empty());

  const Head before = sqlite_->head();
  for (const Illegal& illegal : illegal_patches()) {
    const std::string reason = submit(index + 1, illegal.operations);
    EXPECT_NE(reason, "") << illegal.operations;
    EXPECT_THAT(reason, HasSubstr(illegal.reason)) << illegal.operations;
    EXPECT_EQ(sqlite_->head().sequence.value, before.sequence.value) << illegal.operations;
    EXPECT_EQ(sqlite_->head().state_hash.to_string(), before.state_hash.to_string()) << illegal.operations;
  }
}

TEST_F(patch_contract, holds_for_a_command_as_for_an_event_and_is_explained) {
  open_campaign("keep_illegal_command");
  const std::string reservation = id_of('5', 1);
  accept("reserve_turn", {{"campaign_id", campaign_id},
                          {"base_turn", 0},
                          {"reservation_id", reservation},
                          {"expires_at", time_of(1800)}});
  for (const Illegal& illegal : illegal_patches()) {
    if (std::string_view(illegal.reason) == unfit) continue;
    EXPECT_NE(command("record_turn", {{"campaign_id", campaign_id},
                                      {"reservation_id", reservation},
                                      {"user_input_text", "I cheat."},
                                      {"llm_response_text", "You do not."},
                                      {"state_patch", {{"operations", json::parse(illegal.operations)}}}}),
              "")
        << illegal.operations;
  }
  EXPECT_EQ(campaign()["turn_index"], 0);

  const json faults = ask("patch_faults", {{"operations", json::parse(R"([
      {"op":"replace","path":"/party/player/hp/current","value":3},
      {"op":"replace","path":"/party/player/hp/current","value":-3},
      {"op":"replace","path":"/party/player/hp/max","value":3},
      {"op":"replace","path":"/party/player/conditions","value":["prone",3]}])")}});
  ASSERT_EQ(faults.size(), 3U);
  EXPECT_EQ(faults[0]["place"], 2);
  EXPECT_EQ(faults[0]["fault"], "the value does not fit the path");
  EXPECT_EQ(faults[1]["fault"], "the path is not on the list");
  EXPECT_EQ(faults[2]["fault"], "an element of the list does not fit the path");
}

TEST_F(patch_contract, bounds_what_a_turn_tells_and_rolls) {
  open_campaign("keep_bounds");
  const json spec = {{"roll_id", "stealth"}, {"dice", 2}, {"sides", 6}, {"modifier", 1}, {"dc", 9}};
  const json result = {{"roll_id", "stealth"}, {"rolls", {3, 5}}, {"total", 9}, {"success", true}};
  const auto rolled = [&](const json& specs, const json& results) {
    json payload = turn(1);
    payload["roll_spec"] = {{"rolls", specs}};
    payload["roll_results"] = {{"rolls", results}};
    return event("turn.recorded", payload);
  };
  const auto with = [](json object, const char* member, const json& value) {
    object[member] = value;
    return object;
  };
  EXPECT_THAT(rolled(json::array({with(spec, "dc", 0)}), json::array({result})), HasSubstr("dc"));
  EXPECT_THAT(rolled(json::array({with(spec, "dc", 41)}), json::array({result})), HasSubstr("dc"));
  EXPECT_THAT(rolled(json::array({with(spec, "sides", 7)}), json::array({result})), HasSubstr("sides"));
  EXPECT_THAT(rolled(json::array({spec, spec}), json::array({result, result})), HasSubstr("stands twice"));
  EXPECT_THAT(rolled(json::array({spec}), json::array()), HasSubstr("not those of the rolls"));
  EXPECT_THAT(rolled(json::array(), json::array({result})), HasSubstr("not those of the rolls"));
  EXPECT_THAT(rolled(json::array({spec}), json::array({with(result, "total", 20)})),
              HasSubstr("not those of the rolls"));
  EXPECT_THAT(rolled(json::array({spec}), json::array({with(result, "rolls", json::array({8}))})),
              HasSubstr("not those of the rolls"));
  EXPECT_THAT(rolled(json::array({spec}), json::array({with(result, "rolls", {1, 7})})),
              HasSubstr("not those of the rolls"));
  EXPECT_THAT(rolled(json::array({spec}), json::array({with(result, "success", false)})),
              HasSubstr("not those of the rolls"));
  EXPECT_THAT(rolled(json::array({spec}), json::array({with(result, "roll_id", "other")})),
              HasSubstr("not those of the rolls"));
  json wordy = turn(1, json::array(), {std::string(2001, 'x')});
  EXPECT_THAT(event("turn.recorded", wordy), HasSubstr("lore_deltas"));
  EXPECT_EQ(campaign()["turn_index"], 0);
  EXPECT_EQ(rolled(json::array({spec}), json::array({result})), "");
  // Characters, not bytes.
  std::string letters;
  for (int i = 0; i < 2000; ++i) letters += "Ō";
  EXPECT_EQ(event("turn.recorded", turn(2, json::array(), {letters})), "");
}

}  // namespace
}  // namespace reeve::testing
