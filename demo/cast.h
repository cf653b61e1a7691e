#pragma once
// Who plays and what is at stake: blueprints/great_work/demo/cast.json.

#include <blueprints/great_work.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace demo {

struct CastPlayer {
  std::string player_id;
  std::string name;
  std::map<std::string, std::int64_t> endowment;  ///< influence by faction
};

struct CastScholar {
  std::int64_t from_year = 0;  ///< enters the game with this year
  std::string nickname;        ///< may be empty
  great_work::commands::spawn_scholar spawn;
};

struct Cast {
  std::vector<CastPlayer> players;
  std::vector<CastScholar> scholars;
  std::vector<std::string> claims;
  std::map<std::string, std::vector<std::string>> objectives;  ///< by type of expedition
  std::vector<std::string> topics;
  std::vector<std::string> talk;
  std::vector<std::string> programs;
};

/// Throws Error if the file is missing, malformed or too small for a campaign.
Cast read_cast(const std::filesystem::path& file);

}  // namespace demo
