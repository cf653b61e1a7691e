#include "cast.h"

#include <reeve/error.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace demo {

namespace {

void require(bool condition, const std::filesystem::path& file, const char* what) {
  if (!condition) throw reeve::Error(reeve::ErrorCode::invalid_input, what, {}, {.file = file.string()});
}

CastScholar read_scholar(const nlohmann::json& said) {
  CastScholar scholar;
  scholar.from_year = said.value("from_year", std::int64_t{0});
  scholar.nickname = said.value("nickname", "");
  const auto part = [&](const char* name) {
    return said.contains(name) ? std::optional(reeve::Json{said[name].dump()}) : std::nullopt;
  };
  scholar.spawn = {.scholar_id = said.at("scholar_id"),
                   .name = said.at("name"),
                   .personality = part("personality"),
                   .stats = part("stats"),
                   .career = part("career")};
  if (said.contains("seed")) scholar.spawn.seed = said["seed"].get<std::int64_t>();
  if (said.contains("origin")) scholar.spawn.origin = said["origin"].get<std::string>();
  return scholar;
}

}  // namespace

Cast read_cast(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  require(stream.good(), file, "the cast can't be read");
  const nlohmann::json said = nlohmann::json::parse(stream, nullptr, false);
  require(said.is_object(), file, "the cast is not a JSON object");
  Cast cast;
  for (const auto& player : said.at("players")) {
    cast.players.push_back({player.at("player_id"), player.at("name"),
                            player.value("endowment", std::map<std::string, std::int64_t>())});
  }
  for (const auto& scholar : said.at("scholars")) cast.scholars.push_back(read_scholar(scholar));
  std::stable_sort(
      cast.scholars.begin(), cast.scholars.end(),
      [](const CastScholar& left, const CastScholar& right) { return left.from_year < right.from_year; });
  said.at("claims").get_to(cast.claims);
  said.at("objectives").get_to(cast.objectives);
  said.at("topics").get_to(cast.topics);
  said.at("talk").get_to(cast.talk);
  said.at("programs").get_to(cast.programs);
  require(cast.players.size() >= 2 && cast.scholars.size() >= 12 && !cast.claims.empty() &&
              !cast.topics.empty() && !cast.talk.empty() && !cast.programs.empty(),
          file, "the cast is too small for a campaign");
  for (const char* type : {"think_tank", "field", "great_project"}) {
    require(cast.objectives.contains(type) && !cast.objectives[type].empty(), file,
            "an expedition has no objective");
  }
  return cast;
}

}  // namespace demo
