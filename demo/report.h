#pragma once
// What the campaign has become, for people to read.

#include "game.h"

namespace demo {

/// One year's gazette: what its digests published, and what the scholars had to say.
void print_gazette(Game& game, std::int64_t year);
void print_leaderboard(Game& game);
/// Of the player whose reputation has moved most often, event by event.
void print_reputation_history(Game& game);
/// How many events of each type there are; names the types of the blueprint of which there are none, and
/// returns their number.
std::size_t print_event_counts(Game& game, const std::string& blueprint_folder);
void print_refusals(const Tally& tally);

}  // namespace demo
