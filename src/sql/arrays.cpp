// Lists on the right of ANY, ALL and IN: ARRAY[...], '{...}', a parameter that carries a list, rows.

#include "sql/analyser.h"
#include "sql/functions_internal.h"
#include "sql/names.h"

namespace reeve::sql {
namespace {

/// The elements of PostgreSQL's '{a,"b c",NULL}'; nothing for a text that is none. An element without quotes may be NULL.
std::optional<std::vector<std::optional<std::string>>> array_elements(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return {};
  text = text.substr(1, text.size() - 2);
  std::vector<std::optional<std::string>> out;
  std::string current;
  bool quoted_now = false;
  bool was_quoted = false;
  const auto finish = [&] {
    const bool null = !was_quoted && current == "NULL";
    out.push_back(null ? std::optional<std::string>{} : std::optional<std::string>(current));
    current.clear();
    was_quoted = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      quoted_now = !quoted_now;
      was_quoted = true;
    } else if (c == '\\' && i + 1 < text.size()) {
      current += text[++i];
    } else if (quoted_now || (c != ',' && c != ' ' && c != '{' && c != '}')) {
      current += c;
    } else if (c == ',') {
      finish();
    } else if (c != ' ') {
      return {};
    }
  }
  if (quoted_now) return {};
  if (!out.empty() || !current.empty() || was_quoted) finish();
  return out;
}

/// What reads an element's text; empty for text itself.
std::string_view reader_of(Type type) {
  switch (type) {
    case Type::integer: return "integer";
    case Type::bigint: return "bigint";
    case Type::uuid: return "uuid";
    case Type::date: return "date";
    case Type::timestamptz: return "timestamptz";
    default: return "";
  }
}

}  // namespace

Expr Analyser::array_comparison(const std::string& op, const PgQuery__AExpr& node, const Scope& scope) {
  const bool any = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
  if (!is_comparison(op))
    refuse(node.location, "ANY and ALL compare with = <> < <= > >=, not with " + op,
           "one term for each element, joined by OR or AND");
  Expr left = expression(node.lexpr, scope);
  Node* array = node.rexpr;
  std::optional<Type> type;
  if (array->node_case == PG_QUERY__NODE__NODE_TYPE_CAST && is_array(array)) {
    PgQuery__TypeName element = *array->type_cast->type_name;
    element.n_array_bounds = 0;
    type = type_of(element).first;
    array = array->type_cast->arg;
  }
  std::vector<Expr> items;
  if (array->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR) {
    for (Node* item : list(array->a_array_expr->n_elements, array->a_array_expr->elements))
      items.push_back(expression(item, scope));
  } else if (array->node_case == PG_QUERY__NODE__NODE_PARAM_REF) {
    if (!type && left.open())
      refuse(node.location, "the type of the list's elements is unknown", "cast it: :list::bigint[]");
    return among_parameter(op, any, std::move(left), type.value_or(left.type), *array->param_ref);
  } else {
    const bool text = array->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                      array->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
    const auto elements = text ? array_elements(array->a_const->sval->sval) : std::nullopt;
    if (!elements)
      refuse(node.location, "ANY and ALL take ARRAY[...], '{...}' or a parameter here",
             "x IN (SELECT ...), or x IN (SELECT value FROM jsonb_array_elements_text(...) AS e (value))");
    for (const auto& element : *elements) {
      Expr item;
      item.sql = element ? Text(quoted_text(*element)) : Text("NULL");
      item.literal = element;
      item.is_null = item.nullable = !element;
      item.constant = true;
      item.location = node.location;
      items.push_back(std::move(item));
    }
  }
  if (type)
    for (Expr& item : items)
      item = coerce(std::move(item), *type, item.open() ? Cast::implicit : Cast::explicit_cast);
  return among_items(op, any, std::move(left), std::move(items), node.location);
}

