#include "shared/mix.h"

#include "base/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace bench {

namespace {

using nlohmann::json;

constexpr std::array factions{"Academic", "Government", "Industry", "Religious", "Foreign"};
constexpr std::array names{"Ibn Battuta", "Maria Sibylla Merian", "Alexander von Humboldt",
                           "Zheng He",    "Isabella Bird",        "James Cook"};
constexpr std::array words{"the",    "river",    "carries",  "salt",    "from",     "older",
                           "basalt", "glaciers", "migrate",  "toward",  "magnetic", "currents",
                           "and",    "ferns",    "remember", "light",   "beneath",  "auroral",
                           "storms", "shell",    "layers",   "confirm", "that",     "comets"};
constexpr std::array confidences{"suspect", "certain", "stake_my_career"};
constexpr std::array<std::int64_t, 3> wagers_won{2, 5, 15};
constexpr std::array<std::int64_t, 3> wagers_lost{-1, -7, -25};
constexpr double fading = 0.98;
/// So many of a hundred pairs of scholar and player carry a scar: their feeling does not fade.
constexpr std::size_t scarred_percent = 15;

}  // namespace

Mix::Mix(const MixOptions& options)
    : options_(options), random_(options.seed), next_year_(options.year_events) {
  for (int i = 0; i < options.players; ++i) {
    players_.push_back({fmt::format("player{:02}", i), 0, std::vector<std::int64_t>(factions.size(), 0)});
  }
  for (int i = 0; i < options.scholars; ++i) {
    scholars_.push_back(fmt::format("s.scholar{:02}", i));
  }
}

Mix::~Mix() = default;

void Mix::add(const char* type, const json& payload) {
  ready_.push_back({type, reeve::json::canonical(payload.dump()), actor_, year_});
}

std::string Mix::fresh_id(const char* kind) { return fmt::format("{}-{:08x}", kind, ++ids_ * 2654435761U); }

std::string Mix::sentence() {
  std::string text;
  const std::size_t count = 8 + roll(8);
  for (std::size_t i = 0; i < count; ++i) {
    text += (i == 0 ? "" : " ") + std::string(words[roll(words.size())]);
  }
  return text + ".";
}

std::vector<MixEvent> Mix::opening() {
  actor_ = "host";
  add("game.started", {{"anchor", "2026-01-01"}});
  for (std::size_t i = 0; i < players_.size(); ++i) {
    add("player.joined", {{"player_id", players_[i].id}, {"name", names[i % names.size()]}});
    for (std::size_t faction = 0; faction < factions.size(); ++faction) {
      change_influence(i, faction, 4, "endowment");
    }
  }
  for (std::size_t i = 0; i < scholars_.size(); ++i) {
    add("scholar.spawned", {{"scholar_id", scholars_[i]},
                            {"name", fmt::format("Scholar {}", i)},
                            {"seed", 1000 + i},
                            {"personality", {{"openness", 0.7}, {"rigor", 0.4}, {"archetype", "surveyor"}}},
                            {"stats", {{"talent", 6 + i % 5}, {"reliability", 4 + i % 7}, {"loyalty", 5}}},
                            {"career", {{"tier", "associate"}, {"track", "academia"}}}});
    for (std::size_t player = 0; player < players_.size(); ++player) {
      feel(i, player, 1.5, "first impression");
      if (roll(100) < scarred_percent) {
        add("scholar.scarred",
            {{"scholar_id", scholars_[i]}, {"subject", players_[player].id}, {"tag", "stole my survey"}});
      }
    }
  }
  return take(ready_.size());
}

std::vector<MixEvent> Mix::take(std::size_t count) {
  std::vector<MixEvent> events;
  events.reserve(count);
  while (events.size() < count) {
    if (ready_.empty()) {
      act();
    }
    events.push_back(std::move(ready_.front()));
    ready_.pop_front();
    ++made_;
  }
  return events;
}

