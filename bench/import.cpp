// Samples per second that an import takes into the sample library, on both engines: rows that somebody else made, and files that
// are read, hashed and understood.

#include "sp404/import.h"
#include "shared/postgres.h"
#include "shared/support.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace bench {

namespace {

using reeve::Ledger;

/// Of Debian's package sonic-pi-samples.
constexpr const char* sounds = "/usr/share/sonic-pi/samples";
constexpr std::size_t together = 64;  // as import_folder() has it

std::string uuid_of(std::int64_t number) { return fmt::format("10000000-0000-4000-8000-{:012}", number); }

void order(Ledger& ledger, const char* command, const nlohmann::json& parameters) {
  reeve::ensure(ledger.command(command, parameters.dump()).accepted(), command);
}

/// A new user for each round: what one has already is no work.
std::string add_user(Ledger& ledger, std::int64_t number) {
  order(ledger, "add_user",
        {{"user_id", uuid_of(number)},
         {"email", fmt::format("{}@bench.example", number)},
         {"username", fmt::format("user {}", number)},
         {"quota_mb", 1'000'000}});
  return uuid_of(number);
}

std::future<reeve::Outcome> submit(Ledger& ledger, const nlohmann::json& sample) {
  const auto promise = std::make_shared<std::promise<reeve::Outcome>>();
  ledger.submit_command("import_sample", sample.dump(), {}, [promise](const Ledger::Verdict& verdict) {
    if (verdict.fault) {
      promise->set_exception(verdict.fault);
    } else {
      promise->set_value(*verdict.outcome);
    }
  });
  return promise->get_future();
}

/// Names, paths and sizes, as a library of before has them.
void import_rows(Ledger& ledger, const std::string& user, std::int64_t rows) {
  order(ledger, "start_batch", {{"user_id", user}, {"name", "rows"}, {"batch_id", user}});
  std::deque<std::future<reeve::Outcome>> on_their_way;
  const auto settle = [&] {
    reeve::ensure(on_their_way.front().get().accepted(), "a sample is imported");
    on_their_way.pop_front();
  };
  for (std::int64_t row = 0; row < rows; ++row) {
    if (on_their_way.size() == together) settle();
    const std::string title = fmt::format("80's kick no. {}", row);
    on_their_way.push_back(
        submit(ledger, {{"user_id", user},
                        {"batch_id", user},
                        {"title", title},
                        {"file_path", fmt::format("Kounts pack/drums {}/{}.wav", row % 37, title)},
                        {"file_size_bytes", 100'000 + row},
                        {"original_name", title + ".wav"}}));
  }
  while (!on_their_way.empty()) settle();
  order(ledger, "end_batch", {{"batch_id", user}});
}

/// Samples per second of the rows.
double measure_engine(Report& report, const std::string& key, const std::string& url, std::int64_t rows,
                      std::int64_t rounds) {
  Ledger ledger = Ledger::open(url);
  std::vector<double> of_rows;
  std::vector<double> of_files;
  std::vector<double> of_skipped;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::string user = add_user(ledger, 2 * round);
    const double seconds = measure([&] { import_rows(ledger, user, rows); }).wall;
    of_rows.push_back(static_cast<double>(rows) / seconds);
    const std::string other = add_user(ledger, 2 * round + 1);
    for (std::vector<double>* rates : {&of_files, &of_skipped}) {
      sp404::ImportReport imported;
      const Spent spent = measure([&] { imported = sp404::import_folder(ledger, sounds, {.user = other}); });
      reeve::ensure(imported.added + imported.there_already == imported.sounds, "every file is taken once");
      rates->push_back(static_cast<double>(imported.sounds) / spent.wall);
    }
  }
  report.figures(key + "_rows_rounds", of_rows, "samples/s", "round by round");
  report.figure(key + "_rows", median(of_rows), "samples/s", "of which names, paths and sizes are known");
  report.figure(key + "_files", median(of_files), "samples/s", "files, read and hashed");
  report.figure(key + "_again", median(of_skipped), "samples/s",
                "the same files once more, which adds nothing");
  return median(of_rows);
}

void run_import(const Arguments& arguments) {
  Report report("import", arguments);
  const Folder folder;
  const std::filesystem::path blueprint = source_folder() / "blueprints" / "sp404mk2";
  const std::int64_t rows = arguments.events_or(4'120, 100);
  const std::int64_t rounds = arguments.rounds_or(3, 1);

  const std::string file = folder.file("samples.db").string();
  reeve::create_ledger(file, blueprint.string());
  const double on_sqlite = measure_engine(report, "sqlite", file, rows, rounds);

  Server server(arguments);
  server.create_ledger("samples", blueprint);
  const std::string base = server.url("samples", "app");
  const std::string url = base + (base.find('?') == std::string::npos ? "?" : "&") + "ledger=";
  measure_engine(report, "postgres", url, rows, rounds);
  report.end_with_value(on_sqlite, "samples/s");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_import); }
