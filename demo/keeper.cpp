// What the keeper of the game does: nobody's move, but what the years bring.

#include "campaign.h"

#include <fmt/core.h>

#include <algorithm>

namespace demo {

namespace {

constexpr std::string_view keeper = "keeper";

std::string next_tier(const std::string& tier) {
  static const std::vector<std::string> tiers = {"Postdoc", "Fellow", "Professor", "Director"};
  const auto found = std::find(tiers.begin(), tiers.end(), tier);
  return found == tiers.end() || found + 1 == tiers.end() ? "" : *(found + 1);
}

}  // namespace

/// Scholars come with their years, step into an expedition's story, and go.
void Campaign::keep_scholars(std::int64_t day) {
  while (next_scholar_ < cast_.scholars.size() && cast_.scholars[next_scholar_].from_year <= seen_.year) {
    order("spawn_scholar", cast_.scholars[next_scholar_++].spawn, keeper);
  }
  if (day == 0) seen_ = look(game_);
  if (seen_.scholars.empty()) return;
  if (!seen_.expeditions.empty() && day % 4 == 1) {
    order("sidecast_scholar",
          {{"scholar_id", chance_.pick(seen_.scholars).id},
           {"expedition_id", chance_.pick(seen_.expeditions).id},
           {"arc", "a letter to the expedition"},
           {"due_at", time_after(1, 5)}},
          keeper);
  }
  if (day % 6 == 2) {
    order("advance_sidecast",
          {{"scholar_id", chance_.pick(seen_.scholars).id},
           {"player_id", chance_.pick(seen_.players).id},
           {"arc", "a letter to the expedition"},
           {"phase", "integration"},
           {"release_at", time_after(0, 14)}},
          keeper);
  }
  if (day % 5 == 3) {
    const ScholarView& scholar = chance_.pick(seen_.scholars);
    const PlayerView& player = chance_.pick(seen_.players);
    order("remember", {{"scholar_id", scholar.id}, {"type", "a kindness"}, {"by", player.id}}, keeper);
    order("record_note",
          {{"kind", "letter"},
           {"player_id", player.id},
           {"scholar_id", scholar.id},
           {"text", "A letter of thanks has arrived."}},
          keeper);
    order("feel",
          {{"scholar_id", scholar.id}, {"subject", player.id}, {"delta", 1.5}, {"reason", "a kindness"}},
          keeper);
  }
  if (day % 9 == 4) {
    order("scar_scholar",
          {{"scholar_id", chance_.pick(seen_.scholars).id},
           {"subject", chance_.pick(seen_.players).id},
           {"tag", "a credit not given"}},
          keeper);
  }
  if (day % 7 == 6 && seen_.scholars.size() > 12) {
    order("retire_scholar",
          {{"scholar_id", chance_.pick(seen_.scholars).id},
           {"reason", "A life's work is done."},
           {"release_at", time_after(0, 14)}},
          keeper);
  }
}

/// A mentorship lasts some years and ends with a promotion, or in a quarrel.
void Campaign::keep_mentorships() {
  for (const MentorshipView& mentorship : seen_.mentorships) {
    if (mentorship.status != "active" || mentorship.year + 2 > seen_.year) continue;
    if (chance_.percent(12)) {
      order("cancel_mentorship", {{"mentorship_id", mentorship.id}, {"reason", "a quarrel over a footnote"}},
            keeper);
      continue;
    }
    order("complete_mentorship", {{"mentorship_id", mentorship.id}}, keeper);
    const auto scholar = std::find_if(seen_.scholars.begin(), seen_.scholars.end(),
                                      [&](const ScholarView& view) { return view.id == mentorship.scholar; });
    const std::string tier = scholar == seen_.scholars.end() ? "" : next_tier(scholar->tier);
    if (tier.empty()) continue;
    order("promote_scholar",
          {{"scholar_id", mentorship.scholar},
           {"tier", tier},
           {"player_id", mentorship.player},
           {"release_at", time_after(0, 14)}},
          keeper);
  }
}

/// What an expedition found decides its theory; a deadline that passes closes it.
void Campaign::keep_theories() {
  for (auto rows = game_.ask("theories_overdue", {{"today", day_after(0)}}); rows.next();) {
    const std::string theory =
        std::get<0>(rows.as<std::string, std::string, std::string, std::string, std::string>());
    order("resolve_theory",
          {{"theory_id", theory}, {"outcome", "expired"}, {"release_at", time_after(0, 14)}}, keeper);
  }
  for (const TheoryView& theory : seen_.theories) {
    if (theory.year + 1 > seen_.year || chance_.percent(50)) continue;
    std::string outcome;
    for (auto rows = game_.ask("expeditions_of_theory", {{"theory_id", theory.id}}); rows.next();) {
      const auto result = rows.at(7);
      if (result.is_null()) continue;
      outcome = result.text() == "failure" ? "refuted" : (result.text() == "partial" ? "partial" : "proven");
    }
    if (outcome.empty()) continue;
    order("resolve_theory",
          {{"theory_id", theory.id}, {"outcome", outcome}, {"release_at", time_after(0, 14)}}, keeper);
  }
}

/// Every third year a topic is put to the vote; who has not voted by the afternoon is reminded.
void Campaign::keep_symposium(std::int64_t day) {
  if (day % 3 != 1 || seen_.proposals.empty() || !seen_.topics.empty()) return;
  order("start_symposium",
        {{"topic_id", new_id("symposium")},
         {"proposal_id", chance_.pick(seen_.proposals)},
         {"pledge", 2},
         {"remind_at", time_after(1, 14)},
         {"due_at", time_after(2, 5)},
         {"release_at", time_after(0, 14)}},
        keeper);
}

/// Patrons give, creditors complain, and now and then somebody in charge corrects a book.
void Campaign::keep_accounts(std::int64_t day) {
  static const std::vector<std::string> factions = {"Academic", "Government", "Industry", "Religious",
                                                    "Foreign"};
  for (const PlayerView& player : seen_.players) {
    order("gain_influence",
          {{"player_id", player.id},
           {"faction", chance_.pick(factions)},
           {"amount", 1},
           {"reason", "a patron's gift"}},
          keeper);
  }
  if (!seen_.debts.empty() && day % 2 == 0) {
    const DebtView& debt = chance_.pick(seen_.debts);
    order("reprimand",
          {{"player_id", debt.player},
           {"faction", debt.faction},
           {"source", debt.source},
           {"release_at", time_after(0, 14)}},
          keeper);
  }
  if (day % 8 == 3) {
    const PlayerView& player = chance_.pick(seen_.players);
    order("add_debt",
          {{"player_id", player.id},
           {"faction", chance_.pick(factions)},
           {"source", "the club's bar"},
           {"amount", 1 + chance_.below(3)},
           {"reason", "a dinner for the whole society"}},
          keeper);
    order("spend_influence",
          {{"player_id", player.id},
           {"faction", player.strongest()},
           {"amount", 1},
           {"reason", "a lecture tour"}},
          keeper);
  }
  const std::int64_t commitments = ids_["commitment"];
  if (day % 16 == 13 && commitments > 0) {
    order("cancel_commitment",
          {{"commitment_id", fmt::format("commitment-{:03}", commitments)},
           {"reason", "the society was dissolved"}},
          keeper);
  }
  if (day % 16 == 9) {
    const PlayerView& player = chance_.pick(seen_.players);
    order("adjust_reputation",
          {{"player_id", player.id}, {"delta", 2}, {"reason", "a result was credited to the wrong club"}},
          keeper);
    order(
        "adjust_influence",
        {{"player_id", player.id}, {"faction", "Foreign"}, {"delta", 1}, {"reason", "a gift entered twice"}},
        keeper);
    order("set_influence_cap",
          {{"player_id", player.id},
           {"faction", "Religious"},
           {"soft_cap", 9},
           {"reason", "an honour of the order"}},
          keeper);
  }
}

/// An order that nothing does fails until it is given up; then it is tried once more, and taken back.
void Campaign::keep_orders(std::int64_t day) {
  if (day % 12 == 5) {
    order("open_order",
          {{"order_id", new_id("order")},
           {"kind", "statue"},
           {"details", {{"of", "the founder"}}},
           {"due_at", time_after(0, 14)},
           {"max_attempts", 2}},
          keeper);
  }
  if (day % 12 == 8) {
    for (auto rows = game_.ask("failed_orders"); rows.next();) {
      order("retry_order", {{"order_id", rows.at(0).text()}, {"due_at", time_after(3, 5)}}, keeper);
    }
  }
  if (day % 12 == 9) {
    for (auto rows = game_.ask("open_orders"); rows.next();) {
      if (rows.at(1).text() != "statue") continue;
      order("cancel_order",
            {{"order_id", rows.at(0).text()}, {"reason", "the founder would not have liked it"}}, keeper);
    }
  }
}

void Campaign::keep_press(std::int64_t day) {
  readable_press_.clear();
  for (auto rows = game_.ask("press_by_year", {{"year", seen_.year}}); rows.next();) {
    readable_press_.emplace_back(rows.at(0).text());
  }
  if (day % 10 == 0) {
    order("schedule_press",
          {{"press_id", new_id("notice")},
           {"kind", "notice"},
           {"headline", "A notice of the keeper"},
           {"body", "The reading room stays closed on the day of the turning year."},
           {"release_at", time_after(2, 14)}},
          keeper);
  }
  if (day % 20 == 1) {
    order("withdraw_press",
          {{"press_id", fmt::format("notice-{:03}", ids_["notice"])}, {"reason", "it stays open after all"}},
          keeper);
  }
}

/// The game pauses over lunch; who moves all the same is refused.
void Campaign::keep_pause(std::int64_t day) {
  if (day % 30 != 12) return;
  order("pause_game", {{"reason", "the keeper is at sea"}}, keeper);
  for (const PlayerView& player : seen_.players) talk(player);
  order("resume_game", {{"reason", "the keeper is back"}}, keeper);
}

}  // namespace demo