std::vector<MixEvent> Mix::year_end() {
  actor_ = "scheduler";
  end_year();
  return take(2);
}

MixEvent Mix::update() {
  const std::size_t player = roll(players_.size());
  actor_ = players_[player].id;
  if (roll(3) == 0) {
    feel(roll(scholars_.size()), player, 0.5, "a letter");
  } else {
    const std::size_t faction = roll(factions.size());
    const std::int64_t delta = players_[player].influence[faction] > 20 ? -7 : 3;
    change_influence(player, faction, delta, "season");
  }
  MixEvent event = std::move(ready_.front());
  ready_.pop_front();
  return event;
}

/// Weights from what players do in a year: much is said and claimed, less is ventured.
void Mix::act() {
  if (options_.year_events > 0 && made_ >= next_year_) {
    next_year_ += options_.year_events;
    actor_ = "scheduler";
    digest();
    end_year();
    return;
  }
  const std::size_t player = roll(players_.size());
  actor_ = players_[player].id;
  const std::size_t choice = roll(100);
  if (choice < 22) {
    submit_theory();
  } else if (choice < 36) {
    queue_expedition();
  } else if (choice < 50) {
    resolve_expedition();
  } else if (choice < 62) {
    resolve_theory();
  } else if (choice < 70) {
    invest();
  } else if (choice < 82) {
    talk();
  } else if (choice < 88) {
    recruit();
  } else if (choice < 97) {
    release();
  } else {
    note();
  }
  if (ready_.empty()) {
    talk();
  }
}

void Mix::submit_theory() {
  Theory theory{fresh_id("theory"), roll(players_.size()), roll(scholars_.size())};
  const std::string claim = sentence();
  add("theory.submitted", {{"theory_id", theory.id},
                           {"player_id", players_[theory.player].id},
                           {"claim", claim},
                           {"confidence", confidences[roll(2)]},
                           {"supporters", json::array({scholars_[theory.supporter]})},
                           {"deadline", "2026-12-24"}});
  remember(theory.supporter, theory.player, "theory_supported", {{"theory_id", theory.id}});
  const std::string name = names[theory.player % names.size()];
  press("theory.submitted:" + theory.id, "academic_bulletin",
        fmt::format("Academic Bulletin: {} stakes a claim", name),
        fmt::format("{} claims, certain: {}", name, claim));
  theories_.push_back(std::move(theory));
}

void Mix::resolve_theory() {
  if (theories_.empty()) {
    return;
  }
  const Theory theory = theories_.front();
  theories_.pop_front();
  const bool proven = roll(2) == 0;
  const char* outcome = proven ? "proven" : "refuted";
  add("theory.resolved", {{"theory_id", theory.id},
                          {"player_id", players_[theory.player].id},
                          {"outcome", outcome},
                          {"reputation_change", proven ? 2 : -1}});
  change_reputation(theory.player, proven ? 2 : -1, theory.id);
  feel(theory.supporter, theory.player, proven ? 1.0 : -1.0, proven ? "theory proven" : "theory refuted");
  press("theory.resolved:" + theory.id, "reputation_shift",
        fmt::format("A theory of {} is {}", names[theory.player % names.size()], outcome),
        fmt::format("{} This is now {}.", sentence(), outcome));
}

