// The live schema is not what the migrations declare: each way is found, named, and what would mend it mends it.

#include "vault_schema.h"

#include "state/drift.h"

#include <algorithm>

namespace reeve::testing {
namespace {

using state::DriftFinding;

std::string all_of(const std::vector<DriftFinding>& findings) {
  std::string out;
  for (const DriftFinding& finding : findings) out += finding.message + " (" + finding.remedy + ")\n";
  return out;
}

std::vector<DriftFinding> differences(std::vector<DriftFinding> findings) {
  std::erase_if(findings,
                [](const DriftFinding& finding) { return finding.kind == DriftFinding::Kind::advice; });
  return findings;
}

class drift : public VaultSchema {
 protected:
  std::vector<DriftFinding> found() { return state::migrate_drift(database.administrator("north")); }
  /// SQL by hand in the schema, as its owner would write it.
  void by_hand(const std::string& sql) { database.execute("SET search_path = reeve; " + sql); }
};

TEST_F(drift, of_a_schema_that_was_only_migrated_is_nothing) {
  furnish();
  EXPECT_EQ(all_of(found()), "");
  state::migrate_up(database.administrator(), with_grades());
  EXPECT_EQ(all_of(found()), "");
  state::migrate_down(database.administrator(), 1);
  EXPECT_EQ(all_of(found()), "");
  // An application may look too, and leaves nothing behind.
  EXPECT_EQ(all_of(state::migrate_drift(database.application("north"))), "");
  EXPECT_EQ(number("SELECT count(*) FROM pg_class WHERE relname = 'accounts'"), 1);
}

TEST_F(drift, of_every_kind_is_named_and_its_remedy_mends_it) {
  furnish();
  struct Case {
    const char* sql;
    const char* table;
    const char* named;
    bool mends;  ///< the remedy is a statement that brings the declared schema back
  };
  for (const Case& one : std::initializer_list<Case>{
           {"ALTER TABLE accounts DROP CONSTRAINT accounts_owner_id_fkey", "accounts",
            "accounts_owner_id_fkey", true},
           {"ALTER TABLE accounts DROP CONSTRAINT accounts_balance_check", "accounts",
            "accounts_balance_check", true},
           {"ALTER TABLE badges DROP CONSTRAINT badges_label_key", "badges", "badges_label_key", true},
           {"ALTER TABLE owners DROP CONSTRAINT reeve_name_length", "owners", "reeve_name_length", true},
           {"ALTER TABLE accounts ADD CONSTRAINT extra CHECK (rate < 99)", "accounts", "extra", true},
           {"ALTER TABLE accounts ADD COLUMN extra integer", "accounts", "accounts.extra", true},
           {"ALTER TABLE calendar ALTER COLUMN day TYPE bigint", "calendar", "calendar.day", true},
           {"ALTER TABLE accounts ALTER COLUMN notes DROP NOT NULL", "accounts", "accounts.notes", true},
           {"ALTER TABLE owners ALTER COLUMN born SET NOT NULL", "owners", "owners.born", true},
           {"ALTER TABLE owners ALTER COLUMN active DROP DEFAULT", "owners", "owners.active", true},
           {"ALTER TABLE owners ALTER COLUMN active SET DEFAULT false", "owners", "owners.active", true},
           {"CREATE TABLE extra (a integer)", "extra", "extra", true},
           {"DROP INDEX members_by_partner", "members", "members_by_partner", true},
           {"CREATE INDEX extra ON accounts (rate)", "accounts", "extra", true},
           {"ALTER TABLE badges NO FORCE ROW LEVEL SECURITY", "badges", "row-level security", true},
           {"ALTER TABLE badges DISABLE TRIGGER \"0_reeve_capture\"", "badges", "0_reeve_capture", true},
           {"CREATE VIEW extra AS SELECT 1 AS one", "extra", "extra", true},
           {"CREATE POLICY extra ON badges USING (true)", "badges", "policy extra", true},
           {"DROP POLICY reeve_tenant ON badges", "badges", "policy reeve_tenant", false},
           {"ALTER TABLE owners DROP COLUMN born", "owners", "owners.born", false},
           {"DROP TABLE members", "members", "members", false},
       }) {
    if (std::string(one.sql).find("SET NOT NULL") != std::string::npos) {
      by_hand(
          "SET session_replication_role = replica; UPDATE owners SET born = '2000-01-01' WHERE born IS NULL");
    }
    const std::vector<DriftFinding> before = differences(found());
    by_hand(one.sql);
    const std::vector<DriftFinding> findings = differences(found());
    const auto is_new = [&](const DriftFinding& finding) {
      return std::none_of(before.begin(), before.end(),
                          [&](const DriftFinding& other) { return other.message == finding.message; });
    };
    const auto finding = std::find_if(findings.begin(), findings.end(), is_new);
    ASSERT_NE(finding, findings.end()) << one.sql;
    EXPECT_EQ(finding->table, one.table) << one.sql;
    EXPECT_NE(finding->message.find(one.named), std::string::npos) << one.sql << ": " << finding->message;
    EXPECT_FALSE(finding->remedy.empty()) << one.sql;
    if (one.mends) {
      const std::string remedy = finding->remedy;
      by_hand(remedy.substr(0, remedy.find(", or ")));
      EXPECT_EQ(all_of(differences(found())), all_of(before)) << one.sql << " mended by " << remedy;
    }
  }
}

TEST_F(drift, is_found_by_verify_too) {
  furnish();
  expect_all_equal();
  by_hand("ALTER TABLE accounts DROP CONSTRAINT accounts_owner_id_fkey");
  const state::Verification verification = state::verify(database.application("south"));
  EXPECT_FALSE(verification.equal());
  EXPECT_NE(describe(verification).find("accounts_owner_id_fkey"), std::string::npos)
      << describe(verification);
  EXPECT_EQ(verification.state_hash, verification.state_hash_of_rows);
}

TEST_F(drift, gives_advice_on_indexes_and_no_difference) {
  furnish();
  blueprint::Sources poor = vault_sources();
  poor.files["migrations/0002_poor.up.sql"] =
      "CREATE INDEX accounts_again ON accounts (owner_id, balance);\n"
      "CREATE INDEX badges_again ON badges (owner_id);\nDROP INDEX members_by_partner;\n";
  poor.files["migrations/0002_poor.down.sql"] =
      "DROP INDEX accounts_again;\nDROP INDEX badges_again;\n"
      "CREATE INDEX members_by_partner ON members (partner_id);\n";
  state::migrate_up(database.administrator(), poor);
  const std::string file = workshop.path("poor.db");
  ASSERT_TRUE(
      state::promote(database.administrator("north"), file, {.progress = {}, .fence = false}).equal());
  for (const std::string& location : {database.administrator("north"), file}) {
    const auto findings = state::migrate_drift(location);
    EXPECT_EQ(all_of(differences(findings)), "") << location;
    ASSERT_EQ(findings.size(), 3U) << location << "\n" << all_of(findings);
    EXPECT_EQ(findings[0].object, "accounts_by_owner") << all_of(findings);
    EXPECT_EQ(findings[1].object, "badges_again") << all_of(findings);
    EXPECT_EQ(findings[2].table, "members") << all_of(findings);
    EXPECT_NE(findings[2].message.find("partner_id"), std::string::npos) << all_of(findings);
  }
}

}  // namespace
}  // namespace reeve::testing
