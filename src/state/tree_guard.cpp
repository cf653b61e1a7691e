#include "state/tree_guard.h"

#include "sql/tree.h"

#include <algorithm>

namespace reeve::state {
namespace {

std::size_t place_of(const journal::TableLayout& layout, std::string_view column) {
  const auto found = std::find_if(layout.columns.begin(), layout.columns.end(),
                                  [&](const journal::ColumnLayout& one) { return one.name == column; });
  return static_cast<std::size_t>(found - layout.columns.begin());
}

}  // namespace

TreeGuard::TreeGuard(engine::Connection& connection, const sql::Catalogue& catalogue,
                     const journal::Layout& layout) {
  if (connection.engine() == engine::Engine::postgres) {
    return;
  }
  for (const auto& [name, table] : catalogue.tables) {
    if (table.tree.empty()) {
      continue;
    }
    trees_.resize(layout.tables.size());
    const int number = layout.find(name);
    const journal::TableLayout& columns = layout.table(number);
    trees_[static_cast<std::size_t>(number)] =
        Tree{place_of(columns, sql::tree_key(table)), place_of(columns, table.tree), sql::tree_message(table),
             connection.prepare(sql::tree_question(table))};
  }
}

std::optional<Rejection> TreeGuard::check(std::span<const journal::Change> changes) {
  if (trees_.empty()) {
    return std::nullopt;
  }
  for (const journal::Change& change : changes) {
    std::optional<Tree>& tree = trees_[static_cast<std::size_t>(change.table)];
    if (!tree || change.after == nullptr || change.after[tree->parent].is_null()) {
      continue;
    }
    if (change.before != nullptr && change.before[tree->parent] == change.after[tree->parent] &&
        change.before[tree->key] == change.after[tree->key]) {
      continue;
    }
    tree->question.bind(1, change.after[tree->key]);
    const bool hangs_on_itself = tree->question.step();
    tree->question.reset();
    if (hangs_on_itself) {
      return Rejection{tree->message, ErrorCode::constraint_violation};
    }
  }
  return std::nullopt;
}

}  // namespace reeve::state
