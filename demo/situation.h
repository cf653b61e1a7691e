#pragma once
// What a player can know before a move, read through the blueprint's named queries.

#include "game.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace demo {

struct PlayerView {
  std::string id;
  std::string name;
  std::int64_t reputation = 0;
  std::map<std::string, std::int64_t> influence;  ///< by faction

  std::int64_t with(const std::string& faction) const;
  std::string strongest() const;
};

struct TheoryView {
  std::string id;
  std::string player;
  std::string claim;
  std::string confidence;
  std::int64_t year = 0;
};

using ScholarView = queries::scholars::Row;
using ExpeditionView = queries::open_expeditions::Row;
using OfferView = queries::offers::Row;
using MentorshipView = queries::mentorships::Row;
using DebtView = queries::debts::Row;

struct Situation {
  std::int64_t year = 0;
  std::vector<PlayerView> players;
  std::vector<ScholarView> scholars;
  std::vector<TheoryView> theories;  ///< open ones
  std::vector<ExpeditionView> expeditions;
  std::vector<OfferView> offers;
  std::vector<MentorshipView> mentorships;
  std::vector<DebtView> debts;
  std::vector<std::string> conferences;  ///< theories that lie before one
  std::vector<std::string> proposals;
  std::vector<std::string> topics;  ///< put to the vote
};

Situation look(Game& game);

}  // namespace demo
