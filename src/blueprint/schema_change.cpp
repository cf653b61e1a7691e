// Two catalogues compared: does the second break those who know the first, and are they the same?

#include "blueprint/work.h"

#include <algorithm>

namespace reeve::blueprint {
namespace {

const sql::Column* find_column(const std::vector<sql::Column>& columns, std::string_view name) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const sql::Column& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

std::optional<std::string> narrowed_column(const sql::Column& before, const sql::Column* after,
                                           const std::string& of) {
  const std::string what = "the column " + of + "." + before.name;
  if (after == nullptr) return what + " is dropped or renamed";
  if (before.type != after->type) return what + " gets another type";
  if (before.nullable && !after->nullable) return what + " refuses NULL";
  if (after->length_max && (!before.length_max || *before.length_max > *after->length_max)) {
    return what + " gets shorter";
  }
  if (before.generated_sql != after->generated_sql) return what + " is generated otherwise";
  if (before.default_sql && !after->default_sql && !after->nullable) return what + " loses its default";
  return std::nullopt;
}

std::optional<std::string> narrowed_columns(const std::vector<sql::Column>& before,
                                            const std::vector<sql::Column>& after, const std::string& of) {
  for (const sql::Column& column : before) {
    if (auto change = narrowed_column(column, find_column(after, column.name), of)) return change;
  }
  return std::nullopt;
}

std::optional<std::string> breaking_table(const sql::Table& before, const sql::Table& after) {
  if (auto change = narrowed_columns(before.columns, after.columns, before.name)) return change;
  if (before.reference != after.reference) return "the kind of the table " + before.name + " changes";
  if (before.primary_key != after.primary_key) return "the primary key of " + before.name + " changes";
  for (const sql::Column& column : after.columns) {
    if (before.find_column(column.name) == nullptr && !column.nullable && !column.default_sql &&
        !column.generated_sql) {
      return "the new column " + after.name + "." + column.name + " demands a value";
    }
  }
  for (const sql::UniqueKey& key : after.unique_keys) {
    const bool on_old_columns =
        std::all_of(key.columns.begin(), key.columns.end(),
                    [&](const std::string& column) { return before.find_column(column) != nullptr; });
    const bool known = std::any_of(before.unique_keys.begin(), before.unique_keys.end(),
                                   [&](const sql::UniqueKey& other) { return other.columns == key.columns; });
    if (on_old_columns && !known) return "a new unique key narrows " + before.name;
  }
  return std::nullopt;
}

/// Order of declaration means nothing to what a schema holds.
sql::Table sorted(sql::Table table) {
  const auto by_name = [](const auto& left, const auto& right) { return left.name < right.name; };
  std::sort(table.columns.begin(), table.columns.end(), by_name);
  std::sort(table.unique_keys.begin(), table.unique_keys.end(), by_name);
  std::sort(table.foreign_keys.begin(), table.foreign_keys.end(), by_name);
  std::sort(table.checks.begin(), table.checks.end(), by_name);
  return table;
}

std::optional<std::string> table_difference(const sql::Table& expected_table,
                                            const sql::Table& actual_table) {
  const sql::Table expected = sorted(expected_table);
  const sql::Table actual = sorted(actual_table);
  const std::string of = " of the table " + expected.name;
  for (const sql::Column& column : expected.columns) {
    const sql::Column* other = find_column(actual.columns, column.name);
    if (other == nullptr) return "the column " + column.name + of + " is missing";
    if (!(column == *other)) return "the column " + column.name + of + " is declared otherwise";
  }
  for (const sql::Column& column : actual.columns) {
    if (find_column(expected.columns, column.name) == nullptr)
      return "the column " + column.name + of + " is left";
  }
  if (expected.reference != actual.reference) return "the kind" + of + " is another";
  if (expected.primary_key != actual.primary_key) return "the primary key" + of + " is another";
  if (expected.unique_keys != actual.unique_keys) return "the unique keys" + of + " are others";
  if (expected.foreign_keys != actual.foreign_keys) return "the foreign keys" + of + " are others";
  if (expected.checks != actual.checks) return "the checks" + of + " are others";
  return std::nullopt;
}

template <typename Map, typename Compare>
std::optional<std::string> map_difference(const std::string& noun, const Map& expected, const Map& actual,
                                          const Compare& compare) {
  for (const auto& [name, item] : expected) {
    const auto found = actual.find(name);
    if (found == actual.end()) return "the " + noun + " " + name + " is missing";
    if (auto difference = compare(item, found->second)) return difference;
  }
  for (const auto& [name, item] : actual) {
    if (!expected.contains(name)) return "the " + noun + " " + name + " is left";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> breaking_change(const sql::Catalogue& before, const sql::Catalogue& after) {
  for (const auto& [name, table] : before.tables) {
    const sql::Table* now = after.find_table(name);
    if (now == nullptr) return "the table " + name + " is dropped or renamed";
    if (auto change = breaking_table(table, *now)) return change;
  }
  for (const auto& [name, view] : before.views) {
    const auto now = after.views.find(name);
    if (now == after.views.end()) return "the view " + name + " is dropped";
    for (const sql::Column& column : view.columns) {
      const sql::Column* other = find_column(now->second.columns, column.name);
      const std::string what = "the column " + name + "." + column.name;
      if (other == nullptr) return what + " is dropped or renamed";
      if (other->type != column.type) return what + " gets another type";
    }
  }
  for (const auto& [name, index] : after.indexes) {
    const auto old = before.indexes.find(name);
    const bool was_unique = old != before.indexes.end() && old->second == index;
    if (index.unique && !was_unique && before.tables.contains(index.table)) {
      return "the new unique index " + name + " narrows " + index.table;
    }
  }
  return std::nullopt;
}

std::optional<std::string> schema_difference(const sql::Catalogue& expected, const sql::Catalogue& actual) {
  const auto same = [](const std::string& noun) {
    return [noun](const auto& left, const auto& right) -> std::optional<std::string> {
      if (left == right) return std::nullopt;
      return "the " + noun + " " + left.name + " is declared otherwise";
    };
  };
  if (auto difference = map_difference("table", expected.tables, actual.tables, table_difference))
    return difference;
  if (auto difference = map_difference("index", expected.indexes, actual.indexes, same("index")))
    return difference;
  return map_difference("view", expected.views, actual.views, same("view"));
}

}  // namespace reeve::blueprint
