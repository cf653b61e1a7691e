#pragma once
// The rows of the reference tables that a pin brought: changesets never show them.

#include "history/timeline.h"
#include "state/reference_set.h"

#include <functional>

namespace reeve::history {

/// Not thread-safe.
class PinnedRows {
 public:
  /// Read by the schema that was there when they were pinned: a later one may lack a table, or have more columns.
  PinnedRows(Timeline& timeline, const journal::Event& pin);

  /// The rows of a table as a later schema has it, in order of the key, until `row` answers false; none when it was not
  /// there. Columns that came since are NULL.
  void scan(const journal::TableLayout& table, const std::function<bool(journal::Row)>& row) const;

 private:
  state::ReferenceSet set_;
};

}  // namespace reeve::history
