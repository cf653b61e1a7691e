// A named query through a ledger over the same SQL through SQLite's C interface: BEGIN, bind, every row and
// column read, COMMIT; statements prepared beforehand on both sides.

#include "engine/connection.h"
#include "shared/journaled.h"
#include "shared/support.h"

#include <reeve/ledger.h>

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

namespace bench {

namespace {

struct Case {
  std::string query;
  bool by_player = false;  ///< takes the parameter player_id
  std::int64_t repeats = 1;
};

/// What was read, so that nothing is optimised away and both sides are seen to read the same.
struct Sum {
  std::uint64_t rows = 0;
  std::uint64_t value = 0;
  void add(std::int64_t integer) { value = value * 31 + static_cast<std::uint64_t>(integer); }
  void add(const char* text, std::size_t size) {
    value = value * 31 + size + (size > 0 ? static_cast<unsigned char>(text[size - 1]) : 0U);
  }
  bool operator==(const Sum&) const = default;
};

class Raw {
 public:
  Raw(sqlite3* handle, const reeve::blueprint::Query& query, bool by_player) : handle_(handle) {
    begin_ = prepare("BEGIN");
    commit_ = prepare("COMMIT");
    select_ = prepare(query.sql.sqlite);
    for (std::size_t i = 0; by_player && i < query.sql.parameters.size(); ++i) {
      player_ = query.sql.parameters[i].name == "player_id" ? static_cast<int>(i) + 1 : player_;
    }
  }
  ~Raw() {
    sqlite3_finalize(begin_);
    sqlite3_finalize(commit_);
    sqlite3_finalize(select_);
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  void run(const std::string& player, Sum& sum) {
    once(begin_);
    if (player_ > 0) {
      sqlite3_bind_text(select_, player_, player.data(), static_cast<int>(player.size()), SQLITE_STATIC);
    }
    const int columns = sqlite3_column_count(select_);
    while (sqlite3_step(select_) == SQLITE_ROW) {
      ++sum.rows;
      for (int column = 0; column < columns; ++column) {
        read(column, sum);
      }
    }
    sqlite3_reset(select_);
    once(commit_);
  }

 private:
  sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    reeve::ensure(code == SQLITE_OK, "the query's SQL is SQLite's");
    return statement;
  }
  static void once(sqlite3_stmt* statement) {
    sqlite3_step(statement);
    sqlite3_reset(statement);
  }
  void read(int column, Sum& sum) {
    switch (sqlite3_column_type(select_, column)) {
      case SQLITE_INTEGER: sum.add(sqlite3_column_int64(select_, column)); break;
      case SQLITE_TEXT: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(select_, column));
        sum.add(text, static_cast<std::size_t>(sqlite3_column_bytes(select_, column)));
        break;
      }
      default: sum.add(0);
    }
  }

  sqlite3* handle_;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
  int player_ = 0;
};

void run_named(reeve::Ledger& ledger, const std::string& query, const std::string& parameters, Sum& sum) {
  reeve::Rows rows = ledger.query(query, parameters);
  const std::size_t columns = rows.columns().size();
  while (rows.next()) {
    ++sum.rows;
    for (std::size_t column = 0; column < columns; ++column) {
      const reeve::ValueView value = rows.at(column);
      switch (value.kind()) {
        case reeve::ValueView::Kind::integer: sum.add(value.integer()); break;
        case reeve::ValueView::Kind::text: sum.add(value.text().data(), value.text().size()); break;
        default: sum.add(0);
      }
    }
  }
}

struct World {
  std::filesystem::path file;
  std::vector<std::string> players;
  std::vector<std::string> parameters;
};

World make_world(const Folder& folder, int players) {
  World world{folder.file("ledger.db"), {}, {}};
  create_ledger(world.file);
  Journaled ledger(world.file, false);
  Mix mix({.players = players, .scholars = 4, .year_events = 500});
  const std::vector<MixEvent> opening = mix.opening();
  for (std::size_t i = 0; i < opening.size(); i += 64) {
    ledger.commit(
        std::span<const MixEvent>(opening).subspan(i, std::min<std::size_t>(64, opening.size() - i)));
  }
  fill(ledger, mix, 4 * players);
  for (int i = 0; i < players; ++i) {
    world.players.push_back(fmt::format("player{:02}", i));
    world.parameters.push_back(fmt::format(R"({{"player_id":"{}"}})", world.players.back()));
  }
  return world;
}

/// The median ratio of a case.
double measure_case(Report& report, const World& world, const Case& test, std::int64_t rounds) {
  reeve::Ledger ledger = reeve::Ledger::open(world.file.string());
  const auto connection = reeve::engine::Connection::open(world.file, reeve::engine::OpenMode::read_only);
  const auto epoch = reeve::state::load_last_epoch(*connection);
  Raw raw(connection->handle(), epoch->blueprint->queries.at(test.query), test.by_player);
  std::vector<double> ratios;
  std::vector<double> by_hand;
  std::vector<double> named;
  std::uint64_t rows = 0;
  for (std::int64_t round = -1; round < rounds; ++round) {  // the first prepares and warms both
    Sum raw_sum;
    Sum named_sum;
    const auto place = [&](std::int64_t i) {
      return static_cast<std::size_t>(i * 7919) % world.players.size();
    };
    const auto play_raw = [&] {
      for (std::int64_t i = 0; i < test.repeats; ++i) {
        raw.run(world.players[place(i)], raw_sum);
      }
    };
    const auto play_named = [&] {
      for (std::int64_t i = 0; i < test.repeats; ++i) {
        run_named(ledger, test.query, test.by_player ? world.parameters[place(i)] : "{}", named_sum);
      }
    };
    const bool raw_first = round % 2 == 0;
    const Spent first = raw_first ? measure(play_raw) : measure(play_named);
    const Spent second = raw_first ? measure(play_named) : measure(play_raw);
    const double raw_cpu = (raw_first ? first : second).thread_cpu;
    const double named_cpu = (raw_first ? second : first).thread_cpu;
    reeve::ensure(raw_sum == named_sum, "both sides read the same");
    rows = raw_sum.rows / static_cast<std::uint64_t>(test.repeats);
    if (round >= 0) {
      const double scale = 1e6 / static_cast<double>(test.repeats);
      by_hand.push_back(raw_cpu * scale);
      named.push_back(named_cpu * scale);
      ratios.push_back(named_cpu / raw_cpu);
    }
  }
  report.figure(test.query + "_rows", static_cast<double>(rows), "rows", "of an answer");
  report.figure(test.query + "_raw", median(by_hand), "us/query", "SQLite's C interface");
  report.figure(test.query + "_named", median(named), "us/query", "named query of a ledger");
  report.figure(test.query + "_ratio", median(ratios), "ratio", "named over raw");
  return median(ratios);
}

void run_query(const Arguments& arguments) {
  Report report("query", arguments);
  const Folder folder;
  const World world = make_world(folder, static_cast<int>(arguments.events_or(1000, 20)));
  const std::int64_t rounds = arguments.rounds_or(11, 2);
  const std::int64_t scale = arguments.quick ? 1 : 20;
  double worst = 0;
  for (const Case& test : {Case{"player", true, 1000 * scale}, Case{"player_influence", true, 20 * scale},
                           Case{"leaderboard", false, 10 * scale}}) {
    worst = std::max(worst, measure_case(report, world, test, rounds));
  }
  report.end_with_ratio(worst);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_query); }
