// SELECT: outputs, grouping, order, set operations, WITH.

#include "sql/analyser.h"
#include "sql/names.h"

#include <algorithm>

namespace reeve::sql {
namespace {

bool covers(const std::set<std::size_t>& have, const std::vector<std::size_t>& key) {
  return std::all_of(key.begin(), key.end(), [&](std::size_t i) { return have.contains(i); });
}

std::string name_for(Node* node) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return std::string(string_of(node->column_ref->fields[node->column_ref->n_fields - 1]));
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return std::string(string_of(node->func_call->funcname[node->func_call->n_funcname - 1]));
    case PG_QUERY__NODE__NODE_TYPE_CAST: {
      std::string inner = name_for(node->type_cast->arg);
      if (inner != "?column?") return inner;
      const auto* type = node->type_cast->type_name;
      return std::string(string_of(type->names[type->n_names - 1]));
    }
    case PG_QUERY__NODE__NODE_CASE_EXPR: return "case";
    case PG_QUERY__NODE__NODE_COALESCE_EXPR: return "coalesce";
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "greatest" : "least";
    case PG_QUERY__NODE__NODE_SUB_LINK: {
      if (node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK) return "exists";
      const auto* inner = node->sub_link->subselect->select_stmt;
      if (inner->n_target_list != 1) return "?column?";
      const auto* target = inner->target_list[0]->res_target;
      return target->name != nullptr && *target->name != '\0' ? target->name : name_for(target->val);
    }
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION: return "now";
    default: return "?column?";
  }
}

std::optional<std::int64_t> integer_constant(const Node* node) {
  if (node->node_case != PG_QUERY__NODE__NODE_A_CONST || node->a_const->isnull) return {};
  if (node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL) return node->a_const->ival->ival;
  return {};
}

/// An integer would be the place of an output: what is one, or what SQLite could reckon beforehand to be one, is none
/// any more. PostgreSQL takes no other constants either.
Text group_text(const Expr& group) {
  Text sql = group.sql;
  const bool integral =
      group.type == Type::integer || group.type == Type::bigint || group.type == Type::boolean;
  if (integral && !group.column) sql.sqlite = "(" + sql.sqlite + ") + 0";
  if (group.constant) sql.postgres = "(" + sql.postgres + ")::" + std::string(name_of(group.type));
  return sql;
}

}  // namespace

Select Analyser::select(PgQuery__SelectStmt* node, const Scope* parent) {
  Scope scope;
  scope.parent = parent;
  const Text with = node->with_clause != nullptr ? with_clause(node->with_clause, scope) : Text{};
  Select out = select_body(node, scope);
  out.with = with;
  return out;
}

Select Analyser::select_body(PgQuery__SelectStmt* node, Scope& scope) {
  if (node->into_clause != nullptr)
    refuse(0, "SELECT INTO is not supported",
           "CREATE TABLE in a migration, INSERT ... SELECT in an apply file");
  if (node->n_locking_clause > 0) refuse(0, "FOR UPDATE is not needed: one writer at a time", "leave it out");
  if (node->op != PG_QUERY__SET_OPERATION__SETOP_NONE &&
      node->op != PG_QUERY__SET_OPERATION__SET_OPERATION_UNDEFINED)
    return set_operation(node, scope);
  if (node->n_values_lists > 0) return values_select(node, scope);
  return plain_select(node, scope);
}

