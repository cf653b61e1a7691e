#include "sql/translation.h"

#include "sql/analyser.h"
#include "sql/names.h"

#include <algorithm>

namespace reeve::sql {
namespace {

std::string_view name_of(Use use) {
  switch (use) {
    case Use::apply: return "an apply file";
    case Use::check: return "a check";
    case Use::emit: return "an emit query";
    case Use::query: return "a query";
    case Use::moment: return "the moment's query";
    case Use::upcast: return "an upcast";
    case Use::migration: return "a migration";
    case Use::execute: return "what is executed";
  }
  return "";
}

bool writes(Use use) { return use == Use::apply || use == Use::migration || use == Use::execute; }

}  // namespace

void Analyser::finish_select(PgQuery__SelectStmt& node) {
  out_.kind = Kind::select;
  if (use_ == Use::query || use_ == Use::emit || use_ == Use::upcast) top_ = &node;
  Select whole = select(&node, nullptr);
  std::set<std::string> names;
  const int location = whole.outputs.empty() ? 0 : whole.outputs[0].expr.location;
  for (std::size_t i = 0; i < whole.outputs.size(); ++i) {
    Output& output = whole.outputs[i];
    if (output.expr.open()) {
      if (output.expr.parameter > 0)
        refuse(output.expr.location, "the type of this parameter can't be inferred", "cast it: :name::text");
      if (whole.left == nullptr && whole.rows.empty())
        output.expr = coerce(std::move(output.expr), Type::text, Cast::implicit);
    }
    no_intervals({&output.expr}, "a result");
    const bool named = use_ == Use::emit || use_ == Use::upcast || use_ == Use::query;
    if (named && output.name == "?column?")
      refuse(output.expr.location, "this column has no name", "... AS name");
    if (named && !names.insert(output.name).second)
      refuse(output.expr.location, "two columns are named '" + output.name + "'", "... AS another name");
    const bool personal = !output.expr.personal.empty();
    if (personal && (whole.distinct || !whole.distinct_on.empty()))
      refuse_personal(output.expr, "can't be told apart by DISTINCT");
    out_.columns.push_back({output.name, output.expr.type, output.expr.nullable, personal});
  }
  out_.ordered = whole.ordered;
  if (use_ == Use::check && (whole.outputs.size() != 1 || whole.outputs[0].expr.type != Type::boolean))
    refuse(location, "a check is a SELECT of one boolean", "SELECT EXISTS (SELECT 1 FROM ... WHERE ...)");
  if (use_ == Use::moment && whole.outputs.size() != 1)
    refuse(location, "the moment's query gives one column");
  if ((use_ == Use::check || use_ == Use::moment) && !whole.one_row)
    refuse(location,
           std::string(use_ == Use::check ? "a check" : "the moment's query") +
               " gives one row, this may give several",
           use_ == Use::check ? "SELECT EXISTS (...)" : "select by a key, or an aggregate: max(...)");
  if (use_ == Use::emit && !whole.ordered)
    refuse(location,
           "an emit query of several rows needs ORDER BY: the order of its events would not be fixed",
           "add ORDER BY");
  written_ = write(whole);
}

Translation Analyser::statement(Node* node) {
  out_.place = text_.place(0);
  const bool may_write = use_ && writes(*use_);
  const auto only = [&](bool allowed, const std::string& what) {
    if (!allowed) refuse(0, what + " can't stand in " + std::string(use_ ? name_of(*use_) : ""));
  };
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
      only(!may_write, "SELECT");
      finish_select(*node->select_stmt);
      break;
    case PG_QUERY__NODE__NODE_INSERT_STMT:
      only(may_write, "INSERT");
      insert(*node->insert_stmt);
      break;
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
      only(may_write, "UPDATE");
      update(*node->update_stmt);
      break;
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      only(may_write, "DELETE");
      remove(*node->delete_stmt);
      break;
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
      refuse(0, "BEGIN and COMMIT are Reeve's own", "leave them out: the file runs in one transaction");
    default: refuse(0, "this kind of statement can't stand in " + std::string(use_ ? name_of(*use_) : ""));
  }
  for (const Parameter& parameter : out_.parameters)
    if (parameter.type == Type::unknown)
      refuse(0, "the type of :" + parameter.name + " can't be inferred",
             "cast it: :" + parameter.name + "::text");
  out_.sqlite = std::move(written_.sqlite);
  out_.postgres = std::move(written_.postgres);
  return out_;
}

Translation translate(const Statement& statement, const Catalogue& catalogue, Use use,
                      const ParameterTypes& known, bool known_only, const PersonalParameters& personal) {
  Translation out;
  on_large_stack([&] {
    const NumberedText text(statement);
    const Tree tree = parse(text);
    const auto written = [&](std::size_t hidden_after) {
      Analyser analyser(catalogue, rules_of(use, known_only), text, known);
      analyser.set_use(use);
      analyser.set_personal(personal);
      analyser.set_hidden_after(hidden_after);
      return analyser.statement(tree->stmts[0]->stmt);
    };
    out = written(text.names().size());
    // now() adds a parameter, and the hidden ones move behind it.
    if (out.parameters.size() > text.names().size()) out = written(out.parameters.size());
  });
  return out;
}

}  // namespace reeve::sql
