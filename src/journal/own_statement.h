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

/// A statement that fits the tables as Reeve made them. Throws Error corrupt where the engine finds that they are others:
/// SQLite here, PostgreSQL when it is run (then as Error bad_statement).
engine::Statement prepare_fitting(engine::Connection& connection, std::string_view sql,
                                  bool persistent = true);

/// The same. The ledger is bound already, and stays so.
engine::Statement prepare(engine::Connection& connection, const OwnStatement& statement,
                          bool persistent = true);

}  // namespace reeve::journal
