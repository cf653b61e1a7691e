// Operators: what a sign means depends on the types beside it.

#include "sql/analyser.h"
#include "sql/names.h"

#include <algorithm>

namespace reeve::sql {
namespace {

bool is_integer(Type type) { return type == Type::integer || type == Type::bigint; }
bool is_number(Type type) { return is_integer(type) || type == Type::double_precision; }

std::string operator_name(const PgQuery__AExpr& node) {
  return node.n_name > 0 ? std::string(string_of(node.name[node.n_name - 1])) : std::string{};
}

/// The interval of a result, if no operand can overflow 64 bits on the way.
std::optional<Range> range_of(const std::string& op, const std::optional<Range>& left,
                              const std::optional<Range>& right) {
  if (!left || !right) return {};
  __extension__ using Wide = __int128;
  const auto low_left = static_cast<Wide>(left->low);
  const auto high_left = static_cast<Wide>(left->high);
  Wide low = 0;
  Wide high = 0;
  if (op == "+") {
    low = low_left + right->low;
    high = high_left + right->high;
  } else if (op == "-") {
    low = low_left - right->high;
    high = high_left - right->low;
  } else if (op == "*") {
    const Wide products[] = {low_left * right->low, low_left * right->high, high_left * right->low,
                             high_left * right->high};
    low = *std::min_element(std::begin(products), std::end(products));
    high = *std::max_element(std::begin(products), std::end(products));
  } else {
    return {};
  }
  if (low < INT64_MIN || high > INT64_MAX) return {};
  return Range{static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)};
}

/// By a divisor that is neither 0 nor -1.
std::optional<Range> range_of_quotient(const std::string& op, const std::optional<Range>& left,
                                       std::int64_t divisor) {
  if (op == "%") {
    if (divisor == INT64_MIN) return {};
    const std::int64_t most = (divisor < 0 ? -divisor : divisor) - 1;
    return Range{-most, most};
  }
  if (!left) return {};
  const auto [low, high] = std::minmax({left->low / divisor, left->high / divisor});
  return Range{low, high};
}

}  // namespace

