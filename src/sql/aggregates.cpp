// Aggregates and window functions.

#include "sql/analyser.h"
#include "sql/names.h"

#include <algorithm>

namespace reeve::sql {
namespace {

bool is_integer(Type type) { return type == Type::integer || type == Type::bigint; }

/// PostgreSQL's bits of a window frame (nodes/parsenodes.h).
enum Frame : int {
  frame_given = 0x1,
  frame_range = 0x2,
  frame_rows = 0x4,
  frame_groups = 0x8,
  frame_between = 0x10,
  start_unbounded_preceding = 0x20,
  end_unbounded_following = 0x100,
  start_current_row = 0x200,
  end_current_row = 0x400,
  start_offset_preceding = 0x800,
  end_offset_preceding = 0x1000,
  start_offset_following = 0x2000,
  end_offset_following = 0x4000,
  exclusions = 0x8000 | 0x10000 | 0x20000,
};

}  // namespace

/// An aggregate's call, to which FILTER and OVER are still to be added, and what is done with its answer.
struct Analyser::AggregateCall {
  Expr expr;
  bool finite = false;        ///< SQLite's sum of doubles has no test of its own
  std::string postgres_cast;  ///< PostgreSQL answers in another type
};

Expr Analyser::finished(AggregateCall call) {
  Text& sql = call.expr.sql;
  if (call.finite) sql.sqlite = "reeve_finite(" + sql.sqlite + ")";
  sql.postgres += call.postgres_cast;
  return std::move(call.expr);
}

Expr Analyser::aggregate(const std::string& name, const PgQuery__FuncCall& node, const Scope& scope) {
  return finished(aggregate_call(name, node, scope));
}

Analyser::AggregateCall Analyser::aggregate_call(const std::string& name, const PgQuery__FuncCall& node,
                                                 const Scope& scope) {
  use_function(name);
  std::vector<Expr> arguments;
  for (Node* argument : list(node.n_args, node.args)) arguments.push_back(expression(argument, scope));
  for (const Expr& argument : arguments)
    if ((argument.aggregate && !over_groups_) || argument.window)
      refuse(node.location, "aggregates can't be nested", "aggregate in a subquery");
  no_intervals(pointers(arguments), "an aggregate");
  AggregateCall out;
  if (name == "string_agg" || name == "jsonb_agg" || name == "jsonb_object_agg") {
    out.expr = collecting(name, node, scope, arguments);
  } else {
    out = counting(name, node, std::move(arguments));
  }
  if (node.agg_filter != nullptr) {
    const Expr filter = condition(node.agg_filter, scope, "FILTER");
    out.expr.sql += " FILTER (WHERE " + filter.sql + ")";
    out.expr.sources.insert(filter.sources.begin(), filter.sources.end());
  }
  out.expr.aggregate = true;
  out.expr.constant = false;
  out.expr.ungrouped.clear();
  return out;
}

/// Aggregates that SQLite has.
Analyser::AggregateCall Analyser::counting(const std::string& name, const PgQuery__FuncCall& node,
                                           std::vector<Expr> arguments) {
  if (node.n_agg_order > 0) refuse(node.location, "ORDER BY has no effect in " + name + "()", "leave it out");
  if (node.agg_star && name != "count") refuse(node.location, name + "(*) does not exist");
  if (!node.agg_star && arguments.size() != 1) refuse(node.location, name + "() takes one argument");
  const std::string distinct = node.agg_distinct && name != "min" && name != "max" ? "DISTINCT " : "";
  AggregateCall out;
  Type type = Type::bigint;
  Text sql;
  if (name == "count") {
    if (!node.agg_star && arguments[0].open())
      arguments[0] = coerce(std::move(arguments[0]), Type::text, Cast::implicit);
    sql = node.agg_star ? "count(*)" : "count(" + distinct + arguments[0].sql + ")";
  } else {
    Expr& value = arguments[0];
    const bool logical = name.starts_with("bool") || name == "every";
    if (value.open()) value = coerce(std::move(value), logical ? Type::boolean : Type::text, Cast::implicit);
    type = value.type;
    if (name == "sum" || name == "avg") {
      if (!is_integer(type) && type != Type::double_precision)
        refuse(node.location, name + "() takes numbers, not " + std::string(name_of(type)), "cast it");
      if (rules_.deterministic && (type == Type::double_precision || name == "avg"))
        refuse(node.location, name + "() of doubles depends on the order of rows",
               "sum integers (minor units), or compute it in a query");
      sql = name + "(" + distinct + value.sql + ")";
      // PostgreSQL's own sum of bigints and avg of integers are numeric.
      if (name == "avg" && type != Type::double_precision)
        sql.postgres = "avg(" + distinct + value.sql.postgres + "::double precision)";
      if (name == "sum" && type == Type::bigint) out.postgres_cast = "::bigint";
      out.finite = type == Type::double_precision && !rules_.stored;
      type = name == "avg" || type == Type::double_precision ? Type::double_precision : Type::bigint;
    } else if (name == "min" || name == "max") {
      if (type == Type::jsonb || type == Type::boolean || type == Type::uuid || type == Type::bytea)
        refuse(node.location, name + "(" + std::string(name_of(type)) + ") does not exist in PostgreSQL",
               type == Type::boolean ? "use bool_and() or bool_or()" : "cast it to text");
      sql = {name + "(" + value.sql.sqlite + ")", name + "(" + ordered(value) + ")"};
      value.collated = type == Type::text;
    } else {
      if (type != Type::boolean) refuse(node.location, name + "() takes a boolean");
      sql = Text(name == "bool_or" ? "max(" : "min(", name + "(") + value.sql + ")";
    }
  }
  out.expr = combine(std::move(sql), type, pointers(arguments), node.location);
  out.expr.nullable = name != "count";
  if (name != "count" && type == Type::integer) out.expr.range = Range{INT32_MIN, INT32_MAX};
  return out;
}

/// SQLite 3.40 has no ORDER BY in aggregates: the registered ones collect (value, keys) and sort at the end.
Expr Analyser::collecting(const std::string& name, const PgQuery__FuncCall& node, const Scope& scope,
                          const std::vector<Expr>& arguments) {
  plain_only(node.location, "aggregate " + name + "()");
  const std::size_t wanted = name == "jsonb_agg" ? 1 : 2;
  if (arguments.size() != wanted)
    refuse(node.location, name + "() takes " + std::to_string(wanted) + " arguments");
  if (rules_.deterministic && node.n_agg_order == 0 && name != "jsonb_object_agg")
    refuse(node.location, name + "() without ORDER BY depends on the order of rows",
           "write ORDER BY in its parentheses");
  std::vector<Expr> all = arguments;
  for (Expr& value : all)
    if (value.open()) value = coerce(std::move(value), Type::text, Cast::implicit);
  std::string spec = node.agg_distinct ? "D" : "-";
  std::string values;
  std::string native;  // PostgreSQL's arguments, with its order behind them.
  if (name != "jsonb_agg")
    all[0] = coerce(std::move(all[0]), Type::text, name == "string_agg" ? Cast::implicit : Cast::assignment);
  if (name == "string_agg") all[1] = coerce(std::move(all[1]), Type::text, Cast::implicit);
  const Type value_type = all.back().type;
  spec += value_type == Type::jsonb ? 'j' : value_type == Type::boolean ? 'b' : 't';
  const auto argument = [&](std::size_t i) {
    if (node.agg_distinct && i == 0 && all[i].type == Type::text) return ordered(all[i]);
    return name != "string_agg" && i + 1 == wanted ? json_member(all[i]) : all[i].sql.postgres;
  };
  for (std::size_t i = 0; i < wanted; ++i) {
    values += ", " + all[i].sql.sqlite;
    native += (i > 0 ? ", " : "") + argument(i);
  }
  const char* comma = " ORDER BY ";
  for (Node* item : list(node.n_agg_order, node.agg_order)) {
    const PgQuery__SortBy& sort = *item->sort_by;
    Expr key = expression(sort.node, scope);
    if (node.agg_distinct && key.sql.sqlite != all[0].sql.sqlite)
      refuse(node.location, "with DISTINCT the order is that of the value itself",
             "ORDER BY the same expression");
    const bool descending = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    bool nulls_first = descending;
    if (sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST) nulls_first = true;
    if (sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST) nulls_first = false;
    spec += descending ? 'd' : 'a';
    spec += nulls_first ? 'f' : 'l';
    values += ", " + key.sql.sqlite;
    native += comma + (node.agg_distinct ? argument(0) : ordered(key));
    native += (descending ? std::string(" DESC") : "") + (nulls_first ? " NULLS FIRST" : " NULLS LAST");
    comma = ", ";
    all.push_back(std::move(key));
  }
  return combine({"reeve_" + name + "('" + spec + "'" + values + ")",
                  name + "(" + (node.agg_distinct ? "DISTINCT " : "") + native + ")"},
                 name == "string_agg" ? Type::text : Type::jsonb, pointers(all), node.location);
}

Expr Analyser::window(const std::string& name, const PgQuery__FuncCall& node, const Scope& scope) {
  if (node.over == nullptr) refuse(node.location, name + "() needs OVER (...)");
  if (name == "string_agg" || name.starts_with("jsonb_"))
    refuse(node.location, name + "() can't be a window function here", "aggregate in a subquery");
  static const std::set<std::string> by_position = {"row_number",  "ntile",      "lag",      "lead",
                                                    "first_value", "last_value", "nth_value"};
  AggregateCall call;
  Expr& expr = call.expr;
  if (by_position.contains(name) || name == "rank" || name == "dense_rank" || name == "percent_rank" ||
      name == "cume_dist") {
    use_function(name);
    std::vector<Expr> arguments;
    for (Node* argument : list(node.n_args, node.args)) arguments.push_back(expression(argument, scope));
    Type type = name == "percent_rank" || name == "cume_dist" ? Type::double_precision : Type::bigint;
    const bool of_value = name == "lag" || name == "lead" || name.ends_with("_value");
    if (of_value != !arguments.empty() && name != "ntile")
      refuse(node.location, name + "(): wrong number of arguments");
    if (name == "lag" || name == "lead") {
      if (arguments.size() == 3) {
        std::vector<Expr> pair = {arguments[0], arguments[2]};
        unify(pair, name, node.location);
        arguments[0] = pair[0];
        arguments[2] = pair[1];
      }
    }
    if (of_value) {
      if (arguments[0].open()) arguments[0] = coerce(std::move(arguments[0]), Type::text, Cast::implicit);
      type = arguments[0].type;
    } else if (name == "ntile") {
      if (arguments.size() != 1) refuse(node.location, "ntile() takes one argument");
      type = Type::integer;
    }
    Text sql = name + "(";
    for (std::size_t i = 0; i < arguments.size(); ++i) sql += (i > 0 ? ", " : "") + arguments[i].sql;
    expr = combine(sql + ")", type, pointers(arguments), node.location);
    expr.nullable = of_value;
  } else {
    bool of_aggregate = false;
    PgQuery__FuncCall inner = node;
    inner.over = nullptr;
    over_groups_ = true;  // A window may run over the aggregates of the groups.
    call = aggregate_call(name, inner, scope);
    over_groups_ = false;
    for (Node* argument : list(node.n_args, node.args)) {
      const Expr again = expression(argument, scope);  // A window's argument is outside of the grouping.
      expr.ungrouped.insert(expr.ungrouped.end(), again.ungrouped.begin(), again.ungrouped.end());
      of_aggregate = of_aggregate || again.aggregate;
    }
    expr.aggregate = of_aggregate;
  }
  const Text over = " OVER " + window_text(*node.over, scope, expr, by_position.contains(name), name);
  expr.sql += over;
  expr.window = true;
  expr.constant = false;
  expr.range.reset();
  return finished(std::move(call));
}

Text Analyser::window_text(const PgQuery__WindowDef& node, const Scope& scope, Expr& whole, bool by_position,
                           const std::string& name) {
  const std::string wanted = node.name != nullptr && *node.name != '\0' ? node.name
                             : node.refname != nullptr                  ? node.refname
                                                                        : "";
  if (!wanted.empty() && node.n_order_clause == 0 && node.n_partition_clause == 0) {
    for (PgQuery__WindowDef* window : scope.windows) {
      if (window->name != wanted) continue;
      PgQuery__WindowDef plain = *window;
      plain.name = nullptr;
      plain.refname = nullptr;
      return window_text(plain, scope, whole, by_position, name);
    }
    refuse(node.location, "unknown window '" + wanted + "'");
  }
  Text sql = "(";
  std::vector<Equality> fixed;
  bool empty = true;
  const auto blank = [&] {
    const bool first_part = empty;
    empty = false;
    return first_part ? "" : " ";
  };
  bool first = true;
  for (Node* item : list(node.n_partition_clause, node.partition_clause)) {
    Expr key = expression(item, scope);
    sql += (first ? "PARTITION BY " : ", ") + key.sql;
    first = empty = false;
    if (key.column) fixed.push_back({*key.column, {}});
    whole.ungrouped.insert(whole.ungrouped.end(), key.ungrouped.begin(), key.ungrouped.end());
  }
  first = true;
  Select none;
  for (const SortKey& key : sort_keys({node.order_clause, node.n_order_clause}, scope, none)) {
    sql += (first ? std::string(blank()) + "ORDER BY " : ", ") + key.sql;
    first = false;
    if (key.expr.column) fixed.push_back({*key.expr.column, {}});
    whole.ungrouped.insert(whole.ungrouped.end(), key.expr.ungrouped.begin(), key.expr.ungrouped.end());
  }
  if (rules_.deterministic && (by_position || (node.frame_options & frame_rows) != 0) &&
      !all_pinned(scope, fixed))
    refuse(node.location, name + "() without a total order depends on the order of rows",
           "add a key's columns to ORDER BY of the window");
  if ((node.frame_options & frame_given) != 0) sql += blank() + frame_text(node, scope);
  return sql + ")";
}

Text Analyser::frame_text(const PgQuery__WindowDef& node, const Scope& scope) {
  const int bits = node.frame_options;
  if ((bits & exclusions) != 0)
    refuse(node.location, "EXCLUDE in a window frame is not supported",
           "take the row's own value off: sum(x) OVER (...) - x");
  const auto offset = [&](Node* expr) {
    return coerce(expression(expr, scope), Type::bigint, Cast::implicit).sql;
  };
  Text sql = (bits & frame_rows) != 0     ? "ROWS BETWEEN "
             : (bits & frame_groups) != 0 ? "GROUPS BETWEEN "
                                          : "RANGE BETWEEN ";
  if ((bits & start_unbounded_preceding) != 0)
    sql += "UNBOUNDED PRECEDING";
  else if ((bits & start_current_row) != 0)
    sql += "CURRENT ROW";
  else if ((bits & start_offset_preceding) != 0)
    sql += offset(node.start_offset) + " PRECEDING";
  else if ((bits & start_offset_following) != 0)
    sql += offset(node.start_offset) + " FOLLOWING";
  else
    refuse(node.location, "this window frame is not supported");
  sql += " AND ";
  if ((bits & end_unbounded_following) != 0)
    sql += "UNBOUNDED FOLLOWING";
  else if ((bits & end_offset_preceding) != 0)
    sql += offset(node.end_offset) + " PRECEDING";
  else if ((bits & end_offset_following) != 0)
    sql += offset(node.end_offset) + " FOLLOWING";
  else
    sql += "CURRENT ROW";
  return sql;
}

}  // namespace reeve::sql
