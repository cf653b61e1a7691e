#pragma once
// Which table a statement writes, for who shows people the statement behind a change.

#include "sql/statement.h"

#include <string>

namespace reeve::sql {

/// Of an INSERT, UPDATE or DELETE as it is written, with or without WITH before it; empty for any other. Nothing is
/// parsed: the statement was accepted when the blueprint was loaded.
std::string written_table(const Statement& statement);

}  // namespace reeve::sql
