#include "journal/own_statement.h"

#include <reeve/error.h>

#include <fmt/format.h>

namespace reeve::journal {

engine::Statement prepare_fitting(engine::Connection& connection, std::string_view sql, bool persistent) {
  try {
    return connection.prepare(sql, persistent);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_statement) {
      throw;
    }
    throw Error(
        ErrorCode::corrupt,
        fmt::format("the tables of {} were changed behind Reeve's back: {}", connection.name(),
                    error.message()),
        "`reeve verify` names what is missing, `reeve rebuild` heals the tables of the state; what the "
        "journal itself lost comes from a backup");
  }
}

engine::Statement prepare(engine::Connection& connection, const OwnStatement& statement, bool persistent) {
  if (connection.engine() == engine::Engine::sqlite) {
    return prepare_fitting(connection, statement.sqlite, persistent);
  }
  engine::Statement prepared = connection.prepare(statement.postgres, persistent);
  if (statement.ledger_parameter != 0) {
    prepared.bind_text(statement.ledger_parameter, connection.ledger());
  }
  return prepared;
}

}  // namespace reeve::journal
