#pragma once
// What of a migration can be done while others read and write, before it runs as a whole (docs/blueprint.md).

#include "sql/translation.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::sql {

/// An UPDATE of a migration that can be made in batches beforehand, in order of the primary key.
struct Backfill {
  std::string table;
  std::string statement;  ///< in PostgreSQL's SQL, as it is written
  std::int64_t rows = 0;  ///< of a batch
};

/// What a migration's file says about how it may be run.
struct OnlinePlan {
  /// Those marked `-- backfill N:`, under the catalogue of before. They are statements of the migration too, and find
  /// there what was left.
  std::vector<Backfill> backfills;
  std::string
      concurrent_index;  ///< of a file that makes or drops one index CONCURRENTLY, and does nothing else
  /// Tables of which stored rows may become others by more than statements on rows: made, dropped, renamed, with
  /// other columns.
  std::set<std::string> tables_rewritten;
  bool cascades = false;  ///< statements on rows may reach other tables by foreign keys
};

/// Throws Error as translate_migration does.
OnlinePlan plan_migration(std::string_view name, std::string_view text, const Catalogue& before);

/// A stretch of a back-fill: the rows behind the key in :reeve_after_1, ... up to the one in :reeve_until_1, ...
struct BackfillBatch {
  Translation keys;    ///< the keys of the next batch, in order; its last is where the batch ends
  Translation update;  ///< the statement, narrowed to the stretch
};
/// `first`: it begins with the first row, and there is no :reeve_after. Throws Error as translate does.
BackfillBatch translate_backfill(const Backfill& backfill, const Catalogue& catalogue, bool first);

}  // namespace reeve::sql