Expr Analyser::operation(const PgQuery__AExpr& node, const Scope& scope) {
  const std::string op = operator_name(node);
  switch (node.kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP: {
      if (node.lexpr == nullptr) {
        Expr operand = expression(node.rexpr, scope);
        if (op == "-") return prefix_minus(std::move(operand), node.location);
        if (op == "+" && is_number(operand.type)) return operand;
        if (op == "~" && is_integer(operand.type)) {
          plain_only(node.location, "operator ~");
          return combine("(~" + operand.sql + ")", operand.type, {&operand}, node.location);
        }
        refuse(node.location, "operator " + op + " is not supported");
      }
      if (node.lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
          node.rexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
        return row_comparison(op, node.lexpr, node.rexpr, scope, node.location);
      if (op == "#>" || op == "#>>" || op == "#-" || op == "?|" || op == "?&")
        return json_path_operation(op, expression(node.lexpr, scope), node.rexpr, scope, node.location);
      Expr left = expression(node.lexpr, scope);
      if (op == "@?") {
        std::vector<Expr> arguments = {std::move(left), expression(node.rexpr, scope)};
        return json_path_call("jsonb_path_exists", std::move(arguments), node.location);
      }
      if (op == "-" && left.type == Type::jsonb && is_array(node.rexpr))
        return json_delete(std::move(left), node.rexpr, scope, node.location);
      return infix(op, std::move(left), expression(node.rexpr, scope), node.location);
    }
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL: return array_comparison(op, node, scope);
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
      if (node.lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR) return row_in_list(node, op == "<>", scope);
      return in_list(expression(node.lexpr, scope), list(node.rexpr->list->n_items, node.rexpr->list->items),
                     op == "<>", scope, node.location);
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT: return distinct_from(node, scope);
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF: return null_if(node, scope);
    case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
    case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE: return like(node, scope);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM: return between(node, scope);
    default: refuse(node.location, "SIMILAR TO is not supported", "use LIKE");
  }
}

Expr Analyser::distinct_from(const PgQuery__AExpr& node, const Scope& scope) {
  std::vector<Expr> pair = {expression(node.lexpr, scope), expression(node.rexpr, scope)};
  unify(pair, "IS DISTINCT FROM", node.location);
  no_intervals(pointers(pair), "IS DISTINCT FROM");
  const bool distinct = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT;
  const Text sign =
      distinct ? Text(" IS NOT ", " IS DISTINCT FROM ") : Text(" IS ", " IS NOT DISTINCT FROM ");
  Expr expr = combine("(" + pair[0].sql + sign + pair[1].sql + ")", Type::boolean, {&pair[0], &pair[1]},
                      node.location);
  expr.nullable = false;
  return expr;
}

Expr Analyser::null_if(const PgQuery__AExpr& node, const Scope& scope) {
  std::vector<Expr> pair = {expression(node.lexpr, scope), expression(node.rexpr, scope)};
  unify(pair, "NULLIF", node.location);
  no_intervals(pointers(pair), "NULLIF");
  Expr expr = combine("nullif(" + pair[0].sql + ", " + pair[1].sql + ")", pair[0].type, {&pair[0], &pair[1]},
                      node.location);
  expr.range = pair[0].range;
  expr.nullable = true;
  return expr;
}

Expr Analyser::infix(const std::string& op, Expr left, Expr right, int location) {
  if (is_comparison(op)) return comparison(op, std::move(left), std::move(right), location);
  if (op == "||") return concatenation(std::move(left), std::move(right), location);
  static const std::set<std::string> json = {"->", "->>", "@>", "<@", "?"};
  if (json.contains(op) || (op == "-" && left.type == Type::jsonb))
    return json_operation(op, std::move(left), std::move(right), location);
  static const std::set<std::string> signs = {"+", "-", "*", "/", "%", "^"};
  if (signs.contains(op)) return arithmetic(op, std::move(left), std::move(right), location);
  if (op == "~" || op == "~*" || op == "!~" || op == "!~*")
    return regular_match(op, std::move(left), std::move(right), location);
  if (op == "&" || op == "|" || op == "#") return bits(op, std::move(left), std::move(right), location);
  std::string remedy;
  if (op == "<<" || op == ">>") remedy = "multiply or divide by a power of two";
  if (op == "<=>" || op == "<->") remedy = "declare a search index";
  refuse(location, "operator " + op + " is not supported", remedy);
}

bool Analyser::is_comparison(const std::string& op) {
  return op == "=" || op == "<>" || op == "<" || op == "<=" || op == ">" || op == ">=";
}

Expr Analyser::comparison(const std::string& op, Expr left, Expr right, int location) {
  // 32-bit integers are compared with doubles exactly by both engines; the column stays bare, for its index.
  const bool exact = (left.type == Type::integer && left.range && right.type == Type::double_precision) ||
                     (right.type == Type::integer && right.range && left.type == Type::double_precision);
  std::vector<Expr> pair = {std::move(left), std::move(right)};
  if (!exact) unify(pair, "operator " + op, location);
  if (pair[0].type == Type::jsonb && op != "=" && op != "<>")
    refuse(location, "jsonb values have no order here", "compare a member: (x ->> 'name')");
  if (op != "=" && op != "<>") collate(pair);
  if (pair[0].type == Type::interval)  // Of unlike parts, as a day and 24 hours, that are equal.
    for (Expr& side : pair) side.sql.sqlite = "reeve_interval_order(" + side.sql.sqlite + ")";
  Expr expr = combine("(" + pair[0].sql + " " + op + " " + pair[1].sql + ")", Type::boolean,
                      {&pair[0], &pair[1]}, location);
  if (op == "=") {
    if (pair[0].column) expr.equalities.push_back({*pair[0].column, pair[1].sources});
    if (pair[1].column) expr.equalities.push_back({*pair[1].column, pair[0].sources});
  }
  return expr;
}

Expr Analyser::row_comparison(const std::string& op, Node* left, Node* right, const Scope& scope,
                              int location) {
  const auto lefts = list(left->row_expr->n_args, left->row_expr->args);
  const auto rights = list(right->row_expr->n_args, right->row_expr->args);
  if (lefts.size() != rights.size() || !is_comparison(op)) refuse(location, "unequal row values");
  Text texts[2] = {"(", "("};
  std::vector<Expr> parts;
  for (std::size_t i = 0; i < lefts.size(); ++i) {
    std::vector<Expr> pair = {expression(lefts[i], scope), expression(rights[i], scope)};
    unify(pair, "operator " + op, location);
    no_intervals(pointers(pair), "a comparison of row values");
    if (op != "=" && op != "<>") collate(pair);
    for (std::size_t side = 0; side < 2; ++side) {
      texts[side] += (i > 0 ? ", " : "") + pair[side].sql;
      parts.push_back(std::move(pair[side]));
    }
  }
  std::vector<const Expr*> pointers;
  for (const Expr& part : parts) pointers.push_back(&part);
  Expr expr = combine("(" + texts[0] + ") " + op + " " + texts[1] + "))", Type::boolean, pointers, location);
  if (op == "=") {
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      if (parts[i].column) expr.equalities.push_back({*parts[i].column, parts[i + 1].sources});
      if (parts[i + 1].column) expr.equalities.push_back({*parts[i + 1].column, parts[i].sources});
    }
  }
  return expr;
}

