// The verb that asks: query.

#include "cli/catalogue_list.h"
#include "cli/session.h"
#include "cli/value_cell.h"

#include <reeve/history.h>
#include <reeve/ledger.h>

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace reeve::cli {

namespace {

struct QueryArguments {
  std::string file;
  std::string name;
  std::string parameters = "{}";
  std::optional<std::string> at;
  std::string keys;
  std::string checkpoints;
};

int run_past_query(Session& session, const QueryArguments& given) {
  History history = History::open(
      given.file, {.clock = &session.clock, .checkpoints = given.checkpoints, .key_store = given.keys});
  const PastAnswer answer = history.query(history.find(*given.at), given.name, given.parameters);
  if (!history.note().empty()) session.err.write("reeve: " + history.note() + "\n");
  std::vector<std::string> names;
  for (const Rows::Column& column : answer.columns) names.push_back(column.name);
  const auto writer = make_row_writer(session.format, session.out, std::move(names));
  for (const std::vector<Value>& row : answer.rows) {
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(value_cell(answer.columns[i].type, ValueView::of(row[i])));
    }
    writer->row(cells);
  }
  writer->finish();
  return exit_ok;
}

int run_query(Session& session, const QueryArguments& given) {
  if (given.name.empty()) {
    list_offers(session, given.file, Offer::queries);
    return exit_ok;
  }
  if (given.at) return run_past_query(session, given);
  Ledger ledger = Ledger::open(given.file, {.clock = &session.clock, .key_store = given.keys});
  Rows rows = ledger.query(given.name, given.parameters);
  std::vector<std::string> names;
  for (const Rows::Column& column : rows.columns()) names.push_back(column.name);
  const auto writer = make_row_writer(session.format, session.out, std::move(names));
  std::vector<Cell> cells;
  while (!session.stop.load() && rows.next()) {
    cells.clear();
    for (std::size_t i = 0; i < rows.columns().size(); ++i) {
      cells.push_back(value_cell(rows.columns()[i].type, rows.at(i)));
    }
    writer->row(cells);
  }
  writer->finish();
  return session.stop.load() ? exit_interrupted : exit_ok;
}

}  // namespace

void add_query_verb(CLI::App& app, Session& session) {
  const auto given = std::make_shared<QueryArguments>();
  CLI::App* verb = add_verb(app, session, "query", "Asks one of the blueprint's named queries.");
  verb->add_option("FILE", given->file, "the ledger")->required();
  verb->add_option("NAME", given->name, "the query; without it the queries are listed");
  verb->add_option("PARAMETERS", given->parameters, "a JSON object; what is left out is NULL");
  verb->add_option("--at", given->at,
                   "on the state after an earlier event: a sequence, a time or moment:VALUE")
      ->type_name("PLACE");
  verb->add_option("--keys", given->keys, "the key store, which opens personal values (FILE.keys)")
      ->type_name("KEYS");
  verb->add_option("--checkpoints", given->checkpoints,
                   "with --at: the file with checkpoints; beside a ledger's file if left out")
      ->type_name("FILE");
  verb->callback(
      [&session, given] { session.work = [&session, given] { return run_query(session, *given); }; });
}

}  // namespace reeve::cli
