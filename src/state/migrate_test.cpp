#include "state/migrate.h"

#include "state/ledger_fixture_test.h"

namespace reeve::state {
namespace {

using testing::error_of;
using testing::expect_equal;
using testing::reason_of;
using testing::vault_sources;

blueprint::Sources with_grades() {
  blueprint::Sources sources = vault_sources();
  testing::add_grades(sources);
  return sources;
}

class migrations : public LedgerTest {
 protected:
  void furnished() {
    Ledger vault = create();
    furnish(vault);
  }
  std::string head_hash() { return open().head().chain_hash.to_string(); }
};

TEST_F(migrations, go_up_and_down_with_their_rows_as_events) {
  furnished();
  const Head before = open().head();
  EXPECT_FALSE(migration_status(file, with_grades()).migrations.at(1).applied);
  migrate_up(file, with_grades());
  const LedgerStatus status = migration_status(file, with_grades());
  EXPECT_TRUE(status.migrations.at(1).applied);
  EXPECT_EQ(status.migrations.at(1).sequence, before.sequence.value + 1);
  EXPECT_FALSE(status.blueprint_changed);
  EXPECT_EQ(number("SELECT grade FROM accounts WHERE account_id = 'a'"), 1);
  EXPECT_EQ(value("SELECT grade FROM accounts WHERE account_id = 'b'"), Value(Null{}));
  expect_equal(file);
  EXPECT_NE(open().head().state_hash, before.state_hash);
  migrate_down(file, 1);
  EXPECT_EQ(open().head().state_hash, before.state_hash);
  EXPECT_EQ(open().head().sequence.value, before.sequence.value + 2);
  expect_equal(file);
  migrate_up(file, with_grades());
  expect_equal(file);
  EXPECT_TRUE(open().commit("day.ended", "{}").accepted());
  expect_equal(file);
}

TEST_F(migrations, are_noticed_by_the_next_query_of_a_ledger_that_was_open_meanwhile) {
  furnished();
  Ledger vault = open();
  EXPECT_EQ(balance(vault, "a"), 100);
  blueprint::Sources sources = with_grades();
  sources.files["queries/grades.sql"] =
      "-- name: grades :many\nSELECT account_id, grade FROM accounts ORDER BY account_id;\n";
  EXPECT_EQ(error_of([&] { vault.query("grades"); }).code(), ErrorCode::not_found);
  migrate_up(file, sources);
  {
    Rows rows = vault.query("grades");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.at(1).integer(), 1);
  }
  EXPECT_EQ(balance(vault, "a"), 100);
  migrate_down(file, 1);  // the stored blueprint is of the later schema: its queries wait for it
  EXPECT_EQ(error_of([&] { vault.query("grades"); }).code(), ErrorCode::conflict);
  migrate_up(file, sources);
  EXPECT_EQ(balance(vault, "a"), 100);
}

TEST_F(migrations, show_their_rows_in_the_changeset_of_their_event) {
  furnished();
  migrate_up(file, with_grades());
  const auto connection = engine::Connection::open(file, engine::OpenMode::read_only);
  const std::string changes =
      event_changes_json(*connection, number("SELECT max(sequence) FROM reeve_events"));
  EXPECT_NE(changes.find("solid"), std::string::npos) << changes;
  EXPECT_NE(changes.find(R"("grade":1)"), std::string::npos) << changes;
}

TEST_F(migrations, at_an_earlier_level_than_the_blueprint_refuse_commits_until_it_fits) {
  furnished();
  migrate_up(file, with_grades());
  migrate_down(file, 1);
  EXPECT_EQ(error_of([&] { open().commit("day.ended", "{}"); }).code(), ErrorCode::conflict);
  migrate_up(file, vault_sources());
  EXPECT_TRUE(open().commit("day.ended", "{}").accepted());
  expect_equal(file);
}

TEST_F(migrations, take_up_changed_files_beside_them) {
  furnished();
  blueprint::Sources changed = vault_sources();
  changed.files["commands/pay_all.sql"] =
      "-- emit: account.credited\nSELECT account_id, CAST(:amount AS bigint) * 2 AS amount FROM accounts "
      "ORDER BY account_id;\n";
  EXPECT_TRUE(migration_status(file, changed).blueprint_changed);
  EXPECT_TRUE(migrate_up(file, changed).blueprint_changed);
  EXPECT_FALSE(migration_status(file, changed).blueprint_changed);
  Ledger vault = open();
  ASSERT_EQ(reason_of(vault.command("pay_all", R"({"amount":5})")), "");
  EXPECT_EQ(balance(vault, "b"), 10);
  expect_equal(file);
  const std::string head = head_hash();
  migrate_up(file, changed);
  EXPECT_EQ(head_hash(), head);  // nothing to do is no event
}

TEST_F(migrations, refuse_an_applied_file_that_was_changed_or_taken_away) {
  furnished();
  migrate_up(file, with_grades());
  const std::string head = head_hash();
  for (const char* path :
       {"migrations/0001_core.up.sql", "migrations/0001_core.down.sql", "migrations/0002_grades.up.sql"}) {
    blueprint::Sources changed = with_grades();
    changed.files.at(path) += "-- Another word.\n";
    const Error error = error_of([&] { migrate_up(file, changed); });
    EXPECT_EQ(error.code(), ErrorCode::conflict) << path;
    EXPECT_FALSE(error.remedy().empty());
    EXPECT_TRUE(migration_status(file, changed).migrations.at(path[14] == '1' ? 0 : 1).changed) << path;
  }
  EXPECT_EQ(error_of([&] { migrate_up(file, vault_sources()); }).code(), ErrorCode::conflict);
  EXPECT_EQ(head_hash(), head);
  expect_equal(file);
}

TEST_F(migrations, that_fail_change_nothing) {
  furnished();
  const std::string head = head_hash();
  blueprint::Sources bad = with_grades();
  bad.files.at("migrations/0002_grades.up.sql") += "INSERT INTO grades (grade, label) VALUES (1, 'again');\n";
  EXPECT_EQ(error_of([&] { migrate_up(file, bad); }).code(), ErrorCode::unique_violation);
  EXPECT_EQ(head_hash(), head);
  expect_equal(file);
  blueprint::Sources orphans = with_grades();
  orphans.files.at("migrations/0002_grades.up.sql") +=
      "INSERT INTO accounts (account_id, owner_id, opened_at) VALUES ('q', 'nobody', "
      "'2020-01-01T00:00:00Z');\n";
  EXPECT_EQ(error_of([&] { migrate_up(file, orphans); }).code(), ErrorCode::constraint_violation);
  EXPECT_EQ(head_hash(), head);
  EXPECT_EQ(error_of([&] { migrate_down(file, 2); }).code(), ErrorCode::invalid_input);
  expect_equal(file);
}

TEST_F(migrations, are_verified_up_down_and_up_on_a_copy_with_data) {
  furnished();
  const std::string head = head_hash();
  const auto checks = migrate_verify(file, with_grades());
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_TRUE(checks[0].equal) << ::testing::PrintToString(checks[0].differences);
  // When none is pending, each of all from the first on.
  const auto all = migrate_verify(file, vault_sources());
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all[0].equal) << ::testing::PrintToString(all[0].differences);
  EXPECT_EQ(head_hash(), head);
}

