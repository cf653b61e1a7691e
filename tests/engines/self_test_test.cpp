// Each session of an application proves at opening that ledgers are kept apart: each defence is broken in turn.

#include "database.h"

#include "journal/directory.h"

#include <string>
#include <vector>

namespace reeve::testing {
namespace {

constexpr const char* canary = "ffffffff-ffff-4fff-bfff-ffffffffffff";

struct Defence {
  const char* broken;
  const char* mended;
  const char* named;  ///< in the refusal of the self-test alone
};

const std::vector<Defence>& defences() {
  const char* mended_owners =
      "CREATE POLICY reeve_tenant ON reeve.owners FOR ALL "
      "USING (ledger_id = nullif(current_setting('reeve.ledger_id', true), '')::uuid) "
      "WITH CHECK (ledger_id = nullif(current_setting('reeve.ledger_id', true), '')::uuid)";
  static const std::vector<Defence> all = {
      {"DROP POLICY reeve_tenant ON reeve.owners", mended_owners, "policy reeve_tenant of table owners"},
      {"ALTER TABLE reeve.owners DISABLE ROW LEVEL SECURITY",
       "ALTER TABLE reeve.owners ENABLE ROW LEVEL SECURITY", "without a ledger it sees rows of owners"},
      {"CREATE POLICY more ON reeve.owners USING (ledger_id IS NOT NULL AND "
       "nullif(current_setting('reeve.ledger_id', true), '') IS NOT NULL)",
       "DROP POLICY more ON reeve.owners", "bound to another ledger it sees rows of owners"},
      {"ALTER TABLE reeve.reeve_events DISABLE ROW LEVEL SECURITY",
       "ALTER TABLE reeve.reeve_events ENABLE ROW LEVEL SECURITY",
       "without a ledger it sees rows of reeve_events"},
      {"CREATE POLICY more ON reeve.reeve_meta USING (nullif(current_setting('reeve.ledger_id', true), '') "
       "IS "
       "NOT NULL)",
       "DROP POLICY more ON reeve.reeve_meta", "bound to its ledger it sees the canary of reeve_meta"},
      {"CREATE POLICY more ON reeve.reeve_sums FOR INSERT WITH CHECK (true)",
       "DROP POLICY more ON reeve.reeve_sums", "it writes rows of another ledger to reeve_sums"},
      {"GRANT UPDATE (payload) ON reeve.reeve_events TO reeve_writer",
       "REVOKE UPDATE (payload) ON reeve.reeve_events FROM reeve_writer", "it may change reeve_events"},
      {"GRANT DELETE ON reeve.reeve_groups TO PUBLIC", "REVOKE DELETE ON reeve.reeve_groups FROM PUBLIC",
       "it may change reeve_groups"},
      {"GRANT UPDATE ON reeve.reeve_heads TO reeve_writer",
       "REVOKE UPDATE ON reeve.reeve_heads FROM reeve_writer; "
       "GRANT UPDATE (sequence, chain_hash, state_hash) ON reeve.reeve_heads TO reeve_writer",
       "it may open a ledger that is closed"},
      {"DELETE FROM reeve.reeve_heads WHERE ledger_id = 'ffffffff-ffff-4fff-bfff-ffffffffffff'",
       "INSERT INTO reeve.reeve_heads (ledger_id, sequence, chain_hash, state_hash) VALUES "
       "('ffffffff-ffff-4fff-bfff-ffffffffffff', 0, '', '')",
       "the canary is gone"},
  };
  return all;
}

class self_test : public ::testing::Test {
 protected:
  static Database& database() {
    static Database made("self_test");
    static const bool filled = [] {
      const Workshop workshop;
      const std::string blueprint = workshop.blueprint(vault_sources());
      for (const char* name : {"left", "right"}) {
        create_ledger(made.administrator(name), blueprint);
        Ledger ledger = Ledger::open(made.application(name));
        EXPECT_EQ(reason_of(ledger.commit("owner.joined", R"({"owner_id":"o","name":"o"})")), "");
      }
      return true;
    }();
    EXPECT_TRUE(filled);
    return made;
  }
  static std::unique_ptr<engine::Connection> application() {
    const std::string url = database().application();
    return engine::Connection::open_postgres(url.substr(0, url.find("ledger=") - 1), {.schema = "reeve"});
  }
  static std::string id_of(const std::string& name) {
    return std::get<std::string>(
        *database().value("SELECT ledger_id::text FROM reeve.reeve_ledgers WHERE name = '" + name + "'"));
  }
};

TEST_F(self_test, finds_what_is_broken_and_opens_no_ledger) {
  const std::string url = database().application("left");
  for (const Defence& defence : defences()) {
    database().execute(defence.broken);
    const Error tried = error_of([&] { journal::prove_isolation(*application(), id_of("left")); });
    EXPECT_EQ(tried.code(), ErrorCode::denied) << defence.broken;
    EXPECT_NE(std::string(tried.what()).find(defence.named), std::string::npos) << defence.broken << "\n"
                                                                                << tried.what();
    EXPECT_FALSE(tried.remedy().empty());
    EXPECT_EQ(error_of([&] { Ledger::open(url); }).code(), ErrorCode::denied) << defence.broken;
    database().execute(defence.mended);
    EXPECT_NO_THROW(Ledger::open(url)) << defence.mended;
  }
}

TEST_F(self_test, is_made_by_the_connections_of_queries_too) {
  Ledger ledger = Ledger::open(database().application("left"));
  Rows kept = ledger.query("day");  // the next query needs a connection more
  database().execute("CREATE POLICY more ON reeve.owners USING (true)");
  EXPECT_EQ(error_of([&] { ledger.query("owners"); }).code(), ErrorCode::denied);
  database().execute("DROP POLICY more ON reeve.owners");
  EXPECT_NO_THROW(ledger.query("owners"));
}

TEST_F(self_test, leaves_nothing_behind) {
  const auto text = [] {
    return std::get<std::string>(*database().value(
        std::string("SELECT string_agg(s::text, ' ' ORDER BY s::text) FROM reeve.reeve_sums s WHERE "
                    "ledger_id = '") +
        canary + "'"));
  };
  const std::string before = text();
  auto connection = application();
  journal::prove_isolation(*connection, id_of("left"));
  EXPECT_EQ(text(), before);
  EXPECT_EQ(std::get<std::string>(
                *connection->value("SELECT coalesce(current_setting('reeve.ledger_id', true), '')")),
            "");
  EXPECT_EQ(std::get<std::string>(*connection->value("SHOW enable_seqscan")), "on");
}

TEST_F(self_test, has_a_canary_that_no_ledger_can_be) {
  EXPECT_EQ(error_of([] {
              database().execute(std::string("INSERT INTO reeve.reeve_ledgers VALUES ('") + canary +
                                 "', 'canary', 'active', now())");
            }).code(),
            ErrorCode::constraint_violation);
}

}  // namespace
}  // namespace reeve::testing
