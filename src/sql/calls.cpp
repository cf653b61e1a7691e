// Function calls that are neither aggregates nor windows.

#include "sql/analyser.h"
#include "sql/names.h"
#include "sql/signatures.h"

#include <algorithm>

namespace reeve::sql {
namespace {

bool widens(Type from, Type to) {
  if (from == to || from == Type::unknown) return true;
  if (from == Type::integer) return to == Type::bigint || to == Type::double_precision;
  return from == Type::bigint && to == Type::double_precision;
}

bool is_special(std::string_view name, std::string_view kind) {
  return std::any_of(special_calls().begin(), special_calls().end(), [&](const SpecialCall& special) {
    return special.name == name && special.kind == kind;
  });
}

}  // namespace

Expr Analyser::call(const PgQuery__FuncCall& node, const Scope& scope) {
  const auto names = list(node.n_funcname, node.funcname);
  const std::string name(string_of(names.back()));
  if (names.size() > 1 && string_of(names[0]) != "pg_catalog")
    refuse(node.location, "functions have no schema here", "write " + name + "(...)");
  if (is_special(name, "window") || (node.over != nullptr && is_special(name, "aggregate")))
    return window(name, node, scope);
  if (is_special(name, "aggregate")) return aggregate(name, node, scope);
  if (node.over != nullptr || node.agg_star || node.agg_distinct || node.n_agg_order > 0 ||
      node.agg_filter != nullptr) {
    for (const Unstable& function : unstable_functions())
      if (function.name == name) refuse_unknown_function(name, node.location);
    refuse(node.location, name + "() is no aggregate",
           "count, sum, min, max, avg, bool_and, bool_or, string_agg, jsonb_agg, jsonb_object_agg");
  }
  if (node.func_variadic) refuse(node.location, "VARIADIC is not supported");
  if (name == "jsonb_set" || name == "jsonb_insert") return json_change(name, node, scope);
  if (name == "make_interval") return make_interval(node, scope);
  std::vector<Expr> arguments;
  const int chances = chances_;
  for (Node* argument : list(node.n_args, node.args)) {
    if (argument->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR)
      refuse(node.location, "named arguments are not supported", "give them in order");
    arguments.push_back(expression(argument, scope));
  }
  if (const auto function = catalogue_.functions.find(name); function != catalogue_.functions.end()) {
    if (chances != chances_)
      refuse(node.location, "dice() and new_uuid() can't be arguments of a function: it may read them twice",
             "SELECT them in a subquery, and call the function around it");
    return inlined(function->second, std::move(arguments), node.location);
  }
  return call_plain(name, std::move(arguments), node.location);
}

Expr Analyser::call_plain(const std::string& name, std::vector<Expr> arguments, int location) {
  use_function(name);
  if (name == "now" || name == "transaction_timestamp" || name == "statement_timestamp") {
    if (!arguments.empty()) refuse(location, name + "() takes no arguments");
    return now_at(location);
  }
  if ((name == "dice" || name == "new_uuid") && !rules_.chance)
    refuse(location, name + "() stands only in the checks and emits of a command",
           "decide it there and record the outcome in the event");
  if (name == "dice" || name == "new_uuid") ++chances_;
  if (name == "reeve_changes" && !rules_.changes)
    refuse(location, "reeve_changes() stands only in views and queries");
  if (name == "reeve_changes") out_.tables_read.insert("reeve_events");
  if (name == "extract" || name == "date_part") return extract(std::move(arguments), location);
  if (name == "regexp_like" || name == "regexp_replace")
    return regular_call(name, std::move(arguments), location);
  if (name == "concat" || name == "concat_ws") return call_concat(name, std::move(arguments), location);
  if (name == "jsonb_path_exists" || name == "jsonb_path_query_first")
    return json_path_call(name, std::move(arguments), location);
  if (name.starts_with("jsonb_build_") || name == "to_jsonb")
    return call_json(name, std::move(arguments), location);
  // PostgreSQL knows one form more.
  if ((name == "encode" || name == "decode") && arguments.size() == 2 &&
      arguments[1].literal.value_or("") != "hex" && arguments[1].literal.value_or("") != "base64")
    refuse(location, name + "() takes 'hex' or 'base64' here", "name one of them");
  if (auto calendar = calendar_call(name, arguments, location)) return *calendar;
  Expr special = call_special(name, arguments, location);
  if (!special.sql.empty()) return special;
  std::vector<const Signature*> named;
  for (const Signature& signature : signatures())
    if (signature.name == name) named.push_back(&signature);
  if (named.empty()) refuse_unknown_function(name, location);
  for (const bool exactly : {true, false}) {
    for (const Signature* signature : named) {
      if (signature->arguments.size() != arguments.size()) continue;
      bool fits = true;
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        const Type wanted = type_of_letter(signature->arguments[i]);
        fits = fits && (exactly ? arguments[i].type == wanted || arguments[i].open()
                                : widens(arguments[i].type, wanted));
      }
      if (fits) return apply_signature(*signature, std::move(arguments), location);
    }
  }
  if (name == "round" && arguments.size() == 2)
    refuse(location, "round(double precision, integer) does not exist in PostgreSQL", "round(x * 100) / 100");
  std::string given;
  for (const Expr& argument : arguments)
    given += (given.empty() ? "" : ", ") + std::string(name_of(argument.type));
  std::string takes;
  for (const Signature* signature : named) {
    takes += takes.empty() ? "it takes (" : " or (";
    for (std::size_t i = 0; i < signature->arguments.size(); ++i)
      takes += (i > 0 ? ", " : "") + std::string(name_of(type_of_letter(signature->arguments[i])));
    takes += ")";
  }
  refuse(location, "function " + name + "(" + given + ") does not exist", takes);
}

