#pragma once
// Statements of somebody who looks for rows that are not theirs.

#include "canaries.h"

#include <string>
#include <vector>

namespace reeve::testing {

/// The tables and the view that a program may read.
const std::vector<std::string>& readable_relations();
/// Every statement, for one relation, written by the ledger `own`; some name the ledger `other` by its id. None holds a
/// canary, so that what the server says of statements holds none.
std::vector<std::string> raw_statements(const std::string& relation, const Tenant& own, const Tenant& other);

}  // namespace reeve::testing
