// FROM: tables, views, subqueries, functions that give rows, joins.

#include "sql/analyser.h"
#include "sql/names.h"
#include "sql/postgres_schema.h"
#include "sql/schema.h"

#include <algorithm>

namespace reeve::sql {
namespace {

std::string alias_of(const PgQuery__Alias* alias, const std::string& otherwise) {
  return alias != nullptr && alias->aliasname != nullptr && *alias->aliasname != '\0' ? alias->aliasname
                                                                                      : otherwise;
}

}  // namespace

std::vector<std::string> Analyser::relation_names() const {
  std::vector<std::string> names;
  for (const auto& [name, table] : catalogue_.tables) names.push_back(name);
  for (const auto& [name, view] : catalogue_.views) names.push_back(name);
  return names;
}

Source Analyser::table_source(const Table& table, std::string alias, bool bare_names,
                              const std::string& target) {
  Source source;
  source.id = next_source_++;
  source.alias = std::move(alias);
  source.table = &table;
  Text prefix = bare_names ? Text{} : name_text(source.alias) + ".";
  if (!target.empty()) prefix.postgres = quoted_for_postgres(target) + ".";
  for (const Column& column : table.columns)
    source.columns.push_back({column.name, column.type, column.nullable, prefix + name_text(column.name),
                              false, table.name == "reeve_events" && column.name == "payload",
                              column.type == Type::text, column.personal});
  const auto key_of = [&](const std::vector<std::string>& names) {
    std::vector<std::size_t> key;
    for (const std::string& name : names)
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (table.columns[i].name == name) key.push_back(i);
    return key;
  };
  source.keys.push_back(key_of(table.primary_key));
  // A key of one column that CHECK fixes to a constant: the table has one row at most.
  if (table.primary_key.size() == 1)
    for (const Check& check : table.checks) {
      const std::string equals = table.primary_key[0] + " = ";
      if (check.sql.starts_with(equals) &&
          check.sql.find_first_not_of("0123456789", equals.size()) == std::string::npos)
        source.keys.push_back({});
    }
  for (const UniqueKey& unique : table.unique_keys) {
    const auto key = key_of(unique.columns);
    const bool whole =
        std::none_of(key.begin(), key.end(), [&](std::size_t i) { return table.columns[i].nullable; });
    if (whole) source.keys.push_back(key);
  }
  for (const auto& [name, index] : catalogue_.indexes) {
    if (index.table != table.name || !index.unique || index.where) continue;
    const auto key = key_of(index.columns);
    const bool whole =
        key.size() == index.columns.size() &&
        std::none_of(key.begin(), key.end(), [&](std::size_t i) { return table.columns[i].nullable; });
    if (whole) source.keys.push_back(key);
  }
  return source;
}

void Analyser::rename_columns(Source& source, const PgQuery__Alias& alias, int location) const {
  const auto names = list(alias.n_colnames, alias.colnames);
  if (names.size() > source.columns.size()) refuse(location, "the alias names more columns than there are");
  for (std::size_t i = 0; i < names.size(); ++i) source.columns[i].name = string_of(names[i]);
}

void Analyser::add_source(Scope& scope, Source source, int location) {
  for (const Source& other : scope.sources)
    if (other.alias == source.alias)
      refuse(location, "table name '" + source.alias + "' stands twice in this FROM",
             "give one of them an alias");
  scope.sources.push_back(std::move(source));
}

Text Analyser::from_clause(Nodes items, Scope& scope, std::vector<Equality>& equalities) {
  Text sql;
  for (Node* item : items) {
    if (!sql.empty()) sql += ", ";
    const std::size_t before = scope.sources.size();
    sql += from_item(item, scope, equalities);
    if (item->node_case == PG_QUERY__NODE__NODE_RANGE_SUBSELECT && !scope.sources[before].has_row.empty())
      refuse(0, "a LATERAL subquery that may give no row stands in a join here",
             "CROSS JOIN LATERAL (...) AS x");
  }
  return sql;
}

Text Analyser::from_item(Node* node, Scope& scope, std::vector<Equality>& equalities) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR: return from_table(*node->range_var, scope);
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT: return from_select(*node->range_subselect, scope);
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION: return from_function(*node->range_function, scope);
    case PG_QUERY__NODE__NODE_JOIN_EXPR: return from_join(*node->join_expr, scope, equalities);
    default:
      refuse(0, "this kind of FROM is not supported",
             "a table, a view, a subquery, or a function that gives rows");
  }
}

