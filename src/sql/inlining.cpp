// Functions of the blueprint: CREATE FUNCTION ... LANGUAGE sql IMMUTABLE. The expression stands where the function is
// called, with the arguments in place of the parameters, so that both engines see the same and nothing is stored.

#include "sql/analyser.h"
#include "sql/names.h"

#include <algorithm>

namespace reeve::sql {
namespace {

/// Of an expression with all that it calls: a chain of functions that each use their parameter twice would double.
constexpr std::size_t inlined_bytes_max = std::size_t{64} * 1024;

const ParameterTypes no_parameters;

}  // namespace

Expr Analyser::inlined(const Function& function, std::vector<Expr> arguments, int location) {
  if (arguments.size() != function.parameters.size())
    refuse(location, "function " + function.name + "() takes " + std::to_string(function.parameters.size()) +
                         " arguments, not " + std::to_string(arguments.size()));
  Source source;
  source.alias = function.name;
  source.id = 1;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Function::Parameter& parameter = function.parameters[i];
    Expr& argument = arguments[i];
    argument = coerce(std::move(argument), parameter.type, Cast::implicit);
    // PostgreSQL takes a parameter for what it is declared as, also where the value is of a narrower type.
    SourceColumn column;
    column.name = parameter.name;
    column.type = parameter.type;
    column.nullable = argument.nullable;
    column.sql = {argument.sql.sqlite, argument.sql.postgres + "::" + std::string(name_of(parameter.type))};
    column.canonical_json = argument.canonical_json;
    column.collated = argument.collated;
    source.columns.push_back(std::move(column));
  }
  Rules rules;
  rules.stored = rules_.stored;
  rules.hashed = rules_.hashed;
  rules.parameters = rules.tables = false;
  Scope scope;
  scope.sources.push_back(std::move(source));
  const Statement statement{"SELECT " + function.sql, text_.place(location), {}, {}};
  const NumberedText text(statement);
  const Tree tree = parse(text);
  Analyser body(catalogue_, rules, text, no_parameters);
  Expr value;
  try {
    Node* node = tree->stmts[0]->stmt->select_stmt->target_list[0]->res_target->val;
    value = body.coerce(body.expression(node, scope), function.result, Cast::assignment);
  } catch (const Error& error) {
    refuse(location, "function " + function.name + "(): " + error.message(), error.remedy());
  }
  if (value.aggregate || value.window)
    refuse(location, "function " + function.name + "() can't aggregate: it sees its arguments only");
  if (!value.unchecked.empty()) not_hashed(location, "a function whose answer may overflow");
  for (const std::string& name : body.out_.functions) use_function(name);
  Text sql = value.sql;
  if (function.strict && !arguments.empty()) {
    Text nulls;
    for (const Expr& argument : arguments) nulls += (nulls.empty() ? "" : " OR ") + argument.sql + " IS NULL";
    sql = "CASE WHEN " + nulls + " THEN NULL ELSE " + sql + " END";
  }
  if (sql.sqlite.size() > inlined_bytes_max)
    throw Error(ErrorCode::limit_exceeded,
                "function " + function.name + "() grows beyond 64 KiB where it stands",
                "call fewer functions within each other", text_.place(location));
  Expr expr = combine(std::move(sql), function.result, pointers(arguments), location);
  const bool of_null = function.strict && expr.nullable;
  expr.nullable = value.nullable || of_null;
  expr.collated = value.collated;
  if (expr.type == Type::integer) expr.range = Range{INT32_MIN, INT32_MAX};
  return expr;
}

}  // namespace reeve::sql
