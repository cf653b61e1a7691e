#pragma once
// A campaign: one real day is one year of the game. Every change is a command; what it decides on is the
// blueprint's business.

#include "cast.h"
#include "game.h"
#include "scheduler.h"
#include "situation.h"
#include "terminal.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace demo {

struct CampaignOptions {
  std::uint64_t seed = 0;
  std::int64_t years = 0;
  reeve::Microseconds first_day = 0;  ///< its midnight, UTC
};

class Campaign {
 public:
  Campaign(Game& game, Scheduler& scheduler, const Cast& cast, const CampaignOptions& options);

  /// Plays all of it. Throws the first fault; refusals of commands are in the game's tally.
  void play(Progress& progress);

 private:
  using Move = bool (Campaign::*)(const PlayerView&);
  struct WeightedMove {
    unsigned weight;
    Move move;
  };

  // The day.
  void found();
  void play_day(std::int64_t day);
  void move_all(int moves_each);
  void set_hour(int hour) { game_.set_time(today_ + hour * 3'600'000'000LL); }
  std::string day_after(std::int64_t days) const;
  std::string time_after(std::int64_t days, int hour) const;

  // What the keeper of the game does.
  void keep_scholars(std::int64_t day);
  void keep_mentorships();
  void keep_theories();
  void keep_symposium(std::int64_t day);
  void keep_accounts(std::int64_t day);
  void keep_orders(std::int64_t day);
  void keep_press(std::int64_t day);
  void keep_pause(std::int64_t day);

  // Moves of a player: false if there is nothing to move.
  bool submit_theory(const PlayerView& player);
  bool queue_expedition(const PlayerView& player);
  bool launch_expedition(const PlayerView& player);
  bool cancel_expedition(const PlayerView& player);
  bool recruit(const PlayerView& player);
  bool mentor(const PlayerView& player);
  bool call_conference(const PlayerView& player);
  bool make_offer(const PlayerView& player);
  bool answer_offer(const PlayerView& player);
  bool propose_topic(const PlayerView& player);
  bool vote(const PlayerView& player);
  bool invest(const PlayerView& player);
  bool commit_season(const PlayerView& player);
  bool pay_debt(const PlayerView& player);
  bool talk(const PlayerView& player);
  bool share_press(const PlayerView& player);
  bool adopt_nickname(const PlayerView& player);

  template <reeve::TypedCommand Command>
  std::int64_t order(const Command& command, std::string_view actor) {
    return game_.command(command, actor);
  }
  std::string new_id(std::string_view kind);
  std::vector<std::string> draw_scholars(std::size_t count, const std::string& patron);

  Game& game_;
  Scheduler& scheduler_;
  const Cast& cast_;
  CampaignOptions options_;
  Chance chance_;
  Situation seen_;
  std::vector<std::string> readable_press_;
  reeve::Microseconds today_ = 0;
  std::map<std::string, std::int64_t, std::less<>> ids_;
  std::size_t next_scholar_ = 0;
  std::size_t next_claim_ = 0;
  std::size_t next_topic_ = 0;
};

}  // namespace demo
