#include "sql/taken_names.h"

#include "sql/names.h"
#include "sql/postgres_schema.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string_view>

namespace reeve::sql {
namespace {

std::string folded(std::string_view name) {
  std::string out(name);
  for (char& letter : out) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  return out;
}

/// What has a name, by the name as both engines compare it.
using Taken = std::map<std::string, std::string>;

/// Of tables, views and indexes the words that the engines keep for their own are not to be had either: on PostgreSQL
/// pg_class would be the server's table.
enum class Of : std::uint8_t { schema, table };

std::optional<TakenName> take(Taken& taken, Of of, const std::string& name, const std::string& what,
                              const std::string& remedy) {
  const std::string compared = folded(short_name(name));
  if (compared.starts_with("reeve_"))
    return TakenName{what + ": names that begin with reeve_ are Reeve's own", "choose another name"};
  if (of == Of::schema && (compared.starts_with("sqlite_") || compared.starts_with("pg_")))
    return TakenName{what + ": names that begin with sqlite_ or pg_ are the engine's", "choose another name"};
  const auto [other, is_new] = taken.emplace(compared, what);
  if (is_new) return std::nullopt;
  return TakenName{what + " has the name of " + other->second, remedy};
}

std::optional<TakenName> check_columns(const Table& table) {
  static constexpr std::array<std::string_view, 6> of_postgres = {"tableoid", "xmin", "cmin",
                                                                  "xmax",     "cmax", "ctid"};
  Taken taken;
  for (const Column& column : table.columns) {
    const std::string what = "column " + column.name + " of " + table.name;
    if (folded(column.name) == "ledger_id")
      return TakenName{what + ": ledger_id is Reeve's own", "choose another name"};
    if (std::find(of_postgres.begin(), of_postgres.end(), column.name) != of_postgres.end())
      return TakenName{what + ": every table of PostgreSQL has a column of that name", "choose another name"};
    if (auto found = take(taken, Of::table, column.name, what, "choose another name")) return found;
  }
  return std::nullopt;
}

/// Of one table: keys and checks. Those that Reeve adds for varchar(n) begin with reeve_.
std::optional<TakenName> check_constraints(const Table& table) {
  Taken taken{{folded(postgres::primary_key_name(table.name)), "the primary key of " + table.name}};
  for (const std::string& name : postgres::constraint_names(table)) {
    if (auto found =
            take(taken, Of::table, name, "constraint " + name + " of " + table.name, "choose another name"))
      return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<TakenName> find_taken_name(const Catalogue& catalogue) {
  Taken taken;
  const std::string another = "choose another name";
  for (const auto& [name, table] : catalogue.tables) {
    if (auto found = check_columns(table)) return found;
    if (auto found = check_constraints(table)) return found;
    if (auto found = take(taken, Of::schema, name, "table " + name, another)) return found;
  }
  for (const auto& [name, view] : catalogue.views)
    if (auto found = take(taken, Of::schema, name, "view " + name, another)) return found;
  for (const auto& [name, index] : catalogue.indexes)
    if (auto found = take(taken, Of::schema, name, "index " + name, another)) return found;
  for (const auto& [name, table] : catalogue.tables) {
    const std::string key = postgres::primary_key_name(name);
    if (auto found = take(taken, Of::schema, key, "the primary key of " + name + ", " + key + ",",
                          "choose another name for that"))
      return found;
    for (const UniqueKey& unique : table.unique_keys) {
      if (auto found = take(taken, Of::schema, unique.name, "the unique key " + unique.name + " of " + name,
                            "name it: CONSTRAINT NAME UNIQUE (...)"))
        return found;
    }
  }
  return std::nullopt;
}

}  // namespace reeve::sql
