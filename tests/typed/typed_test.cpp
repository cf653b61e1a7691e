// The structs of both applications, on ledgers of theirs.

#include "cli/run_program.h"

#include <blueprints/dark_tower.h>
#include <blueprints/great_work.h>
#include <reeve/reeve.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>
#include <future>
#include <tuple>

namespace reeve::tests {
namespace {

std::string blueprint(const std::string& name) {
  const char* sources = std::getenv("REEVE_SOURCE_DIR");
  return std::string(sources != nullptr ? sources : ".") + "/blueprints/" + name;
}

namespace commands = great_work::commands;
namespace events = great_work::events;
namespace queries = great_work::queries;

TEST(typed, gives_commands_events_and_queries_of_the_great_work) {
  const Folder folder;
  Ledger ledger = Ledger::create((folder.path() / "game.db").string(), blueprint("great_work"));
  EXPECT_TRUE(command(ledger, commands::join_player{.player_id = "ada", .name = "Ada \"L\" \xE2\x80\xA8\n"}));
  EXPECT_TRUE(command(
      ledger, commands::join_player{.player_id = "eve", .name = "Eve", .endowment = {{{"academia", 3}}}}));
  const Outcome again = command(ledger, commands::join_player{.player_id = "ada", .name = "Ada"});
  EXPECT_EQ(again.rejection().reason, "ada has joined already");
  EXPECT_TRUE(commit(ledger, events::player_joined{.player_id = "bob", .name = "Bob"}));

  const auto board = query_all(ledger, queries::leaderboard{});
  ASSERT_EQ(board.size(), 3U);
  EXPECT_EQ(board[0].name, "Ada \"L\" \xE2\x80\xA8\n");
  EXPECT_EQ(board[0].reputation, 0);
  std::int64_t influence = 0;
  for (const auto& standing : reeve::query(ledger, queries::player_influence{.player_id = "eve"}))
    influence += standing.influence;
  EXPECT_EQ(influence, 3);
  EXPECT_EQ(query_one(ledger, queries::player{.player_id = "bob"}).value().name, "Bob");
  EXPECT_FALSE(query_one(ledger, queries::player{.player_id = "nobody"}));
}

TEST(typed, gives_arrays_of_one_type_as_vectors_and_objects_of_one_as_maps) {
  const commands::queue_expedition plan{.player_id = "ada",
                                        .type = "field",
                                        .objective = "o",
                                        .preparation = JsonMembers().add("depth", "deep").json(),
                                        .team = {{"a", "b\""}},
                                        .funding = std::vector<std::string>(),
                                        .confidence = "certain"};
  EXPECT_EQ(plan.to_json(),
            R"({"player_id":"ada","type":"field","objective":"o","preparation":{"depth":"deep"},)"
            R"("team":["a","b\""],"funding":[],"confidence":"certain"})");
  const commands::merge_factions merged{
      .player_id = "ada", .spellings = {{"b", 2}, {"a", -1}}, .reason = "r"};
  EXPECT_EQ(merged.to_json(), R"({"player_id":"ada","spellings":{"a":-1,"b":2},"reason":"r"})");
  // An array whose items may be of two types stays JSON.
  const commands::resolve_expedition resolved{.expedition_id = "e", .discoveries = Json{R"(["x",{}])"}};
  EXPECT_EQ(resolved.to_json(), R"({"expedition_id":"e","discoveries":["x",{}]})");
}

TEST(typed, submits_without_waiting_and_the_callback_hears_the_verdict) {
  const Folder folder;
  Ledger ledger = Ledger::create((folder.path() / "game.db").string(), blueprint("great_work"));
  std::promise<Ledger::Verdict> first;
  std::promise<Ledger::Verdict> second;
  const commands::join_player join{.player_id = "ada", .name = "Ada"};
  submit(ledger, join, {.actor = "ada"}, [&](const Ledger::Verdict& verdict) { first.set_value(verdict); });
  submit(ledger, join, {.actor = "ada"}, [&](const Ledger::Verdict& verdict) { second.set_value(verdict); });
  EXPECT_TRUE(first.get_future().get().outcome.value().accepted());
  EXPECT_EQ(second.get_future().get().outcome.value().rejection().reason, "ada has joined already");
}

