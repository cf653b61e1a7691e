// Subqueries within expressions.

#include "sql/analyser.h"

#include <algorithm>

namespace reeve::sql {

/// Of what the subquery read from around itself, what is the scope's is noted in the result; the rest is left for
/// the statements further out.
Expr Analyser::correlated(const Scope& scope, std::size_t before, int location) {
  Expr expr;
  expr.location = location;
  expr.type = Type::boolean;
  for (std::size_t i = before; i < outer_columns_.size();) {
    const ColumnId id = outer_columns_[i];
    const bool mine = std::any_of(scope.sources.begin(), scope.sources.end(),
                                  [&](const Source& s) { return s.id == id.source; });
    if (!mine) {
      ++i;
      continue;
    }
    expr.sources.insert(id.source);
    expr.ungrouped.push_back(id);
    outer_columns_.erase(outer_columns_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return expr;
}

Expr Analyser::single_value(Select inner, Expr expr) {
  if (inner.outputs.size() != 1) refuse(expr.location, "a subquery used as a value has one column");
  expr.type = inner.outputs[0].expr.type;
  if (inner.one_row) {
    expr.sql = "(" + write(inner) + ")";
  } else {
    // PostgreSQL fails at a second row; SQLite alone would take the first.
    plain_only(expr.location, "a subquery that may give several rows", "select by a key, or an aggregate");
    const std::string alias = "reeve_" + std::to_string(next_alias_++);
    inner.outputs[0].name = "v";
    const Text text = write(inner);
    expr.sql = {"(SELECT reeve_single(" + alias + ".v) FROM (" + text.sqlite + ") AS " + alias + ")",
                "(" + text.postgres + ")"};
  }
  if (expr.type == Type::integer) expr.range = Range{INT32_MIN, INT32_MAX};
  return expr;
}

Expr Analyser::in_subquery(const PgQuery__SubLink& node, Select inner, const Expr& around,
                           const Scope& scope) {
  if (node.n_oper_name > 0 && string_of(node.oper_name[0]) != "=")
    refuse(node.location, "only IN and = ANY take a subquery", "write EXISTS (...)");
  Text left;
  std::vector<Expr> parts;
  if (node.testexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR) {
    const auto items = list(node.testexpr->row_expr->n_args, node.testexpr->row_expr->args);
    if (items.size() != inner.outputs.size()) refuse(node.location, "IN: the numbers of columns differ");
    for (std::size_t i = 0; i < items.size(); ++i) {
      std::vector<Expr> pair = {expression(items[i], scope), std::move(inner.outputs[i].expr)};
      unify(pair, "IN", node.location);
      inner.outputs[i].expr = std::move(pair[1]);
      left += (i > 0 ? ", " : "") + pair[0].sql;
      parts.push_back(std::move(pair[0]));
    }
    left = "(" + left + ")";
  } else {
    if (inner.outputs.size() != 1) refuse(node.location, "a subquery of IN has one column");
    std::vector<Expr> pair = {expression(node.testexpr, scope), inner.outputs[0].expr};
    unify(pair, "IN", node.location);
    if (inner.left == nullptr && inner.rows.empty()) inner.outputs[0].expr = pair[1];
    left = pair[0].sql;
    parts.push_back(std::move(pair[0]));
  }
  Expr in =
      combine("(" + left + " IN (" + write(inner) + "))", Type::boolean, pointers(parts), node.location);
  in.nullable = true;
  in.constant = false;
  in.sources.insert(around.sources.begin(), around.sources.end());
  in.ungrouped.insert(in.ungrouped.end(), around.ungrouped.begin(), around.ungrouped.end());
  return in;
}

Expr Analyser::sub_link(const PgQuery__SubLink& node, const Scope& scope) {
  const std::size_t before = outer_columns_.size();
  Select inner = select(node.subselect->select_stmt, &scope);
  Expr expr = correlated(scope, before, node.location);
  switch (node.sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
      for (Output& output : inner.outputs)
        if (output.expr.open()) output.expr = coerce(std::move(output.expr), Type::text, Cast::implicit);
      expr.sql = "EXISTS (" + write(inner) + ")";
      expr.nullable = false;
      return expr;
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK: return single_value(std::move(inner), std::move(expr));
    case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK: return in_subquery(node, std::move(inner), expr, scope);
    default:
      refuse(node.location, "this kind of subquery is not supported", "write EXISTS (...) or IN (...)");
  }
}

}  // namespace reeve::sql
