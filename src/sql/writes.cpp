// INSERT, UPDATE, DELETE. What is stored is what PostgreSQL would store: values are cast as by assignment.

#include "sql/analyser.h"
#include "sql/identity.h"
#include "sql/names.h"

#include <algorithm>

namespace reeve::sql {
namespace {

/// Of the target's rows, the ledger's.
Text with_ledger(Text where, const PgQuery__RangeVar& target, const std::string& ledger) {
  where.postgres += (where.postgres.empty() ? " WHERE " : " AND ") + quoted_for_postgres(as_alias(target)) +
                    ".ledger_id = " + ledger;
  return where;
}

std::vector<std::string> column_names(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

bool same_columns(std::vector<std::string> left, std::vector<std::string> right) {
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  return left == right;
}

}  // namespace

std::string as_alias(const PgQuery__RangeVar& node) {
  return node.alias != nullptr && node.alias->aliasname != nullptr ? node.alias->aliasname : node.relname;
}

Text table_text(const PgQuery__RangeVar& node) {
  const std::string alias = as_alias(node);
  const Text name = name_text(node.relname);
  return alias == node.relname ? name : name + " AS " + name_text(alias);
}

const Table& Analyser::state_table(const PgQuery__RangeVar& node) const {
  const std::string name = node.relname;
  if (name.starts_with("reeve_"))
    refuse(node.location, "names that begin with reeve_ are Reeve's own and not written by statements");
  const Table* table = catalogue_.find_table(name);
  if (table == nullptr) {
    if (catalogue_.views.contains(name))
      refuse(node.location, "view '" + name + "' can't be written", "write its tables");
    refuse(node.location, "unknown table '" + name + "'", did_you_mean(name, relation_names()));
  }
  if (name == identity_counters && !rules_.counters)
    refuse(node.location, "'" + name + "' is where Reeve counts identity columns: no statement writes it");
  if (table->reference)
    refuse(node.location, "'" + name + "' is a reference table: no statement writes its rows",
           "publish a version that has them, and pin it: `reeve reference publish`");
  return *table;
}

Expr Analyser::default_value(const Column& column, int location) {
  if (!column.default_sql) {
    Expr null;
    null.sql = {"NULL", "NULL::" + std::string(name_of(column.type))};
    null.type = column.type;
    null.is_null = true;
    null.location = location;
    return null;
  }
  const Statement statement{"SELECT " + *column.default_sql, text_.place(location), {}, {}};
  const NumberedText text(statement);
  const Tree tree = parse(text);
  Analyser inner(catalogue_, Rules{.parameters = false, .tables = false}, text, known_);
  const Scope scope;
  Expr value = inner.expression(tree->stmts[0]->stmt->select_stmt->target_list[0]->res_target->val, scope);
  return inner.coerce(std::move(value), column.type, Cast::assignment);
}

Text Analyser::stored_value(Node* node, const Column& column, const Scope& scope) {
  if (node->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT)
    return default_value(column, node->set_to_default->location).sql;
  Expr value = whole_expression(node, scope);
  check_assigned(value, column);
  if (value.is_null && !column.nullable)
    refuse(value.location, "column '" + column.name + "' may not be NULL");
  if (value.aggregate) refuse(value.location, "an aggregate can't stand here", "use a subquery");
  return coerce(std::move(value), column.type, Cast::assignment).stored();
}

/// Of SET (a, b) = (x, y) the column's own.
Node* Analyser::value_of(const PgQuery__ResTarget& target) const {
  if (target.val->node_case != PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF) return target.val;
  const auto& reference = *target.val->multi_assign_ref;
  const bool row = reference.source->node_case == PG_QUERY__NODE__NODE_ROW_EXPR;
  if (!row || reference.source->row_expr->n_args != static_cast<std::size_t>(reference.ncolumns))
    refuse(target.location, "SET (a, b) = takes a row of as many values here",
           "set each column: SET a = (SELECT ...), b = (SELECT ...)");
  return reference.source->row_expr->args[reference.colno - 1];
}

void Analyser::refuse_generated(const Column& column, int location) const {
  if (column.generated_sql)
    refuse(location, "column '" + column.name + "' is generated: no statement gives it a value",
           "leave it out, and name the columns that are given");
}

Text Analyser::assignments(Nodes targets, const Table& table, const Scope& scope) {
  Text sql;
  std::set<std::string> seen;
  for (Node* item : targets) {
    PgQuery__ResTarget& target = *item->res_target;
    const Column* column = table.find_column(target.name);
    if (column == nullptr)
      refuse(target.location, "unknown column '" + std::string(target.name) + "' of " + table.name,
             did_you_mean(target.name, column_names(table)));
    refuse_generated(*column, target.location);
    refuse_given_identity(*column, target.location);
    if (target.n_indirection > 0)
      refuse(target.location, "a part of a column can't be set", "set the whole: jsonb_set(...)");
    if (!seen.insert(column->name).second)
      refuse(target.location, "column '" + column->name + "' is set twice");
    for (const Column& other : table.columns)
      if (other.personal == column->name)
        refuse(target.location,
               "column '" + column->name + "' says whose the sealed values of '" + other.name +
                   "' are: it can't be set anew",
               "delete the row, and insert another");
    sql += (sql.empty() ? "" : ", ") + name_text(column->name) + " = " +
           stored_value(value_of(target), *column, scope);
  }
  // When a row changed is the event's time, whoever forgets to say so.
  const Column* updated = table.find_column("updated_at");
  if ((use_ == Use::apply || use_ == Use::execute) && updated != nullptr &&
      updated->type == Type::timestamptz && !updated->generated_sql && !seen.contains(updated->name))
    sql += ", " + name_text(updated->name) + " = " +
           coerce(parameter("at", Type::timestamptz, 0), updated->type, Cast::assignment).stored();
  return sql;
}

Text Analyser::returning(Nodes targets, const Table& table, const std::string& target_name) {
  if (targets.empty()) return {};
  Scope scope;
  scope.sources.push_back(table_source(table, target_name, true, target_name));
  Text sql;
  const auto add = [&](std::string name, Expr expr) {
    if (expr.open()) expr = coerce(std::move(expr), Type::text, Cast::implicit);
    const Text as = name_text(name);
    sql += (sql.empty() ? " RETURNING " : ", ") + expr.sql;
    if (expr.sql.sqlite != as.sqlite) sql.sqlite += " AS " + as.sqlite;
    sql.postgres += " AS " + as.postgres;
    out_.columns.push_back({std::move(name), expr.type, expr.nullable});
  };
  for (Node* item : targets) {
    PgQuery__ResTarget& target = *item->res_target;
    if (target.val->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
        target.val->column_ref->fields[target.val->column_ref->n_fields - 1]->node_case ==
            PG_QUERY__NODE__NODE_A_STAR) {
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        Expr column = column_of(scope.sources[0], i, scope, target.location);
        if (!column.personal.empty()) refuse_personal(column, "can't be RETURNED");
        add(table.columns[i].name, std::move(column));
      }
      continue;
    }
    Expr expr = expression(target.val, scope);
    std::string name = target.name != nullptr ? target.name : "";
    if (name.empty() && target.val->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
      name = string_of(target.val->column_ref->fields[target.val->column_ref->n_fields - 1]);
    if (name.empty()) refuse(target.location, "an expression of RETURNING needs a name", "... AS name");
    add(std::move(name), std::move(expr));
  }
  return sql;
}

std::vector<std::string> Analyser::conflict_target(const PgQuery__InferClause& infer, const Table& table,
                                                   Text& where) {
  std::vector<std::string> columns;
  if (infer.conname != nullptr && *infer.conname != '\0') {
    const std::string name = infer.conname;
    if (name == table.name + "_pkey") return table.primary_key;
    for (const UniqueKey& key : table.unique_keys)
      if (key.name == name) return key.columns;
    refuse(infer.location, "table " + table.name + " has no unique constraint '" + name + "'");
  }
  for (Node* item : list(infer.n_index_elems, infer.index_elems)) {
    if (item->index_elem->expr != nullptr || item->index_elem->name == nullptr)
      refuse(infer.location, "a conflict target names columns only");
    const std::string name = item->index_elem->name;
    if (table.find_column(name) == nullptr)
      refuse(infer.location, "unknown column '" + name + "' of " + table.name,
             did_you_mean(name, column_names(table)));
    columns.push_back(name);
  }
  if (infer.where_clause != nullptr) {
    Scope scope;
    scope.sources.push_back(table_source(table, table.name, true));
    where = " WHERE " + condition(infer.where_clause, scope, "WHERE").sql;
  }
  bool found = same_columns(columns, table.primary_key);
  for (const UniqueKey& key : table.unique_keys) found = found || same_columns(columns, key.columns);
  for (const auto& [name, index] : catalogue_.indexes)
    found = found || (index.table == table.name && index.unique && same_columns(columns, index.columns) &&
                      (!index.where || infer.where_clause != nullptr));
  if (!found)
    refuse(infer.location, "no unique key of " + table.name + " has exactly these columns",
           "name the columns of its primary key, a UNIQUE constraint or a unique index");
  return columns;
}

Text Analyser::on_conflict(PgQuery__OnConflictClause& node, const Table& table, Scope& scope,
                           std::vector<std::string>& target) {
  Text sql = " ON CONFLICT";
  if (node.infer != nullptr) {
    Text where;
    target = conflict_target(*node.infer, table, where);
    sql += {" (", " (ledger_id, "};
    for (std::size_t i = 0; i < target.size(); ++i) sql += (i > 0 ? ", " : "") + name_text(target[i]);
    sql += ")" + where;
  }
  if (node.action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING) return sql + " DO NOTHING";
  if (node.infer == nullptr) refuse(node.location, "ON CONFLICT DO UPDATE needs the columns of a key");
  Source excluded = table_source(table, "excluded", false);
  for (SourceColumn& column : excluded.columns) column.sql = "excluded." + name_text(column.name);
  scope.sources.push_back(std::move(excluded));
  // A bare name means the row that stands: excluded.x is only found by its full name.
  for (SourceColumn& column : scope.sources.back().columns) column.hidden = true;
  for (Node* item : list(node.n_target_list, node.target_list)) {
    const Column* column = table.find_column(item->res_target->name);
    if (column != nullptr && !column->personal.empty())
      refuse(item->res_target->location,
             "the personal column '" + column->name + "' can't be set by DO UPDATE",
             "UPDATE ... WHERE " + column->personal + " = ..., as a statement of its own");
  }
  sql += " DO UPDATE SET " + assignments({node.target_list, node.n_target_list}, table, scope);
  if (node.where_clause != nullptr) sql += " WHERE " + condition(node.where_clause, scope, "WHERE").sql;
  out_.tables_read.insert(table.name);
  return sql;
}

std::vector<const Column*> Analyser::insert_columns(const PgQuery__InsertStmt& node, const Table& table,
                                                    std::size_t width) const {
  std::vector<const Column*> columns;
  for (Node* item : list(node.n_cols, node.cols)) {
    const Column* column = table.find_column(item->res_target->name);
    if (column == nullptr)
      refuse(item->res_target->location,
             "unknown column '" + std::string(item->res_target->name) + "' of " + table.name,
             did_you_mean(item->res_target->name, column_names(table)));
    refuse_generated(*column, item->res_target->location);
    if (std::find(columns.begin(), columns.end(), column) != columns.end())
      refuse(item->res_target->location, "column '" + column->name + "' stands twice");
    columns.push_back(column);
  }
  if (columns.empty())
    for (std::size_t i = 0; i < table.columns.size() && i < width; ++i) {
      refuse_generated(table.columns[i], node.relation->location);
      columns.push_back(&table.columns[i]);
    }
  if (columns.size() != width)
    refuse(node.relation->location, "INSERT into " + table.name + " names " + std::to_string(columns.size()) +
                                        " columns and gives " + std::to_string(width) + " values");
  for (const Column& column : table.columns)
    if (!column.nullable && !column.default_sql && !column.generated_sql &&
        column.identity == Column::Identity::none &&
        std::find(columns.begin(), columns.end(), &column) == columns.end())
      refuse(node.relation->location,
             "column '" + column.name + "' of " + table.name + " has no default and may not be NULL",
             "give it a value");
  return columns;
}

Text Analyser::insert_values(const PgQuery__InsertStmt& node, const Table& table,
                             const std::vector<const Column*>& columns, const Scope& scope,
                             std::map<std::string, std::string>& given) {
  const PgQuery__SelectStmt& source = *node.select_stmt->select_stmt;
  const Column* identity = table.identity();
  const bool counted =
      identity != nullptr && std::find(columns.begin(), columns.end(), identity) == columns.end();
  Text rows;
  std::size_t row = 0;
  for (Node* item : list(source.n_values_lists, source.values_lists)) {
    ++row;
    rows += rows.empty() ? "VALUES (" : ", (";
    rows.postgres += ledger() + ", ";
    if (item->list->n_items != columns.size())
      refuse(node.relation->location, "the lists of VALUES differ in length");
    for (std::size_t i = 0; i < columns.size(); ++i) {
      Node* value = item->list->items[i];
      rows += i > 0 ? ", " : "";
      if (columns[i] != identity) {
        const Text stored = stored_value(value, *columns[i], scope);
        given[columns[i]->name] = stored.postgres;
        rows += stored;
      } else if (value->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT) {
        rows += next_identity(table, row);
      } else {
        refuse_given_identity(*identity, node.relation->location);
        rows += stored_value(value, *identity, scope);
      }
    }
    check_subjects(list(item->list->n_items, item->list->items), columns);
    rows += (counted ? ", " + next_identity(table, row) : Text()) + ")";
  }
  return rows;
}

Text Analyser::insert_rows(const PgQuery__InsertStmt& node, const Table& table,
                           const std::vector<const Column*>& columns, Select& source) {
  const auto assign = [&](auto&& self, Select& branch, std::size_t i) -> void {
    if (branch.left != nullptr) {
      self(self, *branch.left, i);
      self(self, *branch.right, i);
      return;
    }
    branch.outputs[i].expr = coerce(std::move(branch.outputs[i].expr), columns[i]->type, Cast::assignment);
  };
  if (!source.rows.empty())
    refuse(node.relation->location, "VALUES with ORDER BY or LIMIT is not supported here");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i]->personal.empty())
      refuse(node.relation->location,
             "the personal column '" + columns[i]->name + "' can't be filled by a SELECT",
             "leave it out, or INSERT ... VALUES");
    assign(assign, source, i);
  }
  // Whatever the SELECT is, the ledger stands before its columns.
  const Text rows = write(source, true);
  const Column* identity = table.identity();
  if (identity == nullptr)
    return {rows.sqlite, "SELECT " + ledger() + ", reeve_rows.* FROM (" + rows.postgres + ") AS reeve_rows"};
  const bool counted = std::find(columns.begin(), columns.end(), identity) == columns.end();
  if (!counted) refuse_given_identity(*identity, node.relation->location);
  if (counted && !source.one_row)
    refuse(
        node.relation->location,
        "the order of these rows would decide on the numbers of the identity column '" + identity->name + "'",
        "give the number (row_number() OVER (ORDER BY a key)), or INSERT ... VALUES");
  const Text next = counted ? ", " + next_identity(table, 1) : Text();
  return {"SELECT reeve_rows.*" + next.sqlite + " FROM (" + rows.sqlite + ") AS reeve_rows WHERE 1",
          "SELECT " + ledger() + ", reeve_rows.*" + next.postgres + " FROM (" + rows.postgres +
              ") AS reeve_rows"};
}

