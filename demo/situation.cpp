#include "situation.h"

#include <algorithm>

namespace demo {

namespace {

using Text = std::string;
using MaybeText = std::optional<std::string>;
using Number = std::int64_t;

void look_at_players(Game& game, Situation& seen) {
  for (auto rows = game.ask("leaderboard"); rows.next();) {
    auto [id, name, reputation, theories, proven] = rows.as<Text, Text, Number, Number, Number>();
    seen.players.push_back({id, name, reputation, {}});
  }
  std::sort(seen.players.begin(), seen.players.end(),
            [](const PlayerView& left, const PlayerView& right) { return left.id < right.id; });
  for (auto rows = game.ask("player_influence"); rows.next();) {
    auto [player, faction, influence, cap, held, room] =
        rows.as<Text, Text, Number, std::optional<Number>, Number, std::optional<Number>>();
    for (PlayerView& view : seen.players) {
      if (view.id == player) view.influence[faction] = influence;
    }
  }
  for (auto rows = game.ask("debts"); rows.next();) {
    auto [player, faction, source, amount, level] = rows.as<Text, Text, Text, Number, Number>();
    seen.debts.push_back({player, faction, source, amount});
  }
}

void look_at_theories(Game& game, Situation& seen) {
  for (const PlayerView& player : seen.players) {
    for (auto rows = game.ask("theories_of_player", {{"player_id", player.id}}); rows.next();) {
      auto [id, claim, confidence, year, deadline, outcome, change] =
          rows.as<Text, Text, Text, Number, Text, MaybeText, std::optional<Number>>();
      if (!outcome) seen.theories.push_back({id, player.id, claim, confidence, year});
    }
  }
  for (auto rows = game.ask("open_expeditions"); rows.next();) {
    auto [id, player, type, objective, status, queued] = rows.as<Text, Text, Text, Text, Text, Number>();
    seen.expeditions.push_back({id, player, type, status});
  }
  for (auto rows = game.ask("open_conferences"); rows.next();) {
    auto [code, player, theory, confidence, supporters, opposition, launched] =
        rows.as<Text, Text, Text, Text, Number, Number, Number>();
    seen.conferences.push_back(theory);
  }
}

void look_at_scholars(Game& game, Situation& seen) {
  for (auto rows = game.ask("scholars"); rows.next();) {
    auto [id, name, archetype, tier, patron, status, talent] =
        rows.as<Text, Text, MaybeText, MaybeText, MaybeText, Text, std::optional<Number>>();
    seen.scholars.push_back({id, name, tier.value_or(""), patron});
  }
  for (auto rows = game.ask("offers"); rows.next();) {
    auto [id, parent, kind, player, scholar, rival, status, held] =
        rows.as<Text, MaybeText, Text, Text, Text, MaybeText, Text, Number>();
    seen.offers.push_back({id, kind, player, scholar, rival, status});
  }
  for (auto rows = game.ask("mentorships"); rows.next();) {
    auto [id, player, scholar, name, track, status, queued] =
        rows.as<Text, Text, Text, Text, MaybeText, Text, Number>();
    seen.mentorships.push_back({id, player, scholar, status, queued});
  }
}

}  // namespace

std::int64_t PlayerView::with(const std::string& faction) const {
  const auto found = influence.find(faction);
  return found == influence.end() ? 0 : found->second;
}

std::string PlayerView::strongest() const {
  return std::max_element(influence.begin(), influence.end(),
                          [](const auto& left, const auto& right) { return left.second < right.second; })
      ->first;
}

Situation look(Game& game) {
  Situation seen;
  for (auto rows = game.ask("clock"); rows.next();) {
    auto [start, current, anchor, decayed, paused, reason] =
        rows.as<Number, Number, MaybeText, Number, bool, MaybeText>();
    seen.year = current;
  }
  look_at_players(game, seen);
  look_at_theories(game, seen);
  look_at_scholars(game, seen);
  for (auto rows = game.ask("open_proposals"); rows.next();) {
    seen.proposals.push_back(std::get<0>(rows.as<Text, Text, Text, MaybeText>()));
  }
  for (auto rows = game.ask("open_topics"); rows.next();) {
    seen.topics.push_back(std::get<0>(rows.as<Text, Text, Number, Number>()));
  }
  return seen;
}

}  // namespace demo
