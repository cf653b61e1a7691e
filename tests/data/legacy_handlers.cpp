// One function for each kind of event in the log.

#include "legacy_play.h"

#include "base/clock.h"

#include <algorithm>
#include <cmath>

namespace reeve::legacy {

namespace {

std::string text_of(std::int64_t number) { return std::to_string(number); }

}  // namespace

const Play::Handlers& Play::handlers() {
  static const Handlers all = {
      {"career_progression", &Play::on_career},
      {"conference_launched", &Play::on_conference_launched},
      {"conference_resolved", &Play::on_conference_resolved},
      {"counter_offer_created", &Play::on_counter_offer},
      {"digest_highlights_generated", &Play::on_digest},
      {"expedition_queued", &Play::on_expedition_queued},
      {"expedition_resolved", &Play::on_expedition_resolved},
      {"faction_investment", &Play::on_investment},
      {"followup_resolved", &Play::on_followup},
      {"launch_expedition", &Play::on_expedition_launched},
      {"mentorship_activated", &Play::on_mentorship_activated},
      {"mentorship_queued", &Play::on_mentorship_queued},
      {"offer_created", &Play::on_offer},
      {"press_scheduled", &Play::on_press_scheduled},
      {"recruitment_attempt", &Play::on_recruitment},
      {"scheduled_press_released", &Play::on_press_released},
      {"scholar_sidecast", &Play::on_sidecast},
      {"scholar_spawned", &Play::on_scholar_spawned},
      {"sidecast_followup", &Play::on_sidecast_followup},
      {"sideways_order_scheduled", &Play::on_sideways_order},
      {"sideways_press_scheduled", &Play::on_sideways_press},
      {"submit_theory", &Play::on_theory},
      {"symposium_proposal_submitted", &Play::on_proposal},
      {"symposium_reprimand", &Play::on_reprimand},
      {"symposium_resolved", &Play::on_symposium_resolved},
      {"symposium_started", &Play::on_symposium_started},
      {"symposium_vote", &Play::on_vote},
      {"symposium_vote_reminder", &Play::on_reminder},
      {"table_talk_post", &Play::on_table_talk},
      {"timeline_advanced", &Play::on_year},
  };
  return all;
}

void Play::on_scholar_spawned(const LoggedEvent& event) {
  spawn(event.payload["id"], event.payload["origin"], event.time);
}

void Play::on_theory(const LoggedEvent& event) {
  const Json& said = event.payload;
  while (next_theory_ < game_.theories.size() && !game_.theories[next_theory_].logged) {
    recover_theories(game_.theories[next_theory_].id);
  }
  const Theory& theory = game_.theories.at(next_theory_++);
  if (theory.time != event.time || theory.claim != said["theory"]) {
    ++report_.irregularities["a theory whose row says otherwise than its event"];
  }
  intent("submit_theory",
         {{"theory_id", text_of(theory.id)},
          {"player_id", said["player"]},
          {"claim", said["theory"]},
          {"confidence", said["confidence"]},
          {"supporters", said["supporters"]},
          {"deadline", deadline(said["deadline"])}},
         said["player"].get<std::string>());
}

void Play::on_expedition_queued(const LoggedEvent& event) {
  const Json& said = event.payload;
  const Json& launch = launches_.at(said["code"])->payload;
  for (const auto& spelling : said["funding"])
    faction(spelling);  // for the report; the command knows them all
  intent("queue_expedition",
         {{"expedition_id", said["code"]},
          {"player_id", said["player_id"]},
          {"type", said["expedition_type"]},
          {"objective", said["objective"]},
          {"preparation", {{"depth", launch["prep_depth"]}}},
          {"team", said["team"]},
          {"funding", said["funding"]},
          {"confidence", launch["confidence"]}},
         said["player_id"].get<std::string>());
}

void Play::on_expedition_launched(const LoggedEvent& event) {
  const Json& said = event.payload;
  judge("launch_expedition", {{"expedition_id", said["code"]}}, said["player"].get<std::string>(),
        "expedition.launched", {{"expedition_id", said["code"]}, {"player_id", said["player"]}});
}

void Play::on_expedition_resolved(const LoggedEvent& event) {
  const Json& said = event.payload;
  const std::int64_t change = said["reputation_delta"];
  fact("expedition.resolved",
       {{"expedition_id", said["code"]},
        {"player_id", said["player"]},
        {"roll", said["roll"]},
        {"modifier", said["modifier"]},
        {"total", said["final"]},
        {"outcome", said["result"]},
        {"confidence", said["confidence"]},
        {"reputation_change", change}},
       said["player"].get<std::string>());
  change_reputation(said["player"], change, "expedition", said["code"]);
}

void Play::on_recruitment(const LoggedEvent& event) {
  const Json& said = event.payload;
  fact("recruitment.attempted",
       {{"player_id", said["player"]},
        {"scholar_id", said["scholar"]},
        {"faction", faction(said["faction"])},
        {"chance", std::lround(said["chance"].get<double>() * 100)},
        {"success", said["success"]},
        {"details",
         {{"chance", said["chance"]},
          {"cooldown_penalty", said["cooldown_penalty"]},
          {"influence_bonus", said["influence_bonus"]},
          {"relationship", said["relationship"]}}}},
       said["player"].get<std::string>());
}

void Play::on_mentorship_queued(const LoggedEvent& event) {
  const Json& said = event.payload;
  Json parameters = {{"mentorship_id", text_of(said["mentorship_id"])},
                     {"player_id", said["player"]},
                     {"scholar_id", said["scholar"]}};
  if (!said["career_track"].is_null()) parameters["track"] = said["career_track"];
  intent("queue_mentorship", parameters, said["player"].get<std::string>());
}

void Play::on_mentorship_activated(const LoggedEvent& event) {
  const Json& said = event.payload;
  const std::string id = text_of(said["mentorship_id"]);
  mentorships_[{said["player"], said["scholar"]}] = id;
  fact("mentorship.activated",
       {{"mentorship_id", id}, {"player_id", said["player"]}, {"scholar_id", said["scholar"]}},
       said["player"].get<std::string>());
}

void Play::on_career(const LoggedEvent& event) {
  const Json& said = event.payload;
  const Json& career = game_.scholars.at(said["scholar"])["career"];
  fact("scholar.promoted",
       {{"scholar_id", said["scholar"]},
        {"tier", said["new_tier"]},
        {"player_id", said["mentor"]},
        {"career",
         {{"tier", said["new_tier"]}, {"track", career["track"]}, {"ticks", 0}, {"titles", Json::array()}}}},
       said["mentor"].get<std::string>());
  // The old game ended a mentorship with the professorship and logged nothing of it.
  const auto found = mentorships_.find({said["mentor"], said["scholar"]});
  if (said["new_tier"] != "Professor" || found == mentorships_.end()) return;
  ++report_.recovered["ends of mentorships"];
  fact("mentorship.completed",
       {{"mentorship_id", found->second}, {"player_id", said["mentor"]}, {"scholar_id", said["scholar"]}});
  mentorships_.erase(found);
}

void Play::on_conference_launched(const LoggedEvent& event) {
  const Json& said = event.payload;
  recover_theories(said["theory_id"]);
  intent("launch_conference",
         {{"code", said["code"]},
          {"player_id", said["player"]},
          {"theory_id", text_of(said["theory_id"])},
          {"supporters", said["supporters"]},
          {"opposition", said["opposition"]}},
         said["player"].get<std::string>());
}

void Play::on_conference_resolved(const LoggedEvent& event) {
  const Json& said = event.payload;
  const auto launched =
      std::find_if(game_.events.begin(), game_.events.end(), [&said](const LoggedEvent& other) {
        return other.action == "conference_launched" && other.payload["code"] == said["code"];
      });
  const Json& launch = launched->payload;
  const auto modifier = 5 * (static_cast<std::int64_t>(launch["supporters"].size()) -
                             static_cast<std::int64_t>(launch["opposition"].size()));
  const std::int64_t total = said["final_roll"];
  const std::int64_t change = said["reputation_delta"];
  fact("conference.resolved", {{"code", said["code"]},
                               {"player_id", launch["player"]},
                               {"roll", total - modifier},
                               {"modifier", modifier},
                               {"total", total},
                               {"outcome", said["outcome"]},
                               {"reputation_change", change}});
  change_reputation(launch["player"], change, "conference", said["code"]);
}

void Play::on_proposal(const LoggedEvent& event) {
  const Json& said = event.payload;
  intent("propose_topic",
         {{"proposal_id", text_of(said["proposal_id"])},
          {"player_id", said["player"]},
          {"topic", said["topic"]},
          {"expires_at", said["expires_at"]}},
         said["player"].get<std::string>());
}

void Play::on_symposium_started(const LoggedEvent& event) {
  const Json& said = event.payload;
  const std::string topic = text_of(said["topic_id"]);
  fact("symposium.started",
       {{"topic_id", topic}, {"topic", said["topic"]}, {"proposal_id", text_of(said["proposal_id"])}});
  for (const auto& [player, pledge] : said["pledges"].items()) {
    fact("symposium.pledged",
         {{"topic_id", topic},
          {"player_id", player},
          {"faction", faction(pledge["faction"])},
          {"amount", pledge["amount"]}},
         player);
  }
}

void Play::on_vote(const LoggedEvent& event) {
  const Json& said = event.payload;
  intent("vote",
         {{"topic_id", text_of(said["topic_id"])},
          {"player_id", said["player"]},
          {"option", said["vote_option"]}},
         said["player"].get<std::string>());
}

void Play::on_symposium_resolved(const LoggedEvent& event) {
  const Json& said = event.payload;
  const std::string topic = text_of(said["topic_id"]);
  for (const auto& penalty : said["penalties"]) {
    const std::int64_t owed = penalty["remaining_debt"];
    const std::int64_t paid = penalty["deducted"];
    fact("symposium.pledge_settled", {{"topic_id", topic},
                                      {"player_id", penalty["player_id"]},
                                      {"faction", faction(penalty["faction"])},
                                      {"status", owed > 0 ? "owed" : (paid > 0 ? "paid" : "waived")},
                                      {"paid", paid},
                                      {"owed", owed},
                                      {"miss_streak", penalty["miss_streak"]}});
  }
  fact("symposium.resolved", {{"topic_id", topic},
                              {"winner", std::stoi(said["winner"].get<std::string>())},
                              {"votes", said["votes"]}});
}

void Play::on_reminder(const LoggedEvent& event) {
  const Json& said = event.payload;
  fact("symposium.reminded", {{"topic_id", text_of(said["topic_id"])},
                              {"player_id", said["player"]},
                              {"level", said["reminder_level"]},
                              {"amount", said["pledge_amount"]}});
}

/// The debts themselves were never logged: each reprimand says what is left of one.
void Play::on_reprimand(const LoggedEvent& event) {
  const Json& said = event.payload;
  const std::string owed_to = faction(said["faction"]);
  ++report_.recovered["debts"];
  fact("debt.changed", {{"player_id", said["player"]},
                        {"faction", owed_to},
                        {"source", "seasonal"},
                        {"delta", said["remaining"]},
                        {"amount", said["remaining"]},
                        {"reason", "recovered from a reprimand"}});
  fact("symposium.reprimanded", {{"player_id", said["player"]},
                                 {"faction", owed_to},
                                 {"source", "seasonal"},
                                 {"reprisal_level", said["reprisal_level"]},
                                 {"remaining", said["remaining"]}});
}

void Play::on_offer(const LoggedEvent& event) {
  const Json& said = event.payload;
  const Json& offer = game_.offers.at(said["offer_id"]);
  const Json terms = {{"relationship_snapshot", said["relationship_snapshot"]}};
  Json payload = {{"offer_id", text_of(said["offer_id"])},
                  {"player_id", said["rival"]},
                  {"scholar_id", said["scholar"]},
                  {"escrow", escrow(said["influence"])},
                  {"terms", terms}};
  const std::string patron = offer["patron"];
  if (patron == "Independent") {
    ++report_.irregularities["an offer against a patron who is nobody"];
  } else {
    payload["rival_id"] = patron;
  }
  judge("make_offer",
        {{"offer_id", text_of(said["offer_id"])},
         {"player_id", said["rival"]},
         {"scholar_id", said["scholar"]},
         {"influence", said["influence"]},
         {"terms", terms}},
        said["rival"].get<std::string>(), "offer.made", payload);
}

void Play::on_counter_offer(const LoggedEvent& event) {
  const Json& said = event.payload;
  const Json& original = game_.offers.at(said["original_offer_id"]);
  const Json terms = {{"relationship_snapshot", said["relationship_snapshot"]}};
  judge("counter_offer",
        {{"offer_id", text_of(said["counter_offer_id"])},
         {"parent_id", text_of(said["original_offer_id"])},
         {"player_id", said["patron"]},
         {"influence", said["influence"]},
         {"terms", terms}},
        said["patron"].get<std::string>(), "offer.countered",
        {{"offer_id", text_of(said["counter_offer_id"])},
         {"parent_id", text_of(said["original_offer_id"])},
         {"player_id", said["patron"]},
         {"scholar_id", original["scholar"]},
         {"rival_id", original["rival"]},
         {"escrow", escrow(said["influence"])},
         {"terms", terms}});
}

/// Opening an order was never logged either.
void Play::on_followup(const LoggedEvent& event) {
  const Json& said = event.payload;
  const std::string id = text_of(said["order_id"]);
  ++report_.recovered["orders"];
  fact("order.opened", {{"order_id", id},
                        {"kind", "followup:" + said["kind"].get<std::string>()},
                        {"subject", said["scholar"]},
                        {"due_at", event.time}});
  fact("order.completed", {{"order_id", id}, {"result", said["kind"]}});
}

void Play::on_sideways_order(const LoggedEvent& event) {
  const Json& said = event.payload;
  const std::int64_t delay = said["delay_minutes"];
  fact("order.opened",
       {{"order_id", said["order_type"].get<std::string>() + ":" + said["order_code"].get<std::string>()},
        {"kind", said["order_type"]},
        {"subject", said["order_code"]},
        {"due_at", later(event.time, delay)}});
}

void Play::schedule_press(const LoggedEvent& event, const std::string& kind, const std::string& release_at) {
  const auto found = press_of_.find(event.id);
  const auto waits = std::find_if(game_.waiting.begin(), game_.waiting.end(), [&](const Press& press) {
    return press.headline == event.payload["headline"] && press.release_at == release_at;
  });
  const bool printed = found != press_of_.end();
  if (!printed && waits == game_.waiting.end()) {
    throw Error(ErrorCode::invalid_input, "scheduled press was neither printed nor does it wait");
  }
  const Press& press = printed ? *found->second : *waits;
  fact("press.scheduled", {{"press_id", printed ? text_of(press.id) : "waiting:" + text_of(press.id)},
                           {"kind", kind},
                           {"headline", event.payload["headline"]},
                           {"body", press.body},
                           {"release_at", release_at}});
}

void Play::on_sideways_press(const LoggedEvent& event) {
  const std::int64_t delay = event.payload["delay_minutes"];
  schedule_press(event, event.payload["type"], later(event.time, delay));
}

void Play::on_press_scheduled(const LoggedEvent& event) {
  schedule_press(event, event.payload["layer_type"], event.payload["release_at"]);
}

void Play::on_press_released(const LoggedEvent& event) {
  const std::int64_t id = press_of_.at(event.id)->id;
  recover_press(id);
  fact("press.released", {{"press_id", text_of(id)}});
}

void Play::on_digest(const LoggedEvent& event) {
  const Json& said = event.payload;
  fact("digest.published",
       {{"digest_id", text_of(event.id)}, {"headline", said["headline"]}, {"items", said["item_count"]}});
}

void Play::on_year(const LoggedEvent& event) {
  const std::int64_t to = event.payload["current_year"];
  const std::int64_t years = event.payload["years_elapsed"];
  fact("year.advanced", {{"years", years}, {"from_year", to - years}, {"to_year", to}});
}

void Play::on_table_talk(const LoggedEvent& event) {
  const Json& said = event.payload;
  intent("post_table_talk", {{"player_id", said["player"]}, {"message", said["message"]}},
         said["player"].get<std::string>());
}

void Play::on_sidecast(const LoggedEvent& event) {
  const Json& said = event.payload;
  spawn(said["scholar"], "sidecast", event.time);
  const Json& expedition = launches_.at(said["expedition"])->payload;
  fact("scholar.sidecast", {{"scholar_id", said["scholar"]},
                            {"expedition_id", said["expedition"]},
                            {"player_id", expedition["player"]}});
}

void Play::on_sidecast_followup(const LoggedEvent& event) {
  const Json& said = event.payload;
  fact("sidecast.advanced", {{"scholar_id", said["scholar"]},
                             {"player_id", said["sponsor"]},
                             {"arc", said["arc"]},
                             {"phase", said["phase"]}});
}

void Play::on_investment(const LoggedEvent& event) {
  const Json& said = event.payload;
  const Json parameters = {{"player_id", said["player"]},
                           {"faction", said["faction"]},
                           {"amount", said["amount"]},
                           {"program", said["program"]}};
  Json payload = parameters;
  payload["faction"] = faction(said["faction"]);
  payload["total"] = said["total"];
  judge("invest", parameters, said["player"].get<std::string>(), "faction.invested", payload);
}

}  // namespace reeve::legacy
