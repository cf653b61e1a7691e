#pragma once
// A statement on Reeve's own tables, in the SQL of each engine.

#include "engine/connection.h"

#include <string_view>

namespace reeve::journal {

/// The parameters are the same on both engines; on PostgreSQL, where ledgers share the tables, one more holds
/// the ledger that the connection is bound to.
struct OwnStatement {
  std::string_view sqlite;
  std::string_view postgres;
  int ledger_parameter = 0;  ///< its number on PostgreSQL; 0: the statement is of no ledger
};

/// The ledger is bound already, and stays so.
engine::Statement prepare(engine::Connection& connection, const OwnStatement& statement,
                          bool persistent = true);

}  // namespace reeve::journal
