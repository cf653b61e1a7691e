#pragma once
// The schema of the state as SQLite holds it: read, compared, dropped and made anew.

#include "engine/connection.h"
#include "journal/layout.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace reeve::state {

struct SchemaObject {
  std::string type;  ///< table, index, view, trigger
  std::string sql;
  std::string table;  ///< that an index or a trigger is of; of the others their own name
  bool operator==(const SchemaObject&) const = default;
};

/// Objects by name. Reeve's own tables and their indexes, and SQLite's, are left out unless `own`.
std::map<std::string, SchemaObject> read_schema(engine::Connection& connection, bool own = false);

/// Tables in an order in which each comes after those that its foreign keys point to. Throws Error conflict when they go
/// round in a circle.
std::vector<std::string> parents_first(const sql::Catalogue& catalogue);

/// Drops whatever is there, Reeve's own tables too. Inside a write transaction, with foreign keys off.
void drop_all(engine::Connection& connection);

/// Drops the state of `target` and copies that of `source`: tables with their rows, then indexes, then views.
/// Inside a write transaction on `target`, with its foreign keys off.
void replace_state(engine::Connection& source, engine::Connection& target, const journal::Layout& layout);

/// The same for some tables, each with all of its indexes and triggers, and for some indexes and views, by name; whatever has
/// one of the names goes first. All else in `target` stays.
void replace_objects(engine::Connection& source, engine::Connection& target, const journal::Layout& layout,
                     const std::set<std::string>& names);

}  // namespace reeve::state
