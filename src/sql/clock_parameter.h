#pragma once
// The one parameter of a query that nobody gives.

#include "sql/translation.h"

namespace reeve::sql {

/// What now() has become: the ledger says it, by its own clock.
inline bool is_clock(const Parameter& parameter) { return parameter.name == "at"; }

}  // namespace reeve::sql