void Analyser::check_conflicts_once(const PgQuery__InsertStmt& node, const Table& table,
                                    const std::vector<const Column*>& columns, const Select& source,
                                    const std::vector<std::string>& target) const {
  std::set<std::size_t> outputs;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (target.empty() || std::find(target.begin(), target.end(), columns[i]->name) != target.end())
      outputs.insert(i);
  const bool distinct = std::any_of(source.keys.begin(), source.keys.end(), [&](const auto& key) {
    return std::all_of(key.begin(), key.end(), [&](std::size_t i) { return outputs.contains(i); });
  });
  if (!distinct)
    refuse(node.relation->location,
           "several of these rows may meet the same row of " + table.name + ": the order would decide",
           "group the SELECT by the columns of the conflict target");
}

void Analyser::insert(PgQuery__InsertStmt& node) {
  const Table& table = state_table(*node.relation);
  out_.kind = Kind::insert;
  out_.tables_written.insert(table.name);
  Scope scope;
  if (node.with_clause != nullptr) written_ = with_clause(node.with_clause, scope);
  if (node.override != PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET)
    refuse(node.relation->location, "OVERRIDING is not supported",
           "declare the column GENERATED BY DEFAULT AS IDENTITY");
  if (node.select_stmt == nullptr)
    refuse(node.relation->location, "INSERT ... DEFAULT VALUES is not supported", "give the values");
  PgQuery__SelectStmt& source = *node.select_stmt->select_stmt;
  const bool values = source.n_values_lists > 0 && source.n_sort_clause == 0 && source.limit_count == nullptr;
  std::optional<Select> select_part;
  if (!values) select_part = select(&source, &scope);
  const std::vector<const Column*> columns = insert_columns(
      node, table, values ? source.values_lists[0]->list->n_items : select_part->outputs.size());
  written_ += "INSERT INTO " + table_text(*node.relation) + Text(" (", " (ledger_id, ");
  for (std::size_t i = 0; i < columns.size(); ++i)
    written_ += (i > 0 ? ", " : "") + name_text(columns[i]->name);
  const Column* identity = table.identity();
  if (identity != nullptr && std::find(columns.begin(), columns.end(), identity) == columns.end())
    written_ += ", " + name_text(identity->name);
  std::map<std::string, std::string> given;
  written_ += ") " + (values ? insert_values(node, table, columns, scope, given)
                             : insert_rows(node, table, columns, *select_part));
  if (!values || source.n_values_lists > 1) given.clear();
  std::vector<std::string> target;
  if (node.on_conflict_clause != nullptr) {
    Scope conflict;
    conflict.sources.push_back(table_source(table, as_alias(*node.relation), false));
    written_ += on_conflict(*node.on_conflict_clause, table, conflict, target);
    if (rules_.deterministic && select_part && !select_part->one_row)
      check_conflicts_once(node, table, columns, *select_part, target);
  }
  if (node.n_returning_list == 0) insert_returning(node, given, target);
  written_ += returning({node.returning_list, node.n_returning_list}, table, as_alias(*node.relation));
}

