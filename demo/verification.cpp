#include "verification.h"

#include "base/clock.h"
#include "chance.h"
#include "process.h"
#include "state/verify.h"
#include "terminal.h"

#include <fmt/core.h>
#include <reeve/ledger.h>

#include <chrono>
#include <clocale>
#include <cstdlib>

namespace demo {

namespace {

constexpr int exit_not_equal = 10;
constexpr const char* other_time = "2525-12-31T23:59:59.999999Z";
constexpr const char* other_locale = "tr_TR.UTF-8";
constexpr std::string_view hash_label = "state hash ";

/// Makes the locale where the machine has the sources of it but not the locale itself. Returns the environment
/// in which it is found.
std::map<std::string, std::string> environment_of_the_other(const std::filesystem::path& folder) {
  std::map<std::string, std::string> environment = {
      {"LC_ALL", other_locale}, {"LANG", other_locale}, {"TZ", "Pacific/Chatham"}};
  const std::filesystem::path made = folder / other_locale;
  const char* maker = "/usr/bin/localedef";
  if (std::setlocale(LC_ALL, other_locale) != nullptr) {
    std::setlocale(LC_ALL, "C");
  } else if (std::filesystem::exists(maker) && std::filesystem::exists("/usr/share/i18n/locales/tr_TR")) {
    std::filesystem::create_directories(folder);
    if (std::filesystem::exists(made) ||
        run(maker, {"--inputfile=tr_TR", "--charmap=UTF-8", made.string()}, {}).exit_code == 0) {
      environment["LOCPATH"] = folder.string();
    }
  }
  return environment;
}

/// What follows `label` on its line; empty if no line begins with it.
std::string find_line(const std::string& output, std::string_view label) {
  std::size_t start = 0;
  while (start < output.size()) {
    const std::size_t end = std::min(output.find('\n', start), output.size());
    const std::string_view line = std::string_view(output).substr(start, end - start);
    if (line.starts_with(label)) return std::string(line.substr(label.size()));
    start = end + 1;
  }
  return {};
}

}  // namespace

int verify_here(const std::filesystem::path& file, const std::string& time) {
  const char* locale = std::setlocale(LC_ALL, "");
  const auto moment = reeve::parse_time(time);
  if (!moment) throw reeve::Error(reeve::ErrorCode::invalid_input, "the time is not RFC 3339: " + time);
  HandClock clock(*moment);
  reeve::Ledger ledger = reeve::Ledger::open(file.string(), {.clock = &clock});
  const reeve::Head head = ledger.head();

  const auto start = std::chrono::steady_clock::now();
  const reeve::state::Verification found = reeve::state::verify(file);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const char* asked = std::getenv("LC_ALL");
  fmt::print("ledger {}\n", ledger.title());
  fmt::print("clock {}, locale {}\n", reeve::format_time(clock.now()),
             locale != nullptr ? std::string(locale)
                               : fmt::format("C ({} is not installed)", asked != nullptr ? asked : "LC_ALL"));
  for (const auto& difference : found.differences) {
    fmt::print("event {} {} {}: {}\n", difference.sequence, difference.table, difference.key,
               difference.message);
  }
  fmt::print("{} events executed again in {:.2f} s\n", found.events, seconds);
  const std::string recomputed = reeve::StateHash{found.state_hash}.to_string();
  fmt::print("{}{}\n", hash_label, recomputed);
  const bool equal = found.equal() && recomputed == head.state_hash.to_string();
  fmt::print("{}\n", equal ? "equal" : "not equal");
  return equal ? 0 : exit_not_equal;
}

int verify_elsewhere(const std::filesystem::path& file, const reeve::Head& head) {
  print_title("A second process verifies");
  const Ran ran = run(own_path(), {"--verify", file.string(), "--clock", other_time},
                      environment_of_the_other(std::filesystem::absolute(file).parent_path() / "locale"));
  std::size_t start = 0;
  while (start < ran.output.size()) {
    const std::size_t end = std::min(ran.output.find('\n', start), ran.output.size());
    fmt::print("  {}\n", ran.output.substr(start, end - start));
    start = end + 1;
  }
  const std::string here = head.state_hash.to_string();
  const std::string there = find_line(ran.output, hash_label);
  const bool equal = ran.exit_code == 0 && here == there;
  fmt::print("\nstate hash of this process   {}\nstate hash of the second     {}\n", here, there);
  fmt::print("{}\n",
             equal ? "equal" : fmt::format("not equal (the second process ended with {})", ran.exit_code));
  return equal ? 0 : exit_not_equal;
}

}  // namespace demo
