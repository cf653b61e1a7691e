#include "legacy_play.h"

#include "base/clock.h"

#include <algorithm>
#include <limits>

namespace reeve::legacy {

namespace {

constexpr Microseconds one_minute = 60'000'000;
/// The day the game began with year 1920, and its hour zero.
constexpr const char* first_day = "2025-09-22";
constexpr const char* first_moment = "2025-09-22T00:00:00Z";

/// One reason for one rule, whoever ran into it.
std::string without_values(std::string reason, const Json& values) {
  for (const auto& [name, value] : values.items()) {
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) continue;
    const std::string& text = value.get_ref<const std::string&>();
    for (std::size_t at = reason.find(text); at != std::string::npos;
         at = reason.find(text, at + name.size() + 1)) {
      reason.replace(at, text.size(), ":" + name);
    }
  }
  return reason;
}

}  // namespace

std::string later(const std::string& time, std::int64_t minutes) {
  return format_time(parse_time(time).value() + minutes * one_minute);
}

Play::Play(Ledger& ledger, const Game& game) : ledger_(ledger), game_(game) {
  for (Rows rows = ledger_.query("faction_aliases"); rows.next();) {
    const auto [alias, meant] = rows.as<std::string, std::string>();
    aliases_[alias] = meant;
  }
  for (const LoggedEvent& event : game_.events) {
    if (event.action == "launch_expedition") launches_[event.payload["code"]] = &event;
  }
  pair_press();
}

Report Play::run() {
  begin();
  for (const LoggedEvent& event : game_.events) {
    now_ = &event;
    const auto found = handlers().find(event.action);
    if (found == handlers().end()) {
      throw Error(ErrorCode::invalid_input, "an action that nothing here plays: " + event.action);
    }
    (this->*found->second)(event);
  }
  now_ = nullptr;
  finish();
  settle();
  return std::move(report_);
}

Ledger::Callback Play::answer(const Json& values) {
  ++handed_in_;
  const std::int64_t id = now_ != nullptr ? now_->id : 0;
  const std::string action = now_ != nullptr ? now_->action : "recovered";
  return [this, id, action, values](const Ledger::Verdict& verdict) {
    const std::lock_guard lock(mutex_);
    last_accepted_ = verdict.outcome && verdict.outcome->accepted();
    if (!verdict.outcome) {
      if (!fault_) fault_ = verdict.fault;
    } else if (last_accepted_) {
      report_.fates[id].committed += verdict.outcome->receipt().count;
    } else {
      const std::string reason = without_values(verdict.outcome->rejection().reason, values);
      report_.fates[id].refusals.push_back(reason);
      ++report_.refused[{action, reason}];
    }
    ++answered_;
    settled_.notify_all();
  };
}

bool Play::settle() {
  std::unique_lock lock(mutex_);
  settled_.wait(lock, [this] { return answered_ == handed_in_; });
  if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
  return last_accepted_;
}

void Play::fact_at(std::string_view time, std::string_view type, const Json& payload,
                   std::string_view actor) {
  CommitOptions options;
  options.time = time;
  options.actor = actor;
  ledger_.submit(type, payload.dump(), options, answer(payload));
}

void Play::fact(std::string_view type, const Json& payload, std::string_view actor) {
  fact_at(now_->time, type, payload, actor);
}

void Play::intent(std::string_view name, const Json& parameters, std::string_view actor) {
  CommitOptions options;
  options.time = now_->time;
  options.actor = actor;
  ledger_.submit_command(name, parameters.dump(), options, answer(parameters));
}

void Play::judge(std::string_view name, const Json& parameters, std::string_view actor, std::string_view type,
                 const Json& payload) {
  intent(name, parameters, actor);
  if (settle()) return;
  report_.fates[now_->id].kept_as_fact = true;
  fact(type, payload, actor);
}

std::string Play::faction(const std::string& spelling) {
  std::string lower = spelling;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto found = aliases_.find(lower);
  if (found == aliases_.end()) throw Error(ErrorCode::invalid_input, "no faction is spelled " + spelling);
  auto& seen = report_.spellings[spelling];
  seen.first = found->second;
  ++seen.second;
  return found->second;
}

Json Play::escrow(const Json& influence) {
  Json held = Json::object();
  for (const auto& [spelling, amount] : influence.items()) held[faction(spelling)] = amount;
  return held;
}

std::string Play::deadline(const std::string& text) {
  if (is_date(text)) return text;
  ++report_.irregularities["a deadline with an hour in it, cut to its day"];
  return text.substr(0, std::string_view("2025-09-26").size());
}

/// What was there before the log begins.
void Play::begin() {
  fact_at(first_moment, "game.started", {{"anchor", first_day}});
  for (const Player& player : game_.players) {
    fact_at(first_moment, "player.joined", {{"player_id", player.id}, {"name", player.name}});
    ++report_.recovered["players"];
  }
  // Three scholars were written by hand; those of sidecasts come with their expedition.
  for (const auto& [id, scholar] : game_.scholars) {
    const auto speaks_of = [&id](const LoggedEvent& event) {
      return (event.action == "scholar_spawned" && event.payload["id"] == id) ||
             (event.action == "scholar_sidecast" && event.payload["scholar"] == id);
    };
    if (std::none_of(game_.events.begin(), game_.events.end(), speaks_of)) spawn(id, "roster", first_moment);
  }
}

