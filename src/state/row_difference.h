#pragma once
// Rows of a table in two databases, compared one by one, for people: what verify and promote name.

#include "state/epochs.h"
#include "state/rows.h"

#include <functional>
#include <string>
#include <vector>

namespace reeve::state {

struct RowDifference {
  std::string key;      ///< canonical JSON
  std::string message;  ///< what is found, and what the journal says
  std::vector<Value> key_values;
};

/// The key of a row as JSON.
std::string key_json(const journal::TableLayout& table, journal::Row row);
/// A value for a message: JSON, shortened.
std::string value_text(sql::Type type, const ValueView& value);

/// Calls `differs` for each row of `expected` that `found` lacks or has otherwise, and then for each that no event made,
/// in order of the key, until it answers false. Both read by `layout`, and each is in a snapshot.
void compare_rows(RowStore& expected, RowStore& found, const journal::Layout& layout, int table,
                  const std::function<bool(const RowDifference&)>& differs);

/// The first rows in which two databases with one ledger differ, each with the event of the source's journal that changed
/// it last in this epoch. `is_target` says of each table on which side it was changed. Both are in a snapshot.
std::vector<std::string> name_differences(engine::Connection& source, engine::Connection& target,
                                          const EpochState& epoch, const std::vector<bool>& is_target);

}  // namespace reeve::state
