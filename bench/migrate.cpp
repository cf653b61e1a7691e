// A folder of 1,000 small migrations brought up on a new SQLite file on disk, by `reeve migrate up --dir` and by dbmate,
// alternating; and both again when there is nothing to do.

#include "shared/npm.h"
#include "shared/support.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <vector>

namespace bench {

namespace {

/// Four kinds in turn: a table, a column, an index, a row.
std::string migration(std::int64_t number) {
  const std::int64_t table = number / 4;
  switch (number % 4) {
    case 0:
      return fmt::format("CREATE TABLE things_{} (id integer PRIMARY KEY, name text NOT NULL);\n", table);
    case 1:
      return fmt::format("ALTER TABLE things_{} ADD COLUMN weight integer NOT NULL DEFAULT 0;\n", table);
    case 2: return fmt::format("CREATE INDEX things_{0}_by_weight ON things_{0} (weight);\n", table);
    default: return fmt::format("INSERT INTO things_{} (id, name) VALUES (1, 'one');\n", table);
  }
}

void write_migrations(const std::filesystem::path& folder, std::int64_t count) {
  std::filesystem::create_directory(folder);
  for (std::int64_t i = 0; i < count; ++i) {
    std::ofstream(folder / fmt::format("{:06}_step.sql", i + 1)) << "-- migrate:up\n"
                                                                 << migration(i) << "\n-- migrate:down\n";
  }
}

void run_command(const std::string& command) {
  reeve::ensure(std::system((command + " >/dev/null").c_str()) == 0, command.c_str());
}

double seconds_of(const std::string& command) {
  return measure([&] { run_command(command); }).wall;
}

/// dbmate's program, which npm fetches once into the build folder; nothing when it can't, and `why` says it.
std::optional<std::filesystem::path> fetch_dbmate(std::string& why) {
  const auto folder = npm_folder("dbmate", why);
  if (!folder) return std::nullopt;
  for (const char* architecture : {"linux-x64", "linux-arm64"}) {
    std::filesystem::path program = *folder / "node_modules" / "@dbmate" / architecture / "bin" / "dbmate";
    if (std::filesystem::exists(program)) return program;
  }
  why = "its package has no program for this machine";
  return std::nullopt;
}

void run_migrate(const Arguments& arguments) {
  Report report("migrate", arguments);
  const Folder folder;
  const std::int64_t count = arguments.events_or(1000, 20);
  const std::int64_t rounds = arguments.rounds_or(5, 1);
  const std::filesystem::path migrations = folder.file("migrations");
  write_migrations(migrations, count);
  std::string why = "a quick run fetches nothing";
  const auto dbmate = arguments.quick ? std::nullopt : fetch_dbmate(why);
  report.figure("dbmate", dbmate ? 1 : 0, "", dbmate ? "dbmate runs beside" : "dbmate is LEFT OUT: " + why);
  const std::filesystem::path reeve = program_file().parent_path() / "reeve";
  std::vector<double> ours;
  std::vector<double> ours_again;
  std::vector<double> theirs;
  std::vector<double> theirs_again;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::string up =
        fmt::format("'{}' migrate up '{}' --dir '{}'", reeve.string(),
                    folder.file(fmt::format("ours_{}.db", round)).string(), migrations.string());
    ours.push_back(seconds_of(up));
    ours_again.push_back(seconds_of(up));
    if (!dbmate) continue;
    const std::string beside =
        fmt::format("'{}' --url 'sqlite:{}' --migrations-dir '{}' --no-dump-schema up", dbmate->string(),
                    folder.file(fmt::format("theirs_{}.db", round)).string(), migrations.string());
    theirs.push_back(seconds_of(beside));
    theirs_again.push_back(seconds_of(beside));
  }
  report.figure("migrations", static_cast<double>(count), "", "in the folder");
  report.figure("up", median(ours) * 1e3, "ms", "reeve, all of them");
  report.figure("nothing", median(ours_again) * 1e3, "ms", "reeve, nothing to do");
  if (!dbmate) return report.end_with_value(median(ours) * 1e3, "ms");
  report.figure("dbmate_up", median(theirs) * 1e3, "ms", "dbmate, all of them");
  report.figure("dbmate_nothing", median(theirs_again) * 1e3, "ms", "dbmate, nothing to do");
  report.end_with_ratio(median(ours) / median(theirs));
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_migrate); }
