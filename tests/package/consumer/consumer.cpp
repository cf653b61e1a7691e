// A program outside of this project: it knows the installed headers and nothing else.

#include <reeve/reeve.h>

#include <iostream>

int main(int, char** arguments) {
  auto ledger = reeve::Ledger::open(arguments[1]);
  const auto outcome =
      ledger.command("sign", R"({"guest": "Ada", "message": "It links."})", {.actor = "Ada"});
  auto rows = ledger.query("guests");
  while (rows.next()) {
    const auto [name, entries] = rows.as<std::string, std::int64_t>();
    std::cout << ledger.title() << ": " << name << " " << entries << "\n";
  }
  return outcome ? 0 : 1;
}
