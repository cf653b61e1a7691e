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
  if (select.left != nullptr) {
    const auto branch = [&](const Select& side, bool nest) {
      nest = nest || !side.with.empty() || !side.sort.empty() || !side.limit.empty();
      return nest ? Text("SELECT * FROM (", "(") + write(side) + ")" : select_core(side, false);
    };
    return branch(*select.left, false) + select.set_operator +
           branch(*select.right, select.right->left != nullptr);
  }
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

Text Analyser::write(const Select& select, bool for_insert) const {
  return select.with + select_core(select, for_insert) + select.sort + select.limit;
}

}  // namespace reeve::sql
