#pragma once
// One migration on a database, up or down, with the changeset of the rows it changed.

#include "blueprint/blueprint.h"
#include "engine/connection.h"
#include "journal/changeset.h"
#include "state/state_hash.h"

#include <memory>
#include <string>
#include <vector>

namespace reeve::state {

/// What a migration left behind.
struct SchemaChange {
  sql::Catalogue after;
  /// varint of the length of the removals, the removals (by the layout before), the inserts (by the layout
  /// after): rows of the tables that the file touched whose canonical bytes are not the same (docs/journal_format.md).
  std::string changeset;
};

/// One ledger's rows of the tables that a migration may touch, as they were before it. Keeps them in memory.
class RowsBefore {
 public:
  /// `layout` must outlive it.
  RowsBefore(engine::Connection& connection, const sql::MigrationTranslation& translation,
             const journal::Layout& layout);
  ~RowsBefore();
  RowsBefore(RowsBefore&&) noexcept;
  RowsBefore& operator=(RowsBefore&&) = delete;

  /// Throws Error corrupt unless these are the rows that the sums of the state before are over.
  void check(StateSums& sums) const;
  /// After the migration: the changeset in stored form. `sums_after` has the layout `after` and is filled.
  std::string compare(const journal::Layout& after, StateSums& sums_before, StateSums& sums_after);

 private:
  struct Rows;
  engine::Connection& connection_;
  const sql::MigrationTranslation& translation_;
  const journal::Layout& layout_;
  std::unique_ptr<Rows> rows_;
};

/// The changeset, in stored form, of a migration that changed rows by its statements on rows alone: `changes` are net and
/// sorted, the tables are those of `layout` before and after.
std::string captured_changeset(const journal::Layout& layout, const std::vector<journal::Change>& changes);

/// Rows of tables that a migration may touch are compared before and after. `sums_before` are those of the
/// state before; `sums_after` has the layout after and is filled. The caller keeps a transaction, with foreign
/// keys off if `translation.rebuilds`. Throws Error constraint_violation when a foreign key is left broken.
SchemaChange change_schema(engine::Connection& connection, const sql::MigrationTranslation& translation,
                           const journal::Layout& before, const journal::Layout& after,
                           StateSums& sums_before, StateSums& sums_after);

/// Throws Error with the code, saying after what, when a row of a file refers to one that is not there.
void check_foreign_keys(engine::Connection& connection, ErrorCode code, std::string_view after,
                        std::string_view remedy);

/// Sets foreign key enforcement for a scope; outside of transactions only.
class ForeignKeysOff {
 public:
  ForeignKeysOff(engine::Connection& connection, bool off);
  ~ForeignKeysOff();
  ForeignKeysOff(const ForeignKeysOff&) = delete;
  ForeignKeysOff& operator=(const ForeignKeysOff&) = delete;

 private:
  engine::Connection* connection_;
};

}  // namespace reeve::state