Expr Analyser::arithmetic(const std::string& op, Expr left, Expr right, int location) {
  const auto timed = [](const Expr& side) {
    return side.type == Type::timestamptz || side.type == Type::interval;
  };
  if (timed(left) || timed(right)) return time_arithmetic(op, std::move(left), std::move(right), location);
  if (left.type == Type::date || right.type == Type::date)
    return date_arithmetic(op, std::move(left), std::move(right), location);
  for (const Expr* side : {&left, &right})
    if (!side->open() && !is_number(side->type))
      refuse(location, "operator " + op + " takes numbers, not " + std::string(name_of(side->type)),
             "cast it");
  if (left.open() && right.open())
    refuse(location, "the types of both operands are unknown", "cast one: :name::bigint");
  // A text literal or open parameter takes the other side's type.
  if (left.open()) left = coerce(std::move(left), right.type, Cast::implicit);
  if (right.open()) right = coerce(std::move(right), left.type, Cast::implicit);
  if (op == "^") {
    left = coerce(std::move(left), Type::double_precision, Cast::implicit);
    right = coerce(std::move(right), Type::double_precision, Cast::implicit);
    plain_only(location, "operator ^");
    return combine({"reeve_power(" + left.sql.sqlite + ", " + right.sql.sqlite + ")",
                    "(" + left.sql.postgres + " ^ " + right.sql.postgres + ")"},
                   Type::double_precision, {&left, &right}, location);
  }
  if (is_integer(left.type) && is_integer(right.type))
    return integer_arithmetic(op, std::move(left), std::move(right), location);
  left = coerce(std::move(left), Type::double_precision, Cast::implicit);
  right = coerce(std::move(right), Type::double_precision, Cast::implicit);
  const Text plain = "(" + left.sql + " " + op + " " + right.sql + ")";
  const auto made = [&](std::string sqlite) {
    return combine({std::move(sqlite), plain.postgres}, Type::double_precision, {&left, &right}, location);
  };
  if (op == "%") refuse(location, "operator % takes integers", "cast both sides to bigint");
  if (rules_.stored) {
    if (op == "/" && !right.constant) plain_only(location, "a division by what may be 0");
    if (op == "*" || op == "/") not_hashed(location, "operator " + op + " of doubles");
    Expr expr = made(plain.sqlite);
    if (rules_.hashed) expr.unchecked = plain.sqlite;
    return expr;
  }
  const std::string arguments = "(" + left.sql.sqlite + ", " + right.sql.sqlite + ")";
  if (op == "*") return made("reeve_double_multiply" + arguments);
  if (op == "/") return made("reeve_double_divide" + arguments);
  Expr expr = made("reeve_finite" + plain.sqlite);
  expr.unchecked = plain.sqlite;
  return expr;
}