/// A form of a signature with its arguments in their places.
static std::string filled(std::string_view form, const std::vector<Expr>& arguments,
                          std::string Text::*engine) {
  std::string sql;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '$') {
      sql += arguments[static_cast<std::size_t>(form[++i] - '1')].sql.*engine;
    } else {
      sql += form[i];
    }
  }
  return sql;
}

/// PostgreSQL's call of a function: by its own name, unless the dialect's answer is another.
std::string Analyser::postgres_call(const Signature& signature, const std::vector<Expr>& arguments) {
  if (!signature.postgres.empty()) return filled(signature.postgres, arguments, &Text::postgres);
  const std::string name(signature.name);
  std::string sql = name + "(";
  if (name == "dice" || name == "new_uuid") {
    const std::string seed = hidden(Hidden::seed);
    sql = "reeve_" + name + "(" + seed + ", " + hidden(Hidden::decided_at) + ", ";
  }
  if (name == "reeve_changes") sql += ledger() + ", ";
  for (std::size_t i = 0; i < arguments.size(); ++i) sql += (i > 0 ? ", " : "") + arguments[i].sql.postgres;
  return sql + ")";
}

Expr Analyser::apply_signature(const Signature& signature, std::vector<Expr> arguments, int location) {
  const std::string name(signature.name);
  if (!signature.plain) plain_only(location, "function " + name + "()");
  for (std::size_t i = 0; i < arguments.size(); ++i)
    arguments[i] = coerce(std::move(arguments[i]), type_of_letter(signature.arguments[i]), Cast::implicit);
  Expr expr =
      combine({filled(signature.sqlite, arguments, &Text::sqlite), postgres_call(signature, arguments)},
              type_of_letter(signature.result), pointers(arguments), location);
  expr.nullable = expr.nullable || signature.nullable;
  if (expr.type == Type::integer) expr.range = Range{INT32_MIN, INT32_MAX};
  if (name == "dice" || name == "new_uuid" || name == "reeve_changes") expr.constant = false;
  return expr;
}

