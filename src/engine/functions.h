#pragma once
// PostgreSQL's functions on a SQLite connection: the table of sql/functions.h and the host's own.

namespace reeve::engine {

class Connection;

/// Registers every function that translated statements may call.
void register_functions(Connection& connection);

}  // namespace reeve::engine
