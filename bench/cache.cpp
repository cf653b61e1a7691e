// Named queries of The Great Work with one commit for each hundred of them: asked of the ledger, through a cache, and through two
// caches that share Redis, as two processes would; in a file and on PostgreSQL.

#include "shared/postgres.h"
#include "shared/support.h"
#include "support/redis_server.h"

#include <reeve/cache.h>
#include <reeve/ledger.h>
#include <reeve/live.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace bench {

namespace {

using reeve::Ledger;
using reeve::QueryCache;

constexpr std::int64_t reads_per_write = 100;

struct Asked {
  const char* query;
  bool of_player;
  unsigned weight;  ///< of 100
};
constexpr std::array<Asked, 6> asked{{{"player", true, 35},
                                      {"player_influence", true, 20},
                                      {"theories_of_player", true, 15},
                                      {"leaderboard", false, 15},
                                      {"scholars", false, 10},
                                      {"open_expeditions", false, 5}}};

/// A ledger with its players, and what is read of it.
class Game {
 public:
  Game(std::string url, int players) : url_(std::move(url)), ledger_(Ledger::open(url_)), players_(players) {
    std::vector<std::future<reeve::Outcome>> outcomes;
    for (const MixEvent& event : mix_.opening()) outcomes.push_back(submit(event));
    for (const MixEvent& event : mix_.take(static_cast<std::size_t>(players) * 10))
      outcomes.push_back(submit(event));
    for (auto& outcome : outcomes) reeve::ensure(outcome.get().accepted(), "the mix is accepted");
  }

  void write() {
    for (const MixEvent& event : mix_.take(1))
      reeve::ensure(submit(event).get().accepted(), "the mix is accepted");
  }
  /// The next query with its parameters.
  std::pair<const char*, std::string> next() {
    unsigned place = static_cast<unsigned>(random_() % 100);
    const Asked* chosen = asked.data();
    while (place >= chosen->weight) place -= chosen++->weight;
    if (!chosen->of_player) return {chosen->query, "{}"};
    // A few are looked at more than all others.
    const double share = std::generate_canonical<double, 32>(random_);
    const int player = static_cast<int>(share * share * share * players_);
    return {chosen->query, fmt::format(R"({{"player_id":"player{:02}"}})", player)};
  }
  Ledger& ledger() { return ledger_; }
  const std::string& url() const { return url_; }

 private:
  std::future<reeve::Outcome> submit(const MixEvent& event) {
    return ledger_.submit(event.type, event.payload, {.actor = event.actor});
  }

  std::string url_;
  Ledger ledger_;
  int players_;
  Mix mix_{{.players = players_, .scholars = 24, .year_events = 500}};
  std::mt19937 random_{1};
};

struct Latency {
  double mean = 0;
  double p50 = 0;
  double p99 = 0;
};

/// In microseconds; commits are not counted.
template <typename Ask>
Latency measure_reads(Game& game, std::int64_t reads, Ask ask) {
  std::vector<double> took;
  double sum = 0;
  for (std::int64_t i = 0; i < reads; ++i) {
    if (i % reads_per_write == 0) game.write();
    const auto [query, parameters] = game.next();
    const double from = wall_seconds();
    ask(i, query, parameters);
    took.push_back((wall_seconds() - from) * 1e6);
    sum += took.back();
  }
  std::sort(took.begin(), took.end());
  return {sum / static_cast<double>(reads), took[took.size() / 2], took[took.size() * 99 / 100]};
}

/// All rows, as a cache reads them.
void ask_ledger(Ledger& ledger, const char* query, const std::string& parameters) {
  reeve::Rows rows = ledger.query(query, parameters);
  std::vector<reeve::Value> values;
  while (rows.next()) {
    for (std::size_t column = 0; column < rows.columns().size(); ++column)
      values.push_back(rows.at(column).to_value());
  }
}

/// The median of the rounds of each way.
class Ways {
 public:
  void add(const std::string& way, const Latency& latency) {
    means_[way].push_back(latency.mean);
    p50_[way].push_back(latency.p50);
    p99_[way].push_back(latency.p99);
  }
  void report(Report& report, const std::string& engine) const {
    for (const auto& [way, means] : means_) {
      report.figure(engine + "_" + way + "_mean", median(means), "us", "of a read");
      report.figure(engine + "_" + way + "_p50", median(p50_.at(way)), "us", "of a read");
      report.figure(engine + "_" + way + "_p99", median(p99_.at(way)), "us", "of a read");
    }
  }
  double mean(const std::string& way) const { return median(means_.at(way)); }

