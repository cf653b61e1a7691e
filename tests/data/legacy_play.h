#pragma once
// Plays the log of a game from before Reeve through the blueprint of today.
//
// What a player wanted is a command, judged by the rules. What the log records with its outcome is an event.
// What the old tables hold and the log passes over (theories from discoveries, scholars, press) is recovered
// as an event where the log first needs it.

#include "legacy_source.h"

#include <reeve/ledger.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::legacy {

/// What became of one event of the log.
struct Fate {
  std::int64_t committed = 0;         ///< events of the ledger that it led to
  std::vector<std::string> refusals;  ///< reasons
  bool kept_as_fact = false;          ///< refused as an intent, but the log says that it happened
};

struct Report {
  std::map<std::int64_t, Fate> fates;  ///< by id in the log
  /// By action and reason, with values replaced by `:name`.
  std::map<std::pair<std::string, std::string>, std::int64_t> refused;
  std::map<std::string, std::int64_t> recovered;       ///< facts that only the tables held
  std::map<std::string, std::int64_t> irregularities;  ///< what was mended on the way, and how often
  std::map<std::string, std::pair<std::string, std::int64_t>> spellings;  ///< of factions: meant, how often
};

/// RFC 3339 of some minutes after it.
std::string later(const std::string& time, std::int64_t minutes);

class Play {
 public:
  Play(Ledger& ledger, const Game& game);
  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;

  /// Once. Throws the first fault.
  Report run();

 private:
  using Handler = void (Play::*)(const LoggedEvent&);
  using Handlers = std::map<std::string, Handler, std::less<>>;
  static const Handlers& handlers();

  // Submissions. All but judge() don't wait.
  void fact(std::string_view type, const Json& payload, std::string_view actor = "");
  void fact_at(std::string_view time, std::string_view type, const Json& payload,
               std::string_view actor = "");
  void intent(std::string_view name, const Json& parameters, std::string_view actor);
  /// An intent; when the rules refuse it, the refusal is noted and the event recorded all the same.
  void judge(std::string_view name, const Json& parameters, std::string_view actor, std::string_view type,
             const Json& payload);
  Ledger::Callback answer(const Json& values);
  /// Waits for all; says whether the last one handed in was accepted.
  bool settle();

  // The old words in today's.
  std::string faction(const std::string& spelling);
  std::string deadline(const std::string& text);
  Json escrow(const Json& influence);

  void begin();
  void recover_theories(std::int64_t up_to);
  void recover_press(std::int64_t before);
  void spawn(const std::string& scholar, const std::string& origin, std::string_view time);
  void pair_press();
  void schedule_press(const LoggedEvent& event, const std::string& kind, const std::string& release_at);
  void change_reputation(const std::string& player, std::int64_t wager, const std::string& reason,
                         const std::string& source);
  void finish();

  void on_scholar_spawned(const LoggedEvent& event);
  void on_theory(const LoggedEvent& event);
  void on_expedition_queued(const LoggedEvent& event);
  void on_expedition_launched(const LoggedEvent& event);
  void on_expedition_resolved(const LoggedEvent& event);
  void on_recruitment(const LoggedEvent& event);
  void on_mentorship_queued(const LoggedEvent& event);
  void on_mentorship_activated(const LoggedEvent& event);
  void on_career(const LoggedEvent& event);
  void on_conference_launched(const LoggedEvent& event);
  void on_conference_resolved(const LoggedEvent& event);
  void on_proposal(const LoggedEvent& event);
  void on_symposium_started(const LoggedEvent& event);
  void on_vote(const LoggedEvent& event);
  void on_symposium_resolved(const LoggedEvent& event);
  void on_reminder(const LoggedEvent& event);
  void on_reprimand(const LoggedEvent& event);
  void on_offer(const LoggedEvent& event);
  void on_counter_offer(const LoggedEvent& event);
  void on_followup(const LoggedEvent& event);
  void on_sideways_order(const LoggedEvent& event);
  void on_sideways_press(const LoggedEvent& event);
  void on_press_scheduled(const LoggedEvent& event);
  void on_press_released(const LoggedEvent& event);
  void on_digest(const LoggedEvent& event);
  void on_year(const LoggedEvent& event);
  void on_table_talk(const LoggedEvent& event);
  void on_sidecast(const LoggedEvent& event);
  void on_sidecast_followup(const LoggedEvent& event);
  void on_investment(const LoggedEvent& event);

  Ledger& ledger_;
  const Game& game_;
  Report report_;
  const LoggedEvent* now_ = nullptr;  ///< what is being played; null before and after the log
  std::map<std::string, std::string> aliases_;
  std::map<std::string, const LoggedEvent*> launches_;  ///< by expedition
  std::map<std::int64_t, const Press*> press_of_;       ///< by event that scheduled or released it
  std::map<std::pair<std::string, std::string>, std::string> mentorships_;  ///< by mentor and scholar
  std::size_t next_theory_ = 0;
  std::size_t next_press_ = 0;

  std::mutex mutex_;
  std::condition_variable settled_;
  std::int64_t handed_in_ = 0;
  std::int64_t answered_ = 0;
  bool last_accepted_ = false;
  std::exception_ptr fault_;
};

}  // namespace reeve::legacy
