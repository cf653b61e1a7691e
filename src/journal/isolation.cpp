// What keeps ledgers apart, tried out by each session that serves an application.

#include "journal/directory.h"

#include "journal/postgres_self_test_sql.h"

#include <fmt/format.h>

#include <string>

namespace reeve::journal {

void prove_isolation(engine::Connection& connection, std::string_view ledger_id) {
  // A block takes no parameters. What stands for the ledger is a uuid of the directory.
  constexpr std::string_view place = "{{ledger}}";
  std::string script(embedded::postgres_self_test_sql);
  script.replace(script.find(place), place.size(), ledger_id);
  try {
    connection.execute(script);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::denied) {
      throw;
    }
    throw Error(ErrorCode::denied, "ledgers are not kept apart for this connection: " + error.message(),
                "docs/postgres.md, \"What keeps ledgers apart\", says what has to stand");
  }
}

}  // namespace reeve::journal
