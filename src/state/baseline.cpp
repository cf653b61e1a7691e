#include "state/baseline.h"

#include "base/base64.h"
#include "state/binding.h"
#include "state/own_payload.h"
#include "state/rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::state {

namespace {

constexpr json::Limits batch_limits{.bytes_max = 64 * 1024 * 1024, .depth_max = 64};

/// A value as append_value_json wrote it.
ValueView value_in(simdjson::dom::element element, const journal::ColumnLayout& column, Scratch& scratch) {
  if (column.type != sql::Type::bytea || element.is_null()) {
    return value_of(element, column.type, column.name, scratch);
  }
  std::string_view text;
  auto bytes = element.get(text) == simdjson::SUCCESS ? from_base64(text) : std::nullopt;
  if (!bytes) {
    throw Error(ErrorCode::invalid_input, fmt::format("{} is no base64", column.name));
  }
  const std::string& kept = scratch.emplace_back(std::move(*bytes));
  return ValueView::of_bytes(kept.data(), kept.size());
}

int place_of(const journal::TableLayout& table, std::string_view column) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [&](const journal::ColumnLayout& one) { return one.name == column; });
  return found == table.columns.end() ? -1 : static_cast<int>(found - table.columns.begin());
}

/// The rows of one table of a batch.
void write_table(RowStore& rows, const journal::Layout& layout, const journal::Event& event,
                 simdjson::dom::element part) {
  std::string_view name;
  simdjson::dom::array columns;
  simdjson::dom::array lines;
  if (part["table"].get(name) != simdjson::SUCCESS || part["columns"].get(columns) != simdjson::SUCCESS ||
      part["rows"].get(lines) != simdjson::SUCCESS || layout.find(name) < 0) {
    corrupt(event, "has rows of no table");
  }
  const int number = layout.find(name);
  const journal::TableLayout& table = layout.table(number);
  std::vector<int> places;
  for (const auto column : columns) {
    std::string_view text;
    places.push_back(column.get(text) == simdjson::SUCCESS ? place_of(table, text) : -1);
    if (places.back() < 0) {
      corrupt(event, fmt::format("names a column that {} does not have", name));
    }
  }
  Scratch scratch;
  std::vector<ValueView> row;
  for (const auto line : lines) {
    simdjson::dom::array values;
    if (line.get(values) != simdjson::SUCCESS || values.size() != places.size()) {
      corrupt(event, fmt::format("has a row of {} with another number of values", name));
    }
    scratch.clear();
    row.assign(table.columns.size(), ValueView());
    std::size_t next = 0;
    for (const auto value : values) {
      const auto place = static_cast<std::size_t>(places[next++]);
      row[place] = value_in(value, table.columns[place], scratch);
    }
    rows.insert(number, row.data());
  }
}

}  // namespace

void RowsPayload::add(int table, journal::Row row) {
  const journal::TableLayout& layout = layout_.table(table);
  if (table != table_) {
    end_table();
    text_ += text_.empty() ? "{\"tables\":[{\"columns\":[" : ",{\"columns\":[";
    for (std::size_t place = 0; place < layout.columns.size(); ++place) {
      text_ += place == 0 ? "" : ",";
      json::append_canonical_string(layout.columns[place].name, text_);
    }
    text_ += "],\"rows\":[";
    table_ = table;
  } else {
    text_ += ',';
  }
  text_ += '[';
  for (std::size_t place = 0; place < layout.columns.size(); ++place) {
    text_ += place == 0 ? "" : ",";
    journal::append_value_json(layout.columns[place].type, row[place], text_);
  }
  text_ += ']';
}

void RowsPayload::end_table() {
  if (table_ >= 0) {
    text_ += "],\"table\":";
    json::append_canonical_string(layout_.table(table_).name, text_);
    text_ += '}';
  }
  table_ = -1;
}

std::string RowsPayload::take() {
  end_table();
  std::string out = text_.empty() ? std::string("{\"tables\":[") : std::move(text_);
  text_.clear();
  return out + "]}";
}

void write_adopted_rows(engine::Connection& connection, const journal::Layout& layout,
                        const journal::Event& event) {
  json::Reader reader(batch_limits);
  simdjson::dom::array tables;
  if (reader.read(event.payload)["tables"].get(tables) != simdjson::SUCCESS) {
    corrupt(event, "has no tables");
  }
  RowStore rows(connection, layout);
  for (const auto part : tables) {
    write_table(rows, layout, event, part);
  }
}

std::vector<Claim> claims_of(const journal::Event& event) {
  json::Reader reader(batch_limits);
  simdjson::dom::array list;
  std::vector<Claim> claims;
  if (reader.read(event.payload)["claims"].get(list) != simdjson::SUCCESS) {
    corrupt(event, "has no claims");
  }
  for (const auto one : list) {
    Claim claim;
    std::string_view table;
    std::string_view field;
    simdjson::dom::element key;
    simdjson::dom::element value;
    if (one["table"].get(table) != simdjson::SUCCESS || one["field"].get(field) != simdjson::SUCCESS ||
        one["key"].get(key) != simdjson::SUCCESS || one["value"].get(value) != simdjson::SUCCESS) {
      corrupt(event, "has a claim that is none");
    }
    claim.table = table;
    claim.field = field;
    json::append_canonical(key, claim.key);
    json::append_canonical(value, claim.value);
    claims.push_back(std::move(claim));
  }
  return claims;
}

namespace {

[[noreturn]] void no_claim(const Claim& claim, std::string_view what) {
  throw Error(ErrorCode::invalid_input, fmt::format("a claim about {} {}: {}", claim.table, claim.key, what),
              "a claim names a table of the state, the columns of its primary key, and a column");
}

}  // namespace

std::vector<Disagreement> compare_claims(engine::Connection& connection, const journal::Layout& layout,
                                         const std::vector<Claim>& claims) {
  std::vector<Disagreement> disagreements;
  RowStore rows(connection, layout);
  json::Reader key_reader(batch_limits);
  json::Reader value_reader(batch_limits);
  Scratch scratch;
  std::vector<ValueView> key;
  std::vector<ValueView> row;
  for (const Claim& claim : claims) {
    scratch.clear();
    const int number = layout.find(claim.table);
    if (number < 0) {
      no_claim(claim, "there is no such table");
    }
    const journal::TableLayout& table = layout.table(number);
    const int field = place_of(table, claim.field);
    if (field < 0) {
      no_claim(claim, fmt::format("there is no column {}", claim.field));
    }
    const simdjson::dom::element said_key = key_reader.read(claim.key);
    key.clear();
    for (const int place : table.key) {
      const journal::ColumnLayout& column = table.column(place);
      simdjson::dom::element member;
      if (said_key[column.name].get(member) != simdjson::SUCCESS) {
        no_claim(claim, fmt::format("its key has no {}", column.name));
      }
      key.push_back(value_in(member, column, scratch));
    }
    const journal::ColumnLayout& column = table.column(field);
    const ValueView said = value_in(value_reader.read(claim.value), column, scratch);
    if (!rows.read(number, key, row)) {
      disagreements.push_back({claim, {}});
    } else if (!(row[static_cast<std::size_t>(field)] == said)) {
      Disagreement& found = disagreements.emplace_back(Disagreement{claim, {}});
      journal::append_value_json(column.type, row[static_cast<std::size_t>(field)], found.found);
    }
  }
  return disagreements;
}

}  // namespace reeve::state
