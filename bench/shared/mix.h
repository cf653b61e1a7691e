#pragma once
// The events of a game of The Great Work, in the order and the proportions in which its commands emit them:
// decided, valid one after the other, the same for the same seed.

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace bench {

struct MixEvent {
  std::string type;
  std::string payload;  ///< canonical JSON
  std::string actor;
  std::int64_t moment = 0;  ///< the game year in which it falls
};

struct MixOptions {
  int players = 6;
  int scholars = 24;
  int year_events = 50;  ///< a year ends after so many; 0: never
  std::uint32_t seed = 1;
};

/// A world in memory that knows what may come next.
class Mix {
 public:
  explicit Mix(const MixOptions& options = {});
  ~Mix();

  /// Players, scholars, first feelings: the events that come before all others.
  std::vector<MixEvent> opening();
  /// The next `count` events; what belongs to one action may continue in the next call.
  std::vector<MixEvent> take(std::size_t count);
  /// The two events of a year's end: year.advanced, feelings.decayed.
  std::vector<MixEvent> year_end();
  /// An event that updates a row of a fixed set and adds none.
  MixEvent update();

 private:
  struct Player {
    std::string id;
    std::int64_t reputation = 0;
    std::vector<std::int64_t> influence;
  };
  struct Expedition {
    std::string id;
    std::size_t player = 0;
    std::vector<std::size_t> team;
    std::vector<std::size_t> funding;
  };
  struct Theory {
    std::string id;
    std::size_t player = 0;
    std::size_t supporter = 0;
  };

  void act();
  void submit_theory();
  void resolve_theory();
  void queue_expedition();
  void resolve_expedition();
  void invest();
  void talk();
  void recruit();
  void release();
  void note();
  void end_year();

  void add(const char* type, const nlohmann::json& payload);
  void change_influence(std::size_t player, std::size_t faction, std::int64_t delta, const char* reason);
  void change_reputation(std::size_t player, std::int64_t wager, const std::string& source);
  void feel(std::size_t scholar, std::size_t player, double delta, const char* reason);
  void remember(std::size_t scholar, std::size_t player, const char* type, const nlohmann::json& details);
  void press(const std::string& id, const char* kind, const std::string& headline, const std::string& body);
  void digest();
  std::size_t roll(std::size_t sides) { return random_() % sides; }
  std::string fresh_id(const char* kind);
  std::string sentence();

  MixOptions options_;
  std::mt19937 random_;
  std::vector<Player> players_;
  std::vector<std::string> scholars_;
  std::map<std::pair<std::size_t, std::size_t>, double> feelings_;
  std::deque<Theory> theories_;
  std::deque<Expedition> expeditions_;
  std::deque<std::string> scheduled_;
  std::int64_t released_ = 0;
  std::deque<MixEvent> ready_;
  std::string actor_;
  std::int64_t year_ = 1920;
  std::int64_t made_ = 0;
  std::int64_t next_year_ = 0;
  std::int64_t ids_ = 0;
};

}  // namespace bench