/// A value of the type that a refusal asks for.
std::string value_for(std::string_view why) {
  if (why.find(" is not a time") != std::string_view::npos) return "2026-01-02T03:04:05Z";
  return why.find(" is not a date") != std::string_view::npos ? "2026-01-02"
                                                              : "00000000-0000-4000-8000-000000000000";
}

/// Asks with values that its parameters take, and looks at what columns come.
template <typename Query>
void ask(Ledger& ledger) {
  nlohmann::json parameters = nlohmann::json::parse(Query{}.to_json());
  std::string why;
  for (std::size_t tries = 0; tries <= parameters.size(); ++tries) {
    try {
      const TypedRows<Query> rows(ledger.query(Query::query_name, parameters.dump()));
      EXPECT_LE(rows.sequence().value, ledger.head().sequence.value) << Query::query_name;
      return;
    } catch (const Error& error) {
      why = error.message();
    }
    for (auto& [name, value] : parameters.items())
      if (why.starts_with("the member " + name + " is not ")) value = value_for(why);
  }
  ADD_FAILURE() << Query::query_name << ": " << why;
}

template <typename... Query>
void ask_all(Ledger& ledger, const std::tuple<Query...>*) {
  (ask<Query>(ledger), ...);
}

TEST(typed, has_the_columns_of_every_query_of_both_applications) {
  const Folder folder;
  Ledger game = Ledger::create((folder.path() / "game.db").string(), blueprint("great_work"));
  ask_all(game, static_cast<const queries::all*>(nullptr));
  EXPECT_GT(std::tuple_size_v<queries::all>, 40U);
  Ledger organization = Ledger::create((folder.path() / "tower.db").string(), blueprint("dark_tower"));
  ask_all(organization, static_cast<const dark_tower::queries::all*>(nullptr));
  EXPECT_GT(std::tuple_size_v<dark_tower::commands::all>, 10U);
}

TEST(typed, says_so_when_the_ledger_is_of_another_blueprint) {
  const Folder folder;
  Ledger organization = Ledger::create((folder.path() / "tower.db").string(), blueprint("dark_tower"));
  EXPECT_THROW(query_all(organization, queries::leaderboard{}), Error);
  struct Other : queries::leaderboard {
    static void check(const Rows& rows) { typed::check_columns(rows, query_name, {"player_id", "other"}); }
  };
  Ledger game = Ledger::create((folder.path() / "game.db").string(), blueprint("great_work"));
  try {
    TypedRows<Other>(game.query("leaderboard"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::conflict) << error.what();
  }
}

TEST(json_members, write_what_payloads_take) {
  EXPECT_EQ(JsonMembers().object(), "{}");
  EXPECT_EQ(JsonMembers()
                .add("a", "x\"\n")
                .add("b", std::int64_t{9007199254740992})
                .add("c", std::int64_t{-9007199254740993})
                .add("d", 0.1)
                .add("e", true)
                .add("f", Json{"[1]"})
                .add("g", std::optional<bool>())
                .add("h", std::optional<std::string>("y"))
                .add("i", 7)
                .add("j", std::vector<std::int64_t>{1, 9007199254740993})
                .add("k", std::map<std::string, bool>{{"x", false}})
                .add("l", std::vector<bool>{})
                .object(),
            R"({"a":"x\"\n","b":9007199254740992,"c":"-9007199254740993","d":0.1,"e":true,"f":[1],"h":"y",)"
            R"("i":7,"j":[1,"9007199254740993"],"k":{"x":false},"l":[]})");
  EXPECT_THROW(JsonMembers().add("x", std::uint64_t{1} << 63), Error);
  EXPECT_THROW(JsonMembers().add("x", std::nan("")), Error);
}

}  // namespace
}  // namespace reeve::tests
