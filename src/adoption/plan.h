#pragma once
// What an old database becomes: a blueprint with its tables, and where each of their values comes from.

#include "adoption/introspection.h"
#include "adoption/irregularity.h"
#include "blueprint/blueprint.h"
#include "sql/catalogue.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::adoption {

struct PlannedColumn {
  std::string name;
  const OldColumn* old = nullptr;
  std::vector<sql::Type> expected;  ///< types_declared()
  sql::Type type = sql::Type::text;
  bool not_null = false;
};

struct PlannedTable {
  const OldTable* old = nullptr;
  std::string name;
  std::vector<PlannedColumn> columns;  ///< in the order of the old table's
  std::vector<std::string> key;        ///< by their new names
  std::string row_number;  ///< the column that is made to be the key; '' where the old key is kept
};

/// What was learnt by trying: keys and rules that the rows do not keep once they are values of one type.
struct GivenUp {
  std::set<std::string> keys;    ///< tables, by their old names, that are numbered instead
  std::set<std::string> unique;  ///< tables whose other unique keys are left out
  std::set<std::string> checks;  ///< tables whose checks are left out
};

struct Plan {
  std::vector<PlannedTable> tables;  ///< as in the old schema
  blueprint::Sources sources;
};

/// Reads all rows once, to learn which types hold them. `name` is the blueprint's. The schema must outlive the plan.
Plan make_plan(engine::Connection& old, const OldSchema& schema, const std::string& name,
               const std::string& title, const GivenUp& given_up, Findings& findings);

/// A name of a blueprint out of any text.
std::string plain_name(std::string_view text);

}  // namespace reeve::adoption