std::string Analyser::rows_of_ledger(const Table& table) {
  const bool journal = table.name == "reeve_events";
  std::string sql = "(SELECT ";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string name = quoted_for_postgres(table.columns[i].name);
    sql += (i > 0 ? ", " : "") + name;
    // The journal is kept in wider types than it is read in.
    if (journal && table.columns[i].type == Type::integer) sql += "::integer AS " + name;
  }
  sql += " FROM " + quoted_for_postgres(table.name) + " WHERE ";
  return sql +
         (table.reference ? "reeve_version = " + postgres::pinned_version(ledger())
                          : "ledger_id = " + ledger()) +
         ")";
}

void Analyser::read_view(const View& view) {
  out_.tables_read.insert(view.tables_read.begin(), view.tables_read.end());
}

Text Analyser::from_table(const PgQuery__RangeVar& node, Scope& scope) {
  if (node.schemaname != nullptr && *node.schemaname != '\0')
    refuse(node.location, "tables have no schema here", "write the name alone: " + std::string(node.relname));
  const std::string name = node.relname;
  const std::string alias = alias_of(node.alias, name);
  const Text as = alias == name ? Text{} : " AS " + name_text(alias);
  const auto add = [&](Source source) {
    if (node.alias != nullptr) rename_columns(source, *node.alias, node.location);
    add_source(scope, std::move(source), node.location);
    return name_text(name) + as;
  };
  const auto add_table = [&](const Table& table) {
    return Text(add(table_source(table, alias, false)).sqlite,
                rows_of_ledger(table) + " AS " + quoted_for_postgres(alias));
  };
  const auto derived = [&](const auto& columns, const auto& keys) {
    Source source;
    source.id = next_source_++;
    source.alias = alias;
    for (const auto& column : columns)
      source.columns.push_back(
          {column.name, column.type, column.nullable, name_text(alias) + "." + name_text(column.name)});
    source.keys = keys;
    return source;
  };
  for (const Scope* level = &scope; level != nullptr; level = level->parent)
    for (auto table = level->common_tables.rbegin(); table != level->common_tables.rend(); ++table)
      if (table->name == name) {
        Source source = derived(table->columns, table->keys);
        for (std::size_t i = 0; i < table->columns.size(); ++i)
          source.columns[i].collated = table->columns[i].collated;
        return add(std::move(source));
      }
  if (!rules_.tables) refuse(node.location, "an upcast reads its parameters only", "take the table out");
  if (name == "reeve_events") {
    if (!rules_.journal)
      refuse(node.location, "the journal can't be read here",
             "keep what you need of it in a table of the state");
    out_.tables_read.insert(name);
    return add_table(journal_table(catalogue_.moment_type));
  }
  if (name.starts_with("reeve_")) refuse(node.location, "names that begin with reeve_ are Reeve's own");
  if (const Table* table = catalogue_.find_table(name)) {
    out_.tables_read.insert(name);
    return add_table(*table);
  }
  const auto view = catalogue_.views.find(name);
  if (view == catalogue_.views.end())
    refuse(node.location, "unknown table '" + name + "'", did_you_mean(name, relation_names()));
  if (!rules_.journal &&
      std::count(view->second.tables_read.begin(), view->second.tables_read.end(), "reeve_events") > 0)
    refuse(node.location, "view '" + name + "' reads the journal, which can't be read here",
           "keep what you need of it in a table of the state");
  if (rules_.deterministic && !rules_.stored) {
    // A view may be free in its order; what apply reads may not.
    try {
      analysed_view(view->second, catalogue_, true, text_.place(node.location));
    } catch (const Error& error) {
      refuse(node.location, "view '" + name + "' can't be read here: " + error.message(), error.remedy());
    }
  }
  read_view(view->second);
  return add(derived(view->second.columns, std::vector<std::vector<std::size_t>>{}));
}