 private:
  std::map<std::string, std::vector<double>> means_;
  std::map<std::string, std::vector<double>> p50_;
  std::map<std::string, std::vector<double>> p99_;
};

void report_shares(Report& report, const std::string& key, const std::vector<const QueryCache*>& caches) {
  double kept = 0;
  double taken = 0;
  double all = 0;
  for (const QueryCache* cache : caches) {
    const reeve::CacheStats stats = cache->stats();
    kept += static_cast<double>(stats.found + stats.awaited);
    taken += static_cast<double>(stats.taken);
    all += static_cast<double>(stats.found + stats.awaited + stats.taken + stats.made + stats.passed);
  }
  report.figure(key + "_found", kept / all, "share", "of reads, found in the process");
  report.figure(key + "_taken", taken / all, "share", "of reads, taken from the store");
}

/// The mean with a cache over that without.
double measure_engine(Report& report, const std::string& engine, Game& game, const std::string& redis_url,
                      std::int64_t reads, std::int64_t rounds) {
  const auto store = reeve::live::open_store(redis_url);
  QueryCache alone(game.ledger(), game.url());
  QueryCache trusting(game.ledger(), game.url(), {.trust_ms = 1'000});
  std::array<std::unique_ptr<QueryCache>, 2> sharing;
  for (auto& cache : sharing)
    cache =
        std::make_unique<QueryCache>(game.ledger(), game.url(), reeve::CacheOptions{.store = store.get()});
  Ways ways;
  for (std::int64_t round = 0; round < rounds; ++round) {
    ways.add("none",
             measure_reads(game, reads, [&](std::int64_t, const char* query, const std::string& with) {
               ask_ledger(game.ledger(), query, with);
             }));
    ways.add("memory",
             measure_reads(game, reads, [&](std::int64_t, const char* query, const std::string& with) {
               alone.query(query, with);
             }));
    ways.add("trust",
             measure_reads(game, reads, [&](std::int64_t, const char* query, const std::string& with) {
               trusting.query(query, with);
             }));
    ways.add("redis",
             measure_reads(game, reads, [&](std::int64_t i, const char* query, const std::string& with) {
               sharing[static_cast<std::size_t>(i) % 2]->query(query, with);
             }));
  }
  ways.report(report, engine);
  report_shares(report, engine + "_memory", {&alone});
  report_shares(report, engine + "_redis", {sharing[0].get(), sharing[1].get()});
  return ways.mean("memory") / ways.mean("none");
}

void run_cache(const Arguments& arguments) {
  Report report("cache", arguments);
  const Folder folder;
  const int players = arguments.quick ? 10 : 300;
  const std::int64_t reads = arguments.events_or(10'000, 200);
  const std::int64_t rounds = arguments.rounds_or(5, 1);
  const reeve::testing::RedisServer redis;
  {
    create_ledger(folder.file("game.db"));
    Game game(folder.file("game.db").string(), players);
    measure_engine(report, "sqlite", game, redis.url("file"), reads, rounds);
  }
  Server server(arguments);
  server.create_ledger("game");
  const std::string url = server.url("game", "app");
  Game game(url + (url.find('?') == std::string::npos ? '?' : '&') + "ledger=", players);
  report.end_with_ratio(measure_engine(report, "postgres", game, redis.url("server"), reads, rounds));
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_cache); }
