#pragma once
// The files of the blueprint that an adopted schema becomes.

#include "adoption/plan.h"

#include <string>
#include <vector>

namespace reeve::adoption {

/// Whether the dialect has a table, and a column, of this name.
bool takes_name(const std::string& table, const std::string& column);

struct BlueprintName {
  std::string name;
  std::string title;
};

/// Tables, keys, checks, indexes and views, as far as the dialect has them and the rows keep them; a query of each table.
/// What is left out is among the findings. The schema and the tables must live meanwhile.
blueprint::Sources write_schema(engine::Connection& old, const OldSchema& schema,
                                const std::vector<PlannedTable>& tables, const BlueprintName& name,
                                const GivenUp& given_up, Findings& findings);

}  // namespace reeve::adoption
