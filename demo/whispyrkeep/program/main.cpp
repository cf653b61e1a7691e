// The demonstration of WhispyrKeep: a campaign of thirty turns that a stand-in for a model tells over HTTP; a rewind and its
// undo; what it cost; how often is too often; and its way into a second account, by documents that jobs write.

#include "whispyrkeep/program/game.h"

#include "process.h"
#include "terminal.h"
#include "whispyrkeep/keep_jobs.h"

#include <blueprints/whispyrkeep.h>
#include <fmt/core.h>
#include <fmt/format.h>
#include <reeve/reeve.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

namespace demo {

namespace {

using nlohmann::json;
using whispyrkeep::Keep;
namespace queries = whispyrkeep::queries;

constexpr int exit_usage = 2;
constexpr int exit_different = 10;
constexpr int turns = 30;
constexpr int rewind_to = 20;
constexpr const char* wren = "wren@keep.example";
constexpr const char* rook = "rook@keep.example";

struct Options {
  std::filesystem::path folder;
  std::filesystem::path blueprint;
  std::filesystem::path srd;      ///< '' where there is none
  std::filesystem::path command;  ///< build/reeve
};

std::optional<Options> read_options(int count, char** words) {
  const std::filesystem::path build = std::filesystem::path(own_path()).parent_path();
  const char* shared = std::getenv("REEVE_SHARED_DATA");
  Options options{.folder = build / "demo",
                  .blueprint = build.parent_path() / "blueprints" / "whispyrkeep",
                  .srd = shared == nullptr ? "" : std::filesystem::path(shared) / "srd",
                  .command = build / "reeve"};
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = words[i];
    if (i + 1 == count) return std::nullopt;
    if (name == "--folder") {
      options.folder = words[i + 1];
    } else if (name == "--blueprint") {
      options.blueprint = words[i + 1];
    } else if (name == "--srd") {
      options.srd = words[i + 1];
    } else {
      return std::nullopt;
    }
  }
  return options;
}

void remove_ledger(const std::filesystem::path& file) {
  for (const char* tail : {"", "-wal", "-shm", "-history", "-checkpoints"})
    std::filesystem::remove(file.string() + tail);
}

void say(std::string_view what, const std::string& text) { fmt::print("  {:<20} {}\n", what, text); }

/// An open account: its ledger, the names that it has in the directory, and what its limits say.
struct OpenAccount {
  OpenAccount(const std::string& file, HandClock& clock, reeve::RateLimits& limits)
      : ledger(reeve::Ledger::open(file, {.clock = &clock})),
        names(reeve::Names::open(file, {.clock = &clock})),
        keep(ledger, {.limits = &limits, .names = &names}) {}
  Account account() { return {ledger, keep}; }

  reeve::Ledger ledger;
  reeve::Names names;
  Keep keep;
};

class Show {
 public:
  explicit Show(Options options)
      : options_(std::move(options)), file_((options_.folder / "keep.db").string()) {
    std::filesystem::create_directories(options_.folder);
    for (const char* email : {wren, rook}) {
      reeve::release_name(options_.folder.string(), "email", email);  // of an earlier run, whose ledgers go
    }
    remove_ledger(file_);
    reeve::create_ledger(file_, options_.blueprint.string(), {.clock = &clock_});
  }

  int run() {
    pin_reference_rows();
    limits_.emplace(*store_, reeve::read_limits(file_));
    account_.emplace(file_, clock_, *limits_);
    must_be_accepted("register_user", register_user(account_->account(), wren, "Wren"));
    found_account(account_->account());
    play_campaign();
    ask();
    rewind();
    spend();
    limit();
    write_documents();
    move();
    return is_as_promised_ ? 0 : exit_different;
  }

 private:
  /// Says DIFFERENT where something is not as promised.
  void compare(std::string_view what, const std::string& left, const std::string& right) {
    expect(left == right);
    say(what, left == right ? left.substr(0, 16) + ", the same" : "DIFFERENT: " + left + " and " + right);
  }
  void expect(bool is_so) { is_as_promised_ = is_as_promised_ && is_so; }
  reeve::Ledger& ledger() { return account_->ledger; }
  Keep& keep() { return account_->keep; }
  std::string hash_at(std::int64_t turn) { return keep().state_at(campaign_id, turn)->hash; }
  auto campaign() { return *reeve::query_one(ledger(), queries::campaign_by_id{.campaign_id = campaign_id}); }

