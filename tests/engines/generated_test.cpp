// Generated columns and functions of the blueprint, in a ledger on both engines: rows that no statement fills are
// rows of the state like any other.

#include "both_engines.h"

#include "state/drift.h"
#include "state/migrate.h"
#include "state/replay.h"

#include <fmt/format.h>

namespace reeve::testing {
namespace {

blueprint::Sources with_worth() {
  blueprint::Sources sources = vault_sources();
  sources.files["migrations/0002_worth.up.sql"] =
      "CREATE FUNCTION tripled(x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT x * 3';\n"
      "CREATE FUNCTION path(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE RETURN a || '/' || b;\n"
      "ALTER TABLE accounts ADD COLUMN worth bigint NOT NULL GENERATED ALWAYS AS (balance * 3000) STORED;\n"
      "ALTER TABLE accounts ADD COLUMN label text GENERATED ALWAYS AS (path(owner_id, account_id)) STORED;\n"
      "CREATE INDEX accounts_label ON accounts (label);\n"
      "UPDATE accounts SET rate = rate + 1;\n";
  sources.files["migrations/0002_worth.down.sql"] =
      "DROP INDEX accounts_label;\nALTER TABLE accounts DROP COLUMN label;\n"
      "ALTER TABLE accounts DROP COLUMN worth;\nDROP FUNCTION path;\nDROP FUNCTION tripled;\n";
  sources.files["queries/worth.sql"] =
      "-- name: worth :many\nSELECT label, worth, tripled(worth) AS more FROM accounts ORDER BY label;\n";
  return sources;
}

class generated : public BothEngines {
 protected:
  void open_accounts() {
    commit("owner.joined", R"({"owner_id":"ann","name":"Ann"})");
    commit("owner.joined", R"({"owner_id":"bob","name":"Bob"})");
    commit("account.opened", R"({"account_id":"a","owner_id":"ann","rate":2})");
    commit("account.opened", R"({"account_id":"b","owner_id":"bob"})");
    commit("account.credited", R"({"account_id":"a","amount":7})");
  }

  std::string worth(Ledger& ledger) {
    std::string out;
    auto rows = ledger.query("worth");
    while (rows.next()) {
      const auto [label, is, more] = rows.as<std::string, std::int64_t, std::int64_t>();
      out += fmt::format("{} {} {}\n", label, is, more);
    }
    return out;
  }
};

TEST_F(generated, columns_are_hashed_replayed_promoted_and_verified_on_both_engines) {
  make(workshop_.blueprint(with_worth()), "generated_columns");
  open_accounts();
  commit("account.debited", R"({"account_id":"a","amount":3})");
  commit("account.credited", R"({"account_id":"b","amount":9007199254740991})", false);
  commit("account.credited", R"({"account_id":"b","amount":11})");
  commit("account.opened", R"({"account_id":"c","owner_id":"ann"})");
  commit("account.closed", R"({"account_id":"c"})");
  EXPECT_EQ(worth(*sqlite_), "ann/a 12000 36000\nbob/b 33000 99000\n");
  EXPECT_EQ(worth(*postgres_), worth(*sqlite_));
  expect_equal(file_);
  const state::Verification shared = state::verify(database_->application());
  EXPECT_TRUE(shared.equal()) << describe(shared);
  for (const state::Location& location :
       {state::Location(file_), state::Location(database_->application())}) {
    for (const state::DriftFinding& finding : state::migrate_drift(location)) {
      EXPECT_NE(finding.kind, state::DriftFinding::Kind::difference) << finding.message;
    }
  }
  const std::string back = workshop_.path("back.db");
  ASSERT_TRUE(state::promote(database_->administrator(), back, {.progress = {}, .fence = false}).equal());
  expect_equal(back);
  sqlite_.reset();
  state::replay(file_, {.by = state::ReplayBy::changeset, .progress = {}, .each = {}});
  expect_equal(file_);
  state::replay(file_, {});
  expect_equal(file_);
}

TEST_F(generated, columns_come_and_go_by_migration_with_equal_hashes) {
  make(workshop_.blueprint(vault_sources()), "generated_migration");
  open_accounts();
  const std::string before = sqlite_->head().state_hash.to_string();
  sqlite_.reset();
  postgres_.reset();
  for (const std::string& url : {file_, database_->administrator()}) {
    state::migrate_up(url, with_worth());
  }
  sqlite_.emplace(Ledger::open(file_));
  postgres_.emplace(Ledger::open(database_->application()));
  EXPECT_EQ(sqlite_->head().state_hash.to_string(), postgres_->head().state_hash.to_string());
  EXPECT_NE(sqlite_->head().state_hash.to_string(), before);
  EXPECT_EQ(worth(*sqlite_), "ann/a 21000 63000\nbob/b 0 0\n");
  EXPECT_EQ(worth(*postgres_), worth(*sqlite_));
  expect_equal(file_);
  EXPECT_TRUE(state::verify(database_->application()).equal());
  sqlite_.reset();
  postgres_.reset();
  for (const std::string& url : {file_, database_->administrator()}) {
    state::migrate_down(url, 1);
  }
  expect_equal(file_);
  EXPECT_TRUE(state::verify(database_->application()).equal());
}

}  // namespace
}  // namespace reeve::testing