Text Analyser::from_select(const PgQuery__RangeSubselect& node, Scope& scope) {
  if (node.lateral) return from_lateral(node, scope);
  Scope outer = scope;  // The entries beside it can't be seen from within.
  outer.sources.clear();
  Select inner = select(node.subquery->select_stmt, &outer);
  for (Output& output : inner.outputs)
    if (output.expr.open() && inner.left == nullptr && inner.rows.empty())
      output.expr = coerce(std::move(output.expr), Type::text, Cast::implicit);
  Source source;
  source.id = next_source_++;
  source.alias = alias_of(node.alias, "");
  if (source.alias.empty()) refuse(0, "a subquery in FROM needs an alias", "(SELECT ...) AS name");
  std::set<std::string> names;
  for (std::size_t i = 0; i < inner.outputs.size(); ++i) {
    const Output& output = inner.outputs[i];
    source.columns.push_back(
        {output.name, output.expr.type, output.expr.nullable, {}, false, false, output.expr.collated});
  }
  const std::vector<SourceColumn> inside = source.columns;
  if (node.alias != nullptr) rename_columns(source, *node.alias, 0);
  for (std::size_t i = 0; i < source.columns.size(); ++i) {
    source.columns[i].sql = name_text(source.alias) + "." + name_text(inside[i].name);
    if (!names.insert(inside[i].name).second) source.columns[i].sql = {};
  }
  for (std::size_t i = 0; i < source.columns.size(); ++i)
    if (source.columns[i].sql.empty())
      refuse(0, "column '" + inside[i].name + "' stands twice in the subquery", "name it with AS");
  source.keys = inner.keys;
  Text sql = "(" + write(inner) + ") AS " + name_text(source.alias);
  add_source(scope, std::move(source), 0);
  return sql;
}

Text Analyser::from_lateral(const PgQuery__RangeSubselect& node, Scope& scope) {
  plain_only(0, "a LATERAL subquery", "a subquery in the select list");
  const std::size_t before = outer_columns_.size();
  Select inner = select(node.subquery->select_stmt, &scope);
  const Expr around = correlated(scope, before, 0);
  if (!inner.one_row)
    refuse(0, "a LATERAL subquery gives one row here: an aggregate, or LIMIT 1",
           "a join with its conditions in ON, or a window function");
  const bool always = inner.limit.empty() && inner.having.empty() && inner.left == nullptr &&
                      std::any_of(inner.outputs.begin(), inner.outputs.end(),
                                  [](const Output& output) { return output.expr.aggregate; });
  Source source;
  source.id = next_source_++;
  source.alias = alias_of(node.alias, "");
  if (source.alias.empty()) refuse(0, "a subquery in FROM needs an alias", "(SELECT ...) AS name");
  for (Output& output : inner.outputs)
    if (output.expr.open() && inner.left == nullptr)
      output.expr = coerce(std::move(output.expr), Type::text, Cast::implicit);
  const Text text = write(inner);
  for (const Output& output : inner.outputs)
    source.columns.push_back(
        {output.name,
         output.expr.type,
         output.expr.nullable || !always,
         {"(SELECT reeve_l." + name_text(output.name).sqlite + " FROM (" + text.sqlite + ") AS reeve_l)",
          name_text(source.alias).postgres + "." + name_text(output.name).postgres},
         false,
         false,
         output.expr.collated});
  if (node.alias != nullptr && node.alias->n_colnames > 0)
    refuse(0, "an alias of a LATERAL subquery names no columns here", "name them within: ... AS name");
  if (!always) source.has_row = "EXISTS (" + text.sqlite + ")";
  source.keys = {{}};
  source.needs = around.sources;
  const Text alias = name_text(source.alias);
  add_source(scope, std::move(source), 0);
  return {"(SELECT 1) AS " + alias.sqlite, "LATERAL (" + text.postgres + ") AS " + alias.postgres};
}

