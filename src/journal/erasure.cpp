// How a ledger is closed and taken out of a schema, and what stays of it.

#include "journal/directory.h"

#include "journal/journal.h"
#include "journal/names.h"
#include "journal/own_statement.h"

#include "journal/postgres_delete_ledger_sql.h"
#include "journal/postgres_erase_rows_sql.h"
#include "journal/postgres_erase_sources_sql.h"
#include "journal/postgres_insert_trail_sql.h"
#include "journal/postgres_move_ledger_state_sql.h"
#include "journal/postgres_retire_name_sql.h"
#include "journal/postgres_select_references_sql.h"
#include "journal/postgres_select_tenant_tables_sql.h"
#include "journal/postgres_select_trails_sql.h"
#include "journal/postgres_update_closed_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace reeve::journal {

namespace {

constexpr OwnStatement update_closed{{}, embedded::postgres_update_closed_sql, 2};
constexpr OwnStatement insert_trail{{}, embedded::postgres_insert_trail_sql, 1};
constexpr std::string_view heads = "reeve_heads";

}  // namespace

void change_ledger_state(engine::Connection& connection, LedgerState from, LedgerState to) {
  hold_closed(connection);
  // The head first: who writes holds it, and looks at it before anything else.
  engine::Statement head = prepare(connection, update_closed, false);
  if (to == LedgerState::suspended || to == LedgerState::erasing) {
    head.bind_text(1, name_of(to));
  } else {
    head.bind_null(1);
  }
  head.run();
  engine::Statement row = connection.prepare(embedded::postgres_move_ledger_state_sql, false);
  row.bind_text(1, connection.ledger());
  row.bind_text(2, name_of(from));
  row.bind_text(3, name_of(to));
  row.run();
  if (connection.changes() != 1) {
    throw Error(ErrorCode::conflict, fmt::format("the ledger is not {}", name_of(from)),
                "`reeve ledger list URL` shows what it is");
  }
}

void refuse_closed(std::string_view ledger, std::string_view closed) {
  if (closed == name_of(LedgerState::suspended)) {
    throw Error(ErrorCode::denied, fmt::format("{} is suspended: it is neither read nor written", ledger),
                "`reeve ledger resume URL`, by an administrator, opens it again");
  }
  throw Error(ErrorCode::denied, fmt::format("{} is being erased", ledger),
              "`reeve ledger erase URL --confirm NAME` goes on with it");
}

std::vector<std::string> tenant_tables(engine::Connection& connection) {
  std::vector<std::string> left;
  engine::Statement tables = connection.prepare(embedded::postgres_select_tenant_tables_sql, false);
  while (tables.step()) {
    if (tables.text(0) != heads) {
      left.emplace_back(tables.text(0));
    }
  }
  std::vector<std::pair<std::string, std::string>> references;
  engine::Statement pairs = connection.prepare(embedded::postgres_select_references_sql, false);
  while (pairs.step()) {
    references.emplace_back(pairs.text(0), pairs.text(1));
  }
  std::vector<std::string> order;
  while (!left.empty()) {
    const std::set<std::string> waiting(left.begin(), left.end());
    const auto is_pointed_to = [&](const std::string& table) {
      return std::any_of(references.begin(), references.end(), [&](const auto& reference) {
        return reference.second == table && waiting.contains(reference.first);
      });
    };
    auto rest = std::stable_partition(left.begin(), left.end(), is_pointed_to);
    if (rest == left.end()) {
      rest = left.begin();  // they point round in a circle: any order is as good
    }
    order.insert(order.end(), rest, left.end());
    left.erase(rest, left.end());
  }
  order.emplace_back(heads);
  return order;
}

std::int64_t erase_rows(engine::Connection& connection, std::string_view table, std::int64_t rows_max) {
  engine::Statement row = connection.prepare(embedded::postgres_erase_rows_sql, false);
  row.bind_text(1, table);
  row.bind_integer(2, rows_max);
  ensure(row.step(), "a function answers with one row");
  return row.integer(0);
}

void erase_sources(engine::Connection& connection) {
  connection.execute(embedded::postgres_erase_sources_sql);
}

void write_trail(engine::Connection& connection) { prepare(connection, insert_trail, false).run(); }

std::vector<TrailEntry> read_trails(engine::Connection& connection) {
  std::vector<TrailEntry> entries;
  engine::Statement row = connection.prepare(embedded::postgres_select_trails_sql, false);
  while (row.step()) {
    entries.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                       std::string(row.text(3)), row.integer(4)});
  }
  return entries;
}

void leave_directory(engine::Connection& connection, std::string_view ledger_id, bool free_name) {
  // What else it has of the directory goes with its row, or stays with it.
  if (!free_name) give_reservations_back(connection, ledger_id);
  engine::Statement row = connection.prepare(
      free_name ? embedded::postgres_delete_ledger_sql : embedded::postgres_retire_name_sql, false);
  row.bind_text(1, ledger_id);
  row.run();
}

}  // namespace reeve::journal
