#pragma once
// Is the live schema the one that the migrations declare?

#include "engine/connection.h"
#include "sql/catalogue.h"
#include "state/live_schema.h"
#include "state/location.h"

#include <cstdint>
#include <string>
#include <vector>

namespace reeve::state {

/// One place where the live schema is not what it should be.
struct DriftFinding {
  enum class Kind : std::uint8_t {
    difference,  ///< it is not what was declared
    advice,      ///< it is, but costs more than it should
  };
  Kind kind = Kind::difference;
  std::string table;    ///< or the view
  std::string object;   ///< column, constraint or index; empty: the table itself
  std::string message;  ///< names the table and, where it is about one, the column
  std::string remedy;   ///< what would mend it
};

/// Tables, columns with type, NOT NULL and default, constraints, indexes, views, and on PostgreSQL row-level security
/// and capture, against those that a scratch copy of the declared schema has; then redundant indexes (a prefix of
/// another) and foreign keys without an index that leads with them. In order of tables. On SQLite a foreign key's
/// DEFERRABLE is not seen (`verify` compares the text). On PostgreSQL in a write transaction of its own that is rolled
/// back, with temporary tables: Error denied without TEMPORARY on the database.
std::vector<DriftFinding> find_drift(engine::Connection& connection, const sql::Catalogue& declared);

/// The same of two that were read before.
std::vector<DriftFinding> compare_schemas(engine::Engine engine, const LiveSchema& declared,
                                          const LiveSchema& live);

/// The same of a ledger's database and the last epoch of its journal, whoever asks: as an application, or as one that
/// may become reeve_owner.
std::vector<DriftFinding> migrate_drift(const Location& location);

/// A connection for who only looks: as an application, or as the owner where the login may become that.
std::unique_ptr<engine::Connection> open_to_look(const Location& location);

}  // namespace reeve::state
