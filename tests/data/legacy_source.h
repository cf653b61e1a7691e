#pragma once
// The game's file from before Reeve, read as it is: its log in the order of ids (timestamps run backwards in
// it), and those of its tables that say what the log leaves out.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reeve::legacy {

using Json = nlohmann::json;

struct LoggedEvent {
  std::int64_t id = 0;
  std::string time;
  std::string action;
  Json payload;
};

struct Player {
  std::string id;
  std::string name;
  std::int64_t reputation = 0;
  Json influence;  ///< balance by spelling of a faction
};

struct Theory {
  std::int64_t id = 0;
  std::string time;
  std::string player;
  std::string claim;
  std::string confidence;
  Json supporters;
  std::string deadline;
  bool logged = false;  ///< whether an event submit_theory speaks of it
};

struct Press {
  std::int64_t id = 0;
  std::string time;
  std::string kind;
  std::string headline;
  std::string body;
  std::int64_t released_by = 0;  ///< id of the event scheduled_press_released that speaks of it, or 0
  std::string release_at;        ///< of what still waits
};

/// As it stood at the end.
struct Feeling {
  std::string scholar;
  std::string subject;
  double feeling = 0;
};

struct Game {
  std::vector<LoggedEvent> events;
  std::vector<Player> players;
  std::map<std::string, Json> scholars;
  std::vector<Theory> theories;         ///< by id
  std::vector<Press> press;             ///< by id
  std::vector<Press> waiting;           ///< scheduled and not yet printed
  std::vector<Feeling> feelings;        ///< by scholar and subject
  std::map<std::int64_t, Json> offers;  ///< scholar, rival, patron
  std::int64_t current_year = 0;
};

/// Looks in the environment's REEVE_SHARED_DATA, then for shared/data beside the source directory and each
/// folder above it.
std::optional<std::filesystem::path> find_file(const std::filesystem::path& source_directory);

/// Throws Error if the file is not such a game.
Game read_game(const std::filesystem::path& file);

}  // namespace reeve::legacy
