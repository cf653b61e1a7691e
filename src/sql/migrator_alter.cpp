// ALTER, RENAME, DROP. SQLite's own ALTER where it does the same; elsewhere the table is made anew.

#include "sql/identity.h"
#include "sql/names.h"
#include "sql/postgres_schema.h"
#include "sql/schema.h"

#include <algorithm>

namespace reeve::sql {
namespace {

const ParameterTypes no_parameters;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void replace(std::vector<std::string>& names, const std::string& from, const std::string& to) {
  std::replace(names.begin(), names.end(), from, to);
}

bool index_names(const Index& index, const std::string& column) {
  return std::any_of(index.columns.begin(), index.columns.end(),
                     [&](const std::string& c) { return names_column(c, column); }) ||
         (index.where && names_column(*index.where, column));
}

Column& column_named(Table& table, const std::string& name) {
  for (Column& column : table.columns)
    if (column.name == name) return column;
  throw Error(ErrorCode::internal, "a column that was found is gone");
}

}  // namespace

void Migrator::refuse(int location, const std::string& message, const std::string& remedy) const {
  throw Error(ErrorCode::bad_statement, message, remedy.empty() ? std::string(remedy_otherwise) : remedy,
              text_->place(location));
}

Table& Migrator::table_named(const std::string& name, int location) {
  if (name.starts_with("reeve_")) refuse(location, "names that begin with reeve_ are Reeve's own");
  const auto found = now_.tables.find(name);
  if (found == now_.tables.end()) {
    std::vector<std::string> known;
    for (const auto& [other, table] : now_.tables) known.push_back(other);
    refuse(location, "unknown table '" + name + "'", did_you_mean(name, known));
  }
  return found->second;
}

void Migrator::without_views(const std::string& table, const std::function<void()>& change) {
  std::vector<std::string> names;
  for (const std::string& name : postgres::views_in_order(now_))
    if (contains(now_.views.at(name).tables_read, table)) names.push_back(name);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    emit("DROP VIEW " + quoted(*name));
    emit_postgres("DROP VIEW " + quoted_for_postgres(*name));
  }
  change();
  for (const std::string& name : names) {
    View& view = now_.views.at(name);
    try {
      view = analysed_view(view, now_, false, text_->place(0));
    } catch (const Error& error) {
      refuse(0, "view '" + name + "' no longer fits: " + error.message(),
             "drop the view first and create it again after this");
    }
    emit(create_view(view, now_));
    for (std::string& statement : postgres::create_view(view, now_, roles_))
      emit_postgres(std::move(statement));
  }
}

void Migrator::alter_postgres(const std::string& table, const std::string& change) {
  emit_postgres("ALTER TABLE " + quoted_for_postgres(table) + " " + change);
}

void Migrator::drop_constraints_postgres(const Table& before, const Table& after) {
  const auto kept = postgres::constraint_names(after);
  for (const std::string& name : postgres::constraint_names(before))
    if (!contains(kept, name))
      alter_postgres(after.name, "DROP CONSTRAINT " + quoted_for_postgres(short_name(name)));
  for (const ForeignKey& key : before.foreign_keys) {
    const bool is_kept = std::any_of(after.foreign_keys.begin(), after.foreign_keys.end(),
                                     [&](const ForeignKey& other) { return other.name == key.name; });
    if (key.to_reference && !is_kept) drop_reference_trigger(key, after);
  }
}

void Migrator::drop_reference_trigger(const ForeignKey& key, const Table& table) {
  emit_postgres("DROP TRIGGER " + quoted_for_postgres(postgres::reference_trigger_name(key)) + " ON " +
                quoted_for_postgres(table.name));
}

