#include "whispyrkeep/program/game.h"

#include <blueprints/whispyrkeep.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace demo {

namespace {

using nlohmann::json;
namespace commands = whispyrkeep::commands;
namespace queries = whispyrkeep::queries;

constexpr std::int64_t prompt_price = 150'000;  // micro-units for a million tokens
constexpr std::int64_t completion_price = 600'000;
constexpr const char* model_name = "stand-in";
constexpr const char* system_prompt =
    "You tell a role-playing game. Answer with JSON alone. What is hard canon holds.";

constexpr const char* founding =
    "Ravenhold stands on a drowned city. Below its cellars the streets are as they were.\n\n"
    "Its kings are crowned with salt, and the crown is hollow: a voice speaks out of it.\n\n"
    "The bell of Ravenhold was cast from the keys of the drowned, and no door is shut while it rings.";

template <typename Command>
void must(reeve::Ledger& ledger, const Command& command) {
  demo::must(ledger, std::string(Command::command_name), command.to_json());
}

class Game {
 public:
  Game(const Account& account, HandClock& clock, const StandIn& model)
      : ledger_(account.ledger), clock_(clock), keep_(account.keep), url_(model.url()) {}

  void play_turn() {
    const auto campaign = reeve::query_one(ledger_, queries::campaign_by_id{.campaign_id = campaign_id});
    const std::int64_t turn = campaign->turn_index + 1;
    const std::string input = player_input(static_cast<int>(turn));
    clock_.advance_hours(17);
    reservation_ = fmt::format("50000000-0000-4000-8000-{:012}", turn);
    const commands::reserve_turn reserve{.campaign_id = campaign_id,
                                         .reservation_id = reservation_,
                                         .base_turn = campaign->turn_index,
                                         .holder = "wren",
                                         .expires_at = in_ten_minutes()};
    must_be_accepted("reserve_turn", keep_.reserve_turn(reserve.to_json(), {.actor = "wren"}));
    json question{{"turn", turn}, {"player", input}, {"lore", lore_about(input, *campaign)}};
    question["rolls"] = roll(turn, question);
    question["wanted"] = "turn";
    json told = ask(turn, question);
    if (const json faults = faults_of(told); !faults.empty()) {
      ++played.refused;
      question["faults"] = faults;
      told = ask(turn, question);
    }
    must(ledger_, commands::record_turn{.campaign_id = campaign_id,
                                        .reservation_id = reservation_,
                                        .user_input_text = input,
                                        .llm_response_text = told.at("narration"),
                                        .state_patch = reeve::Json{told.at("state_patch").dump()},
                                        .lore_deltas = reeve::Json{told.at("lore_deltas").dump()}});
    ++played.turns;
  }

  Played played;

