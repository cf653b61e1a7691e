// Statements that write, as PostgreSQL is given them where they return the rows that they write, before and after.

#include "sql/analyser.h"
#include "sql/names.h"

namespace reeve::sql {
namespace {

/// record_send() of a row of the table that stands as `alias`.
std::string image_of(const std::string& alias) { return "record_send(" + quoted_for_postgres(alias) + ".*)"; }

constexpr const char* no_image = "NULL::bytea";

/// Of two queries for images, each row by itself.
std::string rows_of_both(const std::string& before, const std::string& after,
                         const std::string& condition = {}) {
  return "WITH reeve_before AS (" + before + "), reeve_after AS (" + after + ") SELECT image, " + no_image +
         " FROM reeve_before" + condition + " UNION ALL SELECT " + no_image + ", image FROM reeve_after";
}

}  // namespace

/// Of an upsert the row before is the one that has the values of its key: `given` are those of the one row that is inserted.
/// Where it writes nothing, nothing was before.
void Analyser::insert_returning(const PgQuery__InsertStmt& node,
                                const std::map<std::string, std::string>& given,
                                const std::vector<std::string>& target) {
  const std::string alias = as_alias(*node.relation);
  const std::string image = image_of(alias);
  const PgQuery__OnConflictClause* conflict = node.on_conflict_clause;
  if (conflict == nullptr || conflict->action != PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE) {
    out_.postgres_returning = written_.postgres + " RETURNING " + no_image + ", " + image;
    return;
  }
  if (node.with_clause != nullptr || conflict->infer->where_clause != nullptr) return;
  std::string where = " WHERE " + quoted_for_postgres(alias) + ".ledger_id = " + ledger();
  for (const std::string& column : target) {
    const auto value = given.find(column);
    if (value == given.end()) return;
    where += " AND " + quoted_for_postgres(alias) + "." + quoted_for_postgres(column) + " = " + value->second;
  }
  out_.postgres_returning = rows_of_both(
      "SELECT " + image + " AS image FROM " + table_text(*node.relation).postgres + where,
      written_.postgres + " RETURNING " + image + " AS image", " WHERE EXISTS (SELECT FROM reeve_after)");
}

/// A part of its own for the rows before sees what the UPDATE sees. A join of each row with itself would say the same, but
/// the planner may compare all with all: of one row it can't.
void Analyser::update_returning(const PgQuery__UpdateStmt& node, const std::string& with,
                                const std::string& from, const std::string& where, bool is_one_row) {
  const std::string image = image_of(as_alias(*node.relation));
  const std::string before = "SELECT " + image + " AS image FROM " + table_text(*node.relation).postgres;
  out_.postgres_returning =
      is_one_row ? written_.postgres + " FROM (" + before + where + ") AS reeve_before" + where +
                       " RETURNING reeve_before.image, " + image
                 : rows_of_both(with + before + (from.empty() ? "" : ", " + from) + where,
                                written_.postgres + where + " RETURNING " + image + " AS image");
}

void Analyser::delete_returning(const PgQuery__DeleteStmt& node) {
  out_.postgres_returning =
      written_.postgres + " RETURNING " + image_of(as_alias(*node.relation)) + ", " + no_image;
}

}  // namespace reeve::sql
