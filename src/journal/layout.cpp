#include "journal/layout.h"

#include "base/json.h"

#include <reeve/error.h>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace reeve::journal {

Layout Layout::of(const sql::Catalogue& catalogue) {
  Layout layout;
  for (const auto& [name, table] : catalogue.tables) {
    TableLayout entry;
    entry.name = name;
    entry.reference = table.reference;
    for (const sql::Column& column : table.columns) {
      entry.columns.push_back({column.name, column.type, column.generated_sql.has_value()});
    }
    const auto place_of = [&](const std::string& column) {
      const auto found =
          std::find_if(entry.columns.begin(), entry.columns.end(),
                       [&](const ColumnLayout& candidate) { return candidate.name == column; });
      ensure(found != entry.columns.end(), "a primary key names a column of its table");
      return static_cast<int>(found - entry.columns.begin());
    };
    for (const std::string& column : table.primary_key) {
      entry.key.push_back(place_of(column));
    }
    for (int place = 0; place < static_cast<int>(entry.columns.size()); ++place) {
      if (std::find(entry.key.begin(), entry.key.end(), place) == entry.key.end()) {
        entry.rest.push_back(place);
      }
    }
    std::sort(entry.rest.begin(), entry.rest.end(),
              [&](int left, int right) { return entry.column(left).name < entry.column(right).name; });
    layout.tables.push_back(std::move(entry));
  }
  return layout;
}

int Layout::find(std::string_view name) const {
  const auto found = std::lower_bound(tables.begin(), tables.end(), name,
                                      [](const TableLayout& table, std::string_view wanted) {
                                        return std::string_view(table.name) < wanted;
                                      });
  return found != tables.end() && found->name == name ? static_cast<int>(found - tables.begin()) : -1;
}

namespace {

void append_columns(const TableLayout& table, const std::vector<int>& places, std::string& out) {
  out += '[';
  for (const int place : places) {
    out += place == places.front() ? "{\"name\":" : ",{\"name\":";
    json::append_canonical_string(table.column(place).name, out);
    out += ",\"type\":";
    json::append_canonical_string(sql::name_of(table.column(place).type), out);
    out += '}';
  }
  out += ']';
}

sql::Type type_named(const std::string& name) {
  for (int type = 0; type < static_cast<int>(sql::Type::unknown); ++type) {
    if (sql::name_of(static_cast<sql::Type>(type)) == name) {
      return static_cast<sql::Type>(type);
    }
  }
  throw Error(ErrorCode::corrupt, "a stored layout has a column of a type that is none");
}

void read_columns(const nlohmann::json& columns, TableLayout& table, std::vector<int>& places) {
  for (const nlohmann::json& column : columns) {
    places.push_back(static_cast<int>(table.columns.size()));
    table.columns.push_back(
        {column.at("name").get<std::string>(), type_named(column.at("type").get<std::string>()), false});
  }
}

}  // namespace

std::string Layout::to_json() const {
  std::string out = "[";
  for (const TableLayout& table : tables) {
    out += out.size() == 1 ? "{\"key\":" : ",{\"key\":";
    append_columns(table, table.key, out);
    out += ",\"rest\":";
    append_columns(table, table.rest, out);
    out += ",\"table\":";
    json::append_canonical_string(table.name, out);
    out += '}';
  }
  return out + ']';
}

Layout Layout::of_json(std::string_view text) {
  Layout layout;
  try {
    for (const nlohmann::json& entry : nlohmann::json::parse(text)) {
      TableLayout& table = layout.tables.emplace_back();
      table.name = entry.at("table").get<std::string>();
      read_columns(entry.at("key"), table, table.key);
      read_columns(entry.at("rest"), table, table.rest);
    }
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorCode::corrupt, "a stored layout is damaged", "run `reeve verify`");
  }
  return layout;
}

}  // namespace reeve::journal
