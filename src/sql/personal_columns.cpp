// `-- personal COLUMN: SUBJECT` before CREATE TABLE, or before the ALTER TABLE that adds the column.

#include "sql/names.h"
#include "sql/schema.h"

#include <algorithm>

namespace reeve::sql {
namespace {

bool adds(const Node& node, const std::string& column, std::string& table) {
  if (node.node_case == PG_QUERY__NODE__NODE_CREATE_STMT) {
    table = node.create_stmt->relation->relname;
    return true;
  }
  if (node.node_case != PG_QUERY__NODE__NODE_ALTER_TABLE_STMT) return false;
  table = node.alter_table_stmt->relation->relname;
  const auto commands = list(node.alter_table_stmt->n_cmds, node.alter_table_stmt->cmds);
  return std::any_of(commands.begin(), commands.end(), [&](const Node* item) {
    const auto& command = *item->alter_table_cmd;
    return command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn &&
           column == command.def->column_def->colname;
  });
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// What else the table does with the column; empty when nothing.
std::string other_use(const Catalogue& catalogue, const Table& table, const std::string& column) {
  if (contains(table.primary_key, column)) return "its primary key";
  for (const UniqueKey& key : table.unique_keys)
    if (contains(key.columns, column)) return "the unique key " + key.name;
  for (const ForeignKey& key : table.foreign_keys)
    if (contains(key.columns, column)) return "the foreign key " + key.name;
  for (const Check& check : table.checks)
    if (names_column(check.sql, column)) return "the CHECK " + check.name;
  for (const auto& [name, index] : catalogue.indexes) {
    if (index.table != table.name) continue;
    const bool named = std::any_of(index.columns.begin(), index.columns.end(), [&](const std::string& part) {
      return part == column || names_column(part, column);
    });
    if (named || (index.where && names_column(*index.where, column))) return "the index " + name;
  }
  return {};
}

}  // namespace

void Migrator::mark_personal(const Node& node, const Statement& statement) {
  for (const Directive& directive : statement.directives) {
    if (directive.word != "personal") continue;
    const auto refuse_here = [&](const std::string& message) {
      throw Error(ErrorCode::bad_statement, message,
                  "write -- personal COLUMN: SUBJECT_COLUMN before the statement that makes the column",
                  directive.place);
    };
    std::string table;
    if (!adds(node, directive.argument, table))
      refuse_here("this statement does not make the personal column");
    Table& marked = now_.tables.at(table);
    const auto column = std::find_if(marked.columns.begin(), marked.columns.end(),
                                     [&](const Column& one) { return one.name == directive.argument; });
    if (column == marked.columns.end()) refuse_here("the table has no column '" + directive.argument + "'");
    if (marked.reference) refuse_here("rows of reference tables are shared by all ledgers, and about nobody");
    column->personal = directive.text;
  }
}

void Migrator::check_personal() const {
  for (const auto& [name, table] : now_.tables)
    for (const Column& column : table.columns) {
      if (column.personal.empty()) continue;
      const std::string what = "the personal column '" + column.name + "' of " + name;
      const Column* subject = table.find_column(column.personal);
      if (column.type != Type::text || column.length_max || column.default_sql)
        refuse(0, what + " is not text without length and default", "it holds a sealed value, which is text");
      if (subject == nullptr || subject->nullable || !subject->personal.empty() ||
          (subject->type != Type::text && subject->type != Type::uuid))
        refuse(0, what + " names no subject: '" + column.personal + "' is no text or uuid that is never NULL",
               "name a column of the table that says whose it is");
      if (const std::string use = other_use(now_, table, column.name); !use.empty())
        refuse(0, what + " stands in " + use,
               "a sealed value has no order, and is never equal to another one");
    }
}

}  // namespace reeve::sql
