// A program outside of this project: it knows the installed headers and nothing else.

#include <blueprints/book.h>
#include <reeve/reeve.h>

#include <iostream>

int main(int, char** arguments) {
  auto ledger = reeve::Ledger::open(arguments[1]);
  const auto outcome = reeve::command(
      ledger, guest_book::commands::sign{.guest = "Ada", .message = "It links."}, {.actor = "Ada"});
  for (const auto& guest : reeve::query(ledger, guest_book::queries::guests{})) {
    std::cout << ledger.title() << ": " << guest.name << " " << guest.entries << "\n";
  }
  return outcome ? 0 : 1;
}
