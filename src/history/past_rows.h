#pragma once
// Rows of a database taken from what they are after one event to what they are after another, by folded changesets.

#include "engine/connection.h"
#include "state/change_fold.h"
#include "state/epochs.h"
#include "state/state_hash.h"

#include <vector>

namespace reeve::history {

enum class Direction { forward, backward };

/// For each column of a table its place among others, by name; -1: it is not there.
template <typename Columns>
std::vector<int> places_in(const journal::TableLayout& table, const Columns& columns) {
  std::vector<int> places;
  for (const journal::ColumnLayout& column : table.columns) {
    int place = 0;
    for (const journal::ColumnLayout& one : columns) {
      if (one.name == column.name) {
        break;
      }
      ++place;
    }
    places.push_back(place == static_cast<int>(columns.size()) ? -1 : place);
  }
  return places;
}

/// Writes what the folded events changed, or takes it back, in a SQLite database that holds the rows of the other end
/// under the schema of the epoch. Rows of reference tables are not touched. `sums`, when they are given, are those of the
/// rows, before and after. In a write transaction with foreign keys off. Throws Error corrupt when a row that the changes
/// name is not there.
void move_rows(engine::Connection& connection, const state::EpochState& epoch, const state::ChangeFold& fold,
               Direction direction, state::StateSums* sums);

}  // namespace reeve::history
