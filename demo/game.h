#pragma once
// The game as a player sees it: intents go in, verdicts come out, questions are answered.

#include "chance.h"

#include <blueprints/great_work.h>
#include <reeve/typed.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace demo {

namespace commands = great_work::commands;
namespace queries = great_work::queries;

/// What became of the commands.
struct Tally {
  std::int64_t accepted = 0;
  std::int64_t rejected = 0;
  std::int64_t events = 0;
  /// By command and reason; values of the command's parameters are replaced by `:name`.
  std::map<std::pair<std::string, std::string>, std::int64_t> reasons;
};

class Game {
 public:
  Game(reeve::Ledger& ledger, HandClock& clock) : ledger_(ledger), clock_(clock) {}
  Game(const Game&) = delete;
  Game& operator=(const Game&) = delete;
  ~Game();

  /// Hands a command in and doesn't wait: commands are decided in the order in which they are handed in and
  /// share the commits. Each takes some seconds of the game's clock. Returns a ticket.
  template <reeve::TypedCommand Command>
  std::int64_t command(const Command& command, std::string_view actor) {
    return this->command(Command::command_name, command.to_json(), actor);
  }
  /// The same of a command that a plan names.
  std::int64_t command(std::string_view name, const std::string& parameters, std::string_view actor);
  /// Waits for all verdicts. Throws the first fault.
  void settle();

  /// Why the command of a ticket was refused; nothing if it wasn't. Precondition: settled since.
  std::optional<std::string> take_refusal(std::int64_t ticket);

  /// Settles, then asks: the answer is of the state after everything that was handed in.
  template <reeve::TypedQuery Query>
  reeve::TypedRows<Query> ask(const Query& query) {
    settle();
    return reeve::query(ledger_, query);
  }
  /// All rows, in memory: for who hands in commands while reading them.
  template <reeve::TypedQuery Query>
  std::vector<typename Query::Row> ask_all(const Query& query) {
    settle();
    return reeve::query_all(ledger_, query);
  }

  reeve::Ledger& ledger() { return ledger_; }
  void set_time(reeve::Microseconds time) { clock_.set(time); }
  reeve::Microseconds time() { return clock_.now(); }
  /// Precondition: settled.
  const Tally& tally() const { return tally_; }

 private:
  void note(std::int64_t ticket, const std::string& name, const std::string& parameters,
            const reeve::Ledger::Verdict& verdict);

  reeve::Ledger& ledger_;
  HandClock& clock_;
  std::mutex mutex_;
  std::condition_variable settled_;
  std::int64_t handed_in_ = 0;
  std::int64_t answered_ = 0;
  std::exception_ptr fault_;
  std::map<std::int64_t, std::string> refusals_;  ///< by ticket, until taken
  Tally tally_;
};

}  // namespace demo
