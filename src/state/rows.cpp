#include "state/rows.h"

#include "journal/own_statement.h"

#include <reeve/error.h>

#include <fmt/format.h>

namespace reeve::state {

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char letter : name) {
    out += letter;
    if (letter == '"') {
      out += letter;
    }
  }
  return out + '"';
}

namespace {

std::string column_list(const journal::TableLayout& table, std::span<const int> places) {
  std::string out;
  for (const int place : places) {
    out += (out.empty() ? "" : ", ") + quote_name(table.column(place).name);
  }
  return out;
}

/// Of a table on PostgreSQL, the rows that are the ledger's: its own, or those of the version that it has pinned.
std::string ownership(const journal::TableLayout& table, const std::string& ledger) {
  return table.reference
             ? fmt::format(
                   "reeve_version = (SELECT value::uuid FROM reeve_meta WHERE ledger_id = {} AND name = "
                   "'reference')",
                   ledger)
             : "ledger_id = " + ledger;
}

std::vector<int> all_places(const journal::TableLayout& table) {
  std::vector<int> places;
  for (int place = 0; place < static_cast<int>(table.columns.size()); ++place) {
    places.push_back(place);
  }
  return places;
}

}  // namespace

std::string RowStore::marker(int parameter) const {
  return fmt::format("{}{}", connection_.engine() == engine::Engine::postgres ? '$' : '?', parameter);
}

std::string RowStore::conditions(const journal::TableLayout& table, std::span<const int> places, int first,
                                 std::string_view separator) const {
  std::string out;
  for (const int place : places) {
    out += fmt::format("{}{} = {}", out.empty() ? "" : separator, quote_name(table.column(place).name),
                       marker(first++));
  }
  return out;
}

std::string RowStore::key_condition(const journal::TableLayout& table, int first) const {
  std::string out = " WHERE " + conditions(table, table.key, first, " AND ");
  if (connection_.engine() == engine::Engine::postgres) {
    out += " AND " + ownership(table, marker(first + static_cast<int>(table.key.size())));
  }
  return out;
}

engine::Statement RowStore::prepare(const std::string& sql, int ledger_parameter) {
  engine::Statement statement = journal::prepare_fitting(connection_, sql);
  if (connection_.engine() == engine::Engine::postgres) {
    statement.bind_text(ledger_parameter, connection_.ledger());
  }
  return statement;
}

RowStore::RowStore(engine::Connection& connection, const journal::Layout& layout)
    : connection_(connection), layout_(layout), prepared_(layout.tables.size()) {}

void RowStore::load_row(const engine::Statement& statement, int table, std::vector<ValueView>& row) const {
  const journal::TableLayout& layout = layout_.table(table);
  row.resize(layout.columns.size());
  for (std::size_t place = 0; place < row.size(); ++place) {
    row[place] = statement.column(static_cast<int>(place));
    if (layout.columns[place].type == sql::Type::double_precision &&
        row[place].kind() == ValueView::Kind::integer) {
      row[place] = ValueView::of(static_cast<double>(row[place].integer()));
    }
  }
}

bool RowStore::read(int table, std::span<const ValueView> key, std::vector<ValueView>& row) {
  const journal::TableLayout& layout = layout_.table(table);
  std::optional<engine::Statement>& statement = prepared(table).read;
  if (!statement) {
    statement = prepare(fmt::format("SELECT {} FROM {}{}", column_list(layout, all_places(layout)),
                                    quote_name(layout.name), key_condition(layout, 1)),
                        static_cast<int>(layout.key.size()) + 1);
  }
  statement->reset();
  for (std::size_t i = 0; i < key.size(); ++i) {
    statement->bind(static_cast<int>(i) + 1, key[i]);
  }
  if (!statement->step()) {
    statement->reset();
    return false;
  }
  load_row(*statement, table, row);
  return true;
}

void RowStore::scan(int table, const std::function<bool(journal::Row)>& visit) {
  const journal::TableLayout& layout = layout_.table(table);
  const bool shared = connection_.engine() == engine::Engine::postgres;
  engine::Statement statement =
      prepare(fmt::format("SELECT {} FROM {}{} ORDER BY {}", column_list(layout, all_places(layout)),
                          quote_name(layout.name), shared ? " WHERE " + ownership(layout, "$1") : "",
                          column_list(layout, layout.key)),
              1);
  std::vector<ValueView> row;
  while (statement.step()) {
    load_row(statement, table, row);
    if (!visit(row.data())) {
      return;
    }
  }
}

