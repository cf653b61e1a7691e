// The moves of a player. Each looks at the situation of the morning: by the time its command is decided another
// player may have been faster, and then the rules refuse it.

#include "campaign.h"

#include <fmt/core.h>

#include <algorithm>

namespace demo {

namespace {

constexpr std::int64_t influence_max = 6;

template <typename T, typename Predicate>
std::vector<T> chosen(const std::vector<T>& from, Predicate predicate) {
  std::vector<T> found;
  std::copy_if(from.begin(), from.end(), std::back_inserter(found), predicate);
  return found;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool can_pay(const PlayerView& player, const std::string& type) {
  if (type == "think_tank") return player.with("Academic") >= 1;
  if (type == "field") return player.with("Academic") >= 1 && player.with("Government") >= 1;
  return player.with("Academic") >= 2 && player.with("Government") >= 2 && player.with("Industry") >= 2;
}

}  // namespace

bool Campaign::submit_theory(const PlayerView& player) {
  const auto open =
      chosen(seen_.theories, [&](const TheoryView& theory) { return theory.player == player.id; });
  if (open.size() >= 2) return false;
  const unsigned courage = static_cast<unsigned>(chance_.below(100));
  order(commands::submit_theory{.theory_id = new_id("theory"),
                                .player_id = player.id,
                                .claim = cast_.claims[next_claim_++ % cast_.claims.size()],
                                .confidence =
                                    courage < 55 ? "suspect" : (courage < 92 ? "certain" : "stake_my_career"),
                                .supporters = draw_scholars(2, player.id),
                                .deadline = day_after(chance_.between(4, 8)),
                                .release_at = time_after(0, 14)},
        player.id);
  return true;
}

bool Campaign::queue_expedition(const PlayerView& player) {
  const auto open =
      chosen(seen_.expeditions, [&](const ExpeditionView& view) { return view.player_id == player.id; });
  if (open.size() >= 2) return false;
  std::string type = "think_tank";
  if (can_pay(player, "field") && chance_.percent(65)) type = "field";
  if (can_pay(player, "great_project") && chance_.percent(60)) type = "great_project";
  const auto theories =
      chosen(seen_.theories, [&](const TheoryView& view) { return view.player == player.id; });
  static const std::vector<std::string> depths = {"shallow", "standard", "deep"};
  static const std::vector<std::string> spellings = {"academia",         "Government",      "industry",
                                                     "Religious Orders", "royal societies", "Foreign"};
  commands::queue_expedition plan{
      .expedition_id = new_id(type == "great_project" ? "project"
                              : type == "field"       ? "field"
                                                      : "tank"),
      .player_id = player.id,
      .type = type,
      .objective = chance_.pick(cast_.objectives.at(type)),
      .preparation = reeve::JsonMembers().add("depth", chance_.pick(depths)).json(),
      .team = draw_scholars(3, player.id),
      .funding = chance_.draw(spellings, 2),
      .confidence = chance_.percent(60) ? "suspect" : "certain"};
  if (!theories.empty()) {
    const TheoryView& theory = chance_.pick(theories);
    plan.theory_id = theory.id;
    plan.confidence = theory.confidence;
  }
  order(plan, player.id);
  return true;
}

bool Campaign::launch_expedition(const PlayerView& player) {
  const auto waiting = chosen(seen_.expeditions, [&](const ExpeditionView& view) {
    return view.player_id == player.id && view.status == "queued" &&
           (can_pay(player, view.type) || chance_.percent(10));
  });
  if (waiting.empty()) return false;
  order(commands::launch_expedition{.expedition_id = chance_.pick(waiting).expedition_id,
                                    .due_at = time_after(1, 5),
                                    .release_at = time_after(0, 14)},
        player.id);
  return true;
}

bool Campaign::cancel_expedition(const PlayerView& player) {
  const auto waiting =
      chosen(seen_.expeditions, [&](const ExpeditionView& view) { return view.player_id == player.id; });
  if (waiting.empty()) return false;
  order(commands::cancel_expedition{.expedition_id = chance_.pick(waiting).expedition_id,
                                    .reason = "the season was lost to the weather"},
        player.id);
  return true;
}

bool Campaign::recruit(const PlayerView& player) {
  const auto free = chosen(seen_.scholars, [](const ScholarView& scholar) { return !scholar.patron; });
  if (free.empty()) return false;
  order(commands::recruit{.player_id = player.id,
                          .scholar_id = chance_.pick(free).scholar_id,
                          .faction = player.strongest(),
                          .due_at = time_after(1, 5),
                          .release_at = time_after(0, 14)},
        player.id);
  return true;
}

bool Campaign::mentor(const PlayerView& player) {
  const auto own = chosen(seen_.scholars, [&](const ScholarView& scholar) {
    return scholar.patron == player.id &&
           std::none_of(seen_.mentorships.begin(), seen_.mentorships.end(),
                        [&](const MentorshipView& view) { return view.scholar_id == scholar.scholar_id; });
  });
  if (own.empty()) return false;
  static const std::vector<std::string> tracks = {"Academia", "Industry", "Field"};
  order(commands::queue_mentorship{.mentorship_id = new_id("mentorship"),
                                   .player_id = player.id,
                                   .scholar_id = chance_.pick(own).scholar_id,
                                   .track = chance_.pick(tracks),
                                   .due_at = time_after(1, 5),
                                   .release_at = time_after(0, 14)},
        player.id);
  return true;
}

bool Campaign::call_conference(const PlayerView& player) {
  const auto own = chosen(seen_.theories, [&](const TheoryView& theory) {
    return theory.player == player.id && theory.year + 1 < seen_.year &&
           !contains(seen_.conferences, theory.id);
  });
  if (own.empty()) return false;
  const std::vector<std::string> drawn = draw_scholars(5, player.id);
  const std::size_t for_it = std::min<std::size_t>(3, drawn.size());
  order(
      commands::launch_conference{
          .code = new_id("conference"),
          .player_id = player.id,
          .theory_id = chance_.pick(own).id,
          .supporters = std::vector(drawn.begin(), drawn.begin() + static_cast<std::ptrdiff_t>(for_it)),
          .opposition = std::vector(drawn.begin() + static_cast<std::ptrdiff_t>(for_it), drawn.end()),
          .due_at = time_after(1, 5),
          .release_at = time_after(0, 14)},
      player.id);
  return true;
}

bool Campaign::make_offer(const PlayerView& player) {
  const auto others = chosen(seen_.scholars, [&](const ScholarView& scholar) {
    return scholar.patron && *scholar.patron != player.id &&
           std::none_of(seen_.offers.begin(), seen_.offers.end(),
                        [&](const OfferView& offer) { return offer.scholar_id == scholar.scholar_id; });
  });
  if (others.empty() || player.with(player.strongest()) < 2) return false;
  order(
      commands::make_offer{
          .offer_id = new_id("offer"),
          .scholar_id = chance_.pick(others).scholar_id,
          .player_id = player.id,
          .influence = {{player.strongest(), chance_.between(1, 2)}},
          .terms = reeve::JsonMembers().add("years", 3).add("guaranteed_funding", chance_.percent(50)).json(),
          .due_at = time_after(2, 5),
          .release_at = time_after(0, 14)},
      player.id);
  return true;
}

bool Campaign::answer_offer(const PlayerView& player) {
  const auto against = chosen(seen_.offers, [&](const OfferView& offer) {
    return offer.rival_id == player.id && offer.kind == "initial" && offer.status == "open";
  });
  if (against.empty()) return false;
  order(commands::counter_offer{.offer_id = new_id("offer"),
                                .parent_id = chance_.pick(against).offer_id,
                                .player_id = player.id,
                                .influence = {{player.strongest(), 1}},
                                .due_at = time_after(1, 5),
                                .release_at = time_after(0, 14)},
        player.id);
  return true;
}

bool Campaign::propose_topic(const PlayerView& player) {
  if (seen_.proposals.size() >= 4) return false;
  const std::string& topic = cast_.topics[next_topic_++ % cast_.topics.size()];
  order(commands::propose_topic{.proposal_id = new_id("proposal"),
                                .player_id = player.id,
                                .topic = topic,
                                .description = "Proposed by " + player.name,
                                .expires_at = time_after(6, 12),
                                .release_at = time_after(0, 14)},
        player.id);
  return true;
}

bool Campaign::vote(const PlayerView& player) {
  if (seen_.topics.empty()) return false;
  order(
      commands::vote{
          .topic_id = chance_.pick(seen_.topics), .player_id = player.id, .option = chance_.between(1, 3)},
      player.id);
  return true;
}

bool Campaign::invest(const PlayerView& player) {
  const std::string faction = player.strongest();
  if (player.with(faction) < influence_max - 1) return false;
  order(commands::invest{.player_id = player.id,
                         .faction = faction,
                         .amount = 2,
                         .program = chance_.pick(cast_.programs),
                         .release_at = time_after(0, 14)},
        player.id);
  return true;
}

bool Campaign::commit_season(const PlayerView& player) {
  if (player.with(player.strongest()) < 3) return false;
  order(commands::commit_season{.commitment_id = new_id("commitment"),
                                .player_id = player.id,
                                .faction = player.strongest(),
                                .cost = chance_.between(1, 2),
                                .years = chance_.between(2, 5)},
        player.id);
  return true;
}

bool Campaign::pay_debt(const PlayerView& player) {
  const auto owed = chosen(seen_.debts, [&](const DebtView& debt) {
    return debt.player_id == player.id && player.with(debt.faction) > 0;
  });
  if (owed.empty()) return false;
  const DebtView& debt = chance_.pick(owed);
  order(commands::pay_debt{.player_id = player.id,
                           .faction = debt.faction,
                           .source = debt.source,
                           .amount = std::min(debt.amount, player.with(debt.faction))},
        player.id);
  return true;
}

bool Campaign::talk(const PlayerView& player) {
  order(
      commands::post_table_talk{
          .player_id = player.id, .message = chance_.pick(cast_.talk), .release_at = time_after(0, 14)},
      player.id);
  return true;
}

bool Campaign::share_press(const PlayerView& player) {
  if (readable_press_.empty()) return false;
  order(
      commands::share_press{
          .press_id = chance_.pick(readable_press_), .player_id = player.id, .channel = "the club's wall"},
      player.id);
  return true;
}

bool Campaign::adopt_nickname(const PlayerView& player) {
  const auto own =
      chosen(seen_.scholars, [&](const ScholarView& scholar) { return scholar.patron == player.id; });
  if (own.empty()) return false;
  const ScholarView& scholar = chance_.pick(own);
  const auto known =
      std::find_if(cast_.scholars.begin(), cast_.scholars.end(), [&](const CastScholar& other) {
        return other.spawn.scholar_id == scholar.scholar_id && !other.nickname.empty();
      });
  const std::string nickname = known != cast_.scholars.end()
                                   ? known->nickname
                                   : "Old " + scholar.name.substr(scholar.name.rfind(' ') + 1);
  order(
      commands::adopt_nickname{
          .scholar_id = scholar.scholar_id, .player_id = player.id, .nickname = nickname},
      player.id);
  return true;
}

}  // namespace demo
