// Characters, what goes with what, and that nothing of one account is another's.

#include "keep_ledgers.h"

#include "engine/connection.h"

namespace reeve::testing {
namespace {

using ::testing::HasSubstr;

class accounts_of_players : public KeepLedgers {};

/// Every way in which ability scores have been seen to be wrong.
std::vector<json> wrong_scores() {
  std::vector<json> wrong = {nullptr,
                             "sixteen",
                             16,
                             true,
                             json::array(),
                             json::object(),
                             {"str", "dex", "con", "int", "wis", "cha"}};
  const auto with = [](const char* name, const json& value) {
    json all = scores();
    all[name] = value;
    return all;
  };
  for (const json& value :
       std::vector<json>{0, 31, -3, 1e300, 8.5, "8", "sixteen", nullptr, true, json::array({8})})
    wrong.push_back(with("wis", value));
  wrong.push_back(with("luck", 9));
  json five = scores();
  five.erase("cha");
  wrong.push_back(five);
  json renamed = five;
  renamed["CHA"] = 9;
  wrong.push_back(renamed);
  return wrong;
}

TEST_F(accounts_of_players, have_characters_with_six_scores_from_1_to_30_as_the_tables_say) {
  open_campaign("scores");
  const auto sheet = [](const json& ability_scores) {
    return json{{"sheet_id", id_of('3', 2)}, {"user_id", user_id}, {"name", "Nobody"},
                {"species", "Elf"},          {"class", "Bard"},    {"ability_scores", ability_scores}};
  };
  const auto file = engine::Connection::open(file_, engine::OpenMode::read_write);
  const auto server = engine::Connection::open_postgres(accounts().plain("test"));
  server->execute("SET search_path = reeve");
  for (const json& wrong : wrong_scores()) {
    // As an event, and by SQL that goes around Reeve: the table refuses, and never for a cast.
    EXPECT_THAT(event("sheet.created", sheet(wrong)), HasSubstr("ability_scores")) << wrong;
    const std::string columns =
        "(sheet_id, user_id, name, species, class, level, ability_scores, skills, proficiencies, features, "
        "spellbook, equipment, homebrew, created_at, updated_at";
    const std::string values = fmt::format(
        "'{}', '{}', 'Nobody', 'Elf', 'Bard', 1, '{}', '{{}}', '{{}}', '[]', '{{}}', '[]', '{{}}', "
        "'2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z'",
        id_of('3', 2), user_id, wrong.dump());
    for (const auto& [connection, statement] :
         {std::pair(file.get(), "INSERT INTO character_sheets " + columns + ") VALUES (" + values + ")"),
          std::pair(server.get(), "INSERT INTO character_sheets " + columns + ", ledger_id) SELECT " +
                                      values + ", ledger_id FROM users WHERE user_id = '" + user_id +
                                      "' LIMIT 1")}) {
      const Error refused = error_of([&] { connection->execute(statement); });
      EXPECT_EQ(refused.code(), ErrorCode::constraint_violation) << refused.what() << " " << wrong;
      EXPECT_THAT(refused.what(), HasSubstr("ability_scores_are_six_from_1_to_30")) << wrong;
    }
  }
  json edges = scores();
  edges["str"] = 1;
  edges["cha"] = 30;
  EXPECT_EQ(event("sheet.created", sheet(edges)), "");
}

TEST_F(accounts_of_players, lose_everything_with_their_user_on_both_engines_alike) {
  open_campaign("leaving");
  play(1, 12);
  accept("add_canon_doc", {{"universe_id", universe_id},
                           {"source_type", "upload"},
                           {"title", "The Founding"},
                           {"text", "Ravenhold stands on a drowned city."}});
  accept("record_usage", {{"user_id", user_id},
                          {"campaign_id", campaign_id},
                          {"turn_index", 3},
                          {"model", "narrator"},
                          {"prompt_tokens", 1200},
                          {"completion_tokens", 300},
                          {"prompt_price", 150000},
                          {"completion_price", 600000}});
  accept("save_draft", {{"user_id", user_id},
                        {"title", "A"},
                        {"content", json::object()},
                        {"expires_at", "2026-02-01T00:00:00Z"}});
  EXPECT_THAT(command("delete_sheet", {{"sheet_id", sheet_id}}), HasSubstr("a campaign is played with"));
  EXPECT_NE(event("sheet.deleted", {{"sheet_id", sheet_id}}), "");
  accept("delete_user", {{"user_id", user_id}});  // the same state hash on both
  EXPECT_TRUE(ask("account", json::object()).empty());
  EXPECT_TRUE(ask("universes_of_user", {{"user_id", user_id}}).empty());
  EXPECT_TRUE(ask("sheets_of_user", {{"user_id", user_id}}).empty());
  EXPECT_TRUE(ask("campaign_by_id", {{"campaign_id", campaign_id}}).empty());
  EXPECT_TRUE(ask("turns", {{"campaign_id", campaign_id}}).empty());
  EXPECT_TRUE(ask("lore_at_year", {{"universe_id", universe_id}, {"year", 812}}).empty());
  EXPECT_EQ(sqlite_->search("lore", "hollow or ravenhold").matches, 0);
  EXPECT_EQ(postgres_->search("lore", "hollow or ravenhold").matches, 0);
  // There is room for another.
  accept("register_user",
         {{"email", "next@keep.example"}, {"password_hash", "$argon2id$x"}, {"display_name", "Next"}});
}

TEST_F(accounts_of_players, are_nobody_elses) {
  open_campaign("wren");
  play(1, 2);
  create_ledger(accounts().administrator("rook"), project_file("blueprints/whispyrkeep").string());
  Ledger rook = Ledger::open(accounts().application("rook"));
  ASSERT_TRUE(rook.command("register_user", json{{"user_id", id_of('1', 2)},
                                                 {"email", "rook@keep.example"},
                                                 {"password_hash", "$argon2id$x"},
                                                 {"display_name", "Rook"}}
                                                .dump()));
  // With every id that the first account has, the second sees nothing and does nothing.
  for (const auto& [query, parameters] : std::vector<std::pair<std::string, json>>{
           {"universes_of_user", {{"user_id", user_id}}},
           {"sheets_of_user", {{"user_id", user_id}}},
           {"active_campaigns", {{"user_id", user_id}}},
           {"endpoints", {{"user_id", user_id}}},
           {"cost_per_month", {{"user_id", user_id}}},
           {"campaign_by_id", {{"campaign_id", campaign_id}}},
           {"turns", {{"campaign_id", campaign_id}}},
           {"state_at_turn", {{"campaign_id", campaign_id}, {"turn_index", 1}}},
           {"lore_of_turn", {{"campaign_id", campaign_id}, {"turn_index", 1}}},
           {"lore_at_year", {{"universe_id", universe_id}, {"year", 812}}},
           {"catalogue", {{"universe_id", universe_id}}},
           {"universe_document", {{"universe_id", universe_id}}},
           {"sheet_by_id", {{"sheet_id", sheet_id}}}}) {
    EXPECT_TRUE(rows_of(rook, query, parameters).empty()) << query;
  }
  EXPECT_EQ(rook.search("lore", "hollow").matches, 0);
  for (const auto& [command, parameters] : std::vector<std::pair<std::string, json>>{
           {"delete_user", {{"user_id", user_id}}},
           {"delete_universe", {{"universe_id", universe_id}}},
           {"rewind_campaign", {{"campaign_id", campaign_id}, {"turn_index", 0}}},
           {"delete_sheet", {{"sheet_id", sheet_id}}},
           {"reserve_turn",
            {{"campaign_id", campaign_id}, {"base_turn", 2}, {"expires_at", "2099-01-01T00:00:00Z"}}}}) {
    const Outcome refused = rook.command(command, parameters.dump());
    ASSERT_FALSE(refused) << command;
    EXPECT_THAT(refused.rejection().reason, HasSubstr("no ")) << command;
  }
  EXPECT_EQ(campaign()["turn_index"], 2);
}

}  // namespace
}  // namespace reeve::testing