Text Analyser::from_series(const PgQuery__RangeFunction& node, const std::string& name,
                           std::vector<Expr> arguments, Source& source, int location) {
  if (arguments.size() < 2 || arguments.size() > 3)
    refuse(location, "generate_series() takes 2 or 3 integers");
  if (arguments.size() == 3 && (arguments[0].type == Type::timestamptz || arguments[0].type == Type::date)) {
    const Expr first = as_time(std::move(arguments[0]));
    const Expr last = as_time(std::move(arguments[1]));
    const Expr step = coerce(std::move(arguments[2]), Type::interval, Cast::implicit);
    source.columns = {{node.alias != nullptr ? source.alias : name,
                       Type::timestamptz,
                       false,
                       {quoted(source.alias) + ".value", quoted_for_postgres(source.alias) + ".value"}}};
    source.keys = {{0}};
    const Text sql = first.sql + ", " + last.sql + ", " + step.sql + ")";
    return {"json_each(reeve_time_series(" + sql.sqlite + ")", "generate_series(" + sql.postgres};
  }
  Type type = Type::integer;
  for (const Expr& argument : arguments) {
    if (argument.type == Type::bigint) type = Type::bigint;
    if (!argument.open() && argument.type != Type::integer && argument.type != Type::bigint)
      refuse(location, "generate_series() takes integers here");
  }
  Text sql;
  for (Expr& argument : arguments) sql += ", " + coerce(std::move(argument), type, Cast::implicit).sql;
  source.columns = {{node.alias != nullptr ? source.alias : name,
                     type,
                     false,
                     {quoted(source.alias) + ".value", quoted_for_postgres(source.alias) + ".value"}}};
  source.keys = {{0}};
  return {"json_each(reeve_series(" + sql.sqlite.substr(2) + "))",
          "generate_series(" + sql.postgres.substr(2) + ")"};
}

std::string Analyser::json_each_value(const std::string& document, const std::string& alias,
                                      bool text) const {
  // json_each's own value is exact for strings, arrays and objects; the rest is taken by key.
  const std::string value = alias + ".value";
  if (rules_.stored)
    return text ? "CAST(" + value + " AS TEXT)"
                : "CASE " + alias + ".type WHEN 'text' THEN json_quote(" + value +
                      ") WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN 'null' ELSE "
                      "CAST(" +
                      value + " AS TEXT) END";
  if (text)
    return "CASE " + alias + ".type WHEN 'text' THEN " + value + " ELSE reeve_jsonb_get_text(" + document +
           ", " + alias + ".key) END";
  return "CASE " + alias + ".type WHEN 'array' THEN " + value + " WHEN 'object' THEN " + value +
         " WHEN 'text' THEN reeve_to_jsonb('t', " + value + ") ELSE reeve_jsonb_get(" + document + ", " +
         alias + ".key) END";
}

Text Analyser::from_json(const PgQuery__RangeFunction& node, const std::string& name,
                         std::vector<Expr> arguments, Source& source, std::string& columns, int location) {
  if (arguments.size() != 1) refuse(location, name + "() takes one argument");
  const Expr document = coerce(std::move(arguments[0]), Type::jsonb, Cast::implicit);
  const bool text = name.ends_with("_text");
  const bool elements = name.starts_with("jsonb_array");
  const std::string alias = quoted(source.alias);
  const std::string dot = quoted_for_postgres(source.alias) + ".";
  const SourceColumn value_column = {"value",
                                     text ? Type::text : Type::jsonb,
                                     text,
                                     {json_each_value(document.sql.sqlite, alias, text), dot + "value"}};
  if (elements) {
    source.columns = {value_column};
    if (node.ordinality) {
      source.columns.push_back(
          {"ordinality", Type::bigint, false, {"(" + alias + ".key + 1)", dot + "ordinality"}});
      columns = "value, ordinality";
      source.keys = {{1}};
    }
  } else {
    source.columns = {{"key", Type::text, false, {alias + ".key", dot + "key"}}, value_column};
    source.keys = {{0}};
    columns = "key, value";
  }
  Text sql = {rules_.stored
                  ? "json_each(" + document.sql.sqlite + ")"
                  : std::string("json_each(") + (elements ? "reeve_jsonb_array(" : "reeve_jsonb_object(") +
                        document.sql.sqlite + "))",
              name + "(" + document.sql.postgres + ")"};
  if (node.ordinality) sql.postgres += " WITH ORDINALITY";
  return sql;
}

