#include "sql/analyser.h"

#include "sql/names.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace reeve::sql {

namespace {

Text parameter_text(int number, Type type) {
  const std::string digits = std::to_string(number);
  return {"?" + digits, "$" + digits + "::" + std::string(name_of(type))};
}

}  // namespace

/// SQLite takes expressions 1000 levels deep; each of ours may become three of its.
class Depth {
 public:
  Depth(Analyser& analyser, int location) : depth_(analyser.depth_) {
    if (++depth_ > 300) {
      --depth_;
      throw Error(ErrorCode::limit_exceeded, "the expression is nested deeper than 300 levels", "split it",
                  analyser.text_.place(location));
    }
  }
  ~Depth() { --depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  int& depth_;
};

Rules rules_of(Use use, bool known_only) {
  Rules rules;
  switch (use) {
    case Use::apply: rules.named_only = true; break;
    case Use::execute: break;
    case Use::check:
    case Use::emit:
      rules.deterministic = false;
      rules.journal = rules.clock = rules.chance = rules.changes = true;
      rules.named_only = known_only;
      break;
    case Use::query:
      rules.deterministic = false;
      rules.journal = rules.clock = rules.changes = true;
      rules.named_only = known_only;
      break;
    case Use::moment:
    case Use::migration: rules.parameters = false; break;
    case Use::upcast:
      rules.tables = false;
      rules.named_only = true;
      break;
  }
  return rules;
}

Analyser::Analyser(const Catalogue& catalogue, Rules rules, const NumberedText& text,
                   const ParameterTypes& known)
    : catalogue_(catalogue), rules_(rules), text_(text), known_(known), hidden_after_(text.names().size()) {
  if (!rules_.parameters) return;
  for (const std::string& name : text.names()) out_.parameters.push_back({name, Type::unknown});
}

void Analyser::refuse(int location, const std::string& message, const std::string& remedy) const {
  throw Error(ErrorCode::bad_statement, message, remedy.empty() ? std::string(remedy_otherwise) : remedy,
              text_.place(location));
}

void Analyser::plain_only(int location, const std::string& what, const std::string& remedy) const {
  if (!rules_.stored) return;
  refuse(location, what + " can't stand in a stored definition: plain SQLite has no equal of it",
         remedy.empty() ? "compute it in the statement that writes or reads the row" : remedy);
}

std::string Analyser::hidden(Hidden value) {
  auto& all = out_.hidden;
  const auto found = std::find(all.begin(), all.end(), value);
  const auto place = static_cast<std::size_t>(found - all.begin());
  if (found == all.end()) all.push_back(value);
  static constexpr std::array<std::string_view, 3> types = {"uuid", "bytea", "bigint"};
  return "$" + std::to_string(hidden_after_ + place + 1) +
         "::" + std::string(types.at(static_cast<std::size_t>(value)));
}

std::string Analyser::ledger() {
  if (rules_.stored) return std::string(ledger_of_session);
  return hidden(Hidden::ledger);
}

std::string ordered(const Expr& expr) {
  if (expr.type != Type::text || expr.collated) return expr.sql.postgres;
  return "(" + expr.sql.postgres + " COLLATE \"C\")";
}

void collate(std::vector<Expr>& exprs) {
  const auto decides = [](const Expr& e) { return e.type == Type::text && e.collated; };
  if (exprs.empty() || std::any_of(exprs.begin(), exprs.end(), decides)) return;
  exprs[0].sql.postgres = ordered(exprs[0]);
  exprs[0].collated = exprs[0].type == Type::text;
}

void Analyser::not_hashed(int location, const std::string& what) const {
  if (rules_.hashed)
    refuse(location, what + " can't stand in a generated column: plain SQLite's answer may differ",
           "compute it in the statement that writes the row");
}

Expr Analyser::combine(Text sql, Type type, const std::vector<const Expr*>& parts, int location) const {
  Expr expr;
  expr.sql = std::move(sql);
  expr.type = type;
  expr.location = location;
  expr.nullable = false;
  expr.constant = true;
  for (const Expr* part : parts) {
    if (!part->unchecked.empty()) not_hashed(part->location, "a part that may overflow");
    expr.nullable = expr.nullable || part->nullable;
    expr.constant = expr.constant && part->constant;
    expr.aggregate = expr.aggregate || part->aggregate;
    expr.window = expr.window || part->window;
    expr.collated = expr.collated || (type == Type::text && part->type == Type::text && part->collated);
    expr.sources.insert(part->sources.begin(), part->sources.end());
    expr.ungrouped.insert(expr.ungrouped.end(), part->ungrouped.begin(), part->ungrouped.end());
  }
  return expr;
}

Expr Analyser::expression(Node* node, const Scope& scope) {
  ensure(node != nullptr, "an expression is missing in the tree");
  Expr expr = dispatch(node, scope);
  // A query may show a column; a payload's member may be written and passed on.
  const bool may = node == whole_ && (expr.parameter > 0 || use_ == Use::query);
  if (!expr.personal.empty() && !may) refuse_personal(expr, "can't be computed with, compared or ordered by");
  if (scope.group_sql.contains(expr.sql.sqlite)) expr.ungrouped.clear();
  return expr;
}

Expr Analyser::dispatch(Node* node, const Scope& scope) {
  const Depth depth(*this, 0);
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_A_CONST: return constant(*node->a_const);
    case PG_QUERY__NODE__NODE_PARAM_REF: return parameter(*node->param_ref);
    case PG_QUERY__NODE__NODE_COLUMN_REF: return column(*node->column_ref, scope);
    case PG_QUERY__NODE__NODE_A_EXPR: return operation(*node->a_expr, scope);
    case PG_QUERY__NODE__NODE_BOOL_EXPR: return boolean(*node->bool_expr, scope);
    case PG_QUERY__NODE__NODE_NULL_TEST: return null_test(*node->null_test, scope);
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST: return boolean_test(*node->boolean_test, scope);
    case PG_QUERY__NODE__NODE_CASE_EXPR: return case_expression(*node->case_expr, scope);
    case PG_QUERY__NODE__NODE_COALESCE_EXPR: return coalesce(*node->coalesce_expr, scope);
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR: return min_max(*node->min_max_expr, scope);
    case PG_QUERY__NODE__NODE_SUB_LINK: return sub_link(*node->sub_link, scope);
    case PG_QUERY__NODE__NODE_FUNC_CALL: return call(*node->func_call, scope);
    case PG_QUERY__NODE__NODE_TYPE_CAST: return type_cast(*node->type_cast, scope);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION: return value_function(*node->sqlvalue_function);
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
      refuse(node->a_array_expr->location, "an array stands only on the right of = ANY, ?|, ?&, #> and #>>",
             "use jsonb for lists: jsonb_build_array(...)");
    case PG_QUERY__NODE__NODE_ROW_EXPR:
      refuse(node->row_expr->location, "a row value stands only in comparisons",
             "name its parts as columns of their own, or jsonb_build_array(...)");
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
      refuse(node->collate_clause->location, "COLLATE is not supported",
             "text is ordered by code point everywhere");
    case PG_QUERY__NODE__NODE_SET_TO_DEFAULT:
      refuse(node->set_to_default->location, "DEFAULT stands only as a whole value of INSERT or UPDATE");
    default: refuse(0, "the statement holds an expression that is not supported");
  }
}

