// Durable commits per second on PostgreSQL with fsync, with 64 submitters and with one; beside them an event store for
// Node on the same server, where it can be had.

#include "shared/npm.h"
#include "shared/postgres.h"
#include "shared/submitters.h"
#include "shared/support.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <vector>

namespace bench {

namespace {

constexpr int many = 64;

/// emmett-postgresql, run by Node in the build folder, into which npm fetches it once.
struct Emmett {
  std::filesystem::path folder;
  std::string url;

  /// Commits per second.
  double rate(int submitters, std::int64_t each) const {
    return static_cast<double>(submitters * each) /
           number_of(folder, fmt::format("node durable.mjs '{}' {} {}", url, submitters, each));
  }
};

std::optional<Emmett> prepared_emmett(Server& server, const Arguments& arguments, Report& report) {
  std::string why = "a quick run fetches nothing";
  const auto folder = arguments.quick ? std::nullopt : npm_folder("emmett", why);
  report.figure("emmett", folder ? 1 : 0, "",
                folder ? "emmett-postgresql runs beside" : "emmett-postgresql is LEFT OUT: " + why);
  if (!folder) return std::nullopt;
  return Emmett{*folder, server.create_database("emmett")};
}

void run_durable(const Arguments& arguments) {
  Report report("durable-pg", arguments);
  Server server(arguments);
  const reeve::state::Location location = server.create_ledger("durable");
  {
    Journaled ledger(location.open(reeve::engine::OpenMode::read_write));
    Mix mix;
    ledger.commit(mix.opening());
  }
  reeve::Ledger ledger = reeve::Ledger::open(server.url("durable", "app"));
  const std::optional<Emmett> emmett = prepared_emmett(server, arguments, report);
  const std::int64_t of_one = arguments.events_or(300, 20);
  const std::int64_t of_many = arguments.quick ? 10 : 200;
  const std::int64_t rounds = arguments.rounds_or(7, 2);
  commit_seconds(ledger, 1, 10);
  std::vector<double> one;
  std::vector<double> all;
  std::vector<double> emmett_one;
  std::vector<double> emmett_all;
  for (std::int64_t round = 0; round < rounds; ++round) {
    one.push_back(static_cast<double>(of_one) / commit_seconds(ledger, 1, of_one));
    all.push_back(static_cast<double>(of_many * many) / commit_seconds(ledger, many, of_many));
    if (emmett) {
      emmett_one.push_back(emmett->rate(1, of_one));
      emmett_all.push_back(emmett->rate(many, of_many / 4));
    }
  }
  report.figure("one", median(one), "commits/s", "one submitter");
  report.figures("many_rounds", all, "commits/s", "64 submitters, round by round");
  report.figure("many", median(all), "commits/s", "64 submitters");
  if (emmett) {
    report.figure("emmett_one", median(emmett_one), "commits/s", "emmett-postgresql, one submitter");
    report.figures("emmett_many_rounds", emmett_all, "commits/s", "emmett-postgresql, 64, round by round");
    report.figure("emmett_many", median(emmett_all), "commits/s", "emmett-postgresql, 64 submitters");
    report.figure("one_of_emmett", median(one) / median(emmett_one), "ratio", "over emmett's, one submitter");
    report.figure("many_of_emmett", median(all) / median(emmett_all), "ratio",
                  "over emmett's, 64 submitters");
  }
  report.end_with_value(median(all), "commits/s");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_durable); }
