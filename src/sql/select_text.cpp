// A SELECT that has been analysed, written.

#include "sql/analyser.h"
#include "sql/names.h"

namespace reeve::sql {

void Analyser::collate_output(Select& select, std::size_t output) {
  if (select.left != nullptr) {
    collate_output(*select.left, output);
    collate_output(*select.right, output);
  }
  const auto settle = [](Expr& expr) {
    expr.sql.postgres = ordered(expr);
    expr.collated = expr.type == Type::text;
  };
  for (auto& row : select.rows) settle(row[output]);
  settle(select.outputs[output].expr);
}

Text Analyser::set_operation_text(const Select& select) const {
  const auto branch = [&](const Select& side, bool nest) {
    nest =
        nest || !side.with.empty() || !side.sort.empty() || !side.limit.empty() || !side.distinct_on.empty();
    return nest ? Text("SELECT * FROM (", "(") + write(side) + ")" : select_core(side, false);
  };
  // SQLite takes set operations from left to right, PostgreSQL INTERSECT before the others.
  Text left = branch(*select.left, false);
  if (select.left->left != nullptr && !left.postgres.starts_with('('))
    left.postgres = "(" + left.postgres + ")";
  const Text right = branch(*select.right, select.right->left != nullptr);
  const bool counted = select.all && select.set_operator != " UNION ALL ";
  if (!counted) return left + select.set_operator + right;
  // Of each row as many as it stands here and there: SQLite is asked for its first, second, ... apart.
  std::string columns;
  std::string outputs;
  for (std::size_t i = 0; i < select.outputs.size(); ++i) {
    const std::string name = "reeve_" + std::to_string(i + 1);
    columns += (i > 0 ? ", " : "") + name;
    outputs += (i > 0 ? ", " : "") + name + " AS " + quoted(select.outputs[i].name);
  }
  const auto numbered = [&](const std::string& from) {
    return "SELECT " + columns + ", row_number() OVER (PARTITION BY " + columns + ") AS reeve_n FROM " + from;
  };
  return {"SELECT " + outputs + " FROM (WITH reeve_l(" + columns + ") AS (" + left.sqlite + "), reeve_r(" +
              columns + ") AS (" + right.sqlite + ") " + numbered("reeve_l") + select.set_operator +
              numbered("reeve_r") + ")",
          left.postgres + select.set_operator + "ALL " + right.postgres};
}

Text Analyser::select_core(const Select& select, bool for_insert) const {
  if (!select.rows.empty()) {
    Text sql = "VALUES ";
    for (std::size_t r = 0; r < select.rows.size(); ++r) {
      sql += r > 0 ? ", (" : "(";
      for (std::size_t i = 0; i < select.rows[r].size(); ++i)
        sql += (i > 0 ? ", " : "") + (for_insert ? select.rows[r][i].stored() : select.rows[r][i].sql);
      sql += ")";
    }
    return sql;
  }
  if (select.left != nullptr) return set_operation_text(select);
  Text sql = select.distinct ? "SELECT DISTINCT " : "SELECT ";
  for (std::size_t i = 0; i < select.outputs.size(); ++i) {
    const Output& output = select.outputs[i];
    sql += (i > 0 ? ", " : "") + (for_insert && !select.distinct ? output.expr.stored() : output.expr.sql);
    if (for_insert) continue;
    const Text name = name_text(output.name);
    if (output.expr.sql.sqlite != name.sqlite) sql.sqlite += " AS " + name.sqlite;
    if (output.expr.sql.postgres != name.postgres) sql.postgres += " AS " + name.postgres;
  }
  if (select.outputs.empty()) sql.sqlite += "1";
  if (!select.from.empty()) sql += " FROM " + select.from;
  if (!select.where.empty()) {
    sql += " WHERE " + select.where;
  } else if (for_insert && !select.from.empty()) {
    sql.sqlite += " WHERE true";  // Else the parser takes ON CONFLICT for a join's ON.
  }
  sql += select.group;
  for (const std::string& column : select.also_grouped) sql.postgres += ", " + column;
  return sql + select.having;
}

/// The rows are numbered within each group; the first of each is kept, in the order of all.
Text Analyser::distinct_on_text(const Select& select) const {
  Text outer = "SELECT ";
  Text inner = "SELECT ";
  for (std::size_t i = 0; i < select.outputs.size(); ++i) {
    const std::string name = "reeve_" + std::to_string(i + 1);
    outer += (i > 0 ? ", reeve_d." : "reeve_d.") + name + " AS " + name_text(select.outputs[i].name);
    inner += select.outputs[i].expr.sql + " AS " + name + ", ";
  }
  Text window;
  for (const Expr& expr : select.distinct_on) window += (window.empty() ? "PARTITION BY " : ", ") + expr.sql;
  Text sort;
  for (std::size_t i = 0; i < select.first_by.size(); ++i) {
    const Select::FirstBy& key = select.first_by[i];
    const std::string name = "reeve_k" + std::to_string(i + 1);
    inner += key.sql + " AS " + name + ", ";
    window += (i > 0 ? ", " : " ORDER BY ") + key.sql + key.direction;
    sort += (i > 0 ? ", reeve_d." : " ORDER BY reeve_d.") + name + key.direction;
  }
  inner += "row_number() OVER (" + window + ") AS reeve_n";
  if (!select.from.empty()) inner += " FROM " + select.from;
  if (!select.where.empty()) inner += " WHERE " + select.where;
  inner += select.group;
  for (const std::string& column : select.also_grouped) inner.postgres += ", " + column;
  inner += select.having;
  return outer + " FROM (" + inner + ") AS reeve_d WHERE reeve_d.reeve_n = 1" + sort;
}

Text Analyser::write(const Select& select, bool for_insert) const {
  if (!select.distinct_on.empty()) return select.with + distinct_on_text(select) + select.limit;
  return select.with + select_core(select, for_insert) + select.sort + select.limit;
}

}  // namespace reeve::sql
