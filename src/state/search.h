#pragma once
// Search indexes of a ledger that is named by its place: compared with its rows, and made anew.

#include "search/keeper.h"
#include "search/verify.h"
#include "state/location.h"

#include <string_view>
#include <vector>

namespace reeve::state {

/// Where the graphs of a ledger's vectors are: in `folder`, or when that is '' beside a ledger in a file.
search::GraphPlace graph_place(const Location& location, const std::string& folder);

/// In one snapshot; of the index of this name, or of all. Throws Error not_found for an unknown name.
std::vector<search::IndexCheck> verify_search(const Location& location, std::string_view only = {});
/// The same of those that answer: none where the ledger is at an earlier migration than its blueprint.
std::vector<search::IndexCheck> verify_search_in_use(const Location& location);

/// Where many vectors are searched: by this process, or by pgvector in the database, which has a copy of them for that.
enum class KeepVectors : std::uint8_t { as_before, server, process };

/// Makes the index of this name, or all, from the rows, in one transaction of the writer, and then their graphs, where they have
/// vectors enough; the others are brought up. On
/// PostgreSQL as an administrator, who makes the tables first where they are missing; copies of vectors that there are, or are asked for, are made anew too. Throws
/// Error bad_statement where pgvector is asked for and not there, Error not_found for an unknown name.
std::vector<search::BroughtUp> rebuild_search(const Location& location, std::string_view only = {},
                                              KeepVectors vectors = KeepVectors::as_before);

}  // namespace reeve::state
