// CREATE TABLE, CREATE INDEX, CREATE VIEW.

#include "sql/identity.h"
#include "sql/names.h"
#include "sql/postgres_schema.h"
#include "sql/schema.h"

#include <algorithm>

namespace reeve::sql {
namespace {

const ParameterTypes no_parameters;

std::vector<std::string> strings(std::size_t count, Node** items) {
  std::vector<std::string> out;
  for (const Node* item : list(count, items)) out.emplace_back(string_of(item));
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : "_") + name;
  return out;
}

std::string action_of(const char* letter) {
  switch (letter == nullptr || *letter == '\0' ? 'a' : *letter) {
    case 'r': return "RESTRICT";
    case 'c': return "CASCADE";
    case 'n': return "SET NULL";
    case 'd': return "SET DEFAULT";
    default: return "NO ACTION";
  }
}

Column* find(Table& table, const std::string& name) {
  for (Column& column : table.columns)
    if (column.name == name) return &column;
  return nullptr;
}

std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

}  // namespace

void Migrator::check_new_name(const std::string& name, int location) const {
  if (name.starts_with("reeve_") || name.starts_with("sqlite_"))
    refuse(location, "names that begin with reeve_ or sqlite_ are not yours", "choose another name");
  if (name == identity_counters)
    refuse(location, "'" + name + "' is where Reeve counts identity columns", "choose another name");
  if (now_.tables.contains(name) || now_.views.contains(name) || now_.indexes.contains(name))
    refuse(location, "'" + name + "' exists already", "choose another name");
}

