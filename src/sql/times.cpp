// Times and intervals: sums and differences, parts, formats. Everything is in UTC.

#include "sql/analyser.h"
#include "sql/calendar.h"
#include "sql/names.h"

#include <algorithm>
#include <array>

namespace reeve::sql {
namespace {

constexpr std::int64_t day = 86'400'000'000;

/// The microseconds of an interval of fixed length.
std::optional<std::int64_t> fixed_length(const Expr& expr) {
  if (!expr.interval || expr.interval->months != 0) return {};
  return expr.interval->days * day + expr.interval->microseconds;
}

}  // namespace

/// A date is its midnight.
Expr Analyser::as_time(Expr expr) {
  if (expr.type == Type::date) return coerce(std::move(expr), Type::timestamptz, Cast::explicit_cast);
  return coerce(std::move(expr), Type::timestamptz, Cast::implicit);
}

Expr Analyser::time_arithmetic(const std::string& op, Expr left, Expr right, int location) {
  plain_only(location, "time arithmetic");
  const auto settle = [](const Expr& open, const Expr& other) {
    // A parameter beside an interval is a time more often than not; a literal is what PostgreSQL takes it for.
    return other.type == Type::interval && open.parameter == 0 ? Type::interval
           : other.type == Type::interval                      ? Type::timestamptz
                                                               : Type::interval;
  };
  if (left.open()) {
    const Type type = op == "-" && right.type == Type::timestamptz ? Type::timestamptz : settle(left, right);
    left = coerce(std::move(left), type, Cast::implicit);
  }
  if (right.open()) {
    const Type type = op == "-" && left.type == Type::timestamptz && right.literal ? Type::interval
                      : op == "-" && left.type == Type::timestamptz                ? Type::timestamptz
                                                                                   : settle(right, left);
    right = coerce(std::move(right), type, Cast::implicit);
  }
  if (op == "+" && left.type == Type::interval && right.type != Type::interval) std::swap(left, right);
  const bool of_time = left.type == Type::timestamptz || left.type == Type::date;
  if (of_time && right.type == Type::interval && (op == "+" || op == "-")) {
    const Expr time = as_time(std::move(left));
    const std::string native = "reeve_time(" + time.sql.postgres + " " + op + " " + right.sql.postgres + ")";
    if (const auto length = fixed_length(right))
      return combine(
          {"reeve_time_add(" + time.sql.sqlite + ", " + std::to_string(op == "+" ? *length : -*length) + ")",
           native},
          Type::timestamptz, {&time, &right}, location);
    return combine({(op == "+" ? "reeve_time_plus(" : "reeve_time_minus(") + time.sql.sqlite + ", " +
                        right.sql.sqlite + ")",
                    native},
                   Type::timestamptz, {&time, &right}, location);
  }
  if (op == "-" && of_time && (right.type == Type::timestamptz || right.type == Type::date)) {
    const Expr later = as_time(std::move(left));
    const Expr earlier = as_time(std::move(right));
    return combine({"reeve_time_difference(" + later.sql.sqlite + ", " + earlier.sql.sqlite + ")",
                    "(" + later.sql.postgres + " - " + earlier.sql.postgres + ")"},
                   Type::interval, {&later, &earlier}, location);
  }
  return interval_arithmetic(op, std::move(left), std::move(right), location);
}

Expr Analyser::interval_arithmetic(const std::string& op, Expr left, Expr right, int location) {
  const auto is_number = [](const Expr& side) {
    return side.type == Type::integer || side.type == Type::bigint || side.type == Type::double_precision;
  };
  if (op == "*" && right.type == Type::interval && is_number(left)) std::swap(left, right);
  std::string function;
  if (left.type == Type::interval && right.type == Type::interval)
    function = op == "+" ? "plus" : op == "-" ? "minus" : "";
  if (left.type == Type::interval && is_number(right)) {
    function = op == "*" ? "multiply" : op == "/" ? "divide" : "";
    right = coerce(std::move(right), Type::double_precision, Cast::implicit);
  }
  if (function.empty())
    refuse(location,
           "operator " + op + " does not take " + std::string(name_of(left.type)) + " and " +
               std::string(name_of(right.type)),
           "time + interval, time - time, interval * number");
  return combine({"reeve_interval_" + function + "(" + left.sql.sqlite + ", " + right.sql.sqlite + ")",
                  "(" + left.sql.postgres + " " + op + " " + right.sql.postgres + ")"},
                 Type::interval, {&left, &right}, location);
}

Expr Analyser::extract_of_interval(const std::string& part, const Expr& value, int location) {
  static constexpr std::array<std::string_view, 9> parts = {
      "epoch", "year", "month", "day", "hour", "minute", "second", "milliseconds", "microseconds"};
  if (std::find(parts.begin(), parts.end(), part) == parts.end())
    refuse(location, "extract(" + part + ") of an interval is not supported",
           "epoch, year, month, day, hour, minute, second, milliseconds, microseconds");
  return combine({"reeve_interval_part(" + quoted_text(part) + ", " + value.sql.sqlite + ")",
                  "extract(" + part + " FROM " + value.sql.postgres + ")::double precision"},
                 Type::double_precision, {&value}, location);
}

Expr Analyser::date_trunc(std::vector<Expr>& arguments, int location) {
  static constexpr std::array<std::string_view, 13> units = {
      "microseconds", "milliseconds", "second", "minute", "hour",    "day",       "week",
      "month",        "quarter",      "year",   "decade", "century", "millennium"};
  const bool known = arguments.size() == 2 && arguments[0].literal &&
                     std::find(units.begin(), units.end(), *arguments[0].literal) != units.end();
  if (!known)
    refuse(
        location, "date_trunc() takes a constant unit and a time",
        "microseconds, milliseconds, second, minute, hour, day, week, month, quarter, year, decade, century, "
        "millennium");
  const std::string unit = quoted_text(*arguments[0].literal);
  const Expr time = as_time(std::move(arguments[1]));
  return combine({"reeve_date_trunc(" + unit + ", " + time.sql.sqlite + ")",
                  "reeve_time(date_trunc(" + unit + ", " + time.sql.postgres +
                      " AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')"},
                 Type::timestamptz, {&time}, location);
}

Expr Analyser::time_to_char(std::vector<Expr>& arguments, int location) {
  const bool timed =
      arguments.size() == 2 && (arguments[0].type == Type::timestamptz || arguments[0].type == Type::date);
  if (!timed)
    refuse(location, "to_char() takes a time or a date and a format here", "numbers: (...)::text, lpad(...)");
  if (!arguments[1].literal || !read_time_format(*arguments[1].literal))
    refuse(location, "this format of to_char() is not supported",
           "a constant of YYYY MM DD HH24 HH12 MI SS MS US AM Month Mon Day Dy DDD D ID Q IYYY IW WW W CC J, "
           "each with or "
           "without FM, and other text in double quotes");
  const std::string format = quoted_text(*arguments[1].literal);
  const Expr time = as_time(std::move(arguments[0]));
  return combine({"reeve_to_char(" + time.sql.sqlite + ", " + format + ")",
                  "to_char(" + time.sql.postgres + " AT TIME ZONE 'UTC', " + format + ")"},
                 Type::text, {&time}, location);
}

std::optional<Expr> Analyser::calendar_call(const std::string& name, std::vector<Expr>& arguments,
                                            int location) {
  const bool mine = name == "date_trunc" || name == "to_char" || name == "timezone" || name == "to_timestamp";
  if (!mine) return {};
  plain_only(location, "function " + name + "()");
  if (name == "date_trunc") return date_trunc(arguments, location);
  if (name == "to_char") return time_to_char(arguments, location);
  if (name == "timezone") {
    if (arguments.size() != 2 || arguments[0].literal != "UTC")
      refuse(location, "times are in UTC here", "AT TIME ZONE 'UTC', or add the zone's interval");
    return as_time(std::move(arguments[1]));
  }
  if (arguments.size() != 1)
    refuse(location, "to_timestamp() takes seconds since 1970 here",
           "cast RFC 3339 text: (...)::timestamptz");
  const Expr seconds = coerce(std::move(arguments[0]), Type::double_precision, Cast::implicit);
  return combine({"reeve_to_timestamp(" + seconds.sql.sqlite + ")",
                  "reeve_time(to_timestamp(" + seconds.sql.postgres + "))"},
                 Type::timestamptz, {&seconds}, location);
}

Expr Analyser::make_interval(const PgQuery__FuncCall& node, const Scope& scope) {
  static constexpr std::array<std::string_view, 7> names = {"years", "months", "weeks", "days",
                                                            "hours", "mins",   "secs"};
  use_function("make_interval");
  plain_only(node.location, "function make_interval()");
  std::array<std::optional<Expr>, 7> given;
  std::size_t place = 0;
  for (Node* argument : list(node.n_args, node.args)) {
    std::size_t at = place++;
    Node* value = argument;
    if (argument->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR) {
      const std::string_view name = argument->named_arg_expr->name;
      at = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
      value = argument->named_arg_expr->arg;
    }
    if (at >= names.size() || given.at(at))
      refuse(node.location, "make_interval() has no such argument",
             "years, months, weeks, days, hours, mins, secs");
    given.at(at) =
        coerce(expression(value, scope), at == 6 ? Type::double_precision : Type::integer, Cast::implicit);
  }
  Text sql;
  std::vector<const Expr*> parts;
  for (std::size_t i = 0; i < given.size(); ++i) {
    sql += i > 0 ? ", " : "";
    sql += given.at(i) ? given.at(i)->sql : Text(i == 6 ? "0.0" : "0");
    if (given.at(i)) parts.push_back(&*given.at(i));
  }
  return combine(Text("reeve_make_interval(", "make_interval(") + sql + ")", Type::interval, parts,
                 node.location);
}

}  // namespace reeve::sql
