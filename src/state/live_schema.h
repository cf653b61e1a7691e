#pragma once
// The schema of the state as the engine's own catalogue describes it, whoever made it.

#include "engine/connection.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::state {

struct LiveColumn {
  std::string type;  ///< as the engine writes it, with the collation where it is not the type's own
  bool not_null = false;
  std::string default_sql;  ///< empty: none
  bool operator==(const LiveColumn&) const = default;
};

/// An index by its columns, constraints' indexes too.
struct LiveIndex {
  std::string name;
  std::vector<std::string> columns;  ///< names, or expressions; without ledger_id
  bool unique = false;
  bool partial = false;
  bool of_constraint = false;
  bool valid = true;  ///< false: CREATE INDEX CONCURRENTLY did not come to its end
};

struct LiveTable {
  std::map<std::string, LiveColumn> columns;
  /// Definitions by name; SQLite, which does not tell names, has the beginning of the definition instead.
  std::map<std::string, std::string> constraints;
  std::map<std::string, std::string> indexes;  ///< definitions by name; not of constraints
  std::map<std::string, std::string> guards;   ///< PostgreSQL: row-level security, policies, triggers
  std::vector<LiveIndex> index_columns;        ///< in order of names
  std::map<std::string, std::vector<std::string>> foreign_keys;  ///< their columns, by name
};

struct LiveSchema {
  std::map<std::string, LiveTable> tables;
  std::map<std::string, std::string> views;
};

/// Reeve's own tables are left out. On PostgreSQL of the schema that comes first in the search_path.
LiveSchema read_live_schema(engine::Connection& connection);

/// The CHECK constraints in the text of a CREATE TABLE, with single spaces and without needless quotes.
std::vector<std::string> checks_in(std::string_view sql);

}  // namespace reeve::state