 private:
  std::string in_ten_minutes() {
    const std::int64_t seconds = clock_.now() / 1'000'000 + 600;
    const std::int64_t days = seconds / 86'400 - 20'454;  // days since 2026-01-01
    const std::int64_t month = days < 31 ? 1 : days < 59 ? 2 : 3;
    const std::int64_t day = days - (month == 1 ? 0 : month == 2 ? 31 : 59) + 1;
    return fmt::format("2026-{:02}-{:02}T{:02}:{:02}:{:02}Z", month, day, seconds % 86'400 / 3'600,
                       seconds % 3'600 / 60, seconds % 60);
  }

  template <typename Campaign>
  json lore_about(const std::string& input, const Campaign& campaign) {
    json lore = json::array();
    const std::int64_t year = json::parse(campaign.state.text).at("time").at("year");
    std::string words;  // any of them
    for (const char letter : input) words += letter == ' ' ? " or " : std::string(1, letter);
    const auto chunks = keep_.retrieve(universe_id, words, {.year = year, .limit = 5});
    if (!chunks.empty() && chunks.front().chunk_type == "hard_canon") ++played.canon_first;
    for (const auto& chunk : chunks) lore.push_back({{"type", chunk.chunk_type}, {"text", chunk.text}});
    return lore;
  }

  json ask(std::int64_t turn, const json& question) {
    const Told told = ask_model(client_, url_, model_name, "no-key", system_prompt, question.dump());
    must(ledger_, commands::record_usage{.user_id = user_id,
                                         .campaign_id = campaign_id,
                                         .turn_index = turn,
                                         .model = model_name,
                                         .prompt_tokens = told.prompt_tokens,
                                         .completion_tokens = told.completion_tokens,
                                         .prompt_price = prompt_price,
                                         .completion_price = completion_price});
    return json::parse(told.content);
  }

  /// The dice that the model asks for, as they fell.
  json roll(std::int64_t turn, json question) {
    question["wanted"] = "rolls";
    const json spec = ask(turn, question);
    if (spec.at("rolls").empty()) return json::array();
    must(ledger_, commands::roll_dice{.campaign_id = campaign_id,
                                      .reservation_id = reservation_,
                                      .roll_spec = reeve::Json{spec.dump()}});
    reeve::Rows rows = ledger_.query("reservation", json{{"campaign_id", campaign_id}}.dump());
    std::string results;
    if (rows.next()) rows.read(5, results);
    return json::parse(results).at("rolls");
  }

  json faults_of(const json& told) {
    json faults = json::array();
    for (const auto& row : reeve::query(
             ledger_, queries::patch_faults{.operations =
                                                reeve::Json{told.at("state_patch").at("operations").dump()}}))
      faults.push_back({{"path", row.path.value_or("")}, {"fault", row.fault.value_or("")}});
    return faults;
  }

  reeve::Ledger& ledger_;
  HandClock& clock_;
  whispyrkeep::Keep& keep_;
  std::string url_;
  reeve::http::Client client_;
  std::string reservation_;
};

}  // namespace

void must(reeve::Ledger& ledger, const std::string& command, const std::string& parameters) {
  must_be_accepted(command, ledger.command(command, parameters, {.actor = "wren"}));
}

void must_be_accepted(std::string_view what, const reeve::Outcome& outcome) {
  if (!outcome)
    throw reeve::Error(reeve::ErrorCode::internal,
                       fmt::format("{} is refused: {}", what, outcome.rejection().reason));
}

reeve::Outcome register_user(const Account& account, std::string_view email, std::string_view name) {
  const commands::register_user user{.user_id = user_id,
                                     .email = std::string(email),
                                     .password_hash = "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA",
                                     .display_name = std::string(name)};
  return account.keep.register_user(user.to_json(), {.actor = "wren"});
}

void found_account(const Account& account) {
  reeve::Ledger& ledger = account.ledger;
  must(ledger,
       commands::create_universe{.universe_id = universe_id,
                                 .user_id = user_id,
                                 .name = "Ravenhold",
                                 .description = "A keep on a drowned city.",
                                 .current_universe_time = reeve::Json{R"({"year":812,"month":3,"day":7})"}});
  must(ledger, commands::add_canon_doc{.universe_id = universe_id,
                                       .source_type = "upload",
                                       .title = "The Founding",
                                       .text = founding,
                                       .time_range = reeve::Json{R"({"from_year":1})"}});
  must(ledger, commands::create_sheet{.sheet_id = sheet_id,
                                      .user_id = user_id,
                                      .universe_id = universe_id,
                                      .name = "Mira",
                                      .species = "Human",
                                      .class_ = "Rogue",
                                      .ability_scores = reeve::Json{
                                          R"({"str":8,"dex":17,"con":12,"int":13,"wis":10,"cha":14})"}});
  must(ledger, commands::start_campaign{.campaign_id = campaign_id,
                                        .universe_id = universe_id,
                                        .sheet_id = sheet_id,
                                        .title = "The Hollow Crown",
                                        .location_id = "gate",
                                        .hp_max = 24});
}

Played play(const Account& account, HandClock& clock, const StandIn& model, int last_turn) {
  Game game(account, clock, model);
  while (game.played.turns < last_turn) game.play_turn();
  return game.played;
}

}  // namespace demo