Expr Analyser::parameter(const std::string& name, Type type, int location) {
  auto& parameters = out_.parameters;
  auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.name == name; });
  if (found == parameters.end()) found = parameters.insert(parameters.end(), {name, type});
  if (found->type == Type::unknown) found->type = type;
  Expr expr;
  expr.parameter = static_cast<int>(found - parameters.begin()) + 1;
  expr.type = found->type;
  expr.sql = parameter_text(expr.parameter, expr.type);
  if (expr.type == Type::integer) expr.range = Range{INT32_MIN, INT32_MAX};
  expr.nullable = name != "at" && name != "sequence" && name != "event_id" && name != "actor";
  expr.location = location;
  return expr;
}

Expr Analyser::parameter(const PgQuery__ParamRef& node) {
  const std::string& name = text_.names().at(static_cast<std::size_t>(node.number) - 1);
  if (!rules_.parameters || rules_.stored)
    refuse(node.location, "parameter :" + name + " where no parameters are given");
  Type type = Type::unknown;
  const auto found = known_.find(name);
  if (found != known_.end()) {
    type = found->second;
  } else if (rules_.named_only) {
    std::vector<std::string> names;
    for (const auto& [known_name, known_type] : known_) names.push_back(known_name);
    const std::string meant = did_you_mean(name, names);
    refuse(node.location, "unknown parameter :" + name,
           meant.empty() ? "declare it in the schema's properties" : meant);
  } else if (name == "at") {
    type = Type::timestamptz;
  }
  Expr expr = parameter(name, type, node.location);
  if (const auto sealed = personal_.find(name); sealed != personal_.end()) expr.personal = sealed->second;
  return expr;
}

