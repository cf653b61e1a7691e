#include "legacy_source.h"

#include <reeve/error.h>
#include <sqlite3.h>

#include <charconv>
#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <tuple>

namespace reeve::legacy {

namespace {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// A row of texts; SQL NULL is empty.
using Row = std::vector<std::string>;

void read_rows(sqlite3* database, const char* sql, const std::function<void(const Row&)>& take) {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &prepared, nullptr) != SQLITE_OK) {
    throw Error(ErrorCode::invalid_input, sqlite3_errmsg(database));
  }
  const std::unique_ptr<sqlite3_stmt, Close> statement(prepared);
  Row row(static_cast<std::size_t>(sqlite3_column_count(prepared)));
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(prepared)) == SQLITE_ROW) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const unsigned char* text = sqlite3_column_text(prepared, static_cast<int>(i));
      const int size = sqlite3_column_bytes(prepared, static_cast<int>(i));
      row[i].assign(reinterpret_cast<const char*>(text),
                    text == nullptr ? 0 : static_cast<std::size_t>(size));
    }
    take(row);
  }
  if (result != SQLITE_DONE) throw Error(ErrorCode::corrupt, sqlite3_errmsg(database));
}

std::int64_t number(const std::string& text) { return std::stoll(text); }

/// SQLite writes a dot, whatever the locale.
double real(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The log names a theory by its text alone; the ids run in the order of submission.
void mark_logged(Game& game) {
  std::multiset<std::tuple<std::string, std::string, std::string>> logged;
  for (const LoggedEvent& event : game.events) {
    if (event.action == "submit_theory") {
      logged.emplace(event.time, event.payload["player"], event.payload["theory"]);
    }
  }
  for (Theory& theory : game.theories) {
    const auto found = logged.find({theory.time, theory.player, theory.claim});
    theory.logged = found != logged.end();
    if (theory.logged) logged.erase(found);
  }
}

/// Releases come in the order of the press items' ids, under the same headlines.
void join_press(Game& game) {
  auto item = game.press.begin();
  for (const LoggedEvent& event : game.events) {
    if (event.action != "scheduled_press_released") continue;
    while (item != game.press.end() && item->headline != event.payload["headline"]) ++item;
    if (item == game.press.end()) throw Error(ErrorCode::invalid_input, "a release has no press item");
    item->released_by = event.id;
    ++item;
  }
}

}  // namespace

std::optional<std::filesystem::path> find_file(const std::filesystem::path& source_directory) {
  constexpr const char* name = "great_work_legacy.db";
  if (const char* folder = std::getenv("REEVE_SHARED_DATA")) {
    const std::filesystem::path file = std::filesystem::path(folder) / name;
    return std::filesystem::exists(file) ? std::optional(file) : std::nullopt;
  }
  for (std::filesystem::path folder = source_directory; folder.has_relative_path();
       folder = folder.parent_path()) {
    const std::filesystem::path file = folder / "shared" / "data" / name;
    if (std::filesystem::exists(file)) return file;
  }
  return std::nullopt;
}

Game read_game(const std::filesystem::path& file) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(("file:" + file.string() + "?immutable=1").c_str(), &opened,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  const std::unique_ptr<sqlite3, Close> database(opened);
  if (result != SQLITE_OK) throw Error(ErrorCode::unavailable, "the file can't be opened");

  Game game;
  read_rows(opened, "SELECT id, timestamp, action, payload FROM events ORDER BY id", [&](const Row& row) {
    game.events.push_back({number(row[0]), row[1], row[2], Json::parse(row[3])});
  });
  read_rows(opened, "SELECT id, display_name, reputation, influence FROM players ORDER BY id",
            [&](const Row& row) {
              game.players.push_back({row[0], row[1], number(row[2]), Json::parse(row[3])});
            });
  read_rows(opened, "SELECT id, data FROM scholars",
            [&](const Row& row) { game.scholars[row[0]] = Json::parse(row[1]); });
  read_rows(
      opened,
      "SELECT id, timestamp, player_id, theory, confidence, supporters, deadline FROM theories ORDER BY id",
      [&](const Row& row) {
        game.theories.push_back(
            {number(row[0]), row[1], row[2], row[3], row[4], Json::parse(row[5]), row[6], false});
      });
  read_rows(opened, "SELECT id, timestamp, type, headline, body FROM press_releases ORDER BY id",
            [&](const Row& row) {
              game.press.push_back({number(row[0]), row[1], row[2], row[3], row[4], 0, ""});
            });
  read_rows(opened, "SELECT id, scholar_id, payload FROM offers", [&](const Row& row) {
    const Json payload = Json::parse(row[2]);
    game.offers[number(row[0])] = {{"scholar", row[1]},
                                   {"rival", payload.value("rival_id", "")},
                                   {"patron", payload.value("patron_id", "")}};
  });
  read_rows(opened, "SELECT id, release_at, payload FROM queued_press ORDER BY id", [&](const Row& row) {
    const Json payload = Json::parse(row[2]);
    game.waiting.push_back(
        {number(row[0]), "", payload["type"], payload["headline"], payload["body"], 0, row[1]});
  });
  read_rows(opened,
            "SELECT scholar_id, subject_id, feeling FROM relationships ORDER BY scholar_id, subject_id",
            [&](const Row& row) {
              game.feelings.push_back({row[0], row[1], real(row[2])});
            });
  read_rows(opened, "SELECT current_year FROM timeline",
            [&](const Row& row) { game.current_year = number(row[0]); });
  mark_logged(game);
  join_press(game);
  return game;
}

}  // namespace reeve::legacy
