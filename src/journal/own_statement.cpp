#include "journal/own_statement.h"

namespace reeve::journal {

engine::Statement prepare(engine::Connection& connection, const OwnStatement& statement, bool persistent) {
  if (connection.engine() == engine::Engine::sqlite) {
    return connection.prepare(statement.sqlite, persistent);
  }
  engine::Statement prepared = connection.prepare(statement.postgres, persistent);
  if (statement.ledger_parameter != 0) {
    prepared.bind_text(statement.ledger_parameter, connection.ledger());
  }
  return prepared;
}

}  // namespace reeve::journal
