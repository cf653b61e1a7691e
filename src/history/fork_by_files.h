#pragma once
// A fork of a ledger on PostgreSQL, or into a schema there, by way of files.

#include "state/location.h"

#include <reeve/history.h>

namespace reeve::history {

/// As fork_ledger, where the parent or the fork lies in a PostgreSQL schema: the parent is copied into a file, as a
/// promotion does; the file is forked; the fork is brought to its place. Hashes are compared on every way. What was on the
/// way is gone at the end. Throws Error conflict also when the schema is made for another blueprint, or stands at another
/// migration than the parent did at that event.
Fork fork_by_files(const state::Location& parent, const state::Location& target, const ForkOptions& options);

}  // namespace reeve::history