void Migrator::add_constraints_postgres(const Table& before, const Table& after) {
  for (std::size_t i = before.unique_keys.size(); i < after.unique_keys.size(); ++i)
    alter_postgres(after.name, "ADD " + postgres::unique_key(after.unique_keys[i], after));
  for (std::size_t i = before.foreign_keys.size(); i < after.foreign_keys.size(); ++i) {
    const std::string& target = after.foreign_keys[i].target;
    if (after.foreign_keys[i].to_reference) {
      emit_postgres(postgres::reference_trigger(after.foreign_keys[i], after));
      out_.postgres.push_back({MigrationPart::rows,
                               postgres::reference_check_of_rows(after.foreign_keys[i], after),
                               {Hidden::ledger}});
      continue;
    }
    // PostgreSQL looks at the rows that are there as the owner, for whom security is forced too: it would see
    // those of one ledger. Nobody else sees the tables meanwhile.
    const auto force = [&](const std::string& how) {
      alter_postgres(after.name, how);
      if (target != after.name) alter_postgres(target, how);
    };
    force("NO FORCE ROW LEVEL SECURITY");
    alter_postgres(after.name, "ADD " + postgres::foreign_key(after.foreign_keys[i], after));
    force("FORCE ROW LEVEL SECURITY");
  }
  for (std::size_t i = before.checks.size(); i < after.checks.size(); ++i)
    alter_postgres(after.name, "ADD " + postgres::check(after.checks[i], after, now_));
}

void Migrator::rebuild(const Table& before, const Table& after,
                       const std::map<std::string, std::string>& values) {
  out_.rebuilds = true;
  const std::string made = "reeve_rebuild_" + after.name;
  emit(create_table(after, made, now_));
  std::string into;
  std::string from;
  for (const Column& column : after.columns) {
    const auto value = values.find(column.name);
    if (value == values.end() && before.find_column(column.name) == nullptr) continue;
    if (column.generated_sql) continue;
    into += (into.empty() ? "" : ", ") + quoted(column.name);
    from += (from.empty() ? "" : ", ") + (value == values.end() ? quoted(column.name) : value->second);
  }
  emit("INSERT INTO " + quoted(made) + " (" + into + ") SELECT " + from + " FROM " + quoted(before.name));
  emit("DROP TABLE " + quoted(before.name));
  emit("ALTER TABLE " + quoted(made) + " RENAME TO " + quoted(after.name));
  for (const auto& [name, index] : now_.indexes)
    if (index.table == after.name) emit(create_index(index, now_));
}

/// The rows of versions that were published are what their hashes say, under every later schema.
void Migrator::refuse_reference_change(const std::string& table, int location) const {
  refuse(location,
         "'" + table + "' is a reference table: this would change the rows of its published versions",
         "add a column that may be NULL and has no default; else make a new reference table");
}

