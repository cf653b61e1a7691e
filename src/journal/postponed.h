#pragma once
// What a PostgreSQL schema does without while its only ledger arrives: rows land faster where no index, no foreign key and no
// trigger is kept beside them, and each is made at once of all rows in the end (docs/postgres.md, "Promotion").

#include "engine/connection.h"

#include <cstdint>

namespace reeve::journal {

/// Until the end of the transaction nobody enters the directory, and no ledger's head is locked by another.
void lock_whole_schema(engine::Connection& connection);
/// Takes away most indexes (postgres/postpone_indexes.sql says which), the foreign keys of the state's tables and the triggers
/// that capture, and notes in reeve_postponed how they are made. For the owner, with the schema locked.
void postpone_indexes(engine::Connection& connection);
bool has_postponed(engine::Connection& connection);

/// Whose indexes are made. Those of reeve_events take the longest: one session may make them, and another one those of the rest,
/// before one of them makes all, which are none then.
enum class Postponed : std::uint8_t { of_events, of_rest, all };
/// Makes them; does nothing where none is postponed. After all, nothing is. For the owner, bound to the ledger that arrives (rows
/// are looked at as the session sees them), in a write transaction: the one that brings the rows, or one that has the schema
/// locked. Throws Error constraint_violation or unique_violation when the rows do not keep one.
void make_postponed(engine::Connection& connection, Postponed which);

}  // namespace reeve::journal
