// SQL of an application's login that goes past Reeve: bound to one ledger, or to none.

#include "raw_session.h"
#include "raw_statements.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace reeve::testing {
namespace {

class raw : public ::testing::Test {
 protected:
  static Tenants& tenants() { return Tenants::shared(); }
  static RawSession& session() {
    static RawSession made(tenants().application_url());
    return made;
  }
};

/// Lest the others can't fail: where no policy holds, every kind of place shows canaries.
TEST_F(raw, canaries_are_seen_by_who_is_above_row_level_security) {
  RawSession superuser(tenants().database().plain("test"));
  for (const char* relation :
       {"owners", "accounts", "badges", "reeve_events", "reeve_groups", "reeve_ledgers"}) {
    for (std::size_t own = 0; own < Tenants::count; ++own) {
      EXPECT_NE(tenants().foreign(superuser.run(std::string("TABLE ") + relation), own), "") << relation;
    }
  }
  for (const char* column :
       {"owners.owner_id", "owners.name", "accounts.account_id", "accounts.notes", "accounts.tag",
        "badges.label", "reeve_events.payload", "reeve_events.actor", "reeve_events.key"}) {
    const std::string place = column;
    const std::string table = place.substr(0, place.find('.'));
    EXPECT_NE(tenants().foreign_canary(superuser.run("SELECT " + place + " FROM " + table), Tenants::count),
              "")
        << column;
  }
  EXPECT_NE(tenants().foreign(superuser.run("SELECT value FROM reeve_meta"), Tenants::count), "");
  EXPECT_NE(
      tenants().foreign(superuser.run("SELECT * FROM pg_stats WHERE schemaname = 'reeve'"), Tenants::count),
      "");
}

/// What else can be read has no ledger: sources that several share, and the format.
TEST_F(raw, relations_are_all_that_an_application_can_read) {
  std::istringstream readable(session().run(
      "SELECT relname FROM pg_class WHERE relnamespace = 'reeve'::regnamespace AND relkind IN ('r', 'v') AND "
      "has_any_column_privilege(oid, 'SELECT')"));
  std::set<std::string> found;
  for (std::string line; std::getline(readable, line);) {
    if (line.find(" | ") != std::string::npos) found.insert(line.substr(0, line.find(" | ")));
  }
  std::set<std::string> known(readable_relations().begin(), readable_relations().end());
  known.insert({"reeve_epoch_files", "reeve_format", "reeve_layouts", "reeve_sources"});
  EXPECT_EQ(found, known);
}

TEST_F(raw, statements_show_the_ledgers_own_rows_and_without_a_ledger_none) {
  int statements = 0;
  for (const std::string& relation : readable_relations()) {
    for (const std::size_t own : {std::size_t{0}, std::size_t{5}, Tenants::count}) {
      const bool bound = own < Tenants::count;
      const Tenant& tenant = tenants()[bound ? own : 3];
      for (const std::string& statement : raw_statements(relation, tenant, tenants()[7])) {
        const std::string said = session().run_bound(bound ? tenant.ledger_id : "", statement);
        ASSERT_EQ(tenants().foreign_canary(said, own), "") << statement << "\n" << said;
        ++statements;
      }
    }
  }
  std::cout << statements << " statements\n";
  // The session is not spoilt: it still sees its own.
  EXPECT_NE(session().run_bound(tenants()[0].ledger_id, "TABLE owners").find(tenants()[0].canary),
            std::string::npos);
}

TEST_F(raw, statements_find_a_table_that_was_left_open) {
  tenants().database().execute("ALTER TABLE reeve.owners DISABLE ROW LEVEL SECURITY");
  int found = 0;
  for (const std::string& statement : raw_statements("owners", tenants()[0], tenants()[7])) {
    found +=
        tenants().foreign_canary(session().run_bound(tenants()[0].ledger_id, statement), 0).empty() ? 0 : 1;
  }
  tenants().database().execute("ALTER TABLE reeve.owners ENABLE ROW LEVEL SECURITY");
  EXPECT_GT(found, 30);
}

TEST_F(raw, every_relation_of_the_catalogue_shows_no_row_of_a_ledger) {
  std::istringstream relations(session().run(
      "SELECT c.oid::regclass FROM pg_class c WHERE c.relkind IN ('r', 'v') AND c.relnamespace IN "
      "('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND has_table_privilege(c.oid, "
      "'SELECT')"));
  int read = 0;
  for (std::string line; std::getline(relations, line);) {
    const std::string relation = line.substr(0, line.find(" | "));
    const std::string said = session().run_bound(tenants()[0].ledger_id, "TABLE " + relation);
    EXPECT_EQ(tenants().foreign_canary(said, 0), "") << relation;
    ++read;
  }
  EXPECT_GT(read, 150);
}

/// What is taken in another ledger is free; what is taken in one's own is refused, without saying more.
TEST_F(raw, a_unique_key_tells_nothing_of_another_ledger) {
  const Tenant& own = tenants()[0];
  const Tenant& other = tenants()[1];
  const auto insert = [&](const std::string& ledger, const std::string& label) {
    const std::string said = session().run_bound(
        own.ledger_id, "INSERT INTO badges (ledger_id, owner_id, number, label) VALUES ('" + ledger +
                           "', 'o', 9, '" + label + "')");
    return session().failed() ? said.substr(said.find('\n') + 1, 5) +
                                    (said.find("already exists") == std::string::npos ? "" : " and the key")
                              : "";
  };
  EXPECT_EQ(insert(own.ledger_id, "badge " + other.canary), "");
  EXPECT_EQ(insert(own.ledger_id, "badge nobody has"), "");
  EXPECT_EQ(insert(own.ledger_id, "shared"), "23505");
  // Written into the other one, what is there and what is not are refused alike: by the policy, before the key.
  EXPECT_EQ(insert(other.ledger_id, "badge " + other.canary), "42501");
  EXPECT_EQ(insert(other.ledger_id, "badge nobody has"), "42501");
}

TEST_F(raw, a_foreign_key_tells_nothing_of_another_ledger) {
  const Tenant& own = tenants()[0];
  const Tenant& other = tenants()[1];
  const auto point = [&](const std::string& owner) {
    std::string said = session().run_bound(
        own.ledger_id, "INSERT INTO accounts (ledger_id, account_id, owner_id, opened_at) VALUES ('" +
                           own.ledger_id + "', 'x', '" + owner + "', now())");
    const bool failed = session().failed();
    const std::size_t at = said.find(owner);
    if (at != std::string::npos) said.replace(at, owner.size(), "OWNER");
    return std::make_pair(failed, said);
  };
  const auto theirs = point("owner-" + other.canary);
  const auto nobodys = point("owner-of nobody");
  EXPECT_TRUE(theirs.first);
  EXPECT_EQ(theirs, nobodys);
  EXPECT_FALSE(point("shared").first);
}

/// A plan that was made for one ledger, generic after some executions, is asked again for others.
TEST_F(raw, a_prepared_statement_follows_the_transaction_that_executes_it) {
  RawSession session(tenants().application_url());
  session.run(
      "PREPARE all_owners AS SELECT * FROM owners; PREPARE by_name(text) AS SELECT * FROM owners WHERE name "
      "> $1");
  for (int round = 0; round < 30; ++round) {
    const auto own = static_cast<std::size_t>(round) % (Tenants::count + 1);
    const bool bound = own < Tenants::count;
    for (const char* statement : {"EXECUTE all_owners", "EXECUTE by_name('')"}) {
      const std::string said = session.run_bound(bound ? tenants()[own].ledger_id : "", statement);
      EXPECT_EQ(tenants().foreign(said, own), "") << said;
      EXPECT_EQ(said.find("owner-") != std::string::npos, bound) << said;
    }
  }
}

}  // namespace
}  // namespace reeve::testing
