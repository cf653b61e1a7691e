#include "report.h"

#include "terminal.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace demo {

namespace {

using Text = std::string;
using MaybeText = std::optional<std::string>;
using Number = std::int64_t;

constexpr std::size_t headline_width = 60;

std::string signed_number(Number number) { return fmt::format("{:+}", number); }

std::map<Text, Text> names_of_players(Game& game) {
  std::map<Text, Text> names;
  for (auto rows = game.ask("leaderboard"); rows.next();) {
    auto [id, name, reputation, theories, proven] = rows.as<Text, Text, Number, Number, Number>();
    names[id] = name;
  }
  return names;
}

/// The strongest feelings, as the digest recorded them; `names` of the players by their ids.
void print_reactions(const std::string& reactions, const std::map<Text, Text>& names) {
  for (const Json& reaction : Json::parse(reactions)) {
    const Text subject = reaction.value("subject", "");
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
  struct Digest {
    Text id, headline, reactions;
    Number items = 0;
  };
  std::vector<Digest> digests;
  const std::map<Text, Text> names = names_of_players(game);
  for (auto rows = game.ask("digests", {{"year", year}}); rows.next();) {
    auto [id, headline, at, items, reactions] = rows.as<Text, Text, Text, Number, Text>();
    digests.push_back({id, headline, reactions, items});
  }
  for (const Digest& digest : digests) {
    fmt::print("\n  {}\n", digest.headline);
    for (auto rows = game.ask("gazette", {{"digest_id", digest.id}}); rows.next();) {
      auto [press, kind, headline, body] = rows.as<Text, Text, Text, Text>();
      fmt::print("    * {}\n      {}\n", shorten(headline, 100), shorten(body, 100));
    }
    if (digest.reactions != "[]") fmt::print("    The scholars:\n");
    print_reactions(digest.reactions, names);
  }
}

void print_leaderboard(Game& game) {
  print_title("The leaderboard");
  std::vector<std::vector<std::string>> table;
  for (auto rows = game.ask("leaderboard"); rows.next();) {
    auto [id, name, reputation, theories, proven] = rows.as<Text, Text, Number, Number, Number>();
    table.push_back(
        {name, signed_number(reputation), fmt::format("{}", theories), fmt::format("{}", proven)});
  }
  print_table({"player", "reputation", "theories", "proven"}, table, {1, 2, 3});
}

void print_reputation_history(Game& game) {
  std::vector<std::vector<std::string>> longest;
  Text whose;
  for (const auto& [id, name] : names_of_players(game)) {
    std::vector<std::vector<std::string>> table;
    for (auto rows = game.ask("reputation_history", {{"player_id", id}}); rows.next();) {
      auto [sequence, time, year, reason, source, delta, reputation] =
          rows.as<Number, Text, Number, MaybeText, MaybeText, Number, Number>();
      table.push_back({fmt::format("{}", sequence), fmt::format("{}", year), signed_number(delta),
                       signed_number(reputation), reason.value_or(""),
                       shorten(source.value_or(""), headline_width)});
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
  for (auto rows = game.ask("event_counts"); rows.next();) {
    auto [type, count] = rows.as<Text, Number>();
    missing.erase(type);
    line.insert(line.end(), {type, fmt::format("{}", count)});
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
  std::vector<std::pair<std::pair<Text, Text>, Number>> reasons(tally.reasons.begin(), tally.reasons.end());
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