Expr Analyser::integer_arithmetic(const std::string& op, Expr left, Expr right, int location) {
  const Type type = left.type == Type::integer && right.type == Type::integer ? Type::integer : Type::bigint;
  const Text plain = "(" + left.sql + " " + op + " " + right.sql + ")";
  const std::string arguments = left.sql.sqlite + ", " + right.sql.sqlite + ")";
  const auto made = [&](std::string sqlite) {
    return combine({std::move(sqlite), plain.postgres}, type, {&left, &right}, location);
  };
  if (op == "/" || op == "%") {
    // Both engines cut towards zero. Only a divisor that is 0 or -1 can fail.
    const bool safe = right.range && right.range->low == right.range->high && right.range->low != 0 &&
                      right.range->low != -1;
    if (!safe) {
      plain_only(location, "a division by what may be 0");
      std::string call = std::string(op == "/" ? "reeve_divide(" : "reeve_modulo(") + arguments;
      if (type == Type::integer) call = "reeve_integer(" + call + ")";
      Expr expr = made(std::move(call));
      if (type == Type::integer) expr.range = Range{INT32_MIN, INT32_MAX};
      return expr;
    }
    Expr expr = made(plain.sqlite);
    expr.range = range_of_quotient(op, left.range, right.range->low);
    if (type == Type::integer && !expr.range) expr.range = Range{INT32_MIN, INT32_MAX};
    return expr;
  }
  const std::optional<Range> range = range_of(op, left.range, right.range);
  const bool fits = range && (type == Type::bigint || (range->low >= INT32_MIN && range->high <= INT32_MAX));
  if (fits || rules_.stored) {
    Expr expr = made(plain.sqlite);
    expr.range = range;
    if (!fits && rules_.hashed) expr.unchecked = plain.sqlite;  // The column tests.
    return expr;
  }
  if (type ==
      Type::integer) {  // Two 32-bit operands can't overflow SQLite's 64 bits: one test of the result.
    Expr expr = made("reeve_integer" + plain.sqlite);
    expr.unchecked = plain.sqlite;
    expr.range = Range{INT32_MIN, INT32_MAX};
    return expr;
  }
  const std::string_view function = op == "+"   ? "reeve_add("
                                    : op == "-" ? "reeve_subtract("
                                                : "reeve_multiply(";
  Expr expr = made(std::string(function) + arguments);
  expr.unchecked =
      plain.sqlite;  // An overflow becomes a REAL, which an INT column of a STRICT table refuses.
  return expr;
}

Expr Analyser::bits(const std::string& op, Expr left, Expr right, int location) {
  if (left.open()) left = coerce(std::move(left), right.open() ? Type::bigint : right.type, Cast::implicit);
  if (right.open()) right = coerce(std::move(right), left.type, Cast::implicit);
  if (!is_integer(left.type) || !is_integer(right.type))
    refuse(location, "operator " + op + " takes integers", "cast it");
  plain_only(location, "operator " + op);
  const Type type = std::max(left.type, right.type);
  const auto& [l, r] = std::tie(left.sql.sqlite, right.sql.sqlite);
  // An exclusive or is what either has and not both.
  const std::string sqlite =
      op == "#" ? "((" + l + " | " + r + ") & ~(" + l + " & " + r + "))" : "(" + l + " " + op + " " + r + ")";
  const std::string cast = "::" + std::string(name_of(type));
  return combine({sqlite, "(" + left.sql.postgres + cast + " " + op + " " + right.sql.postgres + cast + ")"},
                 type, {&left, &right}, location);
}

Expr Analyser::date_arithmetic(const std::string& op, Expr left, Expr right, int location) {
  plain_only(location, "date arithmetic");
  if (left.open()) left = coerce(std::move(left), op == "+" ? Type::integer : Type::date, Cast::implicit);
  if (right.open()) right = coerce(std::move(right), op == "+" ? Type::integer : Type::date, Cast::implicit);
  if (op == "+" && right.type == Type::date) std::swap(left, right);
  if (left.type == Type::date && right.type == Type::date && op == "-")
    return combine({"reeve_date_difference(" + left.sql.sqlite + ", " + right.sql.sqlite + ")",
                    "(" + left.sql.postgres + " - " + right.sql.postgres + ")"},
                   Type::integer, {&left, &right}, location);
  if (left.type == Type::date && is_integer(right.type) && (op == "+" || op == "-")) {
    if (right.type == Type::bigint) right = coerce(std::move(right), Type::integer, Cast::explicit_cast);
    const std::string days = op == "+" ? right.sql.sqlite : "-" + right.sql.sqlite;
    return combine({"reeve_date_add(" + left.sql.sqlite + ", " + days + ")",
                    "reeve_date(" + left.sql.postgres + " " + op + " " + right.sql.postgres + ")"},
                   Type::date, {&left, &right}, location);
  }
  refuse(location,
         "operator " + op + " does not take " + std::string(name_of(left.type)) + " and " +
             std::string(name_of(right.type)),
         "dates: date + integer, date - integer, date - date");
}