void Analyser::update(PgQuery__UpdateStmt& node) {
  const Table& table = state_table(*node.relation);
  out_.kind = Kind::update;
  out_.tables_written.insert(table.name);
  out_.tables_read.insert(table.name);
  Scope scope;
  Text with;
  if (node.with_clause != nullptr) with = with_clause(node.with_clause, scope);
  written_ = with;
  scope.sources.push_back(table_source(table, as_alias(*node.relation), false));
  const int target = scope.sources[0].id;
  std::vector<Equality> equalities;
  const Text from = from_clause({node.from_clause, node.n_from_clause}, scope, equalities);
  Text where;
  if (node.where_clause != nullptr) {
    const Expr expr = condition(node.where_clause, scope, "WHERE");
    if (expr.aggregate || expr.window)
      refuse(expr.location, "WHERE can't hold aggregates or windows", "use a subquery");
    where = " WHERE " + expr.sql;
    equalities.insert(equalities.end(), expr.equalities.begin(), expr.equalities.end());
  }
  if (rules_.deterministic && !all_pinned(scope, equalities, {target}))
    refuse(node.relation->location,
           "several rows of FROM may meet one row of " + table.name + ": which one counts is not fixed",
           "join the unique key of what stands in FROM, or set from an aggregating subquery");
  written_ += "UPDATE " + table_text(*node.relation) + " SET " +
              assignments({node.target_list, node.n_target_list}, table, scope);
  check_subjects(node, table);
  if (!from.empty()) written_ += " FROM " + from;
  where = with_ledger(std::move(where), *node.relation, ledger());
  if (node.n_returning_list == 0)
    update_returning(node, with.postgres, from.postgres, where.postgres,
                     from.empty() && all_pinned(scope, equalities));
  written_ +=
      where + returning({node.returning_list, node.n_returning_list}, table, as_alias(*node.relation));
}

