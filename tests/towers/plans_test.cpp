// How the blueprint's statements are answered: by an index, never by reading a large table from end to end.

#include "state/epochs.h"
#include "state/host.h"
#include "state/vault_test.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

namespace reeve::testing {
namespace {

/// What may be read from end to end, as SQLite says it: one row; or rows that are open, which an index holds
/// apart from all that is over.
bool is_small(const std::string& scan) {
  static const std::set<std::string> small = {
      "CONSTANT ROW", "organization", "organization USING COVERING INDEX sqlite_autoindex_organization_1",
      "o"};
  if (small.contains(scan)) return true;
  if (scan.find(" VIRTUAL TABLE ") != std::string::npos) return true;  // the elements of a JSON value
  for (const char* index : {"meetings_active", "meetings_scheduled", "outbox_due", "outbox_failed"})
    if (scan.ends_with(fmt::format(" USING INDEX {}", index))) return true;
  return false;
}

class plans : public ::testing::Test {
 protected:
  plans() : file(workshop.path("tower.db")) {
    Ledger::create(file, project_file("blueprints/dark_tower").string());
    connection = engine::Connection::open(file, engine::OpenMode::read_only);
    host.emplace(*connection);
    connection->set_host_functions(&*host);
    epoch = state::load_last_epoch(*connection);
  }

  /// The tables that the statement reads from end to end although they may be large.
  std::string large_scans(const sql::Translation& translation) {
    std::set<std::string> subqueries;
    std::vector<std::string> scans;
    auto statement = connection->prepare("EXPLAIN QUERY PLAN " + translation.sqlite);
    while (statement.step()) {
      const std::string detail(statement.text(3));
      for (const char* word : {"CO-ROUTINE ", "MATERIALIZE "})
        if (detail.starts_with(word)) subqueries.insert(detail.substr(std::string_view(word).size()));
      if (detail.starts_with("SCAN ")) scans.push_back(detail.substr(5));
    }
    std::string large;
    for (const std::string& scan : scans)
      if (!is_small(scan) && !subqueries.contains(scan)) large += scan + "; ";
    return large;
  }

  Workshop workshop;
  std::string file;
  std::unique_ptr<engine::Connection> connection;
  std::optional<state::Host> host;
  std::shared_ptr<const state::EpochState> epoch;
};

TEST_F(plans, of_queries_scan_no_large_table) {
  for (const auto& [name, query] : epoch->blueprint->queries) {
    // Counts at most 10,001 rows of each table.
    if (name != "sizes") {
      EXPECT_EQ(large_scans(query.sql), "") << name;
    }
  }
}

TEST_F(plans, of_commands_scan_no_large_table) {
  for (const auto& [name, command] : epoch->blueprint->commands) {
    // It says how many rows go, once.
    if (name == "erase_organization") continue;
    for (const auto& check : command.checks)
      EXPECT_EQ(large_scans(check.sql), "") << name << ": " << check.message;
    for (const auto& emit : command.emits) EXPECT_EQ(large_scans(emit.sql), "") << name << ": " << emit.type;
  }
}

TEST_F(plans, of_events_scan_no_large_table) {
  for (const auto& [name, versions] : epoch->blueprint->events) {
    if (name == "organization.erased") continue;
    for (const auto& [version, event] : versions)
      for (const auto& apply : event.apply) EXPECT_EQ(large_scans(apply.sql), "") << name;
  }
}

TEST_F(plans, every_foreign_key_has_an_index_that_leads_with_it) {
  const auto& catalogue = epoch->catalogue;
  int keys = 0;
  for (const auto& [name, table] : catalogue.tables) {
    for (const sql::ForeignKey& key : table.foreign_keys) {
      const auto leads = [&](const std::vector<std::string>& columns) {
        return columns.size() >= key.columns.size() &&
               std::equal(key.columns.begin(), key.columns.end(), columns.begin());
      };
      bool found = leads(table.primary_key);
      for (const sql::UniqueKey& unique : table.unique_keys) found = found || leads(unique.columns);
      for (const auto& [index_name, index] : catalogue.indexes)
        found = found || (index.table == name && !index.where && leads(index.columns));
      EXPECT_TRUE(found) << name << " " << key.name;
      ++keys;
    }
  }
  EXPECT_GE(keys, 12);
}

TEST_F(plans, every_table_says_when_a_row_was_made_and_changed) {
  for (const auto& [name, table] : epoch->catalogue.tables) {
    for (const char* column : {"created_at", "updated_at"}) {
      const sql::Column* found = table.find_column(column);
      ASSERT_NE(found, nullptr) << name << " " << column;
      EXPECT_FALSE(found->nullable) << name << " " << column;
    }
    EXPECT_EQ(table.find_column("org_id"), nullptr) << name;
    EXPECT_EQ(table.find_column("ledger_id"), nullptr) << name;
  }
}

}  // namespace
}  // namespace reeve::testing
