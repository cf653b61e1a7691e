#pragma once
// The rows of a blueprint's reference tables at one version, checked, in canonical form and hashed
// (docs/reference.md). They are read from files that people wrote, or from those that a ledger keeps.

#include "base/hash.h"
#include "blueprint/blueprint.h"
#include "engine/connection.h"
#include "journal/layout.h"
#include "state/state_hash.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace reeve::state {

/// Not thread-safe.
class ReferenceSet {
 public:
  /// Of the canonical rows of a version, all tables together.
  static constexpr std::size_t bytes_max = 24 * 1024 * 1024;

  /// Reads NAME.csv or NAME.ndjson of each reference table of the catalogue. Throws Error, with file and line:
  /// not_found (no such folder), invalid_input (a file too many, a missing one, a cell of another type, a member
  /// that is no column), unique_violation and constraint_violation (a row that breaks what the table declares, or
  /// points to a row that is not there), limit_exceeded.
  static ReferenceSet read(const std::filesystem::path& folder, const sql::Catalogue& catalogue);
  /// Of the files that files() gave. Throws Error corrupt when they are none, or their rows have another hash than
  /// they say; conflict when the catalogue has no place for them.
  static ReferenceSet of(const blueprint::Sources& files, const sql::Catalogue& catalogue);

  ReferenceSet(ReferenceSet&&) noexcept;
  ~ReferenceSet();

  /// BLAKE2b-256 over the sums of the tables (docs/reference.md).
  const Digest& hash() const { return hash_; }
  /// The canonical rows: `reference.json`, and `reference/NAME.ndjson` for each table that has rows.
  const blueprint::Sources& files() const { return files_; }
  /// By table; those without rows too.
  const std::map<std::string, std::int64_t>& counts() const { return counts_; }

  /// A scratch database with the rows, and the layout of its tables: the reference tables of the catalogue.
  engine::Connection& rows() const { return *scratch_; }
  const journal::Layout& layout() const { return *layout_; }
  const sql::Catalogue& catalogue() const { return catalogue_; }
  const TableSum& sum(int table) const;
  /// The canonical rows of a table as one JSON array.
  std::string json_array(const std::string& table) const;
  /// Tables in an order in which each comes behind those that it points to.
  std::vector<std::string> parents_first() const;

 private:
  class Loader;
  explicit ReferenceSet(const sql::Catalogue& catalogue);
  void finish();

  sql::Catalogue catalogue_;
  std::unique_ptr<journal::Layout> layout_;
  std::unique_ptr<engine::Connection> scratch_;
  std::unique_ptr<StateSums> sums_;
  blueprint::Sources files_;
  std::map<std::string, std::int64_t> counts_;
  Digest hash_{};
};

/// Only the reference tables of a catalogue, with their indexes.
sql::Catalogue reference_part(const sql::Catalogue& catalogue);

/// Throws Error constraint_violation that names up to ten rows which point to a row of a reference table that is not
/// there. On PostgreSQL of the connection's ledger.
void check_references(engine::Connection& connection, const sql::Catalogue& catalogue);

}  // namespace reeve::state
