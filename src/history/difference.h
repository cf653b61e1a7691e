#pragma once
// The rows in which two states of a ledger differ.

#include "history/timeline.h"

#include <reeve/history.h>

#include <functional>

namespace reeve::history {

/// A folded row as what a program sees. Reversed: what came after is before.
RowChange row_change(const state::ChangeFold::Row& row, bool reversed);

/// As History::diff. Of a row that did not change nothing is said.
void diff(Timeline& timeline, std::int64_t before, std::int64_t after,
          const std::function<bool(const RowChange&)>& row);

}  // namespace reeve::history
