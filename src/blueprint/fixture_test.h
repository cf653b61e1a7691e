#pragma once
// A small blueprint that is right, for tests that spoil one thing in it.

#include "blueprint/blueprint.h"

#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace reeve::blueprint {

inline Sources good_sources() {
  return {{
      {"blueprint.toml",
       "format = 1\n"
       "name = \"estate\"\n"
       "title = \"The Estate\"\n"
       "\n"
       "[moment]\n"
       "name = \"game_year\"\n"
       "type = \"integer\"\n"
       "query = \"SELECT year FROM calendar WHERE id = 1\"\n"
       "\n"
       "[events]\n"
       "seal = [\"year.ended\"]\n"},
      {"migrations/0001_core.up.sql",
       "CREATE TABLE players (player_id text PRIMARY KEY, name text NOT NULL,\n"
       "  gold integer NOT NULL DEFAULT 0);\n"
       "CREATE TABLE calendar (id integer PRIMARY KEY, year integer NOT NULL);\n"
       "INSERT INTO calendar (id, year) VALUES (1, 1920);\n"},
      {"migrations/0001_core.down.sql", "DROP TABLE calendar;\nDROP TABLE players;\n"},
      {"events/player.joined.v1.sql", "INSERT INTO players (player_id, name) VALUES (:player_id, :name);\n"},
      {"events/player.joined.v1.json",
       "{\n"
       "  \"type\": \"object\",\n"
       "  \"properties\": {\n"
       "    \"player_id\": {\"type\": \"string\"},\n"
       "    \"name\": {\"type\": \"string\"}\n"
       "  },\n"
       "  \"required\": [\"player_id\", \"name\"]\n"
       "}\n"},
      {"events/gold.gained.v1.sql",
       "-- expect 1: unknown player :player_id\n"
       "UPDATE players SET gold = gold + 1 WHERE player_id = :player_id;\n"},
      {"events/gold.gained.v1.json",
       "{\"type\": \"object\", \"properties\": {\"player_id\": {\"type\": \"string\"}},\n"
       " \"required\": [\"player_id\"]}\n"},
      {"events/gold.gained.v1-v2.sql", "SELECT :player_id AS player_id, 1 AS amount;\n"},
      {"events/gold.gained.v2.sql",
       "-- expect 1: unknown player :player_id\n"
       "UPDATE players SET gold = gold + CAST(:amount AS integer) WHERE player_id = :player_id;\n"},
      {"events/gold.gained.v2.json",
       "{\"type\": \"object\", \"properties\": {\"player_id\": {\"type\": \"string\"},\n"
       "  \"amount\": {\"type\": \"integer\", \"minimum\": 1}},\n"
       " \"required\": [\"player_id\", \"amount\"]}\n"},
      {"events/year.ended.v1.sql", "UPDATE calendar SET year = year + 1 WHERE id = 1;\n"},
      {"events/year.ended.v1.json", "{\"type\": \"object\", \"properties\": {}}\n"},
      {"commands/grant.sql",
       "-- Gives gold to a player.\n"
       "-- check: unknown player :player_id\n"
       "SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);\n"
       "\n"
       "-- emit: gold.gained\n"
       "SELECT player_id, CAST(:amount AS bigint) AS amount FROM players\n"
       "WHERE player_id = :player_id ORDER BY player_id;\n"},
      {"commands/grant.json",
       "{\"type\": \"object\", \"properties\": {\"player_id\": {\"type\": \"string\"},\n"
       "  \"amount\": {\"type\": \"integer\"}}, \"required\": [\"player_id\", \"amount\"]}\n"},
      {"queries/players.sql",
       "-- name: richest :many\n"
       "-- The richest first.\n"
       "SELECT player_id, gold FROM players ORDER BY gold DESC, player_id;\n"
       "\n"
       "-- name: player :one\n"
       "SELECT name, gold FROM players WHERE player_id = :player_id;\n"},
  }};
}

/// Replaces the one occurrence of `old_text` in a file of the sources.
inline void spoil(Sources& sources, const std::string& file, std::string_view old_text,
                  std::string_view new_text) {
  std::string& text = sources.files.at(file);
  const std::size_t at = text.find(old_text);
  ASSERT_NE(at, std::string::npos) << file << " has no " << old_text;
  text.replace(at, old_text.size(), new_text);
}

inline std::string describe(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.place.to_string() + ": " + finding.message + " (" + finding.remedy + ")\n";
  }
  return text;
}

/// The sources have exactly one finding: at this place, with these words.
inline void expect_finding(const Sources& sources, std::string_view place, std::string_view message,
                           std::string_view remedy) {
  const Loaded loaded = check(sources);
  EXPECT_EQ(loaded.blueprint, nullptr);
  ASSERT_EQ(loaded.findings.size(), 1U) << describe(loaded.findings);
  const Finding& finding = loaded.findings.front();
  EXPECT_EQ(finding.place.to_string(), place) << describe(loaded.findings);
  EXPECT_NE(finding.message.find(message), std::string::npos) << finding.message;
  EXPECT_NE(finding.remedy.find(remedy), std::string::npos) << finding.remedy;
}

/// A folder that is gone at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "reeve_blueprint_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& file, std::string_view text) const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << text;
  }
  void write(const Sources& sources) const {
    for (const auto& [file, text] : sources.files) write(file, text);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace reeve::blueprint
