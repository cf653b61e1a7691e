#include "journal/layout.h"

#include <reeve/error.h>

#include <algorithm>

namespace reeve::journal {

Layout Layout::of(const sql::Catalogue& catalogue) {
  Layout layout;
  for (const auto& [name, table] : catalogue.tables) {
    TableLayout entry;
    entry.name = name;
    for (const sql::Column& column : table.columns) {
      entry.columns.push_back({column.name, column.type});
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

}  // namespace reeve::journal