void Migrator::alter(PgQuery__AlterTableStmt& node) {
  const int location = node.relation->location;
  if (node.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
    refuse(location, "only tables can be altered", "drop it and create it again");
  if (node.missing_ok)
    refuse(location, "IF EXISTS hides a schema that is not what it should be", "leave it out");
  const std::string name = node.relation->relname;
  table_named(name, location);
  without_views(name, [&] {
    for (Node* item : list(node.n_cmds, node.cmds)) {
      PgQuery__AlterTableCmd& command = *item->alter_table_cmd;
      Table& table = table_named(name, location);
      if (table.reference && command.subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn)
        refuse_reference_change(name, location);
      if (command.missing_ok)
        refuse(location, "IF EXISTS and IF NOT EXISTS hide a schema that is not what it should be",
               "leave it out");
      switch (command.subtype) {
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn: add_column(command, table); break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn: drop_column(command, table); break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType: alter_column(command, table); break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint: add_constraint(command, table); break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint: drop_constraint(command, table); break;
        default:
          refuse(location, "this form of ALTER TABLE is not supported",
                 "ADD, DROP, RENAME and ALTER COLUMN, ADD and DROP CONSTRAINT, RENAME TO");
      }
    }
  });
  out_.tables_changed.insert(name);
}

void Migrator::add_column(PgQuery__AlterTableCmd& command, Table& table) {
  const Table before = table;
  plan_.tables_rewritten.insert(table.name);
  PgQuery__ColumnDef& definition = *command.def->column_def;
  read_column(definition, table);
  if (table.columns.back().identity != Column::Identity::none)
    refuse(definition.location, "an identity column can't be added to a table that is there",
           "a new table, and INSERT the rows");
  for (Node* item : list(definition.n_constraints, definition.constraints))
    read_constraint(*item->constraint, table, definition.colname);
  for (std::size_t i = before.foreign_keys.size(); i < table.foreign_keys.size(); ++i)
    check_foreign_key(table.foreign_keys[i], table, definition.location);
  const Column& column = table.columns.back();
  if (table.reference && (!column.nullable || column.default_sql ||
                          before.unique_keys.size() + before.foreign_keys.size() <
                              table.unique_keys.size() + table.foreign_keys.size()))
    refuse_reference_change(table.name, definition.location);
  alter_postgres(table.name, "ADD COLUMN " + postgres::column_definition(column, table, now_));
  if (column.length_max) alter_postgres(table.name, "ADD " + postgres::length_check(column));
  add_constraints_postgres(before, table);
  std::string text = column_definition(column, table, now_);
  for (std::size_t i = before.foreign_keys.size(); i < table.foreign_keys.size(); ++i)
    text += " CONSTRAINT " + quoted(table.foreign_keys[i].name) + " " +
            foreign_key_reference(table.foreign_keys[i]);
  for (std::size_t i = before.checks.size(); i < table.checks.size(); ++i)
    text += " CONSTRAINT " + quoted(table.checks[i].name) + " CHECK (" +
            stored_expression(table.checks[i].sql, table, now_, {}).sqlite + ")";
  const bool needs_rows = (!column.nullable && !column.default_sql) || column.generated_sql ||
                          text.find(" DEFAULT (") != std::string::npos ||
                          table.unique_keys.size() > before.unique_keys.size() ||
                          (column.default_sql && table.foreign_keys.size() > before.foreign_keys.size());
  if (needs_rows) {
    rebuild(before, table);
  } else {
    emit("ALTER TABLE " + quoted(table.name) + " ADD COLUMN " + text);
  }
}

void Migrator::drop_column(PgQuery__AlterTableCmd& command, Table& table) {
  const std::string name = command.name;
  std::vector<std::string> known;
  for (const Column& column : table.columns) known.push_back(column.name);
  if (table.find_column(name) == nullptr)
    refuse(0, "unknown column '" + name + "' of " + table.name, did_you_mean(name, known));
  if (contains(table.primary_key, name))
    refuse(0, "column '" + name + "' is part of the primary key", "make a new table");
  for (const auto& [other_name, other] : now_.tables)
    for (const ForeignKey& key : other.foreign_keys)
      if (key.target == table.name && contains(key.target_columns, name))
        refuse(0, "column '" + name + "' is referenced by foreign key " + key.name,
               "drop that constraint first");
  check_not_read(table, name);
  check_not_in_tree(table, name);
  const Table before = table;
  plan_.tables_rewritten.insert(table.name);
  // As in PostgreSQL, what the column takes part in goes with it.
  std::erase_if(table.unique_keys, [&](const UniqueKey& key) { return contains(key.columns, name); });
  std::erase_if(table.foreign_keys, [&](const ForeignKey& key) { return contains(key.columns, name); });
  std::erase_if(table.checks, [&](const Check& check) { return names_column(check.sql, name); });
  std::erase_if(table.columns, [&](const Column& column) { return column.name == name; });
  std::vector<std::string> gone;
  for (const auto& [index_name, index] : now_.indexes)
    if (index.table == table.name && index_names(index, name)) gone.push_back(index_name);
  for (const std::string& index_name : gone) {
    emit("DROP INDEX " + quoted(index_name));
    emit_postgres("DROP INDEX " + quoted_for_postgres(short_name(index_name)));
    now_.indexes.erase(index_name);
  }
  if (before.find_column(name)->identity != Column::Identity::none) end_counting(table.name);
  drop_constraints_postgres(before, table);
  alter_postgres(table.name, "DROP COLUMN " + quoted_for_postgres(name));
  const bool alone =
      !before.find_column(name)->generated_sql && table.unique_keys.size() == before.unique_keys.size() &&
      table.checks.size() == before.checks.size() && table.foreign_keys.size() == before.foreign_keys.size();
  if (alone) {
    emit("ALTER TABLE " + quoted(table.name) + " DROP COLUMN " + quoted(name));
  } else {
    rebuild(before, table);
  }
}

void Migrator::alter_column(PgQuery__AlterTableCmd& command, Table& table) {
  const Table before = table;
  const std::string name = command.name;
  std::vector<std::string> known;
  for (const Column& other : table.columns) known.push_back(other.name);
  if (table.find_column(name) == nullptr)
    refuse(0, "unknown column '" + name + "' of " + table.name, did_you_mean(name, known));
  Column& column = column_named(table, name);
  const bool keeps_value = command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull ||
                           command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull;
  if (column.generated_sql && !keeps_value)
    refuse(0, "column '" + name + "' is generated", "drop it, and add it again as it should be");
  if (column.identity != Column::Identity::none)
    refuse(0, "column '" + name + "' is an identity column", "make a new table, and INSERT the rows");
  if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType) check_not_read(table, name);
  if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType ||
      command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull)
    check_not_in_tree(table, name);
  std::map<std::string, std::string> values;
  const std::string alter = "ALTER COLUMN " + quoted_for_postgres(name) + " ";
  switch (command.subtype) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
      column.default_sql.reset();
      if (command.def != nullptr) column.default_sql = default_of(command.def, column);
      alter_postgres(table.name,
                     alter + (column.default_sql ? "SET DEFAULT " + postgres::default_text(column, now_)
                                                 : "DROP DEFAULT"));
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
      if (contains(table.primary_key, name)) refuse(0, "column '" + name + "' is part of the primary key");
      column.nullable = true;
      alter_postgres(table.name, alter + "DROP NOT NULL");
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
      column.nullable = false;
      alter_postgres(table.name, alter + "SET NOT NULL");
      break;
    default: {
      plan_.tables_rewritten.insert(table.name);
      PgQuery__ColumnDef& definition = *command.def->column_def;
      Rules rules;
      rules.parameters = rules.tables = false;
      Analyser analyser(now_, rules, *text_, no_parameters);
      const auto [type, length] = analyser.type_of(*definition.type_name);
      if (type == Type::interval)
        refuse(definition.location, "a column can't hold an interval", "bigint of seconds, or two times");
      for (const auto& [other_name, other] : now_.tables)
        for (const ForeignKey& key : other.foreign_keys) {
          const bool from = other_name == table.name && contains(key.columns, name);
          const bool to = key.target == table.name && contains(key.target_columns, name);
          if ((from || to) && type != column.type)
            refuse(0, "column '" + name + "' takes part in foreign key " + key.name,
                   "drop that constraint first");
        }
      Scope scope;
      scope.sources.push_back(analyser.table_source(before, before.name, true));
      Expr value;
      if (definition.raw_default != nullptr) {
        value = analyser.expression(definition.raw_default, scope);
      } else {
        value.sql = name_text(name);
        value.type = column.type;
      }
      const Text made = analyser.coerce(std::move(value), type, Cast::assignment, length).sql;
      values[name] = made.sqlite;
      const bool had_length = column.length_max.has_value();
      column.type = type;
      column.length_max = length;
      change_type_postgres(table.name, column, had_length, made.postgres);
    }
  }
  rebuild(before, table, values);
}