Expr Analyser::column_of(const Source& source, std::size_t index, const Scope& scope, int location) const {
  const SourceColumn& column = source.columns[index];
  Expr expr;
  expr.sql = column.sql;
  expr.type = column.type;
  expr.nullable = column.nullable;
  expr.canonical_json = column.canonical_json;
  expr.collated = column.collated;
  expr.column = ColumnId{source.id, index};
  expr.sources = {source.id};
  expr.personal = column.personal;
  if (column.type == Type::integer) expr.range = Range{INT32_MIN, INT32_MAX};
  if (!scope.group_sql.contains(expr.sql.sqlite)) expr.ungrouped = {*expr.column};
  expr.location = location;
  return expr;
}

Expr Analyser::column(const PgQuery__ColumnRef& node, const Scope& scope) {
  const auto fields = list(node.n_fields, node.fields);
  if (fields.empty() || fields.back()->node_case == PG_QUERY__NODE__NODE_A_STAR)
    refuse(node.location, "* stands only in a select list and in count(*)");
  if (fields.size() > 2) refuse(node.location, "names have no schema here", "write table.column");
  const std::string name(string_of(fields.back()));
  const std::string qualifier(fields.size() == 2 ? string_of(fields[0]) : std::string_view{});
  std::vector<std::string> known;
  bool qualifier_found = qualifier.empty();
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    std::optional<Expr> found;
    for (std::size_t s = level == &scope ? level->visible_from : 0; s < level->sources.size(); ++s) {
      const Source& source = level->sources[s];
      if (!qualifier.empty() && source.alias != qualifier) continue;
      qualifier_found = true;
      for (std::size_t i = 0; i < source.columns.size(); ++i) {
        known.push_back(source.columns[i].name);
        if (source.columns[i].name != name || (qualifier.empty() && source.columns[i].hidden)) continue;
        if (found)
          refuse(node.location, "column '" + name + "' is ambiguous",
                 "write the table before it: table." + name);
        found = column_of(source, i, scope, node.location);
      }
    }
    if (found) {
      if (level != &scope) {
        outer_columns_.insert(outer_columns_.end(), found->ungrouped.begin(), found->ungrouped.end());
        found->ungrouped.clear();
      }
      return *found;
    }
    if (!qualifier.empty() && qualifier_found) break;
    if (qualifier.empty())
      for (const Source& source : level->sources)
        if (source.is_function && source.alias == name) return column_of(source, 0, scope, node.location);
  }
  if (!qualifier_found) {
    std::vector<std::string> aliases;
    for (const Scope* level = &scope; level != nullptr; level = level->parent)
      for (const Source& source : level->sources) aliases.push_back(source.alias);
    refuse(node.location, "no table '" + qualifier + "' in this FROM", did_you_mean(qualifier, aliases));
  }
  refuse(node.location, "unknown column '" + (qualifier.empty() ? name : qualifier + "." + name) + "'",
         did_you_mean(name, known));
}

Expr Analyser::condition(Node* node, const Scope& scope, std::string_view clause) {
  Expr expr = expression(node, scope);
  if (expr.open()) expr = coerce(std::move(expr), Type::boolean, Cast::implicit);
  if (expr.type != Type::boolean)
    refuse(expr.location,
           std::string(clause) + " must be boolean, this is " + std::string(name_of(expr.type)));
  return expr;
}

namespace {

/// Balanced, for SQLite counts the depth of a chain.
Text chain(std::span<const Expr> parts, std::string_view op) {
  if (parts.size() == 1) return parts[0].sql;
  if (parts.size() <= 16) {
    Text sql = "(";
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) sql += Text(op);
      sql += parts[i].sql;
    }
    return sql + ")";
  }
  const std::size_t half = parts.size() / 2;
  return "(" + chain(parts.first(half), op) + Text(op) + chain(parts.subspan(half), op) + ")";
}

}  // namespace