Expr Analyser::among_items(const std::string& op, bool any, Expr left, std::vector<Expr> items,
                           int location) {
  if (items.empty()) {
    Expr none = combine(any ? Text("0", "false") : Text("1", "true"), Type::boolean, {&left}, location);
    none.nullable = false;
    return none;
  }
  if (op == (any ? "=" : "<>")) {
    items.insert(items.begin(), std::move(left));
    return in_list(std::move(items), !any, location);
  }
  Text sql;
  std::vector<Expr> parts;
  for (Expr& item : items) {
    parts.push_back(comparison(op, left, std::move(item), location));
    sql += Text(sql.empty() ? "(" : any ? " OR " : " AND ") + parts.back().sql;
  }
  return combine(sql + ")", Type::boolean, pointers(parts), location);
}

/// The parameter is jsonb, a list of what JSON can carry: numbers and texts, each read as the type's text is.
Expr Analyser::among_parameter(const std::string& op, bool any, Expr left, Type type,
                               const PgQuery__ParamRef& list) {
  const int location = list.location;
  if (op != (any ? "=" : "<>"))
    refuse(location, "with a parameter only = ANY and <> ALL are supported",
           "EXISTS (SELECT 1 FROM jsonb_array_elements_text(...) AS e (value) WHERE ...)");
  if (type != Type::text && reader_of(type).empty())
    refuse(location, "a list of " + std::string(name_of(type)) + " is not supported",
           "integer, bigint, text, uuid, date, timestamptz");
  plain_only(location, "a list that a parameter carries");
  const Expr items = coerce(parameter(list), Type::jsonb, Cast::implicit);
  left = coerce(std::move(left), type, Cast::implicit);
  const std::string text =
      "CASE e.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(e.value AS TEXT) END";
  const std::string read(reader_of(type));
  const std::string function = "reeve_text_" + read;
  const bool own = type == Type::integer || type == Type::bigint;
  const std::string native = read.empty() ? "e.value" : own ? "e.value::" + read : function + "(e.value)";
  Expr expr =
      combine({"(" + left.sql.sqlite + (any ? " IN (SELECT " : " NOT IN (SELECT ") +
                   (read.empty() ? text : function + "(" + text + ")") +
                   " FROM json_each(reeve_jsonb_array(" + items.sql.sqlite + ")) AS e))",
               "(" + left.sql.postgres + (any ? " = ANY (ARRAY(SELECT " : " <> ALL (ARRAY(SELECT ") + native +
                   " FROM jsonb_array_elements_text(" + items.sql.postgres + ") AS e (value))))"},
              Type::boolean, {&left, &items}, location);
  expr.nullable = true;
  return expr;
}

Expr Analyser::row_in_list(const PgQuery__AExpr& node, bool negated, const Scope& scope) {
  Text sql;
  std::vector<Expr> parts;
  for (Node* item : list(node.rexpr->list->n_items, node.rexpr->list->items)) {
    if (item->node_case != PG_QUERY__NODE__NODE_ROW_EXPR)
      refuse(node.location, "IN of row values takes row values", "((a, b), (c, d))");
    parts.push_back(row_comparison("=", node.lexpr, item, scope, node.location));
    parts.back().equalities.clear();
    sql += Text(sql.empty() ? "(" : " OR ") + parts.back().sql;
  }
  sql += ")";
  return combine(negated ? "(NOT " + sql + ")" : sql, Type::boolean, pointers(parts), node.location);
}

/// Of a row both tests ask for all of its parts.
Expr Analyser::row_null_test(const PgQuery__RowExpr& row, bool negated, const Scope& scope) {
  Text sql;
  std::vector<Expr> parts;
  for (Node* item : list(row.n_args, row.args)) {
    Expr part = expression(item, scope);
    if (part.open()) part = coerce(std::move(part), Type::text, Cast::implicit);
    sql += Text(sql.empty() ? "(" : " AND ") + part.sql + (negated ? " IS NOT NULL" : " IS NULL");
    parts.push_back(std::move(part));
  }
  Expr expr = combine(sql + ")", Type::boolean, pointers(parts), row.location);
  expr.nullable = false;
  return expr;
}

}  // namespace reeve::sql