void Migrator::change_type_postgres(const std::string& table, const Column& column, bool had_length,
                                    const std::string& value) {
  const std::string alter = "ALTER COLUMN " + quoted_for_postgres(column.name) + " ";
  if (had_length)
    alter_postgres(table, "DROP CONSTRAINT " + quoted_for_postgres(postgres::length_check_name(column.name)));
  // The default would have to be cast by PostgreSQL; it is made anew instead.
  if (column.default_sql) alter_postgres(table, alter + "DROP DEFAULT");
  alter_postgres(table, alter + "TYPE " + postgres::type_text(column) + " USING " + value);
  if (column.default_sql)
    alter_postgres(table, alter + "SET DEFAULT " + postgres::default_text(column, now_));
  if (column.length_max) alter_postgres(table, "ADD " + postgres::length_check(column));
}

void Migrator::add_constraint(PgQuery__AlterTableCmd& command, Table& table) {
  const Table before = table;
  read_constraint(*command.def->constraint, table, {});
  for (std::size_t i = before.foreign_keys.size(); i < table.foreign_keys.size(); ++i)
    check_foreign_key(table.foreign_keys[i], table, command.def->constraint->location);
  add_constraints_postgres(before, table);
  rebuild(before, table);
}

void Migrator::drop_constraint(PgQuery__AlterTableCmd& command, Table& table) {
  const Table before = table;
  const std::string name = command.name;
  const auto named = [&](const auto& item) { return item.name == name; };
  for (const UniqueKey& key : table.unique_keys) {
    if (key.name != name) continue;
    for (const auto& [other_name, other] : now_.tables)
      for (const ForeignKey& foreign : other.foreign_keys)
        if (foreign.target == table.name && foreign.target_columns == key.columns)
          refuse(0, "constraint '" + name + "' is referenced by foreign key " + foreign.name,
                 "drop that one first");
  }
  const std::size_t erased = std::erase_if(table.unique_keys, named) +
                             std::erase_if(table.foreign_keys, named) + std::erase_if(table.checks, named);
  if (erased == 0) refuse(0, "table " + table.name + " has no constraint '" + name + "'");
  drop_constraints_postgres(before, table);
  rebuild(before, table);
}

