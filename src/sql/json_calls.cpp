// jsonb by paths: #> and its kin, jsonb_set, jsonb_insert, plain paths of SQL/JSON.

#include "sql/analyser.h"
#include "sql/json_path.h"
#include "sql/names.h"

namespace reeve::sql {

bool is_array(const Node* node) {
  if (node->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR) return true;
  return node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST && node->type_cast->type_name->n_array_bounds > 0;
}

/// A text[] of constants and expressions as what the registered functions take: a JSON array of strings.
Text Analyser::json_path(Node* node, const Scope& scope) {
  if (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST && is_array(node)) node = node->type_cast->arg;
  if (node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
      node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL)
    return {"reeve_text_array(" + quoted_text(node->a_const->sval->sval) + ")",
            quoted_text(node->a_const->sval->sval) + "::text[]"};
  if (node->node_case != PG_QUERY__NODE__NODE_A_ARRAY_EXPR)
    refuse(0, "a path that is no list of its steps is not supported", "write '{a,b}' or ARRAY['a', :step]");
  std::string spec;
  Text values;
  for (Node* item : list(node->a_array_expr->n_elements, node->a_array_expr->elements)) {
    values += ", " + coerce(expression(item, scope), Type::text, Cast::implicit).sql;
    spec += 't';
  }
  const std::string elements = values.postgres.empty() ? "" : values.postgres.substr(2);
  return {"reeve_jsonb_build_array('" + spec + "'" + values.sqlite + ")", "ARRAY[" + elements + "]::text[]"};
}

Expr Analyser::json_path_operation(const std::string& op, Expr left, Node* keys, const Scope& scope,
                                   int location) {
  left = coerce(std::move(left), Type::jsonb, Cast::implicit);
  if (rules_.stored && op[0] == '?') return stored_json_keys(op, left, keys, location);
  plain_only(location, "operator " + op);
  const Text path = json_path(keys, scope);
  static constexpr std::pair<std::string_view, std::string_view> functions[] = {
      {"#>", "reeve_jsonb_path"},
      {"#>>", "reeve_jsonb_path_text"},
      {"#-", "reeve_jsonb_delete_path"},
      {"?|", "reeve_jsonb_exists_any"},
      {"?&", "reeve_jsonb_exists_all"}};
  std::string function;
  for (const auto& [name, called] : functions)
    if (name == op) function = called;
  const Type type = op == "#>>" ? Type::text : op[0] == '#' ? Type::jsonb : Type::boolean;
  Expr expr = combine({function + "(" + left.sql.sqlite + ", " + path.sqlite + ")",
                       "(" + left.sql.postgres + " " + op + " " + path.postgres + ")"},
                      type, {&left}, location);
  expr.nullable = op[0] == '#' || left.nullable;
  return expr;
}

Expr Analyser::json_delete(Expr left, Node* keys, const Scope& scope, int location) {
  if (rules_.stored) return stored_json_delete(left, keys, location);
  const Text path = json_path(keys, scope);
  return combine({"reeve_jsonb_delete_several(" + left.sql.sqlite + ", " + path.sqlite + ")",
                  "(" + left.sql.postgres + " - " + path.postgres + ")"},
                 Type::jsonb, {&left}, location);
}

Expr Analyser::json_change(const std::string& name, const PgQuery__FuncCall& node, const Scope& scope) {
  use_function(name);
  plain_only(node.location, "function " + name + "()");
  const auto given = list(node.n_args, node.args);
  if (given.size() < 3 || given.size() > 4)
    refuse(node.location, name + "() takes a document, a path, a value, and whether",
           name + "(document, '{a,b}', to_jsonb(value))");
  Expr document = coerce(expression(given[0], scope), Type::jsonb, Cast::implicit);
  const Text path = json_path(given[1], scope);
  Expr value = coerce(expression(given[2], scope), Type::jsonb, Cast::implicit);
  Text whether = name == "jsonb_set" ? Text("1", "true") : Text("0", "false");
  std::vector<const Expr*> parts = {&document, &value};
  Expr last;
  if (given.size() == 4) {
    last = coerce(expression(given[3], scope), Type::boolean, Cast::implicit);
    whether = last.sql;
    parts.push_back(&last);
  }
  return combine(Text("reeve_" + name + "(", name + "(") + document.sql + ", " + path + ", " + value.sql +
                     ", " + whether + ")",
                 Type::jsonb, parts, node.location);
}

Expr Analyser::json_path_call(const std::string& name, std::vector<Expr> arguments, int location) {
  plain_only(location, "function " + name + "()");
  const bool plain = arguments.size() == 2 && arguments[1].literal && read_json_path(*arguments[1].literal);
  if (!plain)
    refuse(
        location, name + "() takes a plain path here, without filters, methods and variables",
        "'$.a.b[0]', '$.list[*].name'; for a condition EXISTS (SELECT 1 FROM jsonb_array_elements(...) ...)");
  Expr document = coerce(std::move(arguments[0]), Type::jsonb, Cast::implicit);
  const std::string path = quoted_text(*arguments[1].literal);
  Expr expr = combine({"reeve_" + name + "(" + document.sql.sqlite + ", " + path + ")",
                       name + "(" + document.sql.postgres + ", " + path + "::jsonpath)"},
                      name == "jsonb_path_exists" ? Type::boolean : Type::jsonb, {&document}, location);
  expr.nullable = document.nullable || name != "jsonb_path_exists";
  return expr;
}

/// The constants of ARRAY['a', 'b'] or '{a,b}'::text[] as members' paths of SQLite's own functions.
std::vector<std::string> Analyser::constant_members(Node* keys, int location) const {
  std::vector<std::string> out;
  if (keys->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) keys = keys->type_cast->arg;
  const bool array = keys->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR;
  if (!array) plain_only(location, "a list of members that is not written as ARRAY['a', 'b']");
  for (Node* item : list(keys->a_array_expr->n_elements, keys->a_array_expr->elements)) {
    const bool text = item->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                      item->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
    const std::string name = text ? item->a_const->sval->sval : "";
    if (!text || name.find_first_of("\"'\\") != std::string::npos)
      plain_only(location, "a member's name that is no plain constant");
    out.push_back(name);
  }
  return out;
}

Text array_text(const std::vector<std::string>& names) {
  Text out("", "ARRAY[");
  for (std::size_t i = 0; i < names.size(); ++i) out.postgres += (i > 0 ? ", " : "") + quoted_text(names[i]);
  out.postgres += "]::text[]";
  return out;
}

Expr Analyser::stored_json_keys(const std::string& op, const Expr& left, Node* keys, int location) {
  const auto names = constant_members(keys, location);
  std::string sqlite;
  for (const std::string& name : names) {
    if (!sqlite.empty()) sqlite += op == "?&" ? " AND " : " OR ";
    sqlite += "json_type(" + left.sql.sqlite + ", '$.\"" + name + "\"') IS NOT NULL";
  }
  // Without an object there is no member; NULL stays NULL.
  sqlite = "CASE WHEN " + left.sql.sqlite + " IS NULL THEN NULL ELSE (" + (sqlite.empty() ? "1" : sqlite) +
           ") END";
  return combine({sqlite, "(" + left.sql.postgres + " " + op + " " + array_text(names).postgres + ")"},
                 Type::boolean, {&left}, location);
}

Expr Analyser::stored_json_delete(const Expr& left, Node* keys, int location) {
  const auto names = constant_members(keys, location);
  std::string sqlite = "json_remove(" + left.sql.sqlite;
  for (const std::string& name : names) sqlite += ", '$.\"" + name + "\"'";
  return combine({sqlite + ")", "(" + left.sql.postgres + " - " + array_text(names).postgres + ")"},
                 Type::jsonb, {&left}, location);
}

/// Plain SQLite's answers for a CHECK: the type's name, and whether an object has a member.
std::optional<Expr> Analyser::stored_json_call(const std::string& name, const std::vector<Expr>& arguments,
                                               int location) {
  if (!rules_.stored || name != "jsonb_typeof" || arguments.size() != 1 || arguments[0].type != Type::jsonb)
    return {};
  const std::string type = "json_type(" + arguments[0].sql.sqlite + ")";
  return combine(
      {"CASE " + type +
           " WHEN 'integer' THEN 'number' WHEN 'real' THEN 'number' WHEN 'text' THEN 'string' WHEN "
           "'true' THEN 'boolean' WHEN 'false' THEN 'boolean' ELSE " +
           type + " END",
       "jsonb_typeof(" + arguments[0].sql.postgres + ")"},
      Type::text, pointers(arguments), location);
}

}  // namespace reeve::sql