/// Forms of a function that plain SQLite answers alike for these arguments; nothing for others.
Expr Analyser::call_special(const std::string& name, std::vector<Expr>& arguments, int location) {
  if (auto stored = stored_json_call(name, arguments, location)) return *stored;
  if (name == "jsonb_array_length" && rules_.stored && arguments.size() == 1 &&
      arguments[0].type == Type::jsonb)
    return combine({"json_array_length(" + arguments[0].sql.sqlite + ")",
                    "jsonb_array_length(" + arguments[0].sql.postgres + ")"},
                   Type::integer, pointers(arguments), location);
  const auto known = [&](std::size_t i, std::int64_t low) {
    return i < arguments.size() && arguments[i].type == Type::integer && arguments[i].range &&
           arguments[i].range->low >= low;
  };
  const bool substring = name == "substr" || name == "substring";
  if (substring && !arguments.empty() && arguments[0].type == Type::text && known(1, 1) &&
      (arguments.size() == 2 || (arguments.size() == 3 && known(2, 0)))) {
    Text sql = "substr(" + arguments[0].sql + ", " + arguments[1].sql;
    if (arguments.size() == 3) sql += ", " + arguments[2].sql;
    return combine(sql + ")", Type::text, pointers(arguments), location);
  }
  if (name == "starts_with" && rules_.stored && arguments.size() == 2) {
    for (Expr& argument : arguments) argument = coerce(std::move(argument), Type::text, Cast::implicit);
    const auto& [text, start] = std::tie(arguments[0].sql, arguments[1].sql);
    return combine({"(substr(" + text.sqlite + ", 1, length(" + start.sqlite + ")) = " + start.sqlite + ")",
                    "starts_with(" + text.postgres + ", " + start.postgres + ")"},
                   Type::boolean, pointers(arguments), location);
  }
  if ((name == "floor" || name == "ceil" || name == "ceiling" || name == "round" || name == "trunc") &&
      arguments.size() == 1 && (arguments[0].type == Type::integer || arguments[0].type == Type::bigint))
    return coerce(arguments[0], Type::double_precision, Cast::implicit);
  return {};
}

void Analyser::refuse_unknown_function(const std::string& name, int location) const {
  for (const Unstable& function : unstable_functions())
    if (function.name == name)
      refuse(location, "function " + name + "() is not supported", std::string(function.remedy));
  std::vector<std::string> known;
  for (const SpecialCall& special : special_calls()) known.emplace_back(special.name);
  for (const Signature& signature : signatures()) known.emplace_back(signature.name);
  for (const auto& [own, function] : catalogue_.functions) known.push_back(own);
  refuse(location, "function " + name + "() is not supported", did_you_mean(name, known));
}

Expr Analyser::call_concat(const std::string& name, std::vector<Expr> arguments, int location) {
  plain_only(location, "function " + name + "()", "use ||");
  for (Expr& argument : arguments) {
    if (argument.type == Type::boolean) {  // Its output is t and f, unlike the cast's true and false.
      const std::string letters =
          argument.sql.postgres + " WHEN true THEN 't'::text WHEN false THEN 'f'::text";
      argument = combine({"CASE " + argument.sql.sqlite + " WHEN 1 THEN 't' WHEN 0 THEN 'f' END",
                          "CASE " + letters + " END"},
                         Type::text, {&argument}, location);
    } else {
      argument = coerce(std::move(argument), Type::text, Cast::assignment);
    }
  }
  Text sql = name == "concat" ? Text("reeve_concat(", "concat(") : Text("reeve_concat_ws(", "concat_ws(");
  for (std::size_t i = 0; i < arguments.size(); ++i) sql += (i > 0 ? ", " : "") + arguments[i].sql;
  if (arguments.empty()) refuse(location, name + "() takes at least one argument");
  Expr expr = combine(sql + ")", Type::text, pointers(arguments), location);
  expr.nullable = name == "concat_ws" && arguments[0].nullable;
  return expr;
}