Expr Analyser::prefix_minus(Expr operand, int location) {
  if (operand.type == Type::interval)
    return combine({"reeve_interval_negate(" + operand.sql.sqlite + ")", "(- " + operand.sql.postgres + ")"},
                   Type::interval, {&operand}, location);
  if (!is_number(operand.type)) refuse(location, "operator - takes a number", "cast it");
  if (operand.type == Type::double_precision)
    return combine({"(-1.0 * " + operand.sql.sqlite + ")", "(- " + operand.sql.postgres + ")"}, operand.type,
                   {&operand},
                   location);  // SQLite's own minus loses the sign of a zero.
  Expr zero;
  zero.sql = "0";
  zero.type = operand.type;
  zero.range = Range{0, 0};
  zero.nullable = false;
  zero.constant = true;
  return integer_arithmetic("-", std::move(zero), std::move(operand), location);
}

Expr Analyser::concatenation(Expr left, Expr right, int location) {
  for (const Type type : {Type::jsonb, Type::bytea}) {
    if (left.type != type && right.type != type) continue;
    const std::string name(name_of(type));
    for (Expr* side : {&left, &right}) *side = coerce(std::move(*side), type, Cast::implicit);
    plain_only(location, "operator || of " + name);
    return combine({"reeve_" + name + "_concat(" + left.sql.sqlite + ", " + right.sql.sqlite + ")",
                    "(" + left.sql.postgres + " || " + right.sql.postgres + ")"},
                   type, {&left, &right}, location);
  }
  if (!left.open() && !right.open() && left.type != Type::text && right.type != Type::text)
    refuse(location, "operator || takes text", "cast one side: (...)::text");
  for (Expr* side : {&left, &right}) *side = coerce(std::move(*side), Type::text, Cast::assignment);
  return combine("(" + left.sql + " || " + right.sql + ")", Type::text, {&left, &right}, location);
}

Expr Analyser::json_operation(const std::string& op, Expr left, Expr right, int location) {
  if (left.open()) left = coerce(std::move(left), Type::jsonb, Cast::implicit);
  if (left.type != Type::jsonb)
    refuse(location, "operator " + op + " takes jsonb on its left, not " + std::string(name_of(left.type)),
           left.type == Type::text ? "cast it: (...)::jsonb" : "");
  const bool arrow = op == "->" || op == "->>";
  if (op == "@>" || op == "<@") {
    right = coerce(std::move(right), Type::jsonb, Cast::implicit);
  } else if (right.open()) {
    right = coerce(std::move(right), Type::text, Cast::implicit);
  }
  if (op == "?" && right.type != Type::text) refuse(location, "operator ? takes text on its right");
  if (right.type == Type::bigint && (arrow || op == "-"))
    right = coerce(std::move(right), Type::integer, Cast::assignment);
  if (op != "@>" && op != "<@" && right.type != Type::text && right.type != Type::integer)
    refuse(location, "operator " + op + " takes text or integer on its right");
  const Type type = op == "->>" ? Type::text : arrow || op == "-" ? Type::jsonb : Type::boolean;
  const std::string native = "(" + left.sql.postgres + " " + op + " " + right.sql.postgres + ")";
  const auto made = [&](std::string sqlite) {
    Expr expr = combine({std::move(sqlite), native}, type, {&left, &right}, location);
    expr.nullable = expr.nullable || arrow;
    expr.collated = false;  // jsonb has no collation to pass on.
    return expr;
  };
  if (rules_.stored) {
    if (op == "->>") not_hashed(location, "operator ->>");
    if (op == "->" && rules_.hashed)
      return made("(" + left.sql.sqlite + " -> " + stored_json_step(right, location) + ")");
    // SQLite's own operators answer alike for members that are strings, objects and arrays.
    if (op == "->>") return made("CAST(" + left.sql.sqlite + " ->> " + right.sql.sqlite + " AS TEXT)");
    if (op == "->") return made("(" + left.sql.sqlite + " -> " + right.sql.sqlite + ")");
    if (op == "?" && right.constant && right.sql.sqlite.find_first_of("\"\\") == std::string::npos &&
        right.sql.sqlite.starts_with("'"))
      return made("CASE WHEN " + left.sql.sqlite + " IS NULL THEN NULL ELSE json_type(" + left.sql.sqlite +
                  ", '$.\"" + right.sql.sqlite.substr(1, right.sql.sqlite.size() - 2) +
                  "\"') IS NOT NULL END");
    plain_only(location, "operator " + op);
  }
  if (op == "<@") std::swap(left, right);
  const std::string arguments = "(" + left.sql.sqlite + ", " + right.sql.sqlite + ")";
  if (op == "->") return made("reeve_jsonb_get" + arguments);
  if (op == "->>") return made("reeve_jsonb_get_text" + arguments);
  if (op == "-") return made("reeve_jsonb_delete" + arguments);
  if (op == "?") return made("reeve_jsonb_exists" + arguments);
  return made("reeve_jsonb_contains" + arguments);
}

