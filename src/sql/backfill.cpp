// An UPDATE that a migration makes in batches: checked when it is read, and narrowed to a stretch of the key.

#include "sql/names.h"
#include "sql/schema.h"

#include <algorithm>
#include <charconv>

namespace reeve::sql {
namespace {

constexpr int rows_max = 100'000;

/// A key's values are kept as text in the event of a batch.
bool is_plain(Type type) {
  return type == Type::integer || type == Type::bigint || type == Type::text || type == Type::uuid ||
         type == Type::date || type == Type::timestamptz;
}

/// `k1 > :p_1 OR (k1 = :p_1 AND (k2 > :p_2))`: rows behind a key, or with `<` and `<=` up to it.
std::string beyond(const std::vector<std::string>& key, std::size_t place, const std::string& parameter,
                   const std::string& sign, const std::string& last_sign) {
  const std::string name = quoted_for_postgres(key[place]);
  const std::string value = ":" + parameter + "_" + std::to_string(place + 1);
  if (place + 1 == key.size()) return name + " " + last_sign + " " + value;
  return name + " " + sign + " " + value + " OR (" + name + " = " + value + " AND (" +
         beyond(key, place + 1, parameter, sign, last_sign) + "))";
}

std::string behind(const std::vector<std::string>& key) { return beyond(key, 0, "reeve_after", ">", ">"); }

/// What the WHERE of the whole statement, which has no parentheses around it, says.
std::size_t where_of(const std::string& sql, std::size_t& end) {
  int depth = 0;
  for (const Token& token : scan(sql, {})) {
    depth += token.kind == PG_QUERY__TOKEN__ASCII_40 ? 1 : token.kind == PG_QUERY__TOKEN__ASCII_41 ? -1 : 0;
    if (depth == 0 && token.kind == PG_QUERY__TOKEN__WHERE) {
      end = static_cast<std::size_t>(token.end);
      return static_cast<std::size_t>(token.start);
    }
  }
  throw Error(ErrorCode::bad_statement, "a back-fill has no WHERE of its own");
}

const Table& table_of(const Backfill& backfill, const Catalogue& catalogue) {
  const Table* table = catalogue.find_table(backfill.table);
  if (table == nullptr) {
    throw Error(ErrorCode::bad_statement, "the table " + backfill.table + " of a back-fill is not there");
  }
  return *table;
}

ParameterTypes key_parameters(const Table& table) {
  ParameterTypes types;
  for (std::size_t i = 0; i < table.primary_key.size(); ++i) {
    const Type type = table.find_column(table.primary_key[i])->type;
    types["reeve_after_" + std::to_string(i + 1)] = type;
    types["reeve_until_" + std::to_string(i + 1)] = type;
  }
  return types;
}

}  // namespace

void Migrator::backfill(PgQuery__UpdateStmt* node, const Statement& statement, const Directive& directive) {
  const auto refuse_here = [&](const std::string& message, const std::string& remedy) {
    throw Error(ErrorCode::bad_statement, message, remedy, directive.place);
  };
  Backfill made;
  const std::string& rows = directive.argument;
  const auto [end, fault] = std::from_chars(rows.data(), rows.data() + rows.size(), made.rows);
  if (rows.empty() || fault != std::errc() || end != rows.data() + rows.size() || made.rows < 1 ||
      made.rows > rows_max)
    refuse_here("a back-fill says how many rows a batch has, 1 to 100000", "-- backfill 1000: WHY");
  if (node == nullptr || node->where_clause == nullptr || node->n_from_clause > 0 ||
      node->with_clause != nullptr || node->n_returning_list > 0)
    refuse_here("a back-fill is an UPDATE of one table with a WHERE that leaves out what is done",
                "UPDATE t SET c = ... WHERE c IS NULL");
  if (out_.postgres.size() != plan_.backfills.size())
    refuse_here("a back-fill runs under the schema of before its migration: it comes first in its file",
                "add the column in a migration before this one");
  const Table& table = table_named(node->relation->relname, node->relation->location);
  for (const std::string& key : table.primary_key) {
    if (!is_plain(table.find_column(key)->type))
      refuse_here("a back-fill goes by a key of integers, text, uuid, date or timestamptz; " + table.name +
                      "." + key + " is none",
                  "leave the directive out: the migration is then one transaction");
    for (Node* item : list(node->n_target_list, node->target_list))
      if (key == item->res_target->name)
        refuse_here("a back-fill changes the key that it goes by, " + table.name + "." + key,
                    "leave the directive out: the migration is then one transaction");
  }
  made.table = table.name;
  made.statement = statement.text;
  translate_backfill(made, now_, true);
  translate_backfill(made, now_, false);
  plan_.backfills.push_back(std::move(made));
}

BackfillBatch translate_backfill(const Backfill& backfill, const Catalogue& catalogue, bool first) {
  const Table& table = table_of(backfill, catalogue);
  const std::vector<std::string>& key = table.primary_key;
  std::string names;
  for (const std::string& name : key) names += (names.empty() ? "" : ", ") + quoted_for_postgres(name);
  const ParameterTypes types = key_parameters(table);
  BackfillBatch batch;
  const std::string next = "SELECT " + names + " FROM " + quoted_for_postgres(table.name) +
                           (first ? "" : " WHERE " + behind(key)) + " ORDER BY " + names + " LIMIT " +
                           std::to_string(backfill.rows);
  batch.keys = translate({next, {}, {}, {}}, catalogue, Use::query, types);
  std::size_t end = 0;
  const std::size_t where = where_of(backfill.statement, end);
  const std::string update =
      backfill.statement.substr(0, where) + "WHERE (" + backfill.statement.substr(end) + "\n) AND (" +
      beyond(key, 0, "reeve_until", "<", "<=") + ")" + (first ? "" : " AND (" + behind(key) + ")");
  batch.update = translate({update, {}, {}, {}}, catalogue, Use::apply, types);
  return batch;
}

}  // namespace reeve::sql
