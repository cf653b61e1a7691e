#include "queue/carry.h"

#include "queue/statements.h"

#include "queue/carry_done_out_sql.h"
#include "queue/carry_jobs_in_sql.h"
#include "queue/carry_jobs_out_sql.h"
#include "queue/carry_rates_in_sql.h"
#include "queue/carry_rates_out_sql.h"
#include "queue/carry_schedules_in_sql.h"
#include "queue/carry_turns_out_sql.h"
#include "queue/clear_jobs_done_sql.h"
#include "queue/clear_jobs_sql.h"
#include "queue/clear_paused_sql.h"
#include "queue/clear_rates_sql.h"
#include "queue/clear_schedules_sql.h"
#include "queue/clear_turns_sql.h"
#include "queue/has_jobs_sql.h"
#include "queue/insert_done_sql.h"
#include "queue/pause_kind_sql.h"
#include "queue/raise_turn_sql.h"
#include "queue/select_paused_sql.h"
#include "queue/select_schedules_sql.h"

#include <string_view>

namespace reeve::queue {

namespace {

struct Part {
  std::string_view out;
  std::string_view in;
};

void carry(const Part& part, Statements& source, Statements& target) {
  engine::Statement& rows = source.of(part.out);
  engine::Statement& insert = target.of(part.in);
  while (rows.step()) {
    for (int column = 0; column < rows.column_count(); ++column) {
      insert.bind(column + 1, rows.column(column));
    }
    insert.run();
  }
  rows.reset();
}

}  // namespace

bool has_jobs(engine::Connection& connection) {
  Statements statements(connection);
  return statements.has_tables() && statements.of(embedded::has_jobs_sql).step();
}

void carry(engine::Connection& source, engine::Connection& target) {
  Statements from(source);
  Statements to(target);
  if (!from.has_tables()) {
    return;
  }
  if (!to.has_tables()) {
    to.create_tables();
  }
  for (const Part& part : {Part{embedded::carry_jobs_out_sql, embedded::carry_jobs_in_sql},
                           Part{embedded::carry_done_out_sql, embedded::insert_done_sql},
                           Part{embedded::carry_turns_out_sql, embedded::raise_turn_sql},
                           Part{embedded::carry_rates_out_sql, embedded::carry_rates_in_sql},
                           Part{embedded::select_schedules_sql, embedded::carry_schedules_in_sql},
                           Part{embedded::select_paused_sql, embedded::pause_kind_sql}}) {
    carry(part, from, to);
  }
}

void clear(engine::Connection& connection) {
  Statements statements(connection);
  if (!statements.has_tables()) {
    return;
  }
  for (const std::string_view sql :
       {embedded::clear_jobs_sql, embedded::clear_jobs_done_sql, embedded::clear_turns_sql,
        embedded::clear_rates_sql, embedded::clear_schedules_sql, embedded::clear_paused_sql}) {
    statements.of(sql).run();
  }
}

}  // namespace reeve::queue