std::string Migrator::constraint_name(const Table& table, const char* given, const std::string& made,
                                      int location) const {
  const auto taken = [&](const std::string& name) {
    const auto has = [&](const auto& items) {
      return std::any_of(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
    };
    return has(table.unique_keys) || has(table.foreign_keys) || has(table.checks) ||
           now_.indexes.contains(name);
  };
  if (given != nullptr && *given != '\0') {
    if (taken(given))
      refuse(location, "constraint '" + std::string(given) + "' exists already", "choose another name");
    return given;
  }
  std::string name = made;
  for (int i = 1; taken(name); ++i) name = made + std::to_string(i);
  return name;
}

void Migrator::create(PgQuery__CreateStmt& node, bool reference, const Directive* tree) {
  const int location = node.relation->location;
  if (node.if_not_exists)
    refuse(location, "IF NOT EXISTS hides a schema that is not what it should be", "leave it out");
  if (node.n_inh_relations > 0 || node.partspec != nullptr || node.of_typename != nullptr)
    refuse(location, "inheritance, partitions and typed tables are not supported",
           "one plain table, with a column that says the kind");
  if (node.relation->relpersistence != nullptr && std::string_view(node.relation->relpersistence) == "t")
    refuse(location, "temporary tables are not supported", "WITH in the statement that needs the rows");
  Table table;
  table.name = node.relation->relname;
  table.reference = reference;
  check_new_name(table.name, location);
  for (Node* item : list(node.n_table_elts, node.table_elts)) {
    if (item->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF)
      read_column(*item->column_def, table);
    else if (item->node_case != PG_QUERY__NODE__NODE_CONSTRAINT)
      refuse(location, "LIKE in CREATE TABLE is not supported", "write the columns");
  }
  for (Node* item : list(node.n_table_elts, node.table_elts)) {
    if (item->node_case != PG_QUERY__NODE__NODE_COLUMN_DEF) continue;
    bool of_key = false;  // DEFERRABLE is a word of its own, of what stands before it.
    for (Node* constraint : list(item->column_def->n_constraints, item->column_def->constraints)) {
      const auto type = constraint->constraint->contype;
      if (type == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE && !of_key)
        refuse(item->column_def->location, "only a foreign key can be DEFERRABLE here",
               "leave DEFERRABLE out");
      of_key = type == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN ||
               (of_key && type >= PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE);
      read_constraint(*constraint->constraint, table, item->column_def->colname);
    }
  }
  for (Node* item : list(node.n_table_elts, node.table_elts))
    if (item->node_case == PG_QUERY__NODE__NODE_CONSTRAINT) read_constraint(*item->constraint, table, {});
  if (table.primary_key.empty())
    refuse(location, "table " + table.name + " has no primary key",
           "name the columns that single out a row: PRIMARY KEY (...)");
  for (const std::string& key : table.primary_key)
    if (table.find_column(key)->generated_sql)
      refuse(location, "column '" + key + "' of the primary key is generated",
             "an ordinary column that the statements fill");
  for (ForeignKey& key : table.foreign_keys) check_foreign_key(key, table, location);
  check_identity(table, location);
  if (table.identity() != nullptr) begin_counting();
  now_.tables[table.name] = table;
  if (tree != nullptr) mark_tree(table.name, *tree);
  table.tree = now_.tables[table.name].tree;
  out_.tables_changed.insert(table.name);
  plan_.tables_rewritten.insert(table.name);
  emit(create_table(table, table.name, now_));
  // A schema that was made before it had reference tables, or trees, lacks the functions.
  if (reference)
    for (std::string& statement : reference_statements_postgres()) emit_postgres(std::move(statement));
  if (tree != nullptr) emit_postgres(tree_statement_postgres());
  emit_postgres(postgres::create_table(table, now_, true));
  for (std::string& statement : postgres::guard_table(table, roles_)) emit_postgres(std::move(statement));
}

void Migrator::read_column(PgQuery__ColumnDef& node, Table& table) {
  Column column;
  column.name = node.colname;
  if (column.name == "ledger_id" || column.name == "reeve_version")
    refuse(node.location, "column " + column.name + " is Reeve's own", "choose another name");
  if (find(table, column.name) != nullptr) refuse(node.location, "column '" + column.name + "' stands twice");
  if (node.coll_clause != nullptr)
    refuse(node.location, "COLLATE is not supported", "text is ordered by code point everywhere");
  Analyser analyser(now_, stored_rules(), *text_, no_parameters);
  const auto type_names = list(node.type_name->n_names, node.type_name->names);
  const std::optional<Type> serial =
      type_names.empty() ? std::nullopt : serial_type(string_of(type_names.back()));
  const auto [type, length] =
      serial ? std::make_pair(*serial, std::optional<int>()) : analyser.type_of(*node.type_name);
  column.type = type;
  column.length_max = length;
  column.nullable = !serial;
  if (table.reference && type == Type::bytea)
    refuse(node.location, "column '" + column.name + "' of a reference table can't be bytea",
           "its rows come from text files: make it text, for instance base64");
  if (type == Type::interval)
    refuse(node.location, "a column can't hold an interval", "bigint of seconds, or two times");
  for (Node* item : list(node.n_constraints, node.constraints)) {
    PgQuery__Constraint& constraint = *item->constraint;
    if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL ||
        constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY)
      column.nullable = false;
    if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT)
      column.default_sql = default_of(constraint.raw_expr, column);
    if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY) {
      if (constraint.n_options > 0)
        refuse(constraint.location, "an identity column with options of its sequence is not supported",
               "leave them out: it counts from 1, by 1");
      if (serial) refuse(constraint.location, "a serial column is an identity column already");
      column.nullable = false;
      column.identity = constraint.generated_when != nullptr && *constraint.generated_when == 'a'
                            ? Column::Identity::always
                            : Column::Identity::by_default;
    }
  }
  if (serial) column.identity = Column::Identity::by_default;
  if (column.identity != Column::Identity::none) read_identity(column, table, node.location);
  table.columns.push_back(std::move(column));
}

