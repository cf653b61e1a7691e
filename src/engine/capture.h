#pragma once
// How PostgreSQL captures the rows that change (postgres_capture.sql); SQLite needs nothing.

#include <string>
#include <string_view>

namespace reeve::engine {

/// The table and the function, to be made once in the schema of the ledgers.
std::string_view capture_schema();
/// The trigger of one table of the state, whose first column must be `ledger_id uuid`.
std::string capture_trigger(std::string_view table);

}  // namespace reeve::engine
