// CREATE FUNCTION and DROP FUNCTION: what a function is, read and checked. The engines are told nothing.

#include "sql/names.h"
#include "sql/schema.h"
#include "sql/signatures.h"

#include <algorithm>
#include <charconv>

namespace reeve::sql {
namespace {

const ParameterTypes no_parameters;

bool is_built_in(const std::string& name) {
  const auto named = [&](const auto& item) { return item.name == name; };
  return std::any_of(signatures().begin(), signatures().end(), named) ||
         std::any_of(special_calls().begin(), special_calls().end(), named) ||
         std::any_of(unstable_functions().begin(), unstable_functions().end(), named);
}

/// What CREATE FUNCTION says beside its parameters.
struct Options {
  std::string language = "sql";
  std::string volatility = "volatile";
  std::string body;
  std::string other;  ///< one that is not read
  bool strict = false;
};

Options options_of(const PgQuery__CreateFunctionStmt& node) {
  Options out;
  for (Node* option : list(node.n_options, node.options)) {
    const auto& element = *option->def_elem;
    const std::string_view name = element.defname;
    if (name == "language") {
      out.language = string_of(element.arg);
    } else if (name == "volatility") {
      out.volatility = string_of(element.arg);
    } else if (name == "strict") {
      out.strict = element.arg->boolean->boolval;
    } else if (name == "as") {
      const auto& texts = *element.arg->list;
      if (texts.n_items == 1) out.body = string_of(texts.items[0]);
    } else if (name != "parallel" && name != "leakproof" && name != "cost") {
      out.other = name;
    }
  }
  return out;
}

/// The body with the parameters' names in place of $1, and without the semicolon behind it.
std::string named_body(const std::string& body, const std::vector<Function::Parameter>& parameters,
                       const Place& place) {
  std::string out;
  std::size_t copied = 0;
  for (const Token& token : scan(body, place)) {
    if (token.kind != PG_QUERY__TOKEN__PARAM) continue;
    const auto start = static_cast<std::size_t>(token.start);
    const auto end = static_cast<std::size_t>(token.end);
    std::size_t number = 0;
    std::from_chars(body.data() + start + 1, body.data() + end, number);
    if (number < 1 || number > parameters.size())
      throw Error(ErrorCode::bad_statement, "there is no parameter " + body.substr(start, end - start), "",
                  place);
    out += body.substr(copied, start - copied) + quoted_for_postgres(parameters[number - 1].name);
    copied = end;
  }
  out += body.substr(copied);
  while (!out.empty() && (out.back() == ';' || out.back() == ' ' || out.back() == '\n')) out.pop_back();
  return out;
}

/// Of `SELECT expression`; null for any other statement.
Node* only_value(const PgQuery__ParseResult& tree) {
  Node* node = tree.stmts[0]->stmt;
  if (node->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) return nullptr;
  const PgQuery__SelectStmt& select = *node->select_stmt;
  const bool plain =
      select.n_target_list == 1 && select.n_from_clause == 0 && select.where_clause == nullptr &&
      select.n_group_clause == 0 && select.having_clause == nullptr && select.limit_count == nullptr &&
      select.limit_offset == nullptr && select.with_clause == nullptr && select.n_sort_clause == 0 &&
      select.n_distinct_clause == 0 && select.n_values_lists == 0 && select.larg == nullptr;
  return plain ? select.target_list[0]->res_target->val : nullptr;
}

bool calls(const std::string& sql, const std::string& function) {
  const std::vector<Token> tokens = scan(sql, {});
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const auto start = static_cast<std::size_t>(tokens[i].start);
    const std::string token = sql.substr(start, static_cast<std::size_t>(tokens[i].end) - start);
    if (tokens[i + 1].kind == PG_QUERY__TOKEN__ASCII_40 &&
        (token == function || token == "\"" + function + "\""))
      return true;
  }
  return false;
}

/// What of the schema calls the function; empty for nothing.
std::string caller_of(const std::string& function, const Catalogue& catalogue) {
  for (const auto& [name, view] : catalogue.views)
    if (calls(view.sql, function)) return "view '" + name + "'";
  for (const auto& [name, other] : catalogue.functions)
    if (calls(other.sql, function)) return "function '" + name + "'";
  for (const auto& [name, index] : catalogue.indexes) {
    for (const std::string& column : index.columns)
      if (calls(column, function)) return "index '" + name + "'";
    if (index.where && calls(*index.where, function)) return "index '" + name + "'";
  }
  for (const auto& [name, table] : catalogue.tables) {
    for (const Check& check : table.checks)
      if (calls(check.sql, function)) return "constraint '" + check.name + "' of " + name;
    for (const Column& column : table.columns)
      if ((column.default_sql && calls(*column.default_sql, function)) ||
          (column.generated_sql && calls(*column.generated_sql, function)))
        return "column '" + column.name + "' of " + name;
  }
  return {};
}

}  // namespace

