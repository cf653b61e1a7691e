// What time asks for: slots made into jobs and done, per second, on both engines; what a look costs that finds no slot; and how fast
// the next slot of an expression is found.

#include "shared/postgres.h"
#include "shared/support.h"

#include "base/cron.h"

#include <reeve/jobs.h>

#include <fmt/format.h>

#include <fstream>
#include <string>

namespace bench {

namespace {

constexpr reeve::Microseconds minute = 60'000'000;
constexpr reeve::Microseconds start = 1'772'366'400'000'000;  // 2026-03-01T12:00:00Z

class SetClock : public reeve::Clock {
 public:
  reeve::Microseconds now() override { return now_; }
  void pass(reeve::Microseconds time) { now_ += time; }

 private:
  reeve::Microseconds now_ = start;
};

void write(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

/// So many kinds, each of which every minute asks for.
std::filesystem::path blueprint(const Folder& folder, std::int64_t kinds) {
  std::filesystem::path path = folder.file("clockwork");
  write(path / "blueprint.toml", "format = 1\nname = \"clockwork\"\ntitle = \"The Clockwork\"\n");
  write(path / "migrations/0001_core.up.sql", "CREATE TABLE wheels (wheel_id bigint PRIMARY KEY);\n");
  write(path / "migrations/0001_core.down.sql", "DROP TABLE wheels;\n");
  for (std::int64_t i = 0; i < kinds; ++i) {
    write(path / fmt::format("jobs/wheel_{}.toml", i),
          "format = 1\nschedule = \"* * * * *\"\ntime_zone = \"Europe/Berlin\"\ncatch_up = \"all\"\nrun = "
          "\"handler\"\n"
          "retention = 0\n");
  }
  return path;
}

double measure_engine(Report& report, const std::string& key, const std::string& url, std::int64_t kinds,
                      std::int64_t minutes, std::int64_t rounds) {
  SetClock clock;
  reeve::Worker worker(url, {.clock = &clock, .batch = 1000});
  for (std::int64_t i = 0; i < kinds; ++i) {
    worker.handle(fmt::format("wheel_{}", i),
                  [](const reeve::Job&, const std::stop_token&) { return std::string(); });
  }
  worker.run_once();  // the schedules begin
  std::vector<double> rates;
  std::vector<double> looks;
  for (std::int64_t round = 0; round < rounds; ++round) {
    clock.pass(minutes * minute);
    std::int64_t done = 0;
    const Spent spent = measure([&] {
      while (done < kinds * minutes) done += worker.run_once().completed;
    });
    reeve::ensure(done == kinds * minutes, "each slot is done once");
    rates.push_back(static_cast<double>(done) / spent.wall);
    constexpr int looks_each = 20;
    const Spent idle = measure([&] {
      for (int i = 0; i < looks_each; ++i) worker.run_once();
    });
    looks.push_back(idle.wall * 1e3 / looks_each);
  }
  report.figure(key, median(rates), "slots/s", fmt::format("made and done, of {} kinds", kinds));
  report.figure(key + "_look", median(looks), "ms",
                fmt::format("a look at {} schedules that finds none due", kinds));
  return median(rates);
}

void measure_expressions(Report& report, int times) {
  for (const auto& [key, expression] :
       {std::pair("cron_dense", "*/5 * * * *"), std::pair("cron_sparse", "0 0 29 2 *")}) {
    const reeve::CronSchedule schedule(expression, "Europe/Berlin");
    reeve::Microseconds time = start;
    const Spent spent = measure([&] {
      for (int i = 0; i < times; ++i) time = schedule.next(i % 2 == 0 ? start : time).value();
    });
    report.figure(key, spent.process_cpu * 1e6 / times, "us",
                  fmt::format("CPU for the next slot of \"{}\"", expression));
  }
}

void run_schedule(const Arguments& arguments) {
  Report report("schedule", arguments);
  const Folder folder;
  const std::int64_t slots = arguments.events_or(20'000, 200);
  const std::int64_t rounds = arguments.rounds_or(3, 1);
  const std::int64_t kinds = 20;
  measure_expressions(report, 1000);
  const std::string file = folder.file("clockwork.db").string();
  reeve::create_ledger(file, blueprint(folder, kinds).string());
  const double rate = measure_engine(report, "sqlite", file, kinds, slots / kinds, rounds);

  Server server(arguments);
  server.create_ledger("clockwork", blueprint(folder, kinds));
  const std::string base = server.url("clockwork", "app");
  const std::string url = base + (base.find('?') == std::string::npos ? "?" : "&") + "ledger=";
  measure_engine(report, "postgres", url, kinds, slots / kinds / 4, rounds);
  report.end_with_value(rate, "slots/s");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_schedule); }
