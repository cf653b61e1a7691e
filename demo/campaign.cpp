#include "campaign.h"

#include "base/clock.h"

#include <fmt/core.h>

#include <algorithm>

namespace demo {

namespace {

constexpr reeve::Microseconds day_length = 24 * 3'600'000'000LL;
constexpr std::string_view keeper = "keeper";

}  // namespace

Campaign::Campaign(Game& game, Scheduler& scheduler, const Cast& cast, const CampaignOptions& options)
    : game_(game),
      scheduler_(scheduler),
      cast_(cast),
      options_(options),
      chance_(options.seed),
      today_(options.first_day) {}

void Campaign::play(Progress& progress) {
  found();
  for (std::int64_t day = 0; day <= options_.years; ++day) {
    today_ = options_.first_day + day * day_length;
    play_day(day);
    progress.show(day, fmt::format("year {}, {} events, {} commands refused", seen_.year,
                                   game_.tally().events, game_.tally().rejected));
  }
}

/// Before the first day: the players, their balances as an older game kept them, another spelling.
void Campaign::found() {
  set_hour(0);
  order(commands::start_game{.anchor = day_after(0)}, keeper);
  order(commands::add_alias{.alias = "royal societies", .faction = "academia"}, keeper);
  for (const CastPlayer& player : cast_.players) {
    order(
        commands::join_player{
            .player_id = player.player_id, .name = player.name, .endowment = player.endowment},
        player.player_id);
  }
  for (const auto& standing : game_.ask(queries::player_influence{})) {
    if (standing.influence != 0) continue;
    std::string upper = standing.faction;
    for (char& letter : upper)
      letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
    order(commands::merge_factions{.player_id = standing.player_id,
                                   .spellings = {{standing.faction, 1}, {upper, 2}},
                                   .reason = "two spellings in the club's old books"},
          keeper);
    break;
  }
  scheduler_.run();  // schedules begin here
}

/// The order of the steps is fixed: what a player sees in the morning is what the scheduler left.
void Campaign::play_day(std::int64_t day) {
  set_hour(6);
  scheduler_.run();
  seen_ = look(game_);
  if (day > 0) order(commands::record_statistics{.year = seen_.year - 1}, keeper);
  keep_scholars(day);
  keep_mentorships();
  keep_theories();
  keep_accounts(day);
  keep_orders(day);

  set_hour(9);
  move_all(2);
  keep_symposium(day);

  set_hour(15);
  scheduler_.run();
  keep_press(day);
  keep_pause(day);

  set_hour(17);
  move_all(1);
  game_.settle();
}

void Campaign::move_all(int moves_each) {
  static const std::vector<WeightedMove> moves = {
      {16, &Campaign::submit_theory},
      {16, &Campaign::queue_expedition},
      {18, &Campaign::launch_expedition},
      {1, &Campaign::cancel_expedition},
      {14, &Campaign::recruit},
      {8, &Campaign::mentor},
      {10, &Campaign::call_conference},
      {8, &Campaign::make_offer},
      {12, &Campaign::answer_offer},
      {5, &Campaign::propose_topic},
      {20, &Campaign::vote},
      {4, &Campaign::invest},
      {2, &Campaign::commit_season},
      {6, &Campaign::pay_debt},
      {6, &Campaign::talk},
      {5, &Campaign::share_press},
      {3, &Campaign::adopt_nickname},
  };
  unsigned sum = 0;
  for (const WeightedMove& move : moves) sum += move.weight;
  seen_ = look(game_);
  for (int turn = 0; turn < moves_each; ++turn) {
    for (const PlayerView& player : seen_.players) {
      for (int attempt = 0; attempt < 6; ++attempt) {
        std::size_t ticket = chance_.below(sum);
        const WeightedMove* drawn = moves.data();
        while (ticket >= drawn->weight) ticket -= (drawn++)->weight;
        if ((this->*drawn->move)(player)) break;
      }
    }
  }
}

std::string Campaign::day_after(std::int64_t days) const {
  return reeve::format_time(today_ + days * day_length).substr(0, 10);
}

std::string Campaign::time_after(std::int64_t days, int hour) const {
  return reeve::format_time(today_ + days * day_length + hour * 3'600'000'000LL);
}

std::string Campaign::new_id(std::string_view kind) {
  return fmt::format("{}-{:03}", kind, ++ids_[std::string(kind)]);
}

std::vector<std::string> Campaign::draw_scholars(std::size_t count, const std::string& patron) {
  std::vector<std::string> near;
  std::vector<std::string> others;
  for (const ScholarView& scholar : seen_.scholars) {
    (scholar.patron == patron ? near : others).push_back(scholar.scholar_id);
  }
  std::vector<std::string> drawn = chance_.draw(near, count);
  for (const std::string& id : chance_.draw(others, count - drawn.size())) drawn.push_back(id);
  return drawn;
}

}  // namespace demo
