// Durable commits per second on PostgreSQL with fsync, with 64 submitters and with one; beside them an event store for
// Node on the same server, where it can be had.

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
class Emmett {
 public:
  explicit Emmett(std::string url) : url_(std::move(url)) {}

  /// False: it is left out, and `why` says it.
  bool prepare(std::string& why) {
    const std::filesystem::path source = source_folder() / "bench" / "emmett";
    folder_ = program_file().parent_path() / "bench" / "emmett";
    std::filesystem::create_directories(folder_);
    for (const char* file : {"package.json", "durable.mjs"}) {
      std::filesystem::copy_file(source / file, folder_ / file,
                                 std::filesystem::copy_options::overwrite_existing);
    }
    if (std::system("node --version >/dev/null 2>&1") != 0) {
      why = "node is not installed";
      return false;
    }
    const std::string install = fmt::format(
        "cd '{}' && {{ [ -d node_modules/pg ] || timeout 300 npm install --no-audit --no-fund; }} "
        ">npm.log 2>&1",
        folder_.string());
    if (std::system(install.c_str()) != 0) {
      why = fmt::format("npm could not fetch it ({}/npm.log)", folder_.string());
      return false;
    }
    return true;
  }

  /// Commits per second.
  double rate(int submitters, std::int64_t each) const {
    const std::string command =
        fmt::format("cd '{}' && node durable.mjs '{}' {} {}", folder_.string(), url_, submitters, each);
    std::FILE* pipe = popen(command.c_str(), "r");
    reeve::ensure(pipe != nullptr, "node can be run");
    double seconds = 0;
    const int read = std::fscanf(pipe, "%lf", &seconds);
    const int status = pclose(pipe);
    reeve::ensure(read == 1 && status == 0 && seconds > 0, "emmett's side says how long it took");
    return static_cast<double>(submitters * each) / seconds;
  }

 private:
  std::string url_;
  std::filesystem::path folder_;
};

std::optional<Emmett> prepared_emmett(Server& server, const Arguments& arguments, Report& report) {
  std::string why = "a quick run fetches nothing";
  Emmett emmett(server.create_database("emmett"));
  const bool is_there = !arguments.quick && emmett.prepare(why);
  report.figure("emmett", is_there ? 1 : 0, "",
                is_there ? "emmett-postgresql runs beside" : "emmett-postgresql is LEFT OUT: " + why);
  return is_there ? std::optional(std::move(emmett)) : std::nullopt;
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
