#pragma once
// Which rows events changed: what is derived from rows is brought up by reading those again.

#include "journal/journal.h"
#include "search/definition.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace reeve::search {

/// Called for each change in order of the events; the key is valid during the call. Ends the reading with false.
using TakeChange = std::function<bool(std::int64_t sequence, std::span<const ValueView> key)>;

/// The keys of the rows of a table (its number in the layout) that the events after `sequence` changed, by the journal's
/// changesets. False where they don't tell: the journal had another chain hash (hexadecimal) there, a migration is between, or
/// `take` had enough. Inside a transaction.
bool each_changed_key(engine::Connection& connection, const journal::Layout& layout, int table,
                      std::int64_t sequence, std::string_view chain_hash, const TakeChange& take);

}  // namespace reeve::search