void Analyser::remove(PgQuery__DeleteStmt& node) {
  const Table& table = state_table(*node.relation);
  out_.kind = Kind::remove;
  out_.tables_written.insert(table.name);
  out_.tables_read.insert(table.name);
  Scope scope;
  if (node.with_clause != nullptr) written_ = with_clause(node.with_clause, scope);
  scope.sources.push_back(table_source(table, as_alias(*node.relation), false));
  std::vector<Equality> equalities;
  const Text from = from_clause({node.using_clause, node.n_using_clause}, scope, equalities);
  Text where;
  if (node.where_clause != nullptr) where = " WHERE " + condition(node.where_clause, scope, "WHERE").sql;
  written_ += "DELETE FROM " + table_text(*node.relation);
  if (!from.empty()) {
    written_.postgres += " USING " + from.postgres;
    where.sqlite = " WHERE EXISTS (SELECT 1 FROM " + from.sqlite + where.sqlite + ")";
  } else if (where.empty()) {
    // Without WHERE SQLite may empty a table without showing the rows to its hooks: they would be in no changeset.
    where.sqlite = " WHERE 1";
  }
  written_ += with_ledger(std::move(where), *node.relation, ledger());
  if (node.n_returning_list == 0) delete_returning(node);
  written_ += returning({node.returning_list, node.n_returning_list}, table, as_alias(*node.relation));
}

}  // namespace reeve::sql