Text Analyser::from_keys(const PgQuery__RangeFunction& node, std::vector<Expr> arguments, Source& source,
                         int location) {
  if (arguments.size() != 1) refuse(location, "jsonb_object_keys() takes one argument", "give it the object");
  const Expr document = coerce(std::move(arguments[0]), Type::jsonb, Cast::implicit);
  plain_only(location, "jsonb_object_keys()", "jsonb_each(), which has the names too");
  source.columns = {{node.alias != nullptr ? source.alias : "jsonb_object_keys",
                     Type::text,
                     false,
                     {quoted(source.alias) + ".value", quoted_for_postgres(source.alias) + ".value"}}};
  source.keys = {{0}};
  return {"json_each(reeve_jsonb_object_keys(" + document.sql.sqlite + "))",
          "jsonb_object_keys(" + document.sql.postgres + ")"};
}

Text Analyser::from_function(const PgQuery__RangeFunction& node, Scope& scope) {
  if (node.n_functions != 1 || node.n_coldeflist > 0)
    refuse(0, "ROWS FROM and column definitions are not supported",
           "a function at a time; of records FROM jsonb_array_elements(...) AS e (value), and (value ->> "
           "'a')::integer");
  Node* call_node = node.functions[0]->list->items[0];
  if (call_node->node_case != PG_QUERY__NODE__NODE_FUNC_CALL) refuse(0, "this kind of FROM is not supported");
  const PgQuery__FuncCall& call = *call_node->func_call;
  const std::string name(string_of(call.funcname[call.n_funcname - 1]));
  use_function(name);
  if (!name.starts_with("jsonb_")) plain_only(call.location, name + "() in FROM");
  Source source;
  source.id = next_source_++;
  source.alias = alias_of(node.alias, name);
  source.is_function = true;
  std::vector<Expr> arguments;
  for (Node* argument : list(call.n_args, call.args)) arguments.push_back(expression(argument, scope));
  for (const Expr& argument : arguments)
    source.needs.insert(argument.sources.begin(), argument.sources.end());
  const std::string alias = source.alias;
  std::string columns = "value";  // As PostgreSQL is told to name them.
  Text sql;
  if (name == "generate_series") {
    sql = from_series(node, name, std::move(arguments), source, call.location);
  } else if (name == "jsonb_object_keys") {
    sql = from_keys(node, std::move(arguments), source, call.location);
  } else if (name.starts_with("jsonb_array_elements") || name.starts_with("jsonb_each")) {
    sql = from_json(node, name, std::move(arguments), source, columns, call.location);
  } else {
    refuse(call.location, "function " + name + "() gives no rows",
           "in FROM: jsonb_array_elements, jsonb_array_elements_text, jsonb_each, jsonb_each_text, "
           "generate_series");
  }
  if (node.ordinality && !name.starts_with("jsonb_array"))
    refuse(call.location, "WITH ORDINALITY is for jsonb_array_elements only");
  if (node.alias != nullptr) rename_columns(source, *node.alias, call.location);
  add_source(scope, std::move(source), call.location);
  return sql + " AS " + Text(quoted(alias), quoted_for_postgres(alias) + " (" + columns + ")");
}

Text Analyser::join_using(Nodes names, Scope& scope, std::size_t first, std::size_t middle,
                          std::vector<Equality>& equalities) {
  Text on;
  for (Node* item : names) {
    const std::string name(string_of(item));
    std::optional<Expr> sides[2];
    for (std::size_t s = first; s < scope.sources.size(); ++s)
      for (std::size_t i = 0; i < scope.sources[s].columns.size(); ++i) {
        SourceColumn& column = scope.sources[s].columns[i];
        if (column.name != name || column.hidden) continue;
        auto& side = sides[s < middle ? 0 : 1];
        if (side) refuse(0, "column '" + name + "' of USING is ambiguous", "write ON ...");
        side = column_of(scope.sources[s], i, scope, 0);
        if (s >= middle) column.hidden = true;
      }
    if (!sides[0] || !sides[1]) refuse(0, "column '" + name + "' of USING is not on both sides");
    for (const auto& side : sides)
      if (!side->personal.empty()) refuse_personal(*side, "can't be joined by");
    const Expr equal = comparison("=", *sides[0], *sides[1], 0);
    on += (on.empty() ? "" : " AND ") + equal.sql;
    equalities.insert(equalities.end(), equal.equalities.begin(), equal.equalities.end());
  }
  return on;
}