/// SQLite would take a text that begins with a digit, or holds a point, for a path.
std::string Analyser::stored_json_step(const Expr& right, int location) const {
  const std::string& step = right.sql.sqlite;
  const bool name = right.type == Type::text && right.constant && step.starts_with("'") &&
                    step.find_first_of("\"\\") == std::string::npos;
  const bool place = right.type == Type::integer && right.range && right.range->low == right.range->high &&
                     right.range->low >= 0;
  if (!name && !place) not_hashed(location, "a member that no constant names");
  return place ? step : "'$.\"" + step.substr(1, step.size() - 2) + "\"'";
}

Expr Analyser::like(const PgQuery__AExpr& node, const Scope& scope) {
  plain_only(node.location, "LIKE", "compare with substr(), or strpos() > 0");
  const std::string op = operator_name(node);
  Expr left = coerce(expression(node.lexpr, scope), Type::text, Cast::implicit);
  Text escape;
  Node* pattern_node = node.rexpr;
  if (pattern_node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL) {
    const auto* function = pattern_node->func_call;
    if (function->n_args == 2 && string_of(function->funcname[function->n_funcname - 1]) == "like_escape") {
      escape = Text(", ", " ESCAPE ") +
               coerce(expression(function->args[1], scope), Type::text, Cast::implicit).sql;
      pattern_node = function->args[0];
    }
  }
  Expr right = coerce(expression(pattern_node, scope), Type::text, Cast::implicit);
  const bool folds = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE;
  const auto folded = [&](const Expr& side) {
    return folds ? "reeve_lower(" + side.sql.postgres + ")" : side.sql.postgres;
  };
  Text sql = {std::string(folds ? "reeve_ilike(" : "reeve_like(") + left.sql.sqlite + ", " +
                  right.sql.sqlite + escape.sqlite + ")",
              "(" + folded(left) + " LIKE " + folded(right) + escape.postgres + ")"};
  if (op[0] == '!') sql = "(NOT " + sql + ")";
  return combine(std::move(sql), Type::boolean, {&left, &right}, node.location);
}

Expr Analyser::in_list(Expr left, Nodes items, bool negated, const Scope& scope, int location) {
  std::vector<Expr> all = {std::move(left)};
  for (Node* item : items) all.push_back(expression(item, scope));
  return in_list(std::move(all), negated, location);
}

Expr Analyser::in_list(std::vector<Expr> all, bool negated, int location) {
  unify(all, "IN", location);
  no_intervals(pointers(all), "IN");
  Text sql = "(" + all[0].sql + (negated ? " NOT IN (" : " IN (");
  for (std::size_t i = 1; i < all.size(); ++i) sql += (i > 1 ? ", " : "") + all[i].sql;
  return combine(sql + "))", Type::boolean, pointers(all), location);
}

Expr Analyser::between(const PgQuery__AExpr& node, const Scope& scope) {
  const auto bounds = list(node.rexpr->list->n_items, node.rexpr->list->items);
  std::vector<Expr> all = {expression(node.lexpr, scope), expression(bounds[0], scope),
                           expression(bounds[1], scope)};
  unify(all, "BETWEEN", node.location);
  no_intervals(pointers(all), "BETWEEN");
  all[0].sql.postgres = ordered(all[0]);  // It is compared with each bound by itself.
  all[0].collated = all[0].type == Type::text;
  const bool negated = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN ||
                       node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM;
  const bool symmetric = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM ||
                         node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM;
  Text sql = "(" + all[0].sql + " BETWEEN " + all[1].sql + " AND " + all[2].sql + ")";
  if (symmetric)
    sql = "(" + sql + " OR (" + all[0].sql + " BETWEEN " + all[2].sql + " AND " + all[1].sql + "))";
  if (negated) sql = "(NOT " + sql + ")";
  return combine(std::move(sql), Type::boolean, {&all[0], &all[1], &all[2]}, node.location);
}

}  // namespace reeve::sql