Text Analyser::with_clause(PgQuery__WithClause* node, Scope& scope) {
  Text sql = node->recursive ? "WITH RECURSIVE " : "WITH ";
  bool first = true;
  for (Node* item : list(node->n_ctes, node->ctes)) {
    PgQuery__CommonTableExpr& cte = *item->common_table_expr;
    if (cte.ctequery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
      refuse(cte.location, "WITH takes SELECTs only here",
             "write the INSERT, UPDATE or DELETE as a statement of its own");
    if (cte.search_clause != nullptr || cte.cycle_clause != nullptr)
      refuse(cte.location, "SEARCH and CYCLE are not supported",
             "UNION instead of UNION ALL ends where no new row comes; or carry a depth and bound it; order "
             "by the "
             "depth");
    PgQuery__SelectStmt* query = cte.ctequery->select_stmt;
    const bool is_union = query->op == PG_QUERY__SET_OPERATION__SETOP_UNION;
    CommonTable table;
    table.name = cte.ctename;
    const auto describe = [&](const Select& body) {
      table.columns.clear();
      const auto names = list(cte.n_aliascolnames, cte.aliascolnames);
      if (names.size() > body.outputs.size()) refuse(cte.location, "WITH names more columns than it has");
      for (std::size_t i = 0; i < body.outputs.size(); ++i) {
        const Output& output = body.outputs[i];
        const std::string name = i < names.size() ? std::string(string_of(names[i])) : output.name;
        table.columns.push_back({name,
                                 output.expr.type == Type::unknown ? Type::text : output.expr.type,
                                 output.expr.nullable,
                                 {},
                                 false,
                                 false,
                                 output.expr.collated});
      }
      table.keys = body.keys;
    };
    if (node->recursive && is_union) {
      // The first branch gives the columns that the second one reads.
      describe(select(query->larg, &scope));
      table.keys.clear();
      for (SourceColumn& column : table.columns) column.nullable = true;
      scope.common_tables.push_back(table);
    }
    Select body = select(query, &scope);
    for (Output& output : body.outputs)
      if (output.expr.open() && body.left == nullptr)
        output.expr = coerce(std::move(output.expr), Type::text, Cast::implicit);
    if (node->recursive && is_union) {
      scope.common_tables.pop_back();
      body.keys.clear();
      // PostgreSQL wants one collation of both branches.
      for (std::size_t i = 0; i < body.outputs.size(); ++i) collate_output(body, i);
    }
    describe(body);
    scope.common_tables.push_back(table);
    sql += (first ? "" : ", ") + name_text(table.name) + "(";
    first = false;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      sql += (i > 0 ? ", " : "") + name_text(table.columns[i].name);
    sql += ") AS ";
    if (cte.ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways) sql += "MATERIALIZED ";
    if (cte.ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeNever) sql += "NOT MATERIALIZED ";
    sql += "(" + write(body) + ")";
  }
  return sql + " ";
}

Select Analyser::values_select(PgQuery__SelectStmt* node, Scope& scope) {
  Select out;
  std::size_t width = 0;
  for (Node* item : list(node->n_values_lists, node->values_lists)) {
    std::vector<Expr> row;
    for (Node* value : list(item->list->n_items, item->list->items)) row.push_back(expression(value, scope));
    if (out.rows.empty()) width = row.size();
    if (row.size() != width) refuse(0, "the lists of VALUES differ in length");
    out.rows.push_back(std::move(row));
  }
  for (std::size_t i = 0; i < width; ++i) {
    std::vector<Expr> column;
    for (auto& row : out.rows) column.push_back(std::move(row[i]));
    unify(column, "VALUES", 0);
    Output output{"column" + std::to_string(i + 1), column[0]};
    output.expr.nullable =
        std::any_of(column.begin(), column.end(), [](const Expr& e) { return e.nullable; });
    for (std::size_t r = 0; r < out.rows.size(); ++r) out.rows[r][i] = std::move(column[r]);
    out.outputs.push_back(std::move(output));
  }
  out.one_row = out.rows.size() == 1;
  if (out.one_row) out.keys = {{}};
  order_and_limit(node, scope, out, {});
  return out;
}

void Analyser::unify_branches(Select& left, Select& right, int location) {
  if (left.outputs.size() != right.outputs.size())
    refuse(location, "the branches of a set operation differ in their numbers of columns");
  const auto assign = [&](auto&& self, Select& branch, std::size_t i, Type type) -> void {
    if (branch.left != nullptr) {
      self(self, *branch.left, i, type);
      self(self, *branch.right, i, type);
    }
    const auto fit = [&](Expr& expr) {
      const bool widened = expr.type == Type::integer && type == Type::bigint;
      expr = coerce(std::move(expr), type, Cast::implicit);
      if (widened) expr.sql.postgres += "::bigint";  // A recursive query's first branch settles its types.
    };
    for (auto& row : branch.rows) fit(row[i]);
    fit(branch.outputs[i].expr);
  };
  for (std::size_t i = 0; i < left.outputs.size(); ++i) {
    std::vector<Expr> pair = {left.outputs[i].expr, right.outputs[i].expr};
    unify(pair, "set operation", location);
    no_intervals(pointers(pair), "a set operation");
    assign(assign, left, i, pair[0].type);
    assign(assign, right, i, pair[0].type);
  }
}

Select Analyser::set_operation(PgQuery__SelectStmt* node, Scope& scope) {
  Select out;
  out.left = std::make_unique<Select>(select(node->larg, &scope));
  out.right = std::make_unique<Select>(select(node->rarg, &scope));
  out.all = node->all;
  switch (node->op) {
    case PG_QUERY__SET_OPERATION__SETOP_UNION: out.set_operator = out.all ? " UNION ALL " : " UNION "; break;
    case PG_QUERY__SET_OPERATION__SETOP_INTERSECT: out.set_operator = " INTERSECT "; break;
    default: out.set_operator = " EXCEPT "; break;
  }
  unify_branches(*out.left, *out.right, 0);
  for (std::size_t i = 0; i < out.left->outputs.size(); ++i) {
    Output output = out.left->outputs[i];
    output.expr.nullable = output.expr.nullable || out.right->outputs[i].expr.nullable;
    output.expr.collated = output.expr.collated || out.right->outputs[i].expr.collated;
    output.expr.column.reset();
    output.expr.literal.reset();
    output.expr.parameter = 0;
    output.expr.range.reset();
    out.outputs.push_back(std::move(output));
  }
  if (!out.all) {
    out.keys.emplace_back();
    for (std::size_t i = 0; i < out.outputs.size(); ++i) out.keys[0].push_back(i);
  }
  order_and_limit(node, scope, out, {});
  return out;
}

void Analyser::expand_star(const PgQuery__ColumnRef& node, const Scope& scope, std::vector<Output>& outputs,
                           bool personal_too) const {
  const std::string qualifier(node.n_fields == 2 ? string_of(node.fields[0]) : std::string_view{});
  bool found = false;
  for (const Source& source : scope.sources) {
    if (!qualifier.empty() && source.alias != qualifier) continue;
    found = true;
    for (std::size_t i = 0; i < source.columns.size(); ++i)
      if (!qualifier.empty() || !source.columns[i].hidden) {
        outputs.push_back({source.columns[i].name, column_of(source, i, scope, node.location)});
        if (!source.columns[i].personal.empty() && !(personal_too && use_ == Use::query))
          refuse_personal(outputs.back().expr, "stands in this *, where it can't");
      }
  }
  if (!found)
    refuse(node.location, qualifier.empty() ? "* without FROM" : "no table '" + qualifier + "' in this FROM");
}

void Analyser::targets(PgQuery__SelectStmt* node, Scope& scope, Select& out) {
  for (Node* item : list(node->n_target_list, node->target_list)) {
    PgQuery__ResTarget& target = *item->res_target;
    if (target.val->node_case == PG_QUERY__NODE__NODE_COLUMN_REF) {
      const auto& reference = *target.val->column_ref;
      if (reference.fields[reference.n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR) {
        expand_star(reference, scope, out.outputs, node == top_);
        continue;
      }
    }
    Expr expr = node == top_ ? whole_expression(target.val, scope) : expression(target.val, scope);
    const bool named = target.name != nullptr && *target.name != '\0';
    out.outputs.push_back({named ? target.name : name_for(target.val), std::move(expr)});
  }
}

Select Analyser::plain_select(PgQuery__SelectStmt* node, Scope& scope) {
  Select out;
  std::vector<Equality> equalities;
  for (Node* item : list(node->n_window_clause, node->window_clause))
    scope.windows.push_back(item->window_def);
  out.from = from_clause({node->from_clause, node->n_from_clause}, scope, equalities);
  if (node->where_clause != nullptr) {
    Expr where = condition(node->where_clause, scope, "WHERE");
    if (where.aggregate || where.window)
      refuse(where.location, "WHERE can't hold aggregates or windows", "use HAVING or a subquery");
    out.where = where.sql;
    equalities.insert(equalities.end(), where.equalities.begin(), where.equalities.end());
  }
  const bool distinct_on_some =
      node->n_distinct_clause > 0 && node->distinct_clause[0]->node_case != PG_QUERY__NODE__NODE__NOT_SET;
  out.distinct = node->n_distinct_clause > 0 && !distinct_on_some;
  std::vector<Expr> groups;
  group_by(node, scope, out, groups);
  targets(node, scope, out);
  Expr having;
  if (node->having_clause != nullptr) {
    having = condition(node->having_clause, scope, "HAVING");
    out.having = " HAVING " + having.sql;
  }
  const bool aggregates = having.aggregate || std::any_of(out.outputs.begin(), out.outputs.end(),
                                                          [](const Output& o) { return o.expr.aggregate; });
  const bool grouped = aggregates || !groups.empty() || node->having_clause != nullptr;
  if (grouped) {
    if (!having.sql.empty()) out.outputs.push_back({"having", having});
    check_grouping(out, groups, scope);
    if (!having.sql.empty()) out.outputs.pop_back();
  }
  if (distinct_on_some) distinct_on(node, scope, out, groups);
  std::set<std::size_t> every;
  for (std::size_t i = 0; i < out.outputs.size(); ++i) every.insert(i);
  if (grouped && groups.empty()) {
    out.one_row = true;
  } else if (!grouped && all_pinned(scope, equalities)) {
    out.one_row = true;
  } else if (!grouped) {
    std::vector<Equality> by_output = equalities;
    std::vector<std::size_t> key;
    for (const std::size_t i : every)
      if (out.outputs[i].expr.column) {
        by_output.push_back({*out.outputs[i].expr.column, {}});
        key.push_back(i);
      }
    if (all_pinned(scope, by_output)) out.keys.push_back(key);
  } else {
    std::vector<std::size_t> key;
    for (const Expr& group : groups)
      for (const std::size_t i : every)
        if (out.outputs[i].expr.sql.sqlite == group.sql.sqlite) {
          key.push_back(i);
          break;
        }
    if (key.size() == groups.size()) out.keys.push_back(key);
  }
  if (out.distinct) out.keys.emplace_back(every.begin(), every.end());
  if (out.one_row) out.keys = {{}};
  // What WHERE fixes needs no place in the order.
  for (const Equality& equality : equalities)
    if (equality.others.empty())
      for (Source& source : scope.sources)
        if (source.id == equality.column.source)
          for (auto& key : source.keys) std::erase(key, equality.column.column);
  order_and_limit(node, scope, out, groups);
  return out;
}

void Analyser::distinct_on(PgQuery__SelectStmt* node, const Scope& scope, Select& out,
                           const std::vector<Expr>& groups) {
  for (Node* item : list(node->n_distinct_clause, node->distinct_clause)) {
    std::size_t output = out.outputs.size();
    if (const auto ordinal = integer_constant(item)) {
      if (*ordinal < 1 || *ordinal > static_cast<std::int64_t>(out.outputs.size()))
        refuse(0, "DISTINCT ON names no output", "a column, or the place of an output");
      output = static_cast<std::size_t>(*ordinal) - 1;
    } else if (item->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && item->column_ref->n_fields == 1) {
      const auto name = string_of(item->column_ref->fields[0]);
      for (std::size_t i = out.outputs.size(); i-- > 0;)
        if (out.outputs[i].name == name) output = i;
    }
    Expr expr = output < out.outputs.size() ? out.outputs[output].expr : expression(item, scope);
    if (expr.open()) expr = coerce(std::move(expr), Type::text, Cast::implicit);
    no_intervals({&expr}, "DISTINCT ON");
    out.distinct_on.push_back(std::move(expr));
  }
  if (groups.empty()) return;
  Select named;
  for (const Expr& expr : out.distinct_on) named.outputs.push_back({"distinct", expr});
  check_grouping(named, groups, scope);
}

void Analyser::group_by(PgQuery__SelectStmt* node, Scope& scope, Select& out, std::vector<Expr>& groups) {
  for (Node* item : list(node->n_group_clause, node->group_clause)) {
    if (item->node_case == PG_QUERY__NODE__NODE_GROUPING_SET)
      refuse(0, "GROUPING SETS, ROLLUP and CUBE are not supported",
             "write one SELECT for each and UNION ALL");
    Node* expr = item;
    const auto targets = list(node->n_target_list, node->target_list);
    if (const auto ordinal = integer_constant(item)) {
      if (*ordinal < 1 || *ordinal > static_cast<std::int64_t>(targets.size()))
        refuse(0, "GROUP BY names no output");
      expr = targets[static_cast<std::size_t>(*ordinal) - 1]->res_target->val;
    } else if (item->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && item->column_ref->n_fields == 1) {
      const std::string name(string_of(item->column_ref->fields[0]));
      const bool is_column =
          std::any_of(scope.sources.begin(), scope.sources.end(), [&](const Source& source) {
            return std::any_of(source.columns.begin(), source.columns.end(),
                               [&](const SourceColumn& c) { return c.name == name; });
          });
      for (Node* target : targets)
        if (!is_column && target->res_target->name == name) expr = target->res_target->val;
    }
    Expr group = expression(expr, scope);
    no_intervals({&group}, "GROUP BY");
    if (group.aggregate) refuse(group.location, "GROUP BY can't hold aggregates");
    if (group.open()) group = coerce(std::move(group), Type::text, Cast::implicit);
    out.group += (groups.empty() ? " GROUP BY " : ", ") + group_text(group);
    groups.push_back(std::move(group));
  }
  for (const Expr& group : groups) scope.group_sql.insert(group.sql.sqlite);
}

void Analyser::check_grouping(Select& out, const std::vector<Expr>& groups, const Scope& scope) const {
  std::set<ColumnId> grouped;
  for (const Expr& group : groups)
    if (group.column) grouped.insert(*group.column);
  for (const Output& output : out.outputs) {
    for (const ColumnId& id : output.expr.ungrouped) {
      const auto source = std::find_if(scope.sources.begin(), scope.sources.end(),
                                       [&](const Source& s) { return s.id == id.source; });
      if (source == scope.sources.end() || grouped.contains(id)) continue;
      bool by_key = false;
      if (source->table != nullptr) {
        by_key = std::all_of(source->table->primary_key.begin(), source->table->primary_key.end(),
                             [&](const std::string& name) {
                               for (std::size_t i = 0; i < source->columns.size(); ++i)
                                 if (source->columns[i].name == name)
                                   return grouped.contains(ColumnId{id.source, i});
                               return false;
                             });
      }
      if (!by_key)
        refuse(output.expr.location,
               "column '" + source->columns[id.column].name + "' is neither grouped nor aggregated",
               "add it to GROUP BY");
      // PostgreSQL sees a table's key through no subquery.
      out.also_grouped.insert(source->columns[id.column].sql.postgres);
    }
  }
}

std::vector<Analyser::SortKey> Analyser::sort_keys(Nodes clause, const Scope& scope, const Select& out) {
  std::vector<SortKey> keys;
  for (Node* item : clause) {
    const PgQuery__SortBy& sort = *item->sort_by;
    if (sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING)
      refuse(sort.location, "ORDER BY ... USING is not supported", "ASC or DESC");
    SortKey key;
    const auto ordinal = integer_constant(sort.node);
    if (ordinal && !out.outputs.empty()) {
      if (*ordinal < 1 || *ordinal > static_cast<std::int64_t>(out.outputs.size()))
        refuse(sort.location, "ORDER BY names no output");
      key.output = static_cast<int>(*ordinal) - 1;
    } else if (sort.node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
               sort.node->column_ref->n_fields == 1) {
      const auto name = string_of(sort.node->column_ref->fields[0]);
      for (std::size_t i = 0; i < out.outputs.size(); ++i)
        if (out.outputs[i].name == name && key.output < 0) key.output = static_cast<int>(i);
    }
    if (key.output >= 0) {
      key.expr = out.outputs[static_cast<std::size_t>(key.output)].expr;
      key.sql = std::to_string(key.output + 1);
      key.in_place = true;
      if (!key.expr.personal.empty())
        refuse_personal(key.expr, "can't be computed with, compared or ordered by");
    } else {
      if (out.left != nullptr || !out.rows.empty())
        refuse(sort.location, "a set operation is ordered by its output columns only",
               "name an output column or its number");
      key.expr = expression(sort.node, scope);
      if (key.expr.open()) key.expr = coerce(std::move(key.expr), Type::text, Cast::implicit);
      for (std::size_t i = 0; i < out.outputs.size(); ++i)
        if (out.outputs[i].expr.sql.sqlite == key.expr.sql.sqlite && key.output < 0)
          key.output = static_cast<int>(i);
      key.sql = Text(key.expr.sql.sqlite, ordered(key.expr));
      // Either engine would take a number for the place of an output.
      if (key.expr.constant && key.expr.type == Type::integer) key.sql.postgres += "::integer";
      if (key.expr.constant && (key.expr.type == Type::integer || key.expr.type == Type::bigint))
        key.sql.sqlite = "CAST(" + key.expr.sql.sqlite + " AS INTEGER)";
      if (key.output >= 0) {
        const auto place = static_cast<std::size_t>(key.output);
        key.sql.sqlite = std::to_string(key.output + 1);
        key.in_place = out.outputs[place].expr.sql.postgres == key.expr.sql.postgres;
        if (key.in_place) key.sql.postgres = key.sql.sqlite;
      }
      if (out.distinct && key.output < 0)
        refuse(sort.location, "with DISTINCT, ORDER BY takes output columns only",
               "add the expression to the select list");
    }
    no_intervals({&key.expr}, "ORDER BY");
    if (key.expr.type == Type::jsonb)
      refuse(sort.location, "jsonb values have no order here", "order by a member: (x ->> 'name')");
    const bool descending = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    bool nulls_first = descending;
    if (sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST) nulls_first = true;
    if (sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST) nulls_first = false;
    if (descending) key.direction = " DESC";
    if (key.expr.nullable) key.direction += nulls_first ? " NULLS FIRST" : " NULLS LAST";
    key.sql += key.direction;
    keys.push_back(std::move(key));
  }
  return keys;
}

bool Analyser::is_total(const std::vector<SortKey>& keys, const Select& out, const Scope& scope,
                        const std::vector<Expr>& groups) const {
  if (out.one_row) return true;
  std::set<std::size_t> outputs;
  std::set<std::string> texts;  // SQLite's, which say what is equal
  std::vector<Equality> fixed;
  for (const SortKey& key : keys) {
    if (key.output >= 0) outputs.insert(static_cast<std::size_t>(key.output));
    texts.insert(key.expr.sql.sqlite);
    if (key.expr.column) fixed.push_back({*key.expr.column, {}});
  }
  for (const auto& key : out.keys)
    if (covers(outputs, key)) return true;
  if (out.left != nullptr || !out.rows.empty() || out.distinct) return false;
  if (!groups.empty())
    return std::all_of(groups.begin(), groups.end(),
                       [&](const Expr& g) { return texts.contains(g.sql.sqlite); });
  return all_pinned(scope, fixed);
}

void Analyser::order_and_limit(PgQuery__SelectStmt* node, Scope& scope, Select& out,
                               const std::vector<Expr>& groups) {
  const auto keys = sort_keys({node->sort_clause, node->n_sort_clause}, scope, out);
  if (!out.distinct_on.empty()) {
    if (rules_.deterministic && !is_total(keys, out, scope, groups))
      refuse(0, "DISTINCT ON without a total order depends on the order of rows",
             "add a key's columns to ORDER BY");
    for (const SortKey& key : keys)
      out.first_by.push_back({{key.expr.sql.sqlite, ordered(key.expr)}, key.direction});
  }
  for (const SortKey& key : keys) {
    if (!out.distinct_on.empty()) break;
    out.sort += (out.sort.empty() ? " ORDER BY " : ", ") + key.sql;
    if (key.in_place) collate_output(out, static_cast<std::size_t>(key.output));
  }
  const bool grouped = !groups.empty();
  if (grouped) {
    Select sorted;
    for (const SortKey& key : keys) sorted.outputs.push_back({"order", key.expr});
    check_grouping(sorted, groups, scope);
    out.also_grouped.merge(sorted.also_grouped);
  }
  out.ordered = out.one_row || !keys.empty();
  if (node->limit_option == PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES)
    refuse(0, "FETCH FIRST ... WITH TIES is not supported", "use rank() in a subquery");
  if (node->limit_count == nullptr && node->limit_offset == nullptr) return;
  if (rules_.deterministic && !is_total(keys, out, scope, groups))
    refuse(0, "LIMIT without a total order depends on the order of rows", "add a key's columns to ORDER BY");
  const auto count = [&](Node* expr, std::string_view name) {
    Expr value = coerce(expression(expr, scope), Type::bigint, Cast::implicit);
    if (!value.sources.empty() || value.aggregate || value.window)
      refuse(value.location, std::string(name) + " of a column: it is one number for all rows",
             "a constant, a parameter or a subquery that reads no column of this one");
    if (value.range && value.range->low >= 0 && value.range->low == value.range->high) return value.sql;
    plain_only(value.location, std::string(name) + " that is no constant");
    return Text("reeve_" + std::string(name) + "(" + value.sql.sqlite + ")", value.sql.postgres);
  };
  const bool all =
      node->limit_count == nullptr ||
      (node->limit_count->node_case == PG_QUERY__NODE__NODE_A_CONST && node->limit_count->a_const->isnull);
  out.limit = all ? Text(" LIMIT -1", "") : " LIMIT " + count(node->limit_count, "limit");
  if (node->limit_offset != nullptr) out.limit += " OFFSET " + count(node->limit_offset, "offset");
  if (!all && integer_constant(node->limit_count).value_or(2) <= 1) out.one_row = out.ordered = true;
  if (out.one_row) out.keys = {{}};
}

}  // namespace reeve::sql