/// SQLite reckons the row where it is named: a condition of an outer join could not take it away.
void Analyser::check_lateral_join(const PgQuery__JoinExpr& node, bool left_join, bool right_join) const {
  const bool always = node.quals != nullptr && node.quals->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                      node.quals->a_const->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL &&
                      node.quals->a_const->boolval->boolval;
  if (right_join || (left_join && !always) || node.n_using_clause > 0)
    refuse(0, "a LATERAL subquery is joined by CROSS JOIN, JOIN ... ON, or LEFT JOIN ... ON true here",
           "put the condition into the subquery");
}

Text Analyser::from_join(const PgQuery__JoinExpr& node, Scope& scope, std::vector<Equality>& equalities) {
  if (node.is_natural) refuse(0, "NATURAL JOIN changes with every new column", "write USING (...) or ON ...");
  if (node.alias != nullptr || node.join_using_alias != nullptr)
    refuse(0, "an alias of a whole join is not supported", "give each of its tables one");
  const std::size_t first = scope.sources.size();
  std::vector<Equality> of_left;
  std::vector<Equality> of_right;
  Text sql = from_item(node.larg, scope, of_left);
  const std::size_t middle = scope.sources.size();
  Text right = from_item(node.rarg, scope, of_right);
  if (node.rarg->node_case == PG_QUERY__NODE__NODE_JOIN_EXPR) right = "(" + right + ")";
  const bool left_join =
      node.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT || node.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
  const bool right_join =
      node.jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT || node.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
  sql += node.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL ? " FULL JOIN "
         : left_join                                     ? " LEFT JOIN "
         : right_join                                    ? " RIGHT JOIN "
                                                         : " JOIN ";
  if (node.n_using_clause == 0 && node.quals == nullptr)
    sql.postgres.insert(sql.postgres.size() - 6, " CROSS");
  sql += right;
  const std::string has_row = scope.sources.size() == middle + 1 ? scope.sources[middle].has_row : "";
  if (node.rarg->node_case == PG_QUERY__NODE__NODE_RANGE_SUBSELECT && node.rarg->range_subselect->lateral)
    check_lateral_join(node, left_join, right_join);
  std::vector<Equality> of_condition;
  if (node.n_using_clause > 0) {
    if (right_join) refuse(0, "USING with RIGHT or FULL JOIN is not supported", "write ON ...");
    sql += " ON " + join_using({node.using_clause, node.n_using_clause}, scope, first, middle, of_condition);
  } else if (node.quals != nullptr) {
    const std::size_t before = scope.visible_from;
    scope.visible_from = first;
    const Expr on = condition(node.quals, scope, "ON");
    scope.visible_from = before;
    sql += " ON " + on.sql;
    if (!has_row.empty() && !left_join) sql.sqlite += " AND " + has_row;
    of_condition = on.equalities;
  } else if (!has_row.empty()) {
    sql.sqlite += " ON " + has_row;
  }
  const auto nullable = [&](std::size_t from, std::size_t to) {
    for (std::size_t s = from; s < to; ++s)
      for (SourceColumn& column : scope.sources[s].columns) column.nullable = true;
  };
  if (left_join) nullable(middle, scope.sources.size());
  if (right_join) nullable(first, middle);
  // An outer join's condition narrows its inner side only.
  const auto on_side = [&](int id, std::size_t from, std::size_t to) {
    for (std::size_t s = from; s < to; ++s)
      if (scope.sources[s].id == id) return true;
    return false;
  };
  if (!right_join) equalities.insert(equalities.end(), of_left.begin(), of_left.end());
  if (!left_join) equalities.insert(equalities.end(), of_right.begin(), of_right.end());
  if (left_join && !right_join && scope.sources.size() == middle + 1) {
    for (const Equality& equality : of_condition)
      if (on_side(equality.column.source, middle, scope.sources.size())) equalities.push_back(equality);
  } else if (!left_join && !right_join) {
    equalities.insert(equalities.end(), of_condition.begin(), of_condition.end());
  }
  return sql;
}

}  // namespace reeve::sql