/// What PostgreSQL is given to make JSON of: times as the dialect writes them, no integer beyond 2^53.
std::string json_member(const Expr& value) {
  if (value.type == Type::timestamptz) return "reeve_time_text(" + value.sql.postgres + ")";
  const bool exact = value.range && value.range->low > -(std::int64_t{1} << 53) &&
                     value.range->high < (std::int64_t{1} << 53);
  if (value.type == Type::bigint && !exact) return "reeve_json_integer(" + value.sql.postgres + ")";
  if (value.type == Type::double_precision && !value.constant)
    return "reeve_json_double(" + value.sql.postgres + ")";
  return value.sql.postgres;
}

/// The letter by which a registered function tells how a value becomes JSON.
static char json_letter(Type type) {
  if (type == Type::jsonb) return 'j';
  return type == Type::boolean ? 'b' : 't';
}

Expr Analyser::call_json(const std::string& name, std::vector<Expr> arguments, int location) {
  plain_only(location, "function " + name + "()");
  const bool object = name == "jsonb_build_object";
  if (object && arguments.size() % 2 != 0)
    refuse(location, "jsonb_build_object() takes names and values in pairs");
  if (name == "to_jsonb" && arguments.size() != 1) refuse(location, "to_jsonb() takes one value");
  std::string spec;
  Text values;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    Expr& argument = arguments[i];
    if (argument.open()) argument = coerce(std::move(argument), Type::text, Cast::implicit);
    if (argument.type == Type::bytea || argument.type == Type::interval) argument = cast_to_text(argument);
    if (object && i % 2 == 0) {
      argument = coerce(std::move(argument), Type::text, Cast::assignment);
    } else {
      spec += json_letter(argument.type);
    }
    values += ", " + Text(argument.sql.sqlite, json_member(argument));
  }
  if (name != "jsonb_build_array" && name != "to_jsonb" && !object) refuse_unknown_function(name, location);
  const std::string native = values.postgres.empty() ? "" : values.postgres.substr(2);
  Expr expr = combine({"reeve_" + name + "('" + spec + "'" + values.sqlite + ")", name + "(" + native + ")"},
                      Type::jsonb, pointers(arguments), location);
  if (name == "to_jsonb") return expr;
  expr.nullable = false;
  return expr;
}

Expr Analyser::extract(std::vector<Expr> arguments, int location) {
  if (arguments.size() != 2 || !arguments[0].literal) refuse(location, "extract(PART FROM date)");
  plain_only(location, "extract()", "substr() of the date, cast to integer");
  const std::string part = *arguments[0].literal;
  Expr value = std::move(arguments[1]);
  if (value.open()) value = coerce(std::move(value), Type::date, Cast::implicit);
  if (value.type == Type::interval) return extract_of_interval(part, value, location);
  if (value.type != Type::date && value.type != Type::timestamptz)
    refuse(location, "extract() takes a date, a timestamptz or an interval", "cast it");
  static const std::set<std::string> of_dates = {"year",   "month",   "day",       "dow",   "isodow",
                                                 "doy",    "quarter", "week",      "epoch", "isoyear",
                                                 "decade", "century", "millennium"};
  static const std::set<std::string> of_times = {"hour", "minute", "second", "milliseconds", "microseconds"};
  if (!of_dates.contains(part) && !(of_times.contains(part) && value.type == Type::timestamptz))
    refuse(location, "extract(" + part + ") is not supported",
           "year, month, day, dow, isodow, doy, quarter, week, isoyear, epoch, decade, century, millennium; "
           "of times also "
           "hour, minute, second, milliseconds, microseconds");
  // A part of a time is one of its parts in UTC.
  const std::string moment =
      value.type == Type::date ? value.sql.postgres : "(" + value.sql.postgres + " AT TIME ZONE 'UTC')";
  return combine({"reeve_extract(" + quoted_text(part) + ", " + value.sql.sqlite + ")",
                  "extract(" + part + " FROM " + moment + ")::double precision"},
                 Type::double_precision, {&value}, location);
}

}  // namespace reeve::sql
