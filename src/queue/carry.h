#pragma once
// Jobs that move with their ledger into another database.

#include "engine/connection.h"

namespace reeve::queue {

/// Whether anything is stored of jobs: open ones, done ones, where schedules stand, what is paused.
bool has_jobs(engine::Connection& connection);
/// Writes what the source has of jobs into a target that has none, in the transactions of both. Nothing where the source has no
/// tables of them. The tables of the target are made where they are missing. Leases, tokens and attempts go with them.
void carry(engine::Connection& source, engine::Connection& target);

/// Takes all of it away. Inside a write transaction.
void clear(engine::Connection& connection);

}  // namespace reeve::queue