void Migrator::rename(PgQuery__RenameStmt& node) {
  if (node.missing_ok) refuse(0, "IF EXISTS hides a schema that is not what it should be", "leave it out");
  if (node.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN) return rename_column(node);
  if (node.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) return rename_table(node);
  refuse(0, "only tables and columns can be renamed", "drop it and create it again under the new name");
}

void Migrator::rename_constraint_postgres(const std::string& table, const std::string& from,
                                          const std::string& to) {
  alter_postgres(table, "RENAME CONSTRAINT " + quoted_for_postgres(from) + " TO " + quoted_for_postgres(to));
}

void Migrator::rename_column(PgQuery__RenameStmt& node) {
  const int location = node.relation->location;
  const std::string from = node.subname;
  const std::string to = node.newname;
  const std::string name = node.relation->relname;
  Table& table = table_named(name, location);
  std::vector<std::string> known;
  for (const Column& column : table.columns) known.push_back(column.name);
  if (!contains(known, from))
    refuse(location, "unknown column '" + from + "' of " + name, did_you_mean(from, known));
  if (contains(known, to)) refuse(location, "column '" + to + "' exists already");
  if (to == "ledger_id" || to == "reeve_version")
    refuse(location, "column " + to + " is Reeve's own", "choose another name");
  if (table.reference) refuse_reference_change(name, location);
  without_views(name, [&] {
    column_named(table, from).name = to;
    for (Column& column : table.columns)
      if (column.personal == from) column.personal = to;
    replace(table.primary_key, from, to);
    if (table.tree == from) table.tree = to;
    for (UniqueKey& key : table.unique_keys) replace(key.columns, from, to);
    for (Check& check : table.checks) check.sql = rename_in(check.sql, from, to);
    for (Column& column : table.columns)
      if (column.generated_sql) column.generated_sql = rename_in(*column.generated_sql, from, to);
    for (ForeignKey& key : table.foreign_keys) replace(key.columns, from, to);
    for (auto& [other_name, other] : now_.tables)
      for (ForeignKey& key : other.foreign_keys)
        if (key.target == name) replace(key.target_columns, from, to);
    for (auto& [index_name, index] : now_.indexes) {
      if (index.table != name) continue;
      for (std::string& column : index.columns) column = column == from ? to : rename_in(column, from, to);
      if (index.where) index.where = rename_in(*index.where, from, to);
    }
    emit("ALTER TABLE " + quoted(name) + " RENAME COLUMN " + quoted(from) + " TO " + quoted(to));
    alter_postgres(name, "RENAME COLUMN " + quoted_for_postgres(from) + " TO " + quoted_for_postgres(to));
    for (const ForeignKey& key : table.foreign_keys) {
      if (!key.to_reference || !contains(key.columns, to)) continue;
      drop_reference_trigger(key, table);
      emit_postgres(postgres::reference_trigger(key, table));
    }
    remake_tree(table);
    if (table.find_column(to)->length_max)
      rename_constraint_postgres(name, postgres::length_check_name(from), postgres::length_check_name(to));
  });
  out_.tables_changed.insert(name);
  plan_.tables_rewritten.insert(name);
}

