// Jobs per second and CPU for each: claimed, handed to a handler that does nothing, and ended, on both engines; and what the
// jobs of an event add to its commit.

#include "shared/npm.h"
#include "shared/postgres.h"
#include "shared/support.h"

#include <reeve/jobs.h>

#include <fmt/format.h>

#include <fstream>
#include <future>
#include <span>
#include <string>
#include <vector>

namespace bench {

namespace {

using reeve::Ledger;

constexpr std::size_t together = 256;

void write(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::filesystem::path blueprint(const Folder& folder, bool with_jobs) {
  std::filesystem::path path = folder.file(with_jobs ? "with" : "without");
  write(path / "blueprint.toml", "format = 1\nname = \"library\"\ntitle = \"The Library\"\n");
  write(path / "migrations/0001_core.up.sql",
        "CREATE TABLE samples (sample_id bigint PRIMARY KEY, user_id text NOT NULL, path text NOT NULL);\n");
  write(path / "migrations/0001_core.down.sql", "DROP TABLE samples;\n");
  write(path / "events/sample.added.v1.sql",
        "INSERT INTO samples (sample_id, user_id, path) VALUES (:sample_id, :user_id, :path);\n");
  write(path / "events/sample.added.v1.json",
        R"({"type":"object","properties":{"sample_id":{"type":"integer"},"user_id":{"type":"string"},)"
        R"("path":{"type":"string"}},"required":["sample_id","user_id","path"]})");
  if (with_jobs) {
    write(path / "jobs/analyse.toml",
          "format = 1\non = [\"sample.added\"]\nrun = \"handler\"\narguments = [\"sample_id\"]\n");
  }
  return path;
}

void commit(Ledger& ledger, std::int64_t first, std::int64_t count) {
  for (std::int64_t at = first; at < first + count;) {
    std::vector<std::future<reeve::Outcome>> verdicts;
    for (std::size_t i = 0; i < together && at < first + count; ++i, ++at) {
      verdicts.push_back(ledger.submit(
          "sample.added",
          fmt::format(R"({{"sample_id":{},"user_id":"u{}","path":"drums/kick_{}.wav"}})", at, at % 7, at)));
    }
    for (auto& verdict : verdicts) reeve::ensure(verdict.get().accepted(), "a sample is added");
  }
}

/// Jobs per second; fills the queue and empties it once for each round.
double measure_engine(Report& report, const std::string& key, const std::string& url, int batch,
                      std::int64_t jobs, std::int64_t rounds, std::int64_t& sample,
                      const std::function<double()>& server) {
  Ledger ledger = Ledger::open(url);
  reeve::Worker worker(url, {.parallel = 1, .batch = batch});
  worker.handle("analyse", [](const reeve::Job&, const std::stop_token&) { return std::string(); });
  std::vector<double> rates;
  std::vector<double> cpu;
  for (std::int64_t round = 0; round < rounds; ++round) {
    commit(ledger, sample, jobs);
    sample += jobs;
    const double before = server();
    const Spent spent =
        measure([&] { reeve::ensure(worker.run_until_empty().completed == jobs, "every job is done"); });
    rates.push_back(static_cast<double>(jobs) / spent.wall);
    cpu.push_back((spent.process_cpu + server() - before) * 1e6 / static_cast<double>(jobs));
  }
  report.figures(key + "_rates", rates, "jobs/s", fmt::format("claimed {} at once, round by round", batch));
  report.figure(key + "_cpu", median(cpu), "us/job", "CPU, the server's with it");
  report.figure(key, median(rates), "jobs/s", fmt::format("claimed {} at once", batch));
  return median(rates);
}

/// CPU of an event that asks for a job over that of one that does not, in turn.
void compare_commits(Report& report, const Folder& folder, std::int64_t events, std::int64_t rounds) {
  Ledger with = Ledger::create(folder.file("with.db").string(), blueprint(folder, true).string());
  Ledger without = Ledger::create(folder.file("without.db").string(), blueprint(folder, false).string());
  std::vector<double> ratios;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const double asks = measure([&] { commit(with, round * events, events); }).process_cpu;
    const double asks_nothing = measure([&] { commit(without, round * events, events); }).process_cpu;
    ratios.push_back(asks / asks_nothing);
  }
  report.figure("commit_ratio", median(ratios), "ratio", "CPU of an event with its job over one without");
}

/// The same number of jobs through queues for Node on the same server; seconds as they count them, from the first job taken.
void measure_peers(Report& report, Server& server, std::int64_t jobs, std::int64_t rounds, double single,
                   double batched) {
  std::string why;
  const auto folder = npm_folder("job_peers", why);
  report.figure(
      "peers", folder ? 1 : 0, "",
      folder ? "graphile-worker and pg-boss run beside" : "graphile-worker and pg-boss are LEFT OUT: " + why);
  if (!folder) return;
  for (const auto& [peer, program] :
       {std::pair<std::string, std::string>("graphile_worker", "graphile-worker.mjs"),
        {"pg_boss", "pg-boss.mjs"}}) {
    for (const bool many : {false, true}) {
      const std::int64_t count = many ? jobs : jobs / 40;
      std::vector<double> rates;
      for (std::int64_t round = 0; round < rounds; ++round) {
        const std::string url = server.create_database(fmt::format("{}_{}_{}", peer, count, round));
        rates.push_back(
            static_cast<double>(count) /
            number_of(*folder, fmt::format("node {} '{}' {} {}", program, url, count, many ? 1000 : 1)));
      }
      const std::string key = fmt::format("{}_{}", peer, many ? "batched" : "single");
      report.figures(key + "_rates", rates, "jobs/s", "round by round");
      report.figure(key, median(rates), "jobs/s", many ? "taken 1000 at once" : "taken 1 at once");
      report.figure("over_" + key, (many ? batched : single) / median(rates), "ratio", "Reeve's over it");
    }
  }
}

void run_jobs(const Arguments& arguments) {
  Report report("jobs", arguments);
  const Folder folder;
  const std::int64_t jobs = arguments.events_or(20'000, 200);
  const std::int64_t rounds = arguments.rounds_or(3, 1);
  compare_commits(report, folder, jobs / 4, rounds);

  const std::string file = folder.file("jobs.db").string();
  reeve::create_ledger(file, blueprint(folder, true).string());
  std::int64_t sample = 0;
  const auto nothing = [] { return 0.0; };
  measure_engine(report, "sqlite_single", file, 1, jobs / 40, rounds, sample, nothing);
  const double batched = measure_engine(report, "sqlite_batched", file, 1000, jobs, rounds, sample, nothing);

  Server server(arguments);
  server.create_ledger("jobs", blueprint(folder, true));
  const std::string base = server.url("jobs", "app");
  const std::string url = base + (base.find('?') == std::string::npos ? "?" : "&") + "ledger=";
  const auto cpu = [&] { return server.cpu_seconds(); };
  const double single = measure_engine(report, "postgres_single", url, 1, jobs / 40, rounds, sample, cpu);
  const double many = measure_engine(report, "postgres_batched", url, 1000, jobs, rounds, sample, cpu);
  if (arguments.quick) {
    report.figure("peers", 0, "", "graphile-worker and pg-boss are LEFT OUT: a quick run fetches nothing");
  } else {
    measure_peers(report, server, jobs, rounds, single, many);
  }
  report.end_with_value(batched, "jobs/s");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_jobs); }
