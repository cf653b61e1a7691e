#include "journal/postponed.h"

#include "journal/postgres_delete_postponed_sql.h"
#include "journal/postgres_drop_postponed_sql.h"
#include "journal/postgres_has_postponed_sql.h"
#include "journal/postgres_lock_whole_schema_sql.h"
#include "journal/postgres_postpone_indexes_sql.h"
#include "journal/postgres_select_postponed_sql.h"

#include <string>
#include <utility>
#include <vector>

namespace reeve::journal {

void lock_whole_schema(engine::Connection& connection) {
  connection.execute(embedded::postgres_lock_whole_schema_sql);
}

void postpone_indexes(engine::Connection& connection) {
  connection.execute(embedded::postgres_postpone_indexes_sql);
}

bool has_postponed(engine::Connection& connection) {
  return connection.value(embedded::postgres_has_postponed_sql) == Value(std::int64_t{1});
}

void make_postponed(engine::Connection& connection, Postponed which) {
  if (!has_postponed(connection)) {
    return;
  }
  std::vector<std::pair<std::int64_t, std::string>> statements;
  {
    engine::Statement row = connection.prepare(embedded::postgres_select_postponed_sql, false);
    row.bind_integer(1, static_cast<std::int64_t>(which));
    while (row.step()) {
      statements.emplace_back(row.integer(0), row.text(1));
    }
  }
  for (const auto& [ordinal, statement] : statements) {
    connection.execute(statement);
    engine::Statement made = connection.prepare(embedded::postgres_delete_postponed_sql, false);
    made.bind_integer(1, ordinal);
    made.run();
  }
  if (which == Postponed::all) {
    connection.execute(embedded::postgres_drop_postponed_sql);
  }
}

}  // namespace reeve::journal
