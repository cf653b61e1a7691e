#include "sql/catalogue.h"

#include <algorithm>

namespace reeve::sql {
namespace {

Table make_journal_table(Type moment_type) {
  Table table;
  table.name = "reeve_events";
  table.columns = {
      {"sequence", Type::bigint, false, {}, {}},  {"id", Type::uuid, false, {}, {}},
      {"type", Type::text, false, {}, {}},        {"version", Type::integer, false, {}, {}},
      {"time", Type::timestamptz, false, {}, {}}, {"moment", moment_type, true, {}, {}},
      {"actor", Type::text, false, {}, {}},       {"command", Type::text, true, {}, {}},
      {"key", Type::text, true, {}, {}},          {"payload", Type::text, false, {}, {}},
  };
  table.primary_key = {"sequence"};
  table.unique_keys = {{"reeve_events_id", {"id"}}};
  return table;
}

}  // namespace

std::string_view name_of(Type type) {
  switch (type) {
    case Type::boolean: return "boolean";
    case Type::integer: return "integer";
    case Type::bigint: return "bigint";
    case Type::double_precision: return "double precision";
    case Type::text: return "text";
    case Type::uuid: return "uuid";
    case Type::date: return "date";
    case Type::timestamptz: return "timestamptz";
    case Type::jsonb: return "jsonb";
    case Type::bytea: return "bytea";
    case Type::interval: return "interval";
    case Type::unknown: break;
  }
  return "unknown";
}

bool Table::has_deferred_constraints() const {
  return !tree.empty() || std::any_of(foreign_keys.begin(), foreign_keys.end(),
                                      [](const ForeignKey& key) { return key.deferred; });
}

const Column* Table::find_column(std::string_view column) const {
  for (const Column& candidate : columns)
    if (candidate.name == column) return &candidate;
  return nullptr;
}

const Table* Catalogue::find_table(std::string_view name) const {
  const auto found = tables.find(name);
  return found == tables.end() ? nullptr : &found->second;
}

const Table& journal_table(Type moment_type) {
  static const Table with_text = make_journal_table(Type::text);
  static const Table with_integer = make_journal_table(Type::integer);
  return moment_type == Type::integer ? with_integer : with_text;
}

}  // namespace reeve::sql
