#include "report.h"

#include "terminal.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <set>

namespace demo {

namespace {

constexpr std::size_t headline_width = 60;

std::string signed_number(std::int64_t number) { return fmt::format("{:+}", number); }

std::map<std::string, std::string> names_of_players(Game& game) {
  std::map<std::string, std::string> names;
  for (const auto& player : game.ask(queries::leaderboard{})) names[player.player_id] = player.name;
  return names;
}

/// The strongest feelings, as the digest recorded them; `names` of the players by their ids.
void print_reactions(const std::string& reactions, const std::map<std::string, std::string>& names) {
  const auto parsed = nlohmann::json::parse(reactions);
  for (const auto& reaction : parsed) {
    const std::string subject = reaction.value("subject", "");
    const auto known = names.find(subject);
    const double feeling = reaction.value("feeling", 0.0);
    const std::string catchphrase = reaction.value("catchphrase", "");
    fmt::print("      {} {} {} ({:+.2f}){}\n", reaction.value("name", ""),
               feeling < 0 ? "resents" : "thinks well of", known == names.end() ? subject : known->second,
               feeling, catchphrase.empty() ? "" : ": \"" + catchphrase + "\"");
  }
}

}  // namespace

void print_gazette(Game& game, std::int64_t year) {
  print_title(fmt::format("The gazette of the year {}", year));
  const auto names = names_of_players(game);
  for (const auto& digest : game.ask(queries::digests{.year = year})) {
    fmt::print("\n  {}\n", digest.headline);
    for (const auto& press : game.ask(queries::gazette{.digest_id = digest.digest_id})) {
      fmt::print("    * {}\n      {}\n", shorten(press.headline, 100), shorten(press.body, 100));
    }
    if (digest.reactions.text != "[]") fmt::print("    The scholars:\n");
    print_reactions(digest.reactions.text, names);
  }
}

void print_leaderboard(Game& game) {
  print_title("The leaderboard");
  std::vector<std::vector<std::string>> table;
  for (const auto& player : game.ask(queries::leaderboard{})) {
    table.push_back({player.name, signed_number(player.reputation), fmt::format("{}", player.theories),
                     fmt::format("{}", player.proven)});
  }
  print_table({"player", "reputation", "theories", "proven"}, table, {1, 2, 3});
}

void print_reputation_history(Game& game) {
  std::vector<std::vector<std::string>> longest;
  std::string whose;
  for (const auto& [id, name] : names_of_players(game)) {
    std::vector<std::vector<std::string>> table;
    for (const auto& change : game.ask(queries::reputation_history{.player_id = id})) {
      table.push_back({fmt::format("{}", change.sequence), fmt::format("{}", change.game_year.value_or(0)),
                       signed_number(change.delta.value_or(0)), signed_number(change.reputation.value_or(0)),
                       change.reason.value_or(""), shorten(change.source.value_or(""), headline_width)});
    }
    if (table.size() > longest.size()) {
      longest = std::move(table);
      whose = name;
    }
  }
  print_title(fmt::format("The reputation of {}, event by event", whose));
  print_table({"event", "year", "change", "reputation", "reason", "source"}, longest, {0, 1, 2, 3});
}

std::size_t print_event_counts(Game& game, const std::string& blueprint_folder) {
  print_title("Events by type");
  std::set<std::string> missing;
  for (const auto& file : std::filesystem::directory_iterator(blueprint_folder + "/events")) {
    const std::string name = file.path().filename().string();
    missing.insert(name.substr(0, name.rfind(".v")));
  }
  std::vector<std::vector<std::string>> table;
  std::vector<std::string> line;
  for (const auto& count : game.ask(queries::event_counts{})) {
    missing.erase(count.type);
    line.insert(line.end(), {count.type, fmt::format("{}", count.events)});
    if (line.size() == 6) table.push_back(std::exchange(line, {}));
  }
  if (!line.empty()) {
    line.resize(6);
    table.push_back(line);
  }
  print_table({"type", "events", "type", "events", "type", "events"}, table, {1, 3, 5});
  for (const std::string& type : missing) fmt::print("  none of the type {}\n", type);
  return missing.size();
}

void print_refusals(const Tally& tally) {
  print_title("What the rules refused");
  std::vector<std::pair<std::pair<std::string, std::string>, std::int64_t>> reasons(tally.reasons.begin(),
                                                                                    tally.reasons.end());
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& left, const auto& right) { return left.second > right.second; });
  std::vector<std::vector<std::string>> table;
  for (const auto& [what, count] : reasons) {
    table.push_back({fmt::format("{}", count), what.first, shorten(what.second, 90)});
  }
  print_table({"times", "command", "reason"}, table, {0});
  fmt::print("\n  {} commands accepted with {} events, {} refused\n", tally.accepted, tally.events,
             tally.rejected);
}

}  // namespace demo
