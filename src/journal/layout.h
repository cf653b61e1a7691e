#pragma once
// The tables of the state as the stored formats see them: tables by name, columns by name.

#include "sql/catalogue.h"

#include <string>
#include <string_view>
#include <vector>

namespace reeve::journal {

struct ColumnLayout {
  std::string name;
  sql::Type type = sql::Type::text;
  bool generated = false;  ///< by the engine from the row's other columns; not in the stored layout
};

struct TableLayout {
  std::string name;
  std::vector<ColumnLayout> columns;  ///< in order of declaration, as the engine's rows have them
  std::vector<int> key;               ///< places in `columns`, in order of the primary key
  std::vector<int> rest;              ///< the other places, by column name
  bool reference = false;             ///< its rows are those of the pinned version; not in the stored layout

  const ColumnLayout& column(int place) const { return columns[static_cast<std::size_t>(place)]; }
};

/// A table's number is its place here: tables sorted by name (code points).
struct Layout {
  std::vector<TableLayout> tables;

  static Layout of(const sql::Catalogue& catalogue);
  /// -1 when there is none.
  int find(std::string_view name) const;

  /// What reeve_layouts keeps, so that a changeset can be read without the sources: an array of
  /// {"key":[{"name":..,"type":..},..],"rest":[..],"table":..}, in the order of the numbers; canonical JSON.
  std::string to_json() const;
  /// Throws Error corrupt when the text is no such array. The columns' order of declaration is not in it: the key
  /// comes first.
  static Layout of_json(std::string_view text);
  const TableLayout& table(int number) const { return tables[static_cast<std::size_t>(number)]; }
};

}  // namespace reeve::journal