TEST_F(migrations, whose_down_does_not_restore_rows_are_found) {
  furnished();
  blueprint::Sources lossy = with_grades();
  lossy.files.at("migrations/0002_grades.up.sql") +=
      "UPDATE accounts SET balance = 0 WHERE account_id = 'a';\n";
  const auto checks = migrate_verify(file, lossy);
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_FALSE(checks[0].equal);
  EXPECT_NE(::testing::PrintToString(checks[0].differences).find("accounts"), std::string::npos);
}

TEST_F(migrations, whose_down_does_not_restore_the_schema_are_refused_or_found) {
  furnished();
  blueprint::Sources forgets = with_grades();
  forgets.files.at("migrations/0002_grades.down.sql") = "ALTER TABLE accounts DROP COLUMN grade;\n";
  bool found = false;
  try {
    const auto checks = migrate_verify(file, forgets);
    found = !checks.empty() && !checks[0].equal;
  } catch (const Error& error) {
    found = error.code() == ErrorCode::bad_statement || error.code() == ErrorCode::invalid_input;
  }
  EXPECT_TRUE(found);
  expect_equal(file);
}

TEST_F(migrations, of_another_process_are_seen_by_an_open_ledger) {
  Ledger vault = create();
  furnish(vault);
  migrate_up(file, with_grades());
  ASSERT_EQ(reason_of(vault.commit("day.ended", "{}")), "");
  ASSERT_EQ(reason_of(vault.command("pay_all", R"({"amount":2})")), "");
  EXPECT_EQ(balance(vault, "b"), 2);
  expect_equal(file);
}

}  // namespace
}  // namespace reeve::state
