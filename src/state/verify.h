#pragma once
// Does the state say what the journal says? Everything is computed anew and compared.

#include "base/hash.h"
#include "journal/signed_checkpoint.h"
#include "state/baseline.h"
#include "state/location.h"
#include "state/progress.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reeve::state {

/// Something that is not what was written. Findings come in order: the first event that differs first.
struct Difference {
  std::int64_t sequence = 0;  ///< of the event; 0 when it is about rows, schema or files
  std::string table;          ///< when it is about rows
  std::string key;            ///< JSON of the primary key, when it is about one row
  std::string message;
};

struct Verification {
  std::int64_t events = 0;
  Digest chain_hash{};
  Digest state_hash{};          ///< as recomputed from the journal
  Digest state_hash_of_rows{};  ///< of the tables as they are
  std::vector<Difference> differences;
  /// What the tables of an adopted file claimed, and its log does not bear out (docs/adoption.md). The ledger is as it was
  /// written all the same.
  std::vector<Disagreement> disagreements;
  bool equal() const { return differences.empty(); }
};

struct VerifyOptions {
  Progress progress;
  std::size_t differences_max = 20;
  /// What was signed of this ledger, its signature checked: without it a cut tail, an older copy and a consistent rewrite
  /// can't be found (docs/proof.md).
  std::optional<journal::SignedCheckpoint> against = {};
};

/// Re-executes every event in a scratch database built from the stored sources and compares: sequences,
/// canonical payloads, chain hashes, changesets, the state hash at every seal; then the live rows with the
/// replayed ones, row by row where a table differs, the schema, the indexes with their tables, the stored sums,
/// the epochs' sources, the seed with its commitment. Reads one snapshot; writes nothing; memory is bounded by
/// the state's size beyond the page cache on a temporary file.
/// Throws Error only when the file can't be read at all (not_found, not a ledger).
Verification verify(const Location& location, const VerifyOptions& options = {});

}  // namespace reeve::state
