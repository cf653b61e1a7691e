#pragma once
// An account of WhispyrKeep in a file and its copy on PostgreSQL. What is done is done to both, at one time, and has to leave
// one state hash.

#include "both_engines.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace reeve::testing {

using nlohmann::json;

constexpr const char* user_id = "10000000-0000-4000-8000-000000000001";
constexpr const char* universe_id = "20000000-0000-4000-8000-000000000001";
constexpr const char* sheet_id = "30000000-0000-4000-8000-000000000001";
constexpr const char* campaign_id = "40000000-0000-4000-8000-000000000001";

inline std::string id_of(char kind, int number) {
  return fmt::format("{}0000000-0000-4000-8000-{:012}", kind, number);
}

inline json scores() { return {{"str", 8}, {"dex", 17}, {"con", 12}, {"int", 13}, {"wis", 10}, {"cha", 14}}; }

/// A row as it is compared and read: text for text, JSON for what is JSON.
inline json row_of(const Rows& rows) {
  json row;
  for (std::size_t i = 0; i < rows.columns().size(); ++i) {
    const auto& [name, type] = rows.columns()[i];
    const ValueView value = rows.at(i);
    switch (value.kind()) {
      case ValueView::Kind::null: row[name] = nullptr; break;
      case ValueView::Kind::integer: row[name] = value.integer(); break;
      case ValueView::Kind::real: row[name] = value.real(); break;
      case ValueView::Kind::text:
        row[name] = type == "jsonb" ? json::parse(value.text()) : json(std::string(value.text()));
        break;
      case ValueView::Kind::bytes: row[name] = fmt::format("{} bytes", value.text().size()); break;
    }
  }
  return row;
}

inline json rows_of(Ledger& ledger, const std::string& query, const json& parameters) {
  Rows rows = ledger.query(query, parameters.dump());
  json all = json::array();
  while (rows.next()) all.push_back(row_of(rows));
  return all;
}

class KeepLedgers : public BothEngines {
 protected:
  /// All accounts lie in one schema, side by side.
  static const Database& accounts() {
    static const Database database("whispyrkeep");
    return database;
  }
  void open(const std::string& account) {
    account_ = account;
    file_ = workshop_.path(account + ".db");
    create_ledger(file_, project_file("blueprints/whispyrkeep").string());
    const auto copied =
        state::promote(file_, accounts().administrator(account), {.progress = {}, .fence = false});
    ASSERT_TRUE(copied.equal());
    sqlite_.emplace(Ledger::open(file_));
    postgres_.emplace(Ledger::open(accounts().application(account)));
  }

  /// An account with a universe, a character and a campaign that waits for its first turn.
  void open_campaign(const std::string& account) {
    open(account);
    accept("register_user", {{"user_id", user_id},
                             {"email", "wren@keep.example"},
                             {"password_hash", "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA"},
                             {"display_name", "Wren"}});
    accept("create_universe", {{"universe_id", universe_id},
                               {"user_id", user_id},
                               {"name", "Ravenhold"},
                               {"current_universe_time", {{"year", 812}, {"month", 3}, {"day", 7}}}});
    accept("create_sheet", {{"sheet_id", sheet_id},
                            {"user_id", user_id},
                            {"universe_id", universe_id},
                            {"name", "Mira"},
                            {"species", "Human"},
                            {"class", "Rogue"},
                            {"ability_scores", scores()}});
    accept("start_campaign", {{"campaign_id", campaign_id},
                              {"universe_id", universe_id},
                              {"sheet_id", sheet_id},
                              {"title", "The Hollow Crown"},
                              {"location_id", "gate"},
                              {"hp_max", 12},
                              {"hit_dice", {{"d8", {{"max", 1}, {"spent", 0}}}}},
                              {"inventory", {{{"name", "lantern"}}, {{"name", "rope"}, {"quantity", 2}}}},
                              {"money", {{"gp", 15}}}});
  }

  /// The same for both, a second later. Why it was refused, or ''.
  std::string command(const std::string& name, const json& parameters) {
    return done([&](Ledger& ledger, const CommitOptions& options) {
      return ledger.command(name, parameters.dump(), options);
    });
  }
  std::string event(const std::string& type, const json& payload) {
    return done([&](Ledger& ledger, const CommitOptions& options) {
      return ledger.commit(type, payload.dump(), options);
    });
  }
  void accept(const std::string& name, const json& parameters) {
    ASSERT_EQ(command(name, parameters), "") << name << parameters;
  }
  std::string undo(Sequence sequence) {
    return done([&](Ledger& ledger, const CommitOptions& options) { return ledger.undo(sequence, options); });
  }

  /// Of both engines, the same.
  json ask(const std::string& query, const json& parameters) {
    const json left = rows_of(*sqlite_, query, parameters);
    const json right = rows_of(*postgres_, query, parameters);
    EXPECT_EQ(left, right) << query;
    return left;
  }
  json ask_one(const std::string& query, const json& parameters) {
    const json rows = ask(query, parameters);
    EXPECT_EQ(rows.size(), 1U) << query << parameters;
    return rows.empty() ? json() : rows.front();
  }
  json campaign() { return ask_one("campaign_by_id", {{"campaign_id", campaign_id}}); }
  json state_at(int turn) {
    return ask_one("state_at_turn", {{"campaign_id", campaign_id}, {"turn_index", turn}});
  }

  /// A turn as an event, without a reservation.
  json turn(int index, const json& operations = json::array(), const json& told = json::array()) {
    json deltas = json::array();
    for (const json& text : told)
      deltas.push_back(
          {{"chunk_id", id_of('6', 100 * index + static_cast<int>(deltas.size()))}, {"text", text}});
    return {{"campaign_id", campaign_id},
            {"turn_id", id_of('7', index)},
            {"turn_index", index},
            {"user_input_text", fmt::format("I do what I do in turn {}.", index)},
            {"llm_response_text", fmt::format("So it goes in turn {}.", index)},
            {"state_patch", {{"operations", operations}}},
            {"lore_deltas", deltas}};
  }
  /// Turns that each change hit points, a flag, the place and the day, and tell something.
  void play(int first, int last) {
    for (int index = first; index <= last; ++index) {
      const json operations = {
          {{"op", "replace"}, {"path", "/party/player/hp/current"}, {"value", index % 12}},
          {{"op", "add"}, {"path", fmt::format("/world/global_flags/turn_{}", index)}, {"value", true}},
          {{"op", "replace"}, {"path", "/world/location_id"}, {"value", fmt::format("room_{}", index)}},
          {{"op", "advance_time"}, {"value", {{"days", 20}}}}};
      ASSERT_EQ(
          event("turn.recorded", turn(index, operations, {fmt::format("The room {} is hollow.", index)})),
          "");
    }
  }

  std::string time_of(int seconds) const {
    return fmt::format("2026-01-01T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  std::string account_;
  int seconds_ = 0;             ///< that have gone by
  bool compares_heads_ = true;  ///< until an engine did something at its own time

 private:
  template <typename Do>
  std::string done(const Do& act) {
    ++seconds_;
    const CommitOptions options{.actor = "wren",
                                .id = fmt::format("00000000-0000-4000-8000-{:012}", seconds_),
                                .time = time_of(seconds_)};
    const Outcome left = act(*sqlite_, options);
    const Outcome right = act(*postgres_, options);
    EXPECT_EQ(left.accepted(), right.accepted())
        << (left ? right.rejection().reason : left.rejection().reason);
    if (compares_heads_) expect_equal_heads(seconds_);
    return left ? "" : left.rejection().reason;
  }
};

}  // namespace reeve::testing