void Mix::queue_expedition() {
  Expedition expedition;
  expedition.id = fresh_id("expedition");
  expedition.player = roll(players_.size());
  const std::size_t first = roll(scholars_.size() - 1);
  expedition.team = {first, first + 1};
  expedition.funding = {roll(2), 2 + roll(3)};
  Player& player = players_[expedition.player];
  const std::string objective = sentence();
  add("expedition.queued", {{"expedition_id", expedition.id},
                            {"player_id", player.id},
                            {"type", "field"},
                            {"objective", objective},
                            {"preparation", {{"depth", "deep"}, {"strengths", {"maps", "guides"}}}},
                            {"team", {scholars_[expedition.team[0]], scholars_[expedition.team[1]]}},
                            {"funding", {factions[expedition.funding[0]], factions[expedition.funding[1]]}},
                            {"confidence", confidences[roll(confidences.size())]}});
  for (std::size_t faction : {std::size_t{0}, std::size_t{1}}) {
    if (player.influence[faction] < 1) {
      change_influence(expedition.player, faction, 4 - player.influence[faction], "grant");
    }
  }
  add("expedition.launched", {{"expedition_id", expedition.id}, {"player_id", player.id}});
  for (std::size_t faction : {std::size_t{0}, std::size_t{1}}) {
    change_influence(expedition.player, faction, -1, "expedition");
  }
  const std::string name = names[expedition.player % names.size()];
  press("expedition.launched:" + expedition.id, "research_manifesto", name + " sets out",
        fmt::format("{} launches a field: {}", name, objective));
  add("order.opened", {{"order_id", "expedition:" + expedition.id},
                       {"kind", "expedition_resolution"},
                       {"subject", expedition.id},
                       {"player_id", player.id},
                       {"due_at", "2026-03-01T12:00:00Z"}});
  expeditions_.push_back(std::move(expedition));
}

void Mix::resolve_expedition() {
  if (expeditions_.empty()) {
    return;
  }
  const Expedition expedition = expeditions_.front();
  expeditions_.pop_front();
  const std::size_t roll_made = 1 + roll(100);
  const bool success = roll_made >= 50;
  const std::size_t confidence = roll(confidences.size());
  const std::int64_t wager = success ? wagers_won[confidence] : wagers_lost[confidence];
  const char* outcome = success ? "success" : "failure";
  json payload{{"expedition_id", expedition.id},
               {"player_id", players_[expedition.player].id},
               {"roll", roll_made},
               {"modifier", 15},
               {"total", roll_made + 15},
               {"outcome", outcome},
               {"confidence", confidences[confidence]},
               {"reputation_change", wager}};
  if (success) {
    payload["discoveries"] = json::array({sentence()});
  }
  add("expedition.resolved", payload);
  change_reputation(expedition.player, wager, expedition.id);
  if (success) {
    for (const std::size_t faction : expedition.funding) {
      change_influence(expedition.player, faction, 1, "expedition success");
    }
  }
  for (const std::size_t scholar : expedition.team) {
    remember(scholar, expedition.player, success ? "expedition_success" : "expedition_failure",
             {{"expedition_id", expedition.id}});
  }
  for (const std::size_t scholar : expedition.team) {
    feel(scholar, expedition.player, success ? 1.0 : -2.0,
         success ? "expedition success" : "expedition failure");
  }
  press("expedition.resolved:" + expedition.id, success ? "discovery_report" : "retraction_notice",
        fmt::format("{} returns: {}", names[expedition.player % names.size()], outcome),
        fmt::format("{} ended in {} with a total of {}.", sentence(), outcome, roll_made + 15));
  add("order.completed", {{"order_id", "expedition:" + expedition.id}});
}

void Mix::invest() {
  const std::size_t player = roll(players_.size());
  const std::size_t faction = roll(factions.size());
  if (players_[player].influence[faction] < 2) {
    return;
  }
  add("faction.invested", {{"player_id", players_[player].id},
                           {"faction", factions[faction]},
                           {"amount", 2},
                           {"program", "observatory"},
                           {"total", 2 + roll(40)}});
  change_influence(player, faction, -2, "investment");
  const std::string name = names[player % names.size()];
  press(fresh_id("press"), "faction_investment", fmt::format("{} invests with {}", name, factions[faction]),
        fmt::format("{} puts 2 of influence into observatory of {}. {}", name, factions[faction], ids_));
}