std::string Migrator::default_of(Node* expr, const Column& column) {
  Rules rules = stored_rules();
  rules.tables = false;
  Analyser analyser(now_, rules, *text_, no_parameters);
  const Scope scope;
  Expr value = analyser.expression(expr, scope);
  if (!value.constant) refuse(value.location, "a default is a constant", "give the value in the statement");
  analyser.coerce(std::move(value), column.type, Cast::assignment);
  return deparse(expr);
}

void Migrator::add_unique(Table& table, std::string name, std::vector<std::string> columns, int location) {
  for (const std::string& column : columns)
    if (table.find_column(column) == nullptr)
      refuse(location, "unknown column '" + column + "'", did_you_mean(column, names_of(table)));
  table.unique_keys.push_back({std::move(name), std::move(columns)});
}

void Migrator::add_check(PgQuery__Constraint& node, Table& table, const std::string& column) {
  Rules rules = stored_rules();
  rules.tables = false;
  Analyser analyser(now_, rules, *text_, no_parameters);
  Scope scope;
  scope.sources.push_back(analyser.table_source(table, table.name, true));
  const Expr expr = analyser.condition(node.raw_expr, scope, "CHECK");
  if (expr.aggregate || expr.window) refuse(expr.location, "a CHECK sees one row only");
  std::string made = table.name;
  if (!column.empty()) made += "_" + column;
  table.checks.push_back(
      {constraint_name(table, node.conname, made + "_check", node.location), deparse(node.raw_expr)});
}

void Migrator::read_constraint(PgQuery__Constraint& node, Table& table, const std::string& column) {
  const auto keys = column.empty() ? strings(node.n_keys, node.keys) : std::vector<std::string>{column};
  switch (node.contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
      if (!table.primary_key.empty()) refuse(node.location, "table " + table.name + " has two primary keys");
      for (const std::string& key : keys) {
        Column* found = find(table, key);
        if (found == nullptr)
          refuse(node.location, "unknown column '" + key + "'", did_you_mean(key, names_of(table)));
        found->nullable = false;
      }
      table.primary_key = keys;
      return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
      if (node.nulls_not_distinct)
        refuse(node.location, "NULLS NOT DISTINCT is not supported", "make the columns NOT NULL");
      if (node.deferrable)
        refuse(node.location, "a deferrable UNIQUE is not supported", "leave DEFERRABLE out");
      add_unique(
          table,
          constraint_name(table, node.conname, table.name + "_" + joined(keys) + "_key", node.location), keys,
          node.location);
      return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK: add_check(node, table, column); return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN: read_foreign_key(node, table, column); return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED: read_generated(node, table, column); return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE:
      return;  // INITIALLY DEFERRED, which follows, says it all.
    case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED:
      if (!table.foreign_keys.empty()) table.foreign_keys.back().deferred = true;
      return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
      refuse(node.location, "EXCLUDE constraints are not supported", "UNIQUE, or a check of the command");
    default: return;
  }
}

void Migrator::read_generated(PgQuery__Constraint& node, Table& table, const std::string& name) {
  Column& column = *find(table, name);
  if (table.reference)
    refuse(node.location, "a reference table has no generated columns", "give the value in its rows");
  if (column.default_sql) refuse(node.location, "a generated column has no default", "leave DEFAULT out");
  if (column.identity != Column::Identity::none)
    refuse(node.location, "an identity column is not generated from others",
           "leave GENERATED ALWAYS AS (...) out");
  if (column.generated_sql) refuse(node.location, "column '" + name + "' is generated twice");
  generated_text(node.raw_expr, *text_, column, table, now_);
  column.generated_sql = deparse(node.raw_expr);
}

void Migrator::check_not_read(const Table& table, const std::string& name) const {
  for (const Column& column : table.columns)
    if (column.generated_sql && names_column(*column.generated_sql, name))
      refuse(0, "column '" + column.name + "' is generated from '" + name + "'",
             "drop it first, and add it again afterwards");
}