  void pin_reference_rows() {
    print_title("The rules");
    if (options_.srd.empty() || !std::filesystem::exists(options_.srd)) {
      say("reference rows", "left out: --srd FOLDER, or REEVE_SHARED_DATA with srd/, names none");
      return;
    }
    const std::filesystem::path rows = options_.folder / "keep_reference";
    const std::size_t entries = whispyrkeep::write_reference_rows(options_.srd, rows);
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"reference", "publish", file_, rows.string()},
          std::vector<std::string>{"reference", "pin", file_, "1"}}) {
      if (run_command(arguments) != 0)
        throw reeve::Error(reeve::ErrorCode::internal, "reeve reference " + arguments[1] + " failed");
    }
    say("reference rows", fmt::format("version 1 with {} entries is published and pinned", entries));
  }

  int run_command(const std::vector<std::string>& arguments) const {
    return demo::run(options_.command.string(), arguments, {}).exit_code;
  }

  void play_campaign() {
    print_title("Thirty turns, told over HTTP");
    const StandIn model;
    say("model", model.url());
    const Played played = play(account_->account(), clock_, model, turns);
    say("turns", fmt::format("{}, with {} requests", played.turns, model.requests()));
    say("refused patches",
        fmt::format("{}, before anything was written; the model was told why", played.refused));
    say("hard canon first", fmt::format("in the lore of {} turns", played.canon_first));
    std::vector<std::vector<std::string>> rows;
    for (const auto& turn :
         reeve::query(ledger(), queries::newest_turns{.campaign_id = campaign_id, .limit = 4}))
      rows.push_back({std::to_string(turn.turn_index), shorten(turn.user_input_text, 44),
                      shorten(turn.llm_response_text, 40), turn.canonical_state_hash.substr(0, 12)});
    print_table({"turn", "player", "told", "state hash"}, rows, {0});
    const auto wrong = reeve::query_all(ledger(), queries::wrong_turns{.campaign_id = campaign_id});
    expect(wrong.empty());
    say("played again", fmt::format("{} turns do not give the state that they left", wrong.size()));
  }

  void ask() {
    print_title("From turn 10 to turn 11");
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : keep().difference(campaign_id, 10, 11))
      rows.push_back({one.path, one.before, one.after});
    print_table({"path", "before", "after"}, rows);
    print_title("What is known of keys in the year 812");
    for (const auto& chunk : keep().retrieve(universe_id, "key or keys", {.year = 812, .limit = 4}))
      say(chunk.chunk_type, shorten(chunk.snippet, 90));
  }

  void rewind() {
    print_title(fmt::format("Back to turn {}, and forth", rewind_to));
    const std::string before = campaign().canonical_state_hash;
    const std::string ledger_before = ledger().head().state_hash.to_string();
    const std::string expected = hash_at(rewind_to);
    must(ledger(), "rewind_campaign", json{{"campaign_id", campaign_id}, {"turn_index", rewind_to}}.dump());
    say("turns", std::to_string(campaign().turn_index));
    compare("state hash", campaign().canonical_state_hash, expected);
    const auto undone = ledger().undo(ledger().head().sequence, {.actor = "wren"});
    if (!undone) throw reeve::Error(reeve::ErrorCode::internal, undone.rejection().reason);
    say("undone", fmt::format("{} turns", campaign().turn_index));
    compare("state hash", campaign().canonical_state_hash, before);
    compare("of the ledger", ledger().head().state_hash.to_string(), ledger_before);
  }

  void spend() {
    print_title("What it cost");
    std::vector<std::vector<std::string>> rows;
    for (const auto& month : reeve::query(ledger(), queries::cost_per_month{.user_id = user_id}))
      rows.push_back({month.spent_month.substr(0, 7), month.model, std::to_string(month.calls),
                      std::to_string(month.prompt_tokens.value_or(0)),
                      std::to_string(month.completion_tokens.value_or(0)),
                      std::to_string(month.cost_micros.value_or(0))});
    print_table({"month", "model", "calls", "tokens asked", "tokens told", "micro-units"}, rows,
                {2, 3, 4, 5});
  }

  /// How many of six passwords may be tried at once, and of five documents asked for.
  void limit() {
    print_title("How often is too often");
    int tried = 0;
    reeve::LimitDecision last;
    for (int i = 0; i < 6; ++i) {
      last = whispyrkeep::take_log_in(*limits_, wren, "192.0.2.7");
      tried += last.allowed ? 1 : 0;
    }
    expect(tried == 5 && last.limit == "log_ins");
    say("passwords", fmt::format("{} of 6 may be tried for one address; then {} refuses, for {} s", tried,
                                 last.limit, (last.retry_after + 999'999) / 1'000'000));
    std::string refused;
    for (int i = 1; i <= 5; ++i) {
      const json wanted{{"export_id", export_of(i)},
                        {"universe_id", universe_id},
                        {"form", i % 2 == 0 ? "markdown" : "json"},
                        {"expires_at", "2026-12-31T00:00:00Z"}};
      const reeve::Outcome outcome = keep().request_export(wanted.dump(), {.actor = "wren"});
      if (!outcome) refused = fmt::format("document {}: {}", i, outcome.rejection().reason);
    }
    expect(refused.starts_with("document 5: too many exports"));
    say("exports", refused);
  }

  static std::string export_of(int number) { return fmt::format("80000000-0000-4000-8000-{:012}", number); }

  /// What was asked for is done by a worker.
  void write_documents() {
    const std::filesystem::path folder = options_.folder / "keep_exports";
    std::filesystem::create_directories(folder);
    reeve::Worker worker(file_, {.clock = &clock_, .kinds = {"write_export"}, .ledger = &ledger()});
    whispyrkeep::handle_jobs(worker, ledger(), {.export_folder = folder});
    const reeve::WorkReport report = worker.run_until_empty();
    expect(report.completed == 4 && report.failed == 0);
    say("written by jobs", fmt::format("{} documents, in {}", report.completed, folder.filename().string()));
  }

  void move() {
    print_title("Into another account");
    const std::string file = (options_.folder / "keep_2.db").string();
    remove_ledger(file);
    reeve::create_ledger(file, options_.blueprint.string(), {.clock = &clock_});
    OpenAccount other(file, clock_, *limits_);
    const reeve::Outcome taken = register_user(other.account(), "Wren@KEEP.example", "Rook");
    expect(!taken && taken.rejection().code == reeve::ErrorCode::unique_violation);
    say("Wren@KEEP.example", taken ? "DIFFERENT: taken twice" : taken.rejection().reason);
    must_be_accepted("register_user", register_user(other.account(), rook, "Rook"));
    std::ifstream stream(options_.folder / "keep_exports" / (export_of(1) + ".json"));
    const std::string document{std::istreambuf_iterator<char>(stream), {}};
    const reeve::Outcome imported = other.keep.import_json(user_id, document);
    must_be_accepted("import_universe", imported);
    say("imported", fmt::format("{} events, every turn played anew", imported.receipt().count));
    compare("state hash", other.keep.state_at(campaign_id, turns)->hash, hash_at(turns));
  }

  Options options_;
  std::string file_;
  HandClock clock_;
  std::unique_ptr<reeve::live::Store> store_ = reeve::live::open_store("memory:", {.clock = &clock_});
  std::optional<reeve::RateLimits> limits_;
  std::optional<OpenAccount> account_;
  bool is_as_promised_ = true;
};

}  // namespace

}  // namespace demo

int main(int count, char** words) {
  const auto options = demo::read_options(count, words);
  if (!options) {
    fmt::print(
        "reeve_keep [--folder PATH] [--blueprint FOLDER] [--srd FOLDER]\n"
        "  plays a campaign that a stand-in for a model tells, takes it back and forth, and into a second "
        "account\n");
    return demo::exit_usage;
  }
  try {
    return demo::Show(*options).run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "reeve_keep: {}\n", error.what());
    return 1;
  }
}