void Migrator::rename_table(PgQuery__RenameStmt& node) {
  const std::string from = node.relation->relname;
  const std::string to = node.newname;
  if (table_named(from, node.relation->location).reference)
    refuse_reference_change(from, node.relation->location);
  check_new_name(to, node.relation->location);
  without_views(from, [&] {
    auto moved = now_.tables.extract(from);
    moved.key() = to;
    moved.mapped().name = to;
    now_.tables.insert(std::move(moved));
    for (auto& [name, table] : now_.tables)
      for (ForeignKey& key : table.foreign_keys)
        if (key.target == from) key.target = to;
    for (auto& [name, index] : now_.indexes)
      if (index.table == from) index.table = to;
    emit("ALTER TABLE " + quoted(from) + " RENAME TO " + quoted(to));
    alter_postgres(from, "RENAME TO " + quoted_for_postgres(to));
    rename_constraint_postgres(to, postgres::primary_key_name(from), postgres::primary_key_name(to));
    remake_tree(now_.tables.at(to));
  });
  if (now_.tables.at(to).identity() != nullptr) go_on_counting(from, to);
  for (const std::string& changed : {from, to}) {
    out_.tables_changed.insert(changed);
    plan_.tables_rewritten.insert(changed);
  }
}

void Migrator::drop(PgQuery__DropStmt& node) {
  if (node.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
    refuse(0, "CASCADE drops more than is written here", "drop what depends on it first, by name");
  if (node.missing_ok) refuse(0, "IF EXISTS hides a schema that is not what it should be", "leave it out");
  for (Node* item : list(node.n_objects, node.objects)) {
    if (item->node_case == PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS &&
        node.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION) {
      const auto& names = *item->object_with_args;
      drop_function(std::string(string_of(names.objname[names.n_objname - 1])));
      continue;
    }
    if (item->node_case != PG_QUERY__NODE__NODE_LIST)
      refuse(0, "only tables, indexes and views can be dropped");
    const std::string name(string_of(item->list->items[item->list->n_items - 1]));
    switch (node.remove_type) {
      case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE: drop_table(name); break;
      case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
        if (now_.indexes.erase(name) == 0) refuse(0, "unknown index '" + name + "'");
        if (node.concurrent) plan_.concurrent_index = name;
        emit("DROP INDEX " + quoted(name));
        emit_postgres("DROP INDEX " + quoted_for_postgres(short_name(name)));
        break;
      case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW: {
        if (now_.views.erase(name) == 0) refuse(0, "unknown view '" + name + "'");
        for (const auto& [other_name, other] : now_.views)
          if (names_column(other.sql, name))
            refuse(0, "view '" + other_name + "' reads it", "drop that view first");
        emit("DROP VIEW " + quoted(name));
        emit_postgres("DROP VIEW " + quoted_for_postgres(name));
        break;
      }
      default: refuse(0, "only tables, indexes and views can be dropped");
    }
  }
}

void Migrator::drop_table(const std::string& name) {
  table_named(name, 0);
  for (const auto& [other_name, other] : now_.tables)
    for (const ForeignKey& key : other.foreign_keys)
      if (other_name != name && key.target == name)
        refuse(0, "table '" + name + "' is referenced by foreign key " + key.name + " of " + other_name,
               "drop that one first");
  for (const auto& [view_name, view] : now_.views)
    if (contains(view.tables_read, name))
      refuse(0, "view '" + view_name + "' reads table '" + name + "'", "drop the view first");
  std::erase_if(now_.indexes, [&](const auto& entry) { return entry.second.table == name; });
  const bool counted = now_.tables.at(name).identity() != nullptr;
  now_.tables.erase(name);
  out_.tables_changed.insert(name);
  plan_.tables_rewritten.insert(name);
  emit("DROP TABLE " + quoted(name));
  emit_postgres("DROP TABLE " + quoted_for_postgres(name));
  if (counted) end_counting(name);
}

}  // namespace reeve::sql