void Migrator::read_foreign_key(PgQuery__Constraint& node, Table& table, const std::string& column) {
  ForeignKey key;
  key.columns = column.empty() ? strings(node.n_fk_attrs, node.fk_attrs) : std::vector<std::string>{column};
  key.name =
      constraint_name(table, node.conname, table.name + "_" + joined(key.columns) + "_fkey", node.location);
  key.target = node.pktable->relname;
  key.target_columns = strings(node.n_pk_attrs, node.pk_attrs);
  key.on_delete = action_of(node.fk_del_action);
  key.on_update = action_of(node.fk_upd_action);
  if (key.on_update.starts_with("SET "))
    refuse(node.location,
           "ON UPDATE " + key.on_update + " can't be kept on PostgreSQL: it would set the ledger too",
           "ON UPDATE CASCADE, RESTRICT or NO ACTION");
  key.deferred = node.initdeferred;
  if (node.n_fk_del_set_cols > 0)
    refuse(node.location, "ON DELETE SET NULL with a list of columns is not supported", "leave the list out");
  if (node.fk_matchtype != nullptr && *node.fk_matchtype == 'f')
    refuse(node.location, "MATCH FULL is not supported", "make the columns NOT NULL");
  if (key.target_columns.empty()) {
    const Table* target = key.target == table.name ? &table : now_.find_table(key.target);
    if (target != nullptr) key.target_columns = target->primary_key;
  }
  table.foreign_keys.push_back(std::move(key));
}

void Migrator::check_foreign_key(ForeignKey& key, const Table& table, int location) {
  const Table* target = key.target == table.name ? &table : now_.find_table(key.target);
  std::vector<std::string> known;
  for (const auto& [name, other] : now_.tables) known.push_back(name);
  if (target == nullptr)
    refuse(location, "foreign key to unknown table '" + key.target + "'", did_you_mean(key.target, known));
  if (table.reference && !target->reference)
    refuse(location,
           "foreign key " + key.name + ": the reference table " + table.name + " can't point to " +
               key.target + ", which each ledger has for itself",
           "point from " + key.target + " to it, or make " + key.target + " a reference table too");
  key.to_reference = target->reference && !table.reference;
  if (target->reference && (key.on_delete != "NO ACTION" || key.on_update != "NO ACTION"))
    refuse(location, "foreign key " + key.name + ": rows of a reference table are not deleted or updated",
           "leave ON DELETE and ON UPDATE out");
  const auto columns = key.target_columns.empty() ? target->primary_key : key.target_columns;
  if (columns.size() != key.columns.size())
    refuse(location, "foreign key " + key.name + ": the numbers of columns differ");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column* from = table.find_column(key.columns[i]);
    const Column* to = target->find_column(columns[i]);
    if (from == nullptr)
      refuse(location, "unknown column '" + key.columns[i] + "'",
             did_you_mean(key.columns[i], names_of(table)));
    if (to == nullptr)
      refuse(location, "unknown column '" + columns[i] + "' of " + key.target,
             did_you_mean(columns[i], names_of(*target)));
    if (from->generated_sql)
      refuse(location, "foreign key " + key.name + ": '" + from->name + "' is a generated column",
             "an ordinary column that the statements fill");
    if (from->type != to->type)
      refuse(location,
             "foreign key " + key.name + ": the types of " + from->name + " and " + to->name + " differ");
  }
  auto sorted = [](std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return names;
  };
  bool unique = sorted(columns) == sorted(target->primary_key);
  for (const UniqueKey& unique_key : target->unique_keys)
    unique = unique || sorted(columns) == sorted(unique_key.columns);
  for (const auto& [name, index] : now_.indexes)
    unique = unique || (index.table == key.target && index.unique && !index.where &&
                        sorted(columns) == sorted(index.columns));
  if (!unique)
    refuse(location, "foreign key " + key.name + ": its target columns are no unique key of " + key.target,
           "add UNIQUE (...) there");
}

