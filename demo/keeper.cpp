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
    order(cast_.scholars[next_scholar_++].spawn, keeper);
  }
  if (day == 0) seen_ = look(game_);
  if (seen_.scholars.empty()) return;
  if (!seen_.expeditions.empty() && day % 4 == 1) {
    order(commands::sidecast_scholar{.scholar_id = chance_.pick(seen_.scholars).scholar_id,
                                     .expedition_id = chance_.pick(seen_.expeditions).expedition_id,
                                     .arc = "a letter to the expedition",
                                     .due_at = time_after(1, 5)},
          keeper);
  }
  if (day % 6 == 2) {
    order(commands::advance_sidecast{.scholar_id = chance_.pick(seen_.scholars).scholar_id,
                                     .player_id = chance_.pick(seen_.players).id,
                                     .arc = "a letter to the expedition",
                                     .phase = "integration",
                                     .release_at = time_after(0, 14)},
          keeper);
  }
  if (day % 5 == 3) {
    const ScholarView& scholar = chance_.pick(seen_.scholars);
    const PlayerView& player = chance_.pick(seen_.players);
    order(commands::remember{.scholar_id = scholar.scholar_id, .type = "a kindness", .by = player.id},
          keeper);
    order(commands::record_note{.kind = "letter",
                                .player_id = player.id,
                                .scholar_id = scholar.scholar_id,
                                .text = "A letter of thanks has arrived."},
          keeper);
    order(
        commands::feel{
            .scholar_id = scholar.scholar_id, .subject = player.id, .delta = 1.5, .reason = "a kindness"},
        keeper);
  }
  if (day % 9 == 4) {
    order(commands::scar_scholar{.scholar_id = chance_.pick(seen_.scholars).scholar_id,
                                 .subject = chance_.pick(seen_.players).id,
                                 .tag = "a credit not given"},
          keeper);
  }
  if (day % 7 == 6 && seen_.scholars.size() > 12) {
    order(commands::retire_scholar{.scholar_id = chance_.pick(seen_.scholars).scholar_id,
                                   .reason = "A life's work is done.",
                                   .release_at = time_after(0, 14)},
          keeper);
  }
}

/// A mentorship lasts some years and ends with a promotion, or in a quarrel.
void Campaign::keep_mentorships() {
  for (const MentorshipView& mentorship : seen_.mentorships) {
    if (mentorship.status != "active" || mentorship.queued_in + 2 > seen_.year) continue;
    if (chance_.percent(12)) {
      order(commands::cancel_mentorship{.mentorship_id = mentorship.mentorship_id,
                                        .reason = "a quarrel over a footnote"},
            keeper);
      continue;
    }
    order(commands::complete_mentorship{.mentorship_id = mentorship.mentorship_id}, keeper);
    const auto scholar =
        std::find_if(seen_.scholars.begin(), seen_.scholars.end(),
                     [&](const ScholarView& view) { return view.scholar_id == mentorship.scholar_id; });
    const std::string tier = scholar == seen_.scholars.end() ? "" : next_tier(scholar->tier.value_or(""));
    if (tier.empty()) continue;
    order(commands::promote_scholar{.scholar_id = mentorship.scholar_id,
                                    .tier = tier,
                                    .player_id = mentorship.player_id,
                                    .release_at = time_after(0, 14)},
          keeper);
  }
}

/// What an expedition found decides its theory; a deadline that passes closes it.
void Campaign::keep_theories() {
  for (const auto& theory : game_.ask(queries::theories_overdue{.today = day_after(0)})) {
    order(
        commands::resolve_theory{
            .theory_id = theory.theory_id, .outcome = "expired", .release_at = time_after(0, 14)},
        keeper);
  }
  for (const TheoryView& theory : seen_.theories) {
    if (theory.year + 1 > seen_.year || chance_.percent(50)) continue;
    std::string outcome;
    for (const auto& expedition : game_.ask(queries::expeditions_of_theory{.theory_id = theory.id})) {
      if (!expedition.outcome) continue;
      outcome = expedition.outcome == "failure"   ? "refuted"
                : expedition.outcome == "partial" ? "partial"
                                                  : "proven";
    }
    if (outcome.empty()) continue;
    order(
        commands::resolve_theory{.theory_id = theory.id, .outcome = outcome, .release_at = time_after(0, 14)},
        keeper);
  }
}

/// Every third year a topic is put to the vote; who has not voted by the afternoon is reminded.
void Campaign::keep_symposium(std::int64_t day) {
  if (day % 3 != 1 || seen_.proposals.empty() || !seen_.topics.empty()) return;
  order(commands::start_symposium{.topic_id = new_id("symposium"),
                                  .proposal_id = chance_.pick(seen_.proposals),
                                  .pledge = 2,
                                  .remind_at = time_after(1, 14),
                                  .due_at = time_after(2, 5),
                                  .release_at = time_after(0, 14)},
        keeper);
}

