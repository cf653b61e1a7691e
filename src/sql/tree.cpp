#include "sql/tree.h"

#include "sql/names.h"
#include "sql/schema.h"

#include <algorithm>

namespace reeve::sql {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The foreign key by which a row hangs on another; null if the table has none.
const ForeignKey* link_of(const Table& table, const std::string& column) {
  for (const ForeignKey& key : table.foreign_keys)
    if (key.target == table.name && contains(key.columns, column)) return &key;
  return nullptr;
}

}  // namespace

std::string_view tree_key(const Table& table) { return table.primary_key.front(); }

std::string tree_message(const Table& table) {
  return "a row of " + table.name + " would hang on itself by " + table.tree;
}

std::string tree_question(const Table& table) {
  const std::string name = quoted(table.name);
  const std::string key = quoted(tree_key(table));
  const std::string parent = quoted(table.tree);
  return "WITH RECURSIVE up (id) AS (SELECT " + parent + " FROM " + name + " WHERE " + key +
         " = ?1 AND EXISTS (SELECT 1 FROM " + name + " WHERE " + parent + " = ?1) UNION SELECT n." + parent +
         " FROM up JOIN " + name + " AS n ON n." + key + " = up.id) SELECT 1 FROM up WHERE id = ?1 LIMIT 1";
}

std::string tree_question_of_all(const Table& table) {
  const std::string name = quoted(table.name);
  const std::string key = quoted(tree_key(table));
  const std::string parent = quoted(table.tree);
  // Who hangs on itself, or on such a row, is reached from no root.
  return "WITH RECURSIVE down (id) AS (SELECT " + key + " FROM " + name + " WHERE " + parent +
         " IS NULL UNION ALL SELECT n." + key + " FROM down JOIN " + name + " AS n ON n." + parent +
         " = down.id) SELECT (SELECT count(*) FROM " + name + ") > (SELECT count(*) FROM down)";
}

std::string create_tree_trigger(const Table& table) {
  const std::string name = quoted_for_postgres(table.name);
  const std::string key = quoted_for_postgres(tree_key(table));
  const std::string parent = quoted_for_postgres(table.tree);
  const std::string own = "ledger_id = ($1).ledger_id AND ";
  // Of the row as it is by then: another statement of the event may have hung it elsewhere.
  const std::string question = "SELECT EXISTS (WITH RECURSIVE up (id) AS (SELECT " + parent + " FROM " +
                               name + " WHERE " + own + key + " = ($1)." + key + " AND EXISTS (SELECT FROM " +
                               name + " WHERE " + own + parent + " = ($1)." + key + ") UNION SELECT n." +
                               parent + " FROM up JOIN " + name + " AS n ON n." + own + "n." + key +
                               " = up.id) SELECT FROM up WHERE id = ($1)." + key + ")";
  return "CREATE CONSTRAINT TRIGGER reeve_tree AFTER INSERT OR UPDATE OF " + key + ", " + parent + " ON " +
         name + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW." + parent +
         " IS NOT NULL) EXECUTE FUNCTION reeve_check_tree(" + quoted_text(tree_message(table)) + ", " +
         quoted_text(question) + ")";
}

std::string drop_tree_trigger(const Table& table) {
  return "DROP TRIGGER reeve_tree ON " + quoted_for_postgres(table.name);
}

void Migrator::mark_tree(const std::string& name, const Directive& directive) {
  const auto refuse_here = [&](const std::string& message, const std::string& remedy) {
    throw Error(ErrorCode::bad_statement, message, remedy, directive.place);
  };
  Table& table = now_.tables.at(name);
  if (table.reference) refuse_here("rows of reference tables are no tree", "leave one of the two lines out");
  const std::string& column = directive.text;
  const Column* parent = table.find_column(column);
  if (parent == nullptr) refuse_here("the table has no column '" + column + "'", "write -- tree: COLUMN");
  if (!parent->nullable || contains(table.primary_key, column))
    refuse_here("'" + column + "' is never NULL, and a root hangs on nothing", "let it take NULL");
  const ForeignKey* link = link_of(table, column);
  const std::string remedy = "REFERENCES " + table.name + " (" + table.primary_key.front() + ")";
  if (link == nullptr) refuse_here("'" + column + "' points to no row of " + table.name, remedy);
  // Beside the link itself the key may say that both rows agree in a column: (story, parent) -> (story, node).
  for (std::size_t i = 0; i < link->columns.size(); ++i) {
    const std::string& target = link->target_columns[i];
    const bool is_link = link->columns[i] == column;
    if (is_link ? table.primary_key != std::vector{target} : target != link->columns[i])
      refuse_here("'" + column + "' is no link to the primary key of " + table.name, remedy);
  }
  table.tree = column;
}

/// Without its index, every question for what hangs on a row reads the whole table.
void Migrator::check_trees() const {
  for (const auto& [name, table] : now_.tables) {
    if (table.tree.empty()) continue;
    if (link_of(table, table.tree) == nullptr)
      throw Error(ErrorCode::bad_statement, "the tree of " + name + " has lost its foreign key",
                  "make a new table");
    const bool is_found =
        std::any_of(now_.indexes.begin(), now_.indexes.end(), [&, &of = table](const auto& entry) {
          const Index& index = entry.second;
          return index.table == of.name && !index.where && index.columns.front() == of.tree;
        });
    if (!is_found)
      throw Error(
          ErrorCode::bad_statement, "the tree of " + name + " has no index that leads with " + table.tree,
          "CREATE INDEX ... ON " + name + " (" + table.tree + ", ...) in the migration that makes the table");
  }
}

/// Of a change to what the tree stands on.
void Migrator::check_not_in_tree(const Table& table, const std::string& column) const {
  if (!table.tree.empty() && (column == table.tree || column == tree_key(table)))
    refuse(0, "column '" + column + "' holds the tree of " + table.name, "make a new table");
}

void Migrator::remake_tree(const Table& table) {
  if (table.tree.empty()) return;
  emit_postgres(drop_tree_trigger(table));
  emit_postgres(create_tree_trigger(table));
}

}  // namespace reeve::sql
