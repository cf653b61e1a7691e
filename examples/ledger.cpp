// A ledger in a program: created from a blueprint, given commands, asked a question.
//
//   build/example_ledger blueprints/great_work game.db

#include <blueprints/great_work.h>  // made by `reeve generate`
#include <reeve/reeve.h>

#include <iostream>

namespace commands = great_work::commands;
namespace queries = great_work::queries;

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: example_ledger BLUEPRINT FILE\n";
    return 2;
  }
  try {
    auto ledger = reeve::Ledger::create(arguments[2], arguments[1]);
    const reeve::CommitOptions keeper{.actor = "keeper"};
    reeve::command(ledger, commands::join_player{.player_id = "ada", .name = "Ada"},
                   {.actor = "ada", .key = "join-ada"});
    reeve::command(ledger, commands::join_player{.player_id = "grace", .name = "Grace"}, {.actor = "grace"});
    reeve::command(ledger,
                   commands::adjust_reputation{.player_id = "ada", .delta = 7, .reason = "the engine runs"},
                   keeper);

    // What the rules refuse is an outcome; what went wrong is an Error.
    const auto outcome = reeve::command(
        ledger, commands::adjust_reputation{.player_id = "eve", .delta = 1, .reason = "-"}, keeper);
    if (!outcome) std::cout << "refused: " << outcome.rejection().reason << "\n";

    for (const auto& player : reeve::query(ledger, queries::leaderboard{})) {
      std::cout << player.name << " (" << player.player_id << ") has a reputation of " << player.reputation
                << "\n";
    }
    const reeve::Head head = ledger.head();
    std::cout << "event " << head.sequence.value << ", state hash " << head.state_hash.to_string() << "\n";
  } catch (const reeve::Error& error) {
    std::cerr << "ledger: " << error.what() << "\n";
    return reeve::exit_code_of(error.code());
  }
}