/// Patrons give, creditors complain, and now and then somebody in charge corrects a book.
void Campaign::keep_accounts(std::int64_t day) {
  static const std::vector<std::string> factions = {"Academic", "Government", "Industry", "Religious",
                                                    "Foreign"};
  for (const PlayerView& player : seen_.players) {
    order(commands::gain_influence{.player_id = player.id,
                                   .faction = chance_.pick(factions),
                                   .amount = 1,
                                   .reason = "a patron's gift"},
          keeper);
  }
  if (!seen_.debts.empty() && day % 2 == 0) {
    const DebtView& debt = chance_.pick(seen_.debts);
    order(commands::reprimand{.player_id = debt.player_id,
                              .faction = debt.faction,
                              .source = debt.source,
                              .release_at = time_after(0, 14)},
          keeper);
  }
  if (day % 8 == 3) {
    const PlayerView& player = chance_.pick(seen_.players);
    order(commands::add_debt{.player_id = player.id,
                             .faction = chance_.pick(factions),
                             .source = "the club's bar",
                             .amount = chance_.between(1, 3),
                             .reason = "a dinner for the whole society"},
          keeper);
    order(
        commands::spend_influence{
            .player_id = player.id, .faction = player.strongest(), .amount = 1, .reason = "a lecture tour"},
        keeper);
  }
  const std::int64_t commitments = ids_["commitment"];
  if (day % 16 == 13 && commitments > 0) {
    order(commands::cancel_commitment{.commitment_id = fmt::format("commitment-{:03}", commitments),
                                      .reason = "the society was dissolved"},
          keeper);
  }
  if (day % 16 == 9) {
    const PlayerView& player = chance_.pick(seen_.players);
    order(
        commands::adjust_reputation{
            .player_id = player.id, .delta = 2, .reason = "a result was credited to the wrong club"},
        keeper);
    order(
        commands::adjust_influence{
            .player_id = player.id, .faction = "Foreign", .delta = 1, .reason = "a gift entered twice"},
        keeper);
    order(commands::set_influence_cap{.player_id = player.id,
                                      .faction = "Religious",
                                      .soft_cap = 9,
                                      .reason = "an honour of the order"},
          keeper);
  }
}

/// An order that nothing does fails until it is given up; then it is tried once more, and taken back.
void Campaign::keep_orders(std::int64_t day) {
  if (day % 12 == 5) {
    order(commands::open_order{.order_id = new_id("order"),
                               .kind = "statue",
                               .details = reeve::JsonMembers().add("of", "the founder").json(),
                               .due_at = time_after(0, 14),
                               .max_attempts = 2},
          keeper);
  }
  if (day % 12 == 8) {
    for (const auto& failed : game_.ask(queries::failed_orders{})) {
      order(commands::retry_order{.order_id = failed.order_id, .due_at = time_after(3, 5)}, keeper);
    }
  }
  if (day % 12 == 9) {
    for (const auto& open : game_.ask(queries::open_orders{})) {
      if (open.kind != "statue") continue;
      order(
          commands::cancel_order{.order_id = open.order_id, .reason = "the founder would not have liked it"},
          keeper);
    }
  }
}

void Campaign::keep_press(std::int64_t day) {
  readable_press_.clear();
  for (const auto& press : game_.ask(queries::press_by_year{.year = seen_.year})) {
    readable_press_.push_back(press.press_id);
  }
  if (day % 10 == 0) {
    order(commands::schedule_press{.press_id = new_id("notice"),
                                   .kind = "notice",
                                   .headline = "A notice of the keeper",
                                   .body = "The reading room stays closed on the day of the turning year.",
                                   .release_at = time_after(2, 14)},
          keeper);
  }
  if (day % 20 == 1) {
    order(commands::withdraw_press{.press_id = fmt::format("notice-{:03}", ids_["notice"]),
                                   .reason = "it stays open after all"},
          keeper);
  }
}

/// The game pauses over lunch; who moves all the same is refused.
void Campaign::keep_pause(std::int64_t day) {
  if (day % 30 != 12) return;
  order(commands::pause_game{.reason = "the keeper is at sea"}, keeper);
  scheduler_.pause();
  for (const PlayerView& player : seen_.players) talk(player);
  scheduler_.run();
  order(commands::resume_game{.reason = "the keeper is back"}, keeper);
  order(commands::take_up_orders{}, keeper);
  scheduler_.resume();
}

}  // namespace demo