void Migrator::index(PgQuery__IndexStmt& node) {
  const int location = node.relation->location;
  if (node.if_not_exists)
    refuse(location, "IF NOT EXISTS hides a schema that is not what it should be", "leave it out");
  if (node.access_method != nullptr && *node.access_method != '\0' &&
      std::string_view(node.access_method) != "btree")
    refuse(location, "index method " + std::string(node.access_method) + " is not supported",
           "declare a search index (search/*.toml)");
  if (node.n_index_including_params > 0)
    refuse(location, "INCLUDE is not supported", "put the columns at the end of the index");
  if (node.nulls_not_distinct)
    refuse(location, "NULLS NOT DISTINCT is not supported", "make the columns NOT NULL");
  const Table& table = table_named(node.relation->relname, location);
  Index index;
  index.table = table.name;
  index.unique = node.unique;
  Rules rules = stored_rules();
  rules.tables = false;
  Analyser analyser(now_, rules, *text_, no_parameters);
  Scope scope;
  scope.sources.push_back(analyser.table_source(table, table.name, true));
  std::vector<std::string> parts;
  for (Node* item : list(node.n_index_params, node.index_params)) {
    PgQuery__IndexElem& element = *item->index_elem;
    if (element.n_opclass > 0 || element.n_collation > 0)
      refuse(location, "operator classes and collations are not supported",
             "leave it out: text is ordered by code point, so that an index serves LIKE 'a%'");
    std::string column;
    if (element.expr != nullptr) {
      analyser.expression(element.expr, scope);
      column = "(" + deparse(element.expr) + ")";
      parts.emplace_back("expr");
    } else {
      column = element.name;
      if (table.find_column(column) == nullptr)
        refuse(location, "unknown column '" + column + "' of " + table.name,
               did_you_mean(column, names_of(table)));
      parts.push_back(column);
    }
    if (element.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC) column += " DESC";
    index.columns.push_back(std::move(column));
  }
  if (node.where_clause != nullptr) {
    analyser.condition(node.where_clause, scope, "WHERE");
    index.where = deparse(node.where_clause);
  }
  index.name = node.idxname != nullptr && *node.idxname != '\0' ? node.idxname
                                                                : table.name + "_" + joined(parts) + "_idx";
  check_new_name(index.name, location);
  emit(create_index(index, now_));
  emit_postgres(postgres::create_index(index, now_));
  if (node.concurrent) plan_.concurrent_index = index.name;
  now_.indexes[index.name] = std::move(index);
}

void Migrator::view(PgQuery__ViewStmt& node) {
  const int location = node.view->location;
  View view;
  view.name = node.view->relname;
  if (node.replace)
    refuse(location, "CREATE OR REPLACE VIEW is not supported", "DROP VIEW, then CREATE VIEW");
  check_new_name(view.name, location);
  Rules rules = stored_rules();
  rules.journal = rules.changes = true;
  rules.deterministic = false;
  Analyser analyser(now_, rules, *text_, no_parameters);
  const Select select = analyser.select(node.query->select_stmt, nullptr);
  const auto aliases = strings(node.n_aliases, node.aliases);
  if (aliases.size() > select.outputs.size()) refuse(location, "the view names more columns than it has");
  std::set<std::string> names;
  for (std::size_t i = 0; i < select.outputs.size(); ++i) {
    Column column;
    column.name = i < aliases.size() ? aliases[i] : select.outputs[i].name;
    if (column.name == "?column?" || !names.insert(column.name).second)
      refuse(select.outputs[i].expr.location, "a column of the view has no name of its own", "... AS name");
    view.columns.push_back(std::move(column));
  }
  view.sql = deparse_select(node.query->select_stmt);
  view = analysed_view(view, now_, false, text_->place(0));
  emit(create_view(view, now_));
  for (std::string& statement : postgres::create_view(view, now_, roles_))
    emit_postgres(std::move(statement));
  now_.views[view.name] = std::move(view);
}

}  // namespace reeve::sql