void Mix::talk() {
  const std::string message = sentence();
  const std::size_t player = roll(players_.size());
  add("table_talk.posted", {{"player_id", players_[player].id}, {"message", message}});
  press(fresh_id("press"), "table_talk", fmt::format("Overheard: {}", names[player % names.size()]), message);
}

void Mix::recruit() {
  const std::size_t player = roll(players_.size());
  const std::size_t scholar = roll(scholars_.size());
  const bool success = roll(3) == 0;
  add("recruitment.attempted", {{"player_id", players_[player].id},
                                {"scholar_id", scholars_[scholar]},
                                {"faction", factions[roll(factions.size())]},
                                {"chance", 37.5},
                                {"roll", success ? 20 : 80},
                                {"success", success}});
  feel(scholar, player, success ? 2.0 : -1.0, "recruitment");
  remember(scholar, player, "recruitment", {{"success", success}});
  press(fresh_id("press"), "recruitment_report",
        fmt::format("{} courts a scholar", names[player % names.size()]), sentence());
}

void Mix::release() {
  const std::string actor = std::exchange(actor_, "scheduler");
  for (int i = 0; i < 4 && !scheduled_.empty(); ++i) {
    add("press.released", {{"press_id", scheduled_.front()}});
    scheduled_.pop_front();
    ++released_;
  }
  actor_ = actor;
}

void Mix::note() {
  add("note.recorded",
      {{"kind", "observation"}, {"player_id", players_[roll(players_.size())].id}, {"text", sentence()}});
}

void Mix::digest() {
  add("digest.published", {{"digest_id", fmt::format("digest-{}", year_)},
                           {"headline", fmt::format("The year {} in science", year_)},
                           {"items", std::exchange(released_, 0)}});
}

void Mix::end_year() {
  add("year.advanced", {{"years", 1}, {"from_year", year_}, {"to_year", year_ + 1}});
  ++year_;
  add("feelings.decayed", {{"year", year_ - 1}, {"factor", fading}});
}

void Mix::change_influence(std::size_t player, std::size_t faction, std::int64_t delta, const char* reason) {
  std::int64_t& influence = players_[player].influence[faction];
  influence += delta;
  add("influence.changed", {{"player_id", players_[player].id},
                            {"faction", factions[faction]},
                            {"delta", delta},
                            {"influence", influence},
                            {"kind", delta < 0 ? "cost" : "adjustment"},
                            {"reason", reason}});
}

void Mix::change_reputation(std::size_t player, std::int64_t wager, const std::string& source) {
  std::int64_t& reputation = players_[player].reputation;
  const std::int64_t after = std::clamp<std::int64_t>(reputation + wager, -50, 50);
  add("reputation.changed", {{"player_id", players_[player].id},
                             {"delta", after - reputation},
                             {"wager", wager},
                             {"reputation", after},
                             {"reason", wager > 0 ? "won" : "lost"},
                             {"source", source}});
  reputation = after;
}

void Mix::feel(std::size_t scholar, std::size_t player, double delta, const char* reason) {
  double& feeling = feelings_[{scholar, player}];
  feeling += delta;
  add("scholar.felt", {{"scholar_id", scholars_[scholar]},
                       {"subject", players_[player].id},
                       {"delta", delta},
                       {"feeling", feeling},
                       {"reason", reason}});
}

void Mix::remember(std::size_t scholar, std::size_t player, const char* type, const json& details) {
  add("scholar.remembered", {{"scholar_id", scholars_[scholar]},
                             {"type", type},
                             {"by", players_[player].id},
                             {"details", details}});
}

void Mix::press(const std::string& id, const char* kind, const std::string& headline,
                const std::string& body) {
  add("press.scheduled", {{"press_id", id},
                          {"kind", kind},
                          {"headline", headline},
                          {"body", body},
                          {"release_at", "2026-03-01T12:00:00Z"},
                          {"player_id", actor_},
                          {"source_type", kind},
                          {"source_id", id}});
  scheduled_.push_back(id);
}

}  // namespace bench
