#include "whispyrkeep/program/model.h"

#include <fmt/format.h>
#include <reeve/error.h>
#include <nlohmann/json.hpp>

#include <array>

namespace demo {

namespace {

using nlohmann::json;

constexpr std::array<const char*, 6> rooms = {"gate",          "salt_hall",  "cellar",
                                              "flooded_crypt", "bell_tower", "throne"};
constexpr std::array<const char*, 6> deeds = {
    "I listen at the door of the {}.",        "I search the {} for a way down.",
    "I light the lantern and cross the {}.",  "I speak with whoever keeps the {}.",
    "I hide in the {} until the bell rings.", "I try the silver key in the {}."};
constexpr std::array<const char*, 6> news = {
    "The door of the {} was sealed with salt in the year of the flood.",
    "Under the {} lies a stair that only the crows know.",
    "A lantern burns in the {} although nobody tends it.",
    "The keeper of the {} saw the drowned king walk.",
    "When the bell rings, the water in the {} falls.",
    "The silver key belongs to the {} and to no other lock."};

std::string room_of(int turn) { return rooms[static_cast<std::size_t>(turn) % rooms.size()]; }
std::string filled(const char* text, int turn) { return fmt::format(fmt::runtime(text), room_of(turn)); }

/// The rolls that a turn needs.
json rolls_of(int turn) {
  json rolls = json::array();
  if (turn % 3 == 0)
    rolls.push_back({{"roll_id", "stealth"}, {"dice", 1}, {"sides", 20}, {"modifier", 5}, {"dc", 12}});
  if (turn % 7 == 0) rolls.push_back({{"roll_id", "fall"}, {"dice", 2}, {"sides", 4}, {"modifier", 0}});
  return {{"rolls", rolls}};
}

json patch_of(int turn, bool corrected) {
  json operations = json::array();
  operations.push_back({{"op", "replace"}, {"path", "/world/location_id"}, {"value", room_of(turn)}});
  operations.push_back(
      {{"op", "add"}, {"path", "/world/zones/" + room_of(turn) + "/flags/seen"}, {"value", true}});
  operations.push_back({{"op", "replace"}, {"path", "/party/player/hp/current"}, {"value", 24 - turn % 9}});
  operations.push_back({{"op", "advance_time"}, {"value", {{"days", 9}}}});
  if (turn == 5)
    operations.push_back(
        {{"op", "add"}, {"path", "/party/player/inventory"}, {"value", {{"name", "silver key"}}}});
  if (turn == 8)
    operations.push_back(
        {{"op", "add"},
         {"path", "/world/quests"},
         {"value", {{"quest_id", "hollow_crown"}, {"title", "The Hollow Crown"}, {"stage", 1}}}});
  if (turn > 8 && turn % 5 == 0)
    operations.push_back({{"op", "replace"}, {"path", "/world/quests/0/stage"}, {"value", turn / 5}});
  // What models do: a wish that is none of the rules.
  if (turn == 13 && !corrected)
    operations.push_back({{"op", "replace"}, {"path", "/party/player/hp/max"}, {"value", 99}});
  return {{"operations", operations}};
}

json answer_to(const json& request) {
  const json asked = json::parse(request.at("messages").back().at("content").get<std::string>());
  const int turn = asked.at("turn");
  if (asked.at("wanted") == "rolls") return rolls_of(turn);
  std::string narration = "You are in the " + room_of(turn) + ". ";
  for (const json& roll : asked.at("rolls"))
    narration += fmt::format("({}: {}) ", roll.at("roll_id").get<std::string>(), roll.at("total").get<int>());
  narration += "Somewhere above, a bell.";
  return {{"narration", narration},
          {"state_patch", patch_of(turn, asked.contains("faults"))},
          {"lore_deltas",
           {{{"text", filled(news[static_cast<std::size_t>(turn / 6) % news.size()], turn)},
             {"tags", {room_of(turn)}}}}}};
}

reeve::testing::HttpResponse respond(const reeve::testing::HttpRequest& request) {
  const json body = json::parse(request.body, nullptr, false);
  if (!request.line.starts_with("POST /v1/chat/completions ") || !body.is_object())
    return {.status = 400, .body = R"({"error":{"message":"no request for a chat"}})"};
  const std::string content = answer_to(body).dump();
  // About four letters a token, as models count.
  const auto tokens = [](const std::string& text) { return (text.size() + 3) / 4; };
  return {.body = json{{"id", "chatcmpl-1"},
                       {"object", "chat.completion"},
                       {"model", body.at("model")},
                       {"choices",
                        {{{"index", 0},
                          {"finish_reason", "stop"},
                          {"message", {{"role", "assistant"}, {"content", content}}}}}},
                       {"usage",
                        {{"prompt_tokens", tokens(request.body)}, {"completion_tokens", tokens(content)}}}}
                      .dump()};
}

}  // namespace

std::string player_input(int turn) {
  return filled(deeds[static_cast<std::size_t>(turn) % deeds.size()], turn);
}

StandIn::StandIn() : server_(respond) {}

Told ask_model(reeve::http::Client& client, const std::string& url, const std::string& model,
               const std::string& key, const std::string& system, const std::string& user) {
  const json body{
      {"model", model},
      {"messages", {{{"role", "system"}, {"content", system}}, {{"role", "user"}, {"content", user}}}},
      {"response_format", {{"type", "json_object"}}}};
  const reeve::http::Answer answer =
      client.post({.url = url,
                   .headers = {"Content-Type: application/json", "Authorization: Bearer " + key},
                   .body = body.dump(),
                   .answer_bytes_max = 1024UL * 1024});
  const json told = json::parse(answer.body, nullptr, false);
  if (answer.status != 200 || !told.is_object())
    throw reeve::Error(reeve::ErrorCode::unavailable,
                       fmt::format("the model gave no answer (status {}) {}", answer.status, answer.fault));
  return {.content = told.at("choices").at(0).at("message").at("content"),
          .prompt_tokens = told.at("usage").at("prompt_tokens"),
          .completion_tokens = told.at("usage").at("completion_tokens")};
}

}  // namespace demo
