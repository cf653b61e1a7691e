// A ledger in a program: created from a blueprint, given commands, asked a question.
//
//   build/example_ledger blueprints/great_work game.db

#include <reeve/reeve.h>

#include <iostream>

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: example_ledger BLUEPRINT FILE\n";
    return 2;
  }
  try {
    auto ledger = reeve::Ledger::create(arguments[2], arguments[1]);
    const reeve::CommitOptions keeper{.actor = "keeper"};
    ledger.command("join_player", R"({"player_id": "ada", "name": "Ada"})",
                   {.actor = "ada", .key = "join-ada"});
    ledger.command("join_player", R"({"player_id": "grace", "name": "Grace"})", {.actor = "grace"});
    ledger.command("adjust_reputation", R"({"player_id": "ada", "delta": 7, "reason": "the engine runs"})",
                   keeper);

    // What the rules refuse is an outcome; what went wrong is an Error.
    const auto outcome =
        ledger.command("adjust_reputation", R"({"player_id": "eve", "delta": 1, "reason": "-"})", keeper);
    if (!outcome) std::cout << "refused: " << outcome.rejection().reason << "\n";

    auto rows = ledger.query("leaderboard");
    while (rows.next()) {
      const auto [id, name, reputation] = rows.as<std::string, std::string, std::int64_t>();
      std::cout << name << " (" << id << ") has a reputation of " << reputation << "\n";
    }
    const reeve::Head head = ledger.head();
    std::cout << "event " << head.sequence.value << ", state hash " << head.state_hash.to_string() << "\n";
  } catch (const reeve::Error& error) {
    std::cerr << "ledger: " << error.what() << "\n";
    return reeve::exit_code_of(error.code());
  }
}
