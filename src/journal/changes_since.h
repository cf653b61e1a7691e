#pragma once
// What events changed, by the changesets of a journal: what is derived from rows is brought up by it.

#include "journal/changeset.h"
#include "journal/journal.h"

#include <cstdint>
#include <functional>
#include <string_view>

namespace reeve::journal {

/// Called for each change in order of the events; the change is valid during the call. Ends the reading with false.
using TakeChange = std::function<bool(std::int64_t sequence, const StoredChange& change)>;

/// The changes of the events after `sequence`. False where they don't tell: the journal had another chain hash (hexadecimal)
/// there, a migration is between, or `take` had enough. Inside a transaction.
bool each_change_since(engine::Connection& connection, const Layout& layout, std::int64_t sequence,
                       std::string_view chain_hash, const TakeChange& take);

}  // namespace reeve::journal
