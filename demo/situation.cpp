#include "situation.h"

#include <algorithm>

namespace demo {

namespace {

void look_at_players(Game& game, Situation& seen) {
  for (const auto& player : game.ask(queries::leaderboard{})) {
    seen.players.push_back({player.player_id, player.name, player.reputation, {}});
  }
  std::sort(seen.players.begin(), seen.players.end(),
            [](const PlayerView& left, const PlayerView& right) { return left.id < right.id; });
  for (const auto& standing : game.ask(queries::player_influence{})) {
    for (PlayerView& view : seen.players) {
      if (view.id == standing.player_id) view.influence[standing.faction] = standing.influence;
    }
  }
  seen.debts = game.ask_all(queries::debts{});
}

void look_at_theories(Game& game, Situation& seen) {
  for (const PlayerView& player : seen.players) {
    for (const auto& theory : game.ask(queries::theories_of_player{.player_id = player.id})) {
      if (theory.outcome) continue;
      seen.theories.push_back(
          {theory.theory_id, player.id, theory.claim, theory.confidence, theory.game_year});
    }
  }
  seen.expeditions = game.ask_all(queries::open_expeditions{});
  for (const auto& conference : game.ask(queries::open_conferences{})) {
    seen.conferences.push_back(conference.theory_id);
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
  for (const auto& clock : game.ask(queries::clock{})) seen.year = clock.current_year;
  look_at_players(game, seen);
  look_at_theories(game, seen);
  seen.scholars = game.ask_all(queries::scholars{});
  seen.offers = game.ask_all(queries::offers{});
  seen.mentorships = game.ask_all(queries::mentorships{});
  for (const auto& proposal : game.ask(queries::open_proposals{}))
    seen.proposals.push_back(proposal.proposal_id);
  for (const auto& topic : game.ask(queries::open_topics{})) seen.topics.push_back(topic.topic_id);
  return seen;
}

}  // namespace demo
