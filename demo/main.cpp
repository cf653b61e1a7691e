// The demonstration: a whole campaign of The Great Work, played through commands and then proven by another
// process. It leaves the ledger behind.

#include "base/clock.h"
#include "campaign.h"
#include "process.h"
#include "report.h"
#include "verification.h"

#include <fmt/core.h>
#include <reeve/reeve.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace demo {

namespace {

constexpr int exit_usage = 2;
constexpr std::int64_t first_year = 1920;

struct Options {
  std::filesystem::path file;
  std::filesystem::path blueprint;
  std::uint64_t seed = 1831;
  std::int64_t years = 64;
  std::optional<std::int64_t> gazette;
  bool verify = false;
  std::string clock = "2024-01-01T00:00:00Z";
};

constexpr std::string_view usage =
    "reeve_demo [--years N] [--seed N] [--gazette YEAR] [--file PATH] [--blueprint FOLDER]\n"
    "  plays a campaign of The Great Work, prints what became of it and has it verified by a second process\n"
    "reeve_demo --verify PATH [--clock TIME]\n"
    "  is that second process\n";

template <typename T>
bool read_number(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// Nothing if they can't be understood.
std::optional<Options> read_options(int count, char** words) {
  Options options;
  // build/reeve_demo lies beside build/demo and one below blueprints.
  const std::filesystem::path build = std::filesystem::path(own_path()).parent_path();
  options.file = build / "demo" / "great_work.db";
  options.blueprint = build.parent_path() / "blueprints" / "great_work";
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = words[i];
    if (i + 1 == count) return std::nullopt;
    const std::string_view value = words[i + 1];
    bool understood = true;
    if (name == "--years") {
      understood = read_number(value, options.years) && options.years >= 1 && options.years <= 500;
    } else if (name == "--seed") {
      understood = read_number(value, options.seed);
    } else if (name == "--gazette") {
      understood = read_number(value, options.gazette.emplace());
    } else if (name == "--file") {
      options.file = value;
    } else if (name == "--verify") {
      options.file = value;
      options.verify = true;
    } else if (name == "--blueprint") {
      options.blueprint = value;
    } else if (name == "--clock") {
      options.clock = value;
    } else {
      understood = false;
    }
    if (!understood) return std::nullopt;
  }
  return options;
}

void start_fresh(const std::filesystem::path& file) {
  std::filesystem::create_directories(std::filesystem::absolute(file).parent_path());
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
}

int play(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  start_fresh(options.file);
  const auto first_day = reeve::parse_time(options.clock);
  if (!first_day)
    throw reeve::Error(reeve::ErrorCode::invalid_input, "the time is not RFC 3339: " + options.clock);
  HandClock clock(*first_day);
  RepeatableRandom random(options.seed);
  reeve::LedgerOptions ledger_options;
  ledger_options.clock = &clock;
  ledger_options.random = &random;
  reeve::Ledger ledger =
      reeve::Ledger::create(options.file.string(), options.blueprint.string(), ledger_options);
  const Cast cast = read_cast(options.blueprint / "demo" / "cast.json");

  std::size_t missing = 0;
  {
    Game game(ledger, clock);
    Progress progress(ledger.title(), options.years);
    RepeatableRandom worker_random(options.seed + 1);
    Scheduler scheduler(options.file.string(), game, clock, worker_random);
    Campaign(game, scheduler, cast, {options.seed, options.years, *first_day}).play(progress);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    progress.end(
        fmt::format("{} years of {} players in {:.1f} s", options.years, cast.players.size(), seconds));

    print_gazette(game, options.gazette.value_or(first_year + options.years / 2));
    print_leaderboard(game);
    print_reputation_history(game);
    missing = print_event_counts(game, options.blueprint.string());
    print_refusals(game.tally());
  }
  const reeve::Head head = ledger.head();
  fmt::print("  {} events in {}\n", head.sequence.value, options.file.string());
  const int verified = verify_elsewhere(options.file, head);
  if (missing > 0) fmt::print("the campaign left out {} types of events\n", missing);
  return verified != 0 ? verified : (missing > 0 ? 1 : 0);
}

}  // namespace

}  // namespace demo

int main(int count, char** words) {
  const auto options = demo::read_options(count, words);
  if (!options) {
    fmt::print(stderr, "{}", demo::usage);
    return demo::exit_usage;
  }
  try {
    return options->verify ? demo::verify_here(options->file, options->clock) : demo::play(*options);
  } catch (const reeve::Error& error) {
    fmt::print(stderr, "reeve_demo: {}\n", error.what());
    return reeve::exit_code_of(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "reeve_demo: {}\n", error.what());
    return 1;
  }
}
