#pragma once
// How PostgreSQL captures the rows that change (postgres_capture.sql); SQLite needs nothing.

#include <string_view>

namespace reeve::engine {

/// The table and the function, to be made once in the schema of the ledgers. Each table of the state, whose first
/// column is `ledger_id uuid`, has a trigger that calls the function (src/sql/postgres_schema.cpp).
std::string_view capture_schema();

}  // namespace reeve::engine