std::vector<Function::Parameter> Migrator::function_parameters(
    const PgQuery__CreateFunctionStmt& node) const {
  Analyser analyser(now_, {}, *text_, no_parameters);
  std::vector<Function::Parameter> out;
  for (Node* item : list(node.n_parameters, node.parameters)) {
    const PgQuery__FunctionParameter& parameter = *item->function_parameter;
    if (parameter.mode != PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_IN &&
        parameter.mode != PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_DEFAULT)
      refuse(0, "a function has parameters that are given, and one value",
             "a view, or a function for each value");
    if (parameter.defexpr != nullptr)
      refuse(0, "a parameter with a default is not supported", "give it in each call");
    const std::string name = parameter.name != nullptr ? parameter.name : "";
    const Type type = analyser.type_of(*parameter.arg_type).first;
    if (type == Type::interval) refuse(0, "a parameter can't be an interval", "bigint of seconds");
    for (const Function::Parameter& other : out)
      if (!name.empty() && other.name == name) refuse(0, "parameter '" + name + "' stands twice");
    out.push_back({name.empty() ? "reeve_" + std::to_string(out.size() + 1) : name, type});
  }
  return out;
}

void Migrator::create_function(const PgQuery__CreateFunctionStmt& node) {
  const Options options = options_of(node);
  if (options.language != "sql") refuse_function(node);
  Function function;
  function.name = string_of(node.funcname[node.n_funcname - 1]);
  if (node.is_procedure) refuse(0, "procedures are not supported", "a command of the blueprint");
  if (node.n_funcname > 1) refuse(0, "functions have no schema here", "write " + function.name + "(...)");
  if (node.replace)
    refuse(0, "OR REPLACE hides a schema that is not what it should be",
           "DROP FUNCTION, then CREATE FUNCTION");
  if (options.volatility != "immutable")
    refuse(0, "a function is IMMUTABLE here: the same answer for the same arguments", "add IMMUTABLE");
  if (!options.other.empty())
    refuse(0, "function " + function.name + "(): " + options.other + " is not supported", "leave it out");
  if (node.return_type == nullptr || node.return_type->setof)
    refuse(0, "a function gives one value here", "a view, or a query of its own");
  if (function.name.starts_with("reeve_") || is_built_in(function.name) ||
      now_.functions.contains(function.name))
    refuse(0, "function " + function.name + "() exists already", "choose another name");
  Analyser analyser(now_, {}, *text_, no_parameters);
  function.result = analyser.type_of(*node.return_type).first;
  if (function.result == Type::interval) refuse(0, "a function can't give an interval", "bigint of seconds");
  function.parameters = function_parameters(node);
  function.strict = options.strict;
  function.sql = function_body(node, options.body, function);
  std::vector<Expr> arguments;
  for (const Function::Parameter& parameter : function.parameters) {
    Expr argument;
    argument.sql = name_text(parameter.name);
    argument.type = parameter.type;
    arguments.push_back(std::move(argument));
  }
  if (calls(function.sql, function.name))
    refuse(0, "function " + function.name + "() calls itself", "WITH RECURSIVE in the statement");
  Rules rules;
  rules.parameters = rules.tables = false;
  Analyser caller(now_, rules, *text_, no_parameters);
  caller.inlined(function, std::move(arguments), 0);
  now_.functions[function.name] = std::move(function);
}

std::string Migrator::function_body(const PgQuery__CreateFunctionStmt& node, const std::string& text,
                                    const Function& function) const {
  if (node.sql_body != nullptr) {
    if (node.sql_body->node_case == PG_QUERY__NODE__NODE_RETURN_STMT)
      return deparse(node.sql_body->return_stmt->returnval);
    refuse(0, "the body of a function is one expression here", "AS 'SELECT ...' or RETURN ...");
  }
  const Place place = text_->place(0);
  const Statement statement{named_body(text, function.parameters, place), place, {}, {}};
  const NumberedText numbered(statement);
  Tree tree;
  try {
    tree = parse(numbered);
  } catch (const Error& error) {
    refuse(0, "function " + function.name + "(): " + error.message(),
           error.remedy().empty() ? "the body is SELECT and one expression here" : error.remedy());
  }
  Node* value = only_value(*tree);
  if (value == nullptr)
    refuse(0, "the body of a function is SELECT and one expression here", "a view, or a query of its own");
  return deparse(value);
}

void Migrator::drop_function(const std::string& name) {
  if (!now_.functions.contains(name)) {
    std::vector<std::string> known;
    for (const auto& [other, function] : now_.functions) known.push_back(other);
    refuse(0, "unknown function '" + name + "'", did_you_mean(name, known));
  }
  if (const std::string caller = caller_of(name, now_); !caller.empty())
    refuse(0, caller + " calls it", "drop that first");
  now_.functions.erase(name);
}

}  // namespace reeve::sql
