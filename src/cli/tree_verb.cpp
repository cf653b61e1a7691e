// The verb that draws: tree.

#include "cli/session.h"
#include "cli/signed_file.h"
#include "cli/tree_drawing.h"
#include "cli/value_cell.h"

#include <reeve/ledger.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace reeve::cli {

namespace {

constexpr std::size_t rows_max = 100'000;
constexpr std::size_t width_unknown = 100;

struct TreeArguments {
  std::string file;
  std::string name;
  std::string parameters = "{}";
  std::string keys;
  std::string key;
  std::string parent;
  std::string label;
  std::string svg;
  std::size_t width = width_unknown;
};

/// The column of the name, or else the first; how it stands in the answer.
std::size_t find_column(const std::vector<Rows::Column>& columns, const std::string& name,
                        std::size_t otherwise) {
  if (name.empty() && otherwise < columns.size()) return otherwise;
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Rows::Column& column) { return column.name == name; });
  if (found == columns.end()) {
    std::string known;
    for (const Rows::Column& column : columns) known += (known.empty() ? "" : ", ") + column.name;
    throw Error(
        ErrorCode::invalid_input,
        name.empty() ? "the answer has too few columns for a tree" : "the answer has no column " + name,
        "its columns are " + known);
  }
  return static_cast<std::size_t>(found - columns.begin());
}

/// Without a name: that whose name begins with "parent".
std::size_t find_parent(const std::vector<Rows::Column>& columns, const std::string& name) {
  if (!name.empty()) return find_column(columns, name, 0);
  const auto found = std::find_if(columns.begin(), columns.end(), [](const Rows::Column& column) {
    return column.name.starts_with("parent");
  });
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  throw Error(ErrorCode::invalid_input, "no column of the answer says what a row hangs on",
              "name it: --parent COLUMN");
}

std::string text_of(const Rows& rows, std::size_t column) {
  return value_cell(rows.columns()[column].type, rows.at(column)).text;
}

std::string json_of(const Forest& forest) {
  const std::vector<std::string> names = {"children", "key", "label", "parent"};
  std::string out;
  for (const Forest::Node& node : forest.nodes()) {
    const std::vector<Cell> cells = {Cell::number(static_cast<std::int64_t>(node.children.size())),
                                     Cell::of(node.key), Cell::of(node.label), Cell::optional(node.parent)};
    out += json_object(names, cells) + "\n";
  }
  return out;
}

int draw_tree(Session& session, const TreeArguments& given) {
  Ledger ledger = Ledger::open(given.file, {.clock = &session.clock, .key_store = given.keys});
  Rows rows = ledger.query(given.name, given.parameters);
  const std::size_t key = find_column(rows.columns(), given.key, 0);
  const std::size_t parent = find_parent(rows.columns(), given.parent);
  const std::size_t label = find_column(rows.columns(), given.label, key);
  Forest forest;
  while (!session.stop.load() && rows.next()) {
    if (forest.nodes().size() == rows_max) {
      throw Error(ErrorCode::limit_exceeded, fmt::format("the tree has more than {} rows", rows_max),
                  "ask for a part of it");
    }
    forest.add(text_of(rows, key), text_of(rows, parent), text_of(rows, label));
  }
  if (session.stop.load()) return exit_interrupted;
  forest.grow();
  if (!given.svg.empty()) {
    write_new_file(given.svg, draw_svg(forest, given.name), FileRights::all);
    session.err.write(fmt::format("{}: {} rows\n", given.svg, forest.nodes().size()));
    return exit_ok;
  }
  session.out.write(session.format == Format::json ? json_of(forest) : draw_text(forest, given.width));
  return exit_ok;
}

}  // namespace

void add_tree_verb(CLI::App& app, Session& session) {
  const auto given = std::make_shared<TreeArguments>();
  CLI::App* verb =
      add_verb(app, session, "tree", "Draws the answer of a query whose rows hang on each other.");
  verb->add_option("FILE", given->file, "the ledger")->required();
  verb->add_option("NAME", given->name, "the query")->required();
  verb->add_option("PARAMETERS", given->parameters, "a JSON object; what is left out is NULL");
  verb->add_option("--key", given->key, "the column that singles out a row; the first if left out")
      ->type_name("COLUMN");
  verb->add_option(
          "--parent", given->parent,
          "the column that has the key of what a row hangs on; the first whose name begins with parent")
      ->type_name("COLUMN");
  verb->add_option("--label", given->label, "the column that is shown; the key if left out")
      ->type_name("COLUMN");
  verb->add_option("--width", given->width, "of a line, in columns of the terminal; 0 cuts nothing")
      ->type_name("N")
      ->capture_default_str();
  verb->add_option("--svg", given->svg, "draws a picture into this new file instead")->type_name("FILE");
  verb->add_option("--keys", given->keys, "the key store, which opens personal values (FILE.keys)")
      ->type_name("KEYS");
  verb->callback(
      [&session, given] { session.work = [&session, given] { return draw_tree(session, *given); }; });
}

}  // namespace reeve::cli
