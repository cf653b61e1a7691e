#pragma once
// Rows of one ledger, in tables that it shares with others, made those that a replay gives.

#include "engine/connection.h"
#include "state/epochs.h"

#include <set>
#include <string>

namespace reeve::state {

/// Compares the named tables of `live`, a ledger on PostgreSQL in a write transaction with its head locked, with those of
/// `replayed`, and writes the rows that differ, captured by nobody. The names of the tables in which any did. Those rows are
/// in memory meanwhile. Throws Error conflict where no order of whole rows keeps all constraints on the way, or where the
/// rows are reference rows, which are not this ledger's alone.
std::set<std::string> repair_rows(engine::Connection& replayed, engine::Connection& live,
                                  const EpochState& epoch, const std::set<std::string>& tables);

}  // namespace reeve::state
