#pragma once
// In a file: that no row of a tree hangs on itself when an event ends (docs/blueprint.md, "Trees"). PostgreSQL looks by
// itself, through a deferred constraint trigger.

#include "engine/connection.h"
#include "journal/changeset.h"
#include "journal/layout.h"
#include "sql/catalogue.h"

#include <reeve/ledger.h>

#include <optional>
#include <span>
#include <vector>

namespace reeve::state {

class TreeGuard {
 public:
  /// The layout must outlive it, and be that of the catalogue.
  TreeGuard(engine::Connection& connection, const sql::Catalogue& catalogue, const journal::Layout& layout);

  /// Why the event that made these net changes is refused: a row that it hung somewhere hangs on itself.
  std::optional<Rejection> check(std::span<const journal::Change> changes);

 private:
  struct Tree {
    std::size_t key = 0;  ///< places in the row
    std::size_t parent = 0;
    std::string message;
    engine::Statement question;
  };
  std::vector<std::optional<Tree>> trees_;  ///< by the table's number; empty where no table is a tree
};

}  // namespace reeve::state