engine::Statement& RowStore::insert_statement(int table) {
  std::optional<engine::Statement>& statement = prepared(table).insert;
  if (!statement) {
    const journal::TableLayout& layout = layout_.table(table);
    const bool shared = connection_.engine() == engine::Engine::postgres;
    ensure(!shared || !layout.reference,
           "rows of a reference table on PostgreSQL are of a version, not of a ledger");
    std::vector<int> given;
    for (const int place : all_places(layout)) {
      if (!layout.column(place).generated) {
        given.push_back(place);
      }
      prepared(table).insert_parameters.push_back(
          layout.column(place).generated ? 0 : static_cast<int>(given.size()));
    }
    const int count = static_cast<int>(given.size()) + (shared ? 1 : 0);
    std::string values;
    for (int parameter = 1; parameter <= count; ++parameter) {
      values += (parameter == 1 ? "" : ", ") + marker(parameter);
    }
    statement = prepare(fmt::format("INSERT INTO {} ({}{}) VALUES ({})", quote_name(layout.name),
                                    column_list(layout, given), shared ? ", ledger_id" : "", values),
                        count);
  }
  return *statement;
}

void RowStore::insert(int table, journal::Row row) {
  engine::Statement& statement = insert_statement(table);
  for (std::size_t place = 0; place < layout_.table(table).columns.size(); ++place) {
    const int parameter = prepared(table).insert_parameters[place];
    if (parameter > 0) {
      statement.bind(parameter, row[place]);
    }
  }
  statement.run();
}

engine::Statement& RowStore::update_statement(int table, const std::vector<int>& columns) {
  auto& updates = prepared(table).updates;
  const auto found = updates.find(columns);
  if (found != updates.end()) {
    return found->second;
  }
  const journal::TableLayout& layout = layout_.table(table);
  const int set_count = static_cast<int>(columns.size());
  return updates
      .emplace(columns, prepare(fmt::format("UPDATE {} SET {}{}", quote_name(layout.name),
                                            conditions(layout, columns, 1, ", "),
                                            key_condition(layout, set_count + 1)),
                                set_count + static_cast<int>(layout.key.size()) + 1))
      .first->second;
}

void RowStore::write(const journal::StoredChange& change) {
  using Operation = journal::StoredChange::Operation;
  const journal::TableLayout& layout = layout_.table(change.table);
  if (change.operation == Operation::insert) {
    engine::Statement& statement = insert_statement(change.table);
    const std::vector<int>& parameters = prepared(change.table).insert_parameters;
    for (const int parameter : parameters) {
      if (parameter > 0) {
        statement.bind_null(parameter);
      }
    }
    for (std::size_t i = 0; i < change.key.size(); ++i) {
      statement.bind(parameters[static_cast<std::size_t>(layout.key[i])], change.key[i]);
    }
    for (std::size_t i = 0; i < change.columns.size(); ++i) {
      const int parameter = parameters[static_cast<std::size_t>(change.columns[i])];
      if (parameter > 0) {
        statement.bind(parameter, change.after[i]);
      }
    }
    statement.run();
    return;
  }
  engine::Statement* statement = nullptr;
  int number = 0;
  if (change.operation == Operation::update) {
    std::vector<int> set;
    for (const int place : change.columns) {
      if (!layout.column(place).generated) {
        set.push_back(place);
      }
    }
    if (set.empty()) {
      throw Error(ErrorCode::corrupt,
                  fmt::format("a journaled change of {} changes nothing that is given", layout.name));
    }
    statement = &update_statement(change.table, set);
    for (std::size_t i = 0; i < change.columns.size(); ++i) {
      if (!layout.column(change.columns[i]).generated) {
        statement->bind(++number, change.after[i]);
      }
    }
  } else {
    std::optional<engine::Statement>& remove = prepared(change.table).remove;
    if (!remove) {
      remove = prepare(fmt::format("DELETE FROM {}{}", quote_name(layout.name), key_condition(layout, 1)),
                       static_cast<int>(layout.key.size()) + 1);
    }
    statement = &*remove;
  }
  for (const ValueView& value : change.key) {
    statement->bind(++number, value);
  }
  statement->run();
  if (connection_.changes() != 1) {
    throw Error(ErrorCode::corrupt,
                fmt::format("a journaled change names a row of {} that is not there", layout.name));
  }
}

}  // namespace reeve::state