Expr Analyser::boolean(const PgQuery__BoolExpr& node, const Scope& scope) {
  std::vector<Expr> parts;
  for (Node* argument : list(node.n_args, node.args))
    parts.push_back(condition(argument, scope, "an operand of AND, OR, NOT"));
  if (node.boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR)
    return combine("(NOT " + parts[0].sql + ")", Type::boolean, {&parts[0]}, node.location);
  const bool conjunction = node.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
  Expr expr =
      combine(chain(parts, conjunction ? " AND " : " OR "), Type::boolean, pointers(parts), node.location);
  if (conjunction)
    for (const Expr& part : parts)
      expr.equalities.insert(expr.equalities.end(), part.equalities.begin(), part.equalities.end());
  return expr;
}

Expr Analyser::null_test(const PgQuery__NullTest& node, const Scope& scope) {
  if (node.arg->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
    return row_null_test(*node.arg->row_expr, node.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL,
                         scope);
  Expr operand = expression(node.arg, scope);
  if (operand.parameter > 0 && operand.open())
    refuse(operand.location, "the type of this parameter can't be inferred", "cast it: :name::text");
  const bool negated = node.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL;
  Expr expr = combine("(" + operand.sql + (negated ? " IS NOT NULL)" : " IS NULL)"), Type::boolean,
                      {&operand}, node.location);
  expr.nullable = false;
  return expr;
}

Expr Analyser::boolean_test(const PgQuery__BooleanTest& node, const Scope& scope) {
  Expr operand = condition(node.arg, scope, "the operand of IS TRUE");
  static const std::array<Text, 7> tests = {Text(),
                                            Text(" IS 1", " IS TRUE"),
                                            Text(" IS NOT 1", " IS NOT TRUE"),
                                            Text(" IS 0", " IS FALSE"),
                                            Text(" IS NOT 0", " IS NOT FALSE"),
                                            Text(" IS NULL"),
                                            Text(" IS NOT NULL")};
  Expr expr = combine("(" + operand.sql + tests.at(node.booltesttype) + ")", Type::boolean, {&operand},
                      node.location);
  expr.nullable = false;
  return expr;
}

void Analyser::unify(std::vector<Expr>& exprs, std::string_view what, int location) {
  Type type = Type::unknown;
  for (const Expr& expr : exprs) {
    if (expr.open() || expr.type == type) continue;
    const auto numeric = [](Type t) {
      return t == Type::integer || t == Type::bigint || t == Type::double_precision;
    };
    if (type == Type::unknown) {
      type = expr.type;
    } else if (numeric(type) && numeric(expr.type)) {
      type = std::max(type, expr.type);
    } else {
      refuse(expr.location > 0 ? expr.location : location,
             std::string(what) + ": types " + std::string(name_of(type)) + " and " +
                 std::string(name_of(expr.type)) + " do not match",
             "cast one of them");
    }
  }
  if (type == Type::unknown) type = Type::text;
  for (Expr& expr : exprs) expr = coerce(std::move(expr), type, Cast::implicit);
}

void Analyser::no_intervals(const std::vector<const Expr*>& exprs, std::string_view where) const {
  for (const Expr* expr : exprs)
    if (expr->type == Type::interval)
      refuse(expr->location, "an interval can't stand in " + std::string(where),
             "its length in seconds: extract(epoch FROM ...), or its text: (...)::text");
}

Expr Analyser::case_expression(const PgQuery__CaseExpr& node, const Scope& scope) {
  std::vector<Expr> conditions;
  std::vector<Expr> results;
  for (Node* item : list(node.n_args, node.args)) {
    const PgQuery__CaseWhen& when = *item->case_when;
    if (node.arg != nullptr) {
      conditions.push_back(
          comparison("=", expression(node.arg, scope), expression(when.expr, scope), when.location));
    } else {
      conditions.push_back(condition(when.expr, scope, "WHEN"));
    }
    results.push_back(expression(when.result, scope));
  }
  if (node.defresult != nullptr) results.push_back(expression(node.defresult, scope));
  unify(results, "CASE", node.location);
  Text sql = "CASE";
  for (std::size_t i = 0; i < conditions.size(); ++i)
    sql += " WHEN " + conditions[i].sql + " THEN " + results[i].sql;
  if (node.defresult != nullptr) sql += " ELSE " + results.back().sql;
  auto parts = pointers(results);
  Expr expr = combine(sql + " END", results[0].type, parts, node.location);
  const bool nullable = expr.nullable || node.defresult == nullptr;
  for (const Expr& condition : conditions) parts.push_back(&condition);
  expr = combine(std::move(expr.sql), expr.type, parts, node.location);
  expr.nullable = nullable;
  return expr;
}

Expr Analyser::coalesce(const PgQuery__CoalesceExpr& node, const Scope& scope) {
  std::vector<Expr> arguments;
  for (Node* item : list(node.n_args, node.args)) arguments.push_back(expression(item, scope));
  unify(arguments, "COALESCE", node.location);
  if (arguments.size() == 1) return arguments[0];
  Text sql = "coalesce(";
  for (std::size_t i = 0; i < arguments.size(); ++i) sql += (i > 0 ? ", " : "") + arguments[i].sql;
  Expr expr = combine(sql + ")", arguments[0].type, pointers(arguments), node.location);
  expr.nullable = std::all_of(arguments.begin(), arguments.end(), [](const Expr& a) { return a.nullable; });
  return expr;
}

Expr Analyser::min_max(const PgQuery__MinMaxExpr& node, const Scope& scope) {
  const bool greatest = node.op == PG_QUERY__MIN_MAX_OP__IS_GREATEST;
  std::vector<Expr> arguments;
  for (Node* item : list(node.n_args, node.args)) arguments.push_back(expression(item, scope));
  unify(arguments, greatest ? "GREATEST" : "LEAST", node.location);
  if (arguments[0].type == Type::jsonb)
    refuse(node.location, "jsonb values have no order here", "cast to text");
  no_intervals(pointers(arguments), "GREATEST or LEAST");
  if (arguments.size() == 1) return arguments[0];
  const auto nulls =
      std::count_if(arguments.begin(), arguments.end(), [](const Expr& a) { return a.nullable; });
  Text sql = greatest ? "max(" : "min(";
  if (nulls > 0 && arguments.size() == 2) {
    // PostgreSQL ignores NULLs, SQLite's max() does not: each side stands in for the other.
    const auto& [left, right] = std::tie(arguments[0], arguments[1]);
    sql += left.nullable ? "coalesce(" + left.sql + ", " + right.sql + ")" : left.sql;
    sql += ", ";
    sql += right.nullable ? "coalesce(" + right.sql + ", " + left.sql + ")" : right.sql;
  } else {
    if (nulls > 0) {
      plain_only(node.location, "GREATEST or LEAST of more than two values that may be NULL",
                 "nest it in pairs");
      sql = greatest ? "reeve_greatest(" : "reeve_least(";
    }
    for (std::size_t i = 0; i < arguments.size(); ++i) sql += (i > 0 ? ", " : "") + arguments[i].sql;
  }
  collate(arguments);
  sql.postgres = greatest ? "greatest(" : "least(";  // These ignore NULLs by themselves.
  for (std::size_t i = 0; i < arguments.size(); ++i)
    sql.postgres += (i > 0 ? ", " : "") + arguments[i].sql.postgres;
  Expr expr = combine(sql + ")", arguments[0].type, pointers(arguments), node.location);
  expr.nullable = nulls == static_cast<std::ptrdiff_t>(arguments.size());
  if (expr.type == Type::integer) expr.range = Range{INT32_MIN, INT32_MAX};
  return expr;
}

Expr Analyser::now_at(int location) {
  if (!rules_.clock)
    refuse(location, "the clock can't be read here: the answer would differ when it is run again",
           use_ == Use::apply || use_ == Use::execute ? "use :at, the event's time" : "use a constant");
  use_function("now");
  return parameter("at", Type::timestamptz, location);
}

Expr Analyser::value_function(const PgQuery__SQLValueFunction& node) {
  switch (node.op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N: return now_at(node.location);
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE: {
      Expr at = now_at(node.location);
      const Text day = {"substr(" + at.sql.sqlite + ", 1, 10)",
                        "(" + at.sql.postgres + " AT TIME ZONE 'UTC')::date"};
      return combine(day, Type::date, {&at}, node.location);
    }
    default:
      refuse(node.location, "this depends on the session and has no fixed answer",
             "use now() for the time and :actor for who asks");
  }
}

}  // namespace reeve::sql
