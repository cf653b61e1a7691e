#pragma once
// Which event set a row, or a column of it, and what in the blueprint says so.

#include "history/sidecar.h"
#include "history/timeline.h"

#include <reeve/history.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::history {

/// Where the answer comes from.
struct BlameSource {
  Sidecar* sidecar = nullptr;  ///< caught up; null: the journal is read from its start
  bool is_refuted = false;     ///< set when the sidecar's answer does not fit the journal and the rows
};

/// As History::blame and History::blame_columns.
std::vector<Blame> blame(Timeline& timeline, BlameSource& source, std::string_view table,
                         std::string_view key, std::string_view column, std::size_t limit);
std::vector<BlamedColumn> blame_columns(Timeline& timeline, BlameSource& source, std::string_view table,
                                        std::string_view key);

/// Where it is said what an event does to a table.
Rule rule_of(Timeline& timeline, const journal::Event& event, std::string_view table);

}  // namespace reeve::history
