// Sealed values (docs/sealed_value.md): copied whole, from a payload's member into a column of the same subject, and from
// there into a query's answer. Everything else that a statement could do with one is refused.

#include "sql/analyser.h"
#include "sql/names.h"

#include <algorithm>

namespace reeve::sql {

void Analyser::refuse_personal(const Expr& expr, const std::string& what) const {
  refuse(expr.location, "a personal value " + what,
         "it is sealed: it can only be copied whole, into a personal column of the same subject, and asked "
         "for by a "
         "query");
}

Expr Analyser::whole_expression(Node* node, const Scope& scope) {
  whole_ = node;
  Expr expr = expression(node, scope);
  whole_ = nullptr;
  return expr;
}

void Analyser::check_assigned(const Expr& value, const Column& column) const {
  if (column.personal.empty()) {
    if (!value.personal.empty())
      refuse_personal(value, "can't go into the plain column '" + column.name + "'");
    return;
  }
  if (value.personal.empty() && !value.is_null)
    refuse(value.location,
           "column '" + column.name + "' is personal: it takes a personal member of the payload, whole",
           "mark the member in the event's schema: \"personal\": \"SUBJECT'S MEMBER\"");
}

std::string Analyser::parameter_name(const Node* node) const {
  if (node->node_case != PG_QUERY__NODE__NODE_PARAM_REF) return {};
  return text_.names().at(static_cast<std::size_t>(node->param_ref->number) - 1);
}

void Analyser::check_subjects(Nodes values, const std::vector<const Column*>& columns) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name = parameter_name(values[i]);
    const auto sealed = personal_.find(name);
    if (columns[i]->personal.empty() || name.empty() || sealed == personal_.end()) continue;
    const auto subject = std::find_if(columns.begin(), columns.end(), [&](const Column* column) {
      return column->name == columns[i]->personal;
    });
    if (subject == columns.end() ||
        parameter_name(values[static_cast<std::size_t>(subject - columns.begin())]) != sealed->second)
      refuse(values[i]->param_ref->location,
             "column '" + columns[i]->name + "' is personal to '" + columns[i]->personal + "', :" + name +
                 " to :" + sealed->second,
             "give " + columns[i]->personal + " the value :" + sealed->second);
  }
}

/// Whether every row that the condition lets pass has the parameter's value in the column.
bool Analyser::finds_by(const Node* where, const std::string& column, const std::string& parameter) const {
  if (where == nullptr) return false;
  if (where->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
      where->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
    const auto parts = list(where->bool_expr->n_args, where->bool_expr->args);
    return std::any_of(parts.begin(), parts.end(),
                       [&](const Node* part) { return finds_by(part, column, parameter); });
  }
  if (where->node_case != PG_QUERY__NODE__NODE_A_EXPR ||
      where->a_expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP || where->a_expr->n_name != 1 ||
      string_of(where->a_expr->name[0]) != "=" || where->a_expr->lexpr == nullptr)
    return false;
  const auto is_pair = [&](const Node* left, const Node* right) {
    return left->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
           string_of(left->column_ref->fields[left->column_ref->n_fields - 1]) == column &&
           parameter_name(right) == parameter;
  };
  return is_pair(where->a_expr->lexpr, where->a_expr->rexpr) ||
         is_pair(where->a_expr->rexpr, where->a_expr->lexpr);
}

void Analyser::check_subjects(const PgQuery__UpdateStmt& node, const Table& table) const {
  for (Node* item : list(node.n_target_list, node.target_list)) {
    const PgQuery__ResTarget& target = *item->res_target;
    const Column* column = table.find_column(target.name);
    const std::string name = parameter_name(value_of(target));
    const auto sealed = personal_.find(name);
    if (column->personal.empty() || name.empty() || sealed == personal_.end()) continue;
    if (node.n_from_clause > 0 || !finds_by(node.where_clause, column->personal, sealed->second))
      refuse(target.location,
             "column '" + column->name + "' is personal to '" + column->personal + "', :" + name +
                 " to :" + sealed->second,
             "UPDATE ... WHERE " + column->personal + " = :" + sealed->second);
  }
}

}  // namespace reeve::sql
