#pragma once
// A migration's UPDATE in batches: each is an event, reeve.rows_backfilled (docs/journal_format.md).

#include "engine/connection.h"
#include "journal/event.h"
#include "sql/online.h"

#include <string>
#include <string_view>
#include <vector>

namespace reeve::state {

/// The type of its event.
inline constexpr std::string_view type_rows_backfilled = "reeve.rows_backfilled";

/// One batch: the rows of a stretch of the key. Values of the key are text, integers in decimal.
struct BackfillStep {
  std::string name;       ///< of the migration
  std::string file_hash;  ///< of its files
  sql::Backfill backfill;
  std::vector<std::string> after;  ///< the last key of the batch before; empty: from the first row on
  std::vector<std::string> until;  ///< the last key of this one
};

/// The payload of its event, canonical.
std::string backfill_payload(const BackfillStep& step);
/// Throws Error corrupt.
BackfillStep backfill_of(const journal::Event& event);

/// Finds the key at which the batch behind `step.after` ends; false when no row is left.
bool find_batch_end(engine::Connection& connection, const sql::Catalogue& catalogue, BackfillStep& step);
/// Changes the rows of the step; the connection's sink hears of them.
void run_batch(engine::Connection& connection, const sql::Catalogue& catalogue, const BackfillStep& step);

}  // namespace reeve::state