/// Career and mood of the table are those of the game's end: a scholar begins as a postdoc.
void Play::spawn(const std::string& id, const std::string& origin, std::string_view time) {
  const Json& scholar = game_.scholars.at(id);
  const Json career = {
      {"tier", "Postdoc"}, {"track", scholar["career"]["track"]}, {"ticks", 0}, {"titles", Json::array()}};
  Json personality;
  for (const char* name : {"archetype", "drives", "virtues", "vices", "catchphrase"}) {
    personality[name] = scholar[name];
  }
  if (origin != "roster_fill") ++report_.recovered["scholars"];
  fact_at(time, "scholar.spawned",
          {{"scholar_id", id},
           {"name", scholar["name"]},
           {"seed", scholar["seed"]},
           {"personality", personality},
           {"stats", scholar["stats"]},
           {"career", career},
           {"origin", origin}});
}

/// Theories that discoveries brought: they have rows and no event.
void Play::recover_theories(std::int64_t up_to) {
  for (; next_theory_ < game_.theories.size() && game_.theories[next_theory_].id <= up_to; ++next_theory_) {
    const Theory& theory = game_.theories[next_theory_];
    if (theory.logged) continue;
    ++report_.recovered["theories"];
    fact_at(theory.time, "theory.submitted",
            {{"theory_id", std::to_string(theory.id)},
             {"player_id", theory.player},
             {"claim", theory.claim},
             {"confidence", theory.confidence},
             {"supporters", theory.supporters},
             {"deadline", deadline(theory.deadline)}});
  }
}

/// Press that was printed at once: it has rows and no event.
void Play::recover_press(std::int64_t before) {
  for (; next_press_ < game_.press.size() && game_.press[next_press_].id < before; ++next_press_) {
    const Press& press = game_.press[next_press_];
    if (press.released_by != 0) continue;
    ++report_.recovered["press"];
    const std::string id = std::to_string(press.id);
    fact_at(press.time, "press.scheduled",
            {{"press_id", id},
             {"kind", press.kind},
             {"headline", press.headline},
             {"body", press.body},
             {"release_at", press.time}});
    fact_at(press.time, "press.released", {{"press_id", id}});
  }
}

/// A release names what was scheduled by headline and hour only; the first in is the first out.
void Play::pair_press() {
  std::map<std::pair<std::string, std::string>, std::deque<std::int64_t>> waiting;
  std::map<std::int64_t, const Press*> released;
  for (const Press& press : game_.press) released[press.released_by] = &press;
  for (const LoggedEvent& event : game_.events) {
    const bool scheduled = event.action == "press_scheduled";
    if (scheduled) waiting[{event.payload["headline"], event.payload["release_at"]}].push_back(event.id);
    if (event.action == "sideways_press_scheduled") {
      const std::int64_t delay = event.payload["delay_minutes"];
      // The log writes the hour with its offset, today's form has a Z.
      std::string hour = later(event.time, delay);
      hour.replace(hour.size() - 1, 1, "+00:00");
      waiting[{event.payload["headline"], hour}].push_back(event.id);
    }
    if (event.action != "scheduled_press_released") continue;
    auto& queue = waiting[{event.payload["headline"], event.payload["release_at"]}];
    const Press* press = released.at(event.id);
    press_of_[event.id] = press;
    if (queue.empty()) {
      ++report_.irregularities["a release that nothing scheduled"];
      continue;
    }
    press_of_[queue.front()] = press;
    queue.pop_front();
  }
}

void Play::change_reputation(const std::string& player, std::int64_t wager, const std::string& reason,
                             const std::string& source) {
  settle();
  Rows rows = ledger_.query("player", Json{{"player_id", player}}.dump());
  if (!rows.next()) return;
  const std::int64_t before = std::get<2>(rows.as<std::string, std::string, std::int64_t, std::string>());
  const std::int64_t after = std::clamp<std::int64_t>(before + wager, -50, 50);
  if (after != before + wager) ++report_.irregularities["a reputation held within -50..50"];
  fact("reputation.changed",
       {{"player_id", player},
        {"delta", after - before},
        {"wager", wager},
        {"reputation", after},
        {"reason", reason},
        {"source", source}},
       player);
}

/// What the tables say at the end and no event of the log explains.
void Play::finish() {
  recover_theories(std::numeric_limits<std::int64_t>::max());
  recover_press(std::numeric_limits<std::int64_t>::max());
  const std::string& end = game_.events.back().time;
  CommitOptions options;
  options.time = end;
  options.actor = "import";
  for (const Player& player : game_.players) {
    ++report_.recovered["decisions on balances under two spellings"];
    const Json parameters = {{"player_id", player.id},
                             {"spellings", player.influence},
                             {"reason", "the old game kept a balance for each spelling"}};
    ledger_.submit_command("merge_factions", parameters.dump(), options, answer(parameters));
  }
  for (const Feeling& feeling : game_.feelings) {
    ++report_.recovered["feelings"];
    fact_at(end, "scholar.felt",
            {{"scholar_id", feeling.scholar},
             {"subject", feeling.subject},
             {"delta", feeling.feeling},
             {"feeling", feeling.feeling},
             {"reason", "import"}});
  }
}

}  // namespace reeve::legacy
