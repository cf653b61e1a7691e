#include "state/migrate.h"

#include "state/graded_vault_test.h"
#include "state/ledger_fixture_test.h"

#include <gmock/gmock.h>

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

TEST_F(migrations, take_columns_away_beside_views_that_read_the_journal) {
  furnished();
  blueprint::Sources sources = with_grades();
  sources.files["migrations/0003_told.up.sql"] =
      "CREATE VIEW told AS SELECT sequence, type, actor, payload FROM reeve_events;\n";
  sources.files["migrations/0003_told.down.sql"] = "DROP VIEW told;\n";
  sources.files["migrations/0004_noted.up.sql"] = "ALTER TABLE accounts ADD COLUMN note text;\n";
  sources.files["migrations/0004_noted.down.sql"] = "ALTER TABLE accounts DROP COLUMN note;\n";
  migrate_up(file, sources);
  migrate_down(file, 1);
  expect_equal(file);  // the replay's scratch database has the view, and no journal
  EXPECT_GT(number("SELECT count(*) FROM told"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM sqlite_schema WHERE name = 'reeve_events'"), 1);
  migrate_down(file, 1);
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

TEST_F(migrations, that_make_a_table_anew_lose_nothing_that_hangs_on_it) {
  furnished();
  ASSERT_EQ(reason_of(open().commit("badge.given", R"({"owner_id":"ann","number":1,"label":"gold"})")), "");
  blueprint::Sources before = vault_sources();
  before.files["migrations/0002_views.up.sql"] =
      "CREATE VIEW totals AS SELECT o.name, sum(a.balance) AS total FROM owners o JOIN accounts a ON\n"
      "  a.owner_id = o.owner_id GROUP BY o.name;\n"
      "CREATE INDEX owners_by_name ON owners (name) WHERE active;\n";
  before.files["migrations/0002_views.down.sql"] = "DROP INDEX owners_by_name;\nDROP VIEW totals;\n";
  migrate_up(file, before);
  const auto children = [&] {
    return text("SELECT json_group_array(json_array(account_id, owner_id, balance)) FROM accounts");
  };
  const auto around = [&] {
    return text(
        "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE name IN "
        "('totals', 'owners_by_name', 'accounts', 'accounts_by_owner') ORDER BY name)");
  };
  const std::string rows = children();
  const std::string shape = around();
  blueprint::Sources after = before;
  after.files["migrations/0003_named.up.sql"] =
      "-- breaking: an owner has a name\n"
      "ALTER TABLE owners ADD CONSTRAINT has_a_name CHECK (length(name) > 0);\n";
  after.files["migrations/0003_named.down.sql"] = "ALTER TABLE owners DROP CONSTRAINT has_a_name;\n";
  migrate_up(file, after);
  EXPECT_THAT(text("SELECT sql FROM sqlite_schema WHERE name = 'owners'"),
              ::testing::HasSubstr("has_a_name"));
  EXPECT_EQ(children(), rows) << "no cascade took the children";
  EXPECT_EQ(around(), shape);
  EXPECT_EQ(number("SELECT total FROM totals WHERE name = 'Ann'"), 100);
  EXPECT_EQ(number("SELECT count(*) FROM owners INDEXED BY owners_by_name WHERE active AND name > ''"), 2);
  expect_equal(file);
  ASSERT_EQ(reason_of(open().commit("owner.left", R"({"owner_id":"ann"})")), "");
  EXPECT_EQ(number("SELECT count(*) FROM accounts"), 1) << "the reference is one to the table made anew";
  expect_equal(file);
}

TEST_F(migrations, leave_old_readers_a_view_of_the_earlier_shape) {
  furnished();
  ASSERT_EQ(reason_of(open().commit("badge.given", R"({"owner_id":"ann","number":1,"label":"gold"})")), "");
  const char* const old_reader = "SELECT label FROM badges WHERE owner_id = 'ann' AND number = 1";
  ASSERT_EQ(text(old_reader), "gold");
  blueprint::Sources sources = vault_sources();
  sources.files["migrations/0002_medals.up.sql"] =
      "-- breaking: badges are medals now, and say their motto\n"
      "ALTER TABLE badges RENAME TO medals;\n"
      "ALTER TABLE medals RENAME COLUMN label TO motto;\n"
      "CREATE VIEW badges AS SELECT owner_id, number, motto AS label FROM medals;\n";
  sources.files["migrations/0002_medals.down.sql"] =
      "DROP VIEW badges;\nALTER TABLE medals RENAME COLUMN motto TO label;\nALTER TABLE medals RENAME TO "
      "badges;\n";
  std::string& given = sources.files.at("events/badge.given.v1.sql");
  for (const auto& [from, to] :
       {std::pair("badges", "medals"), std::pair("number, label)", "number, motto)")}) {
    given.replace(given.find(from), std::string_view(from).size(), to);
  }
  migrate_up(file, sources);
  EXPECT_EQ(text(old_reader), "gold");
  ASSERT_EQ(reason_of(open().commit("badge.given", R"({"owner_id":"ann","number":2,"label":"iron"})")), "");
  EXPECT_EQ(number("SELECT count(*) FROM badges WHERE label = 'iron'"), 1);
  expect_equal(file);
  migrate_down(file, 1);
  EXPECT_EQ(text(old_reader), "gold");
  expect_equal(file);
}

class back_fills : public migrations {
 protected:
  void open_accounts(int first, int count) {
    Ledger vault = open();
    for (int i = first; i < first + count; ++i) {
      ASSERT_EQ(reason_of(vault.commit("account.opened",
                                       R"({"owner_id":"ann","account_id":"n)" + std::to_string(i) + "\"}")),
                "");
    }
  }
  std::int64_t batches() const {
    return number("SELECT count(*) FROM reeve_events WHERE type = 'reeve.rows_backfilled'");
  }
};

TEST_F(back_fills, are_events_and_others_commit_between_them) {
  furnished();
  open_accounts(0, 7);
  Ledger beside = open();
  MigrateOptions watched;
  int committed = 0;
  watched.progress.report = [&](std::int64_t, std::int64_t) {
    if (batches() > 0 && committed < 3) {
      ++committed;
      EXPECT_EQ(reason_of(beside.commit("account.opened", R"({"owner_id":"bob","account_id":"z)" +
                                                              std::to_string(committed) + "\"}")),
                "");
    }
  };
  migrate_up(file, testing::graded_vault(2), {}, watched);
  EXPECT_EQ(committed, 3);
  EXPECT_EQ(batches(), 6) << "7 rows and 2 and 3, by 2";
  EXPECT_EQ(number("SELECT count(*) FROM accounts WHERE grade IS NULL"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM accounts WHERE grade = 1"), 1);
  expect_equal(file);
  EXPECT_EQ(reason_of(open().commit("day.ended", "{}")), "");
  expect_equal(file);
  migrate_down(file, 2);
  expect_equal(file);
}

TEST_F(back_fills, leave_the_rows_that_one_transaction_leaves) {
  furnished();
  open_accounts(0, 5);
  const std::string copy = workshop.path("copy.db");
  std::filesystem::copy_file(file, copy);
  migrate_up(file, testing::graded_vault(3));
  blueprint::Sources whole = testing::graded_vault(3);
  std::string& up = whole.files.at("migrations/0003_graded.up.sql");
  up.erase(up.find("-- backfill"), up.find("UPDATE") - up.find("-- backfill"));
  migrate_up(copy, whole);
  EXPECT_EQ(open().head().state_hash, Ledger::open(copy).head().state_hash);
}

TEST_F(back_fills, go_back_in_batches_too_behind_the_last_one_that_was_made) {
  furnished();
  open_accounts(0, 5);
  const std::string before = open().head().state_hash.to_string();
  migrate_up(file, testing::graded_vault_apart(2));
  EXPECT_EQ(batches(), 4) << "a b, n0 n1, n2 n3, n4";
  migrate_down(file, 1);
  meddle(
      "CREATE TRIGGER in_the_way BEFORE UPDATE ON accounts WHEN OLD.account_id = 'n3' "
      "BEGIN SELECT RAISE(ABORT, 'in the way'); END");
  EXPECT_THROW(migrate_down(file, 1), Error);
  EXPECT_EQ(batches(), 6);
  EXPECT_EQ(number("SELECT count(*) FROM accounts WHERE grade IS NULL"), 4);
  meddle("DROP TRIGGER in_the_way");
  expect_equal(file);
  migrate_down(file, 1);
  EXPECT_EQ(batches(), 8);
  EXPECT_EQ(number("SELECT count(*) FROM accounts WHERE grade IS NULL"), 7);
  expect_equal(file);
  migrate_down(file, 1);
  EXPECT_EQ(open().head().state_hash.to_string(), before);
  expect_equal(file);
}

TEST_F(back_fills, that_were_interrupted_go_on_behind_their_last_batch) {
  furnished();
  open_accounts(0, 9);
  meddle(
      "CREATE TRIGGER in_the_way BEFORE UPDATE ON accounts WHEN OLD.account_id = 'n5' "
      "BEGIN SELECT RAISE(ABORT, 'in the way'); END");
  EXPECT_THROW(migrate_up(file, testing::graded_vault(2)), Error);
  const std::int64_t made = batches();
  EXPECT_EQ(made, 3) << "a b, n0 n1, n2 n3";
  EXPECT_EQ(number("SELECT count(*) FROM accounts WHERE grade IS NULL"), 5);
  meddle("DROP TRIGGER in_the_way");
  EXPECT_EQ(reason_of(open().commit("day.ended", "{}")), "") << "with the files that were in force";
  expect_equal(file);
  meddle("UPDATE accounts SET grade = NULL WHERE account_id = 'n0'");  // who begins anew would fill it again
  EXPECT_EQ(error_of([&] { migrate_up(file, testing::graded_vault(2)); }).code(), ErrorCode::corrupt);
  meddle("UPDATE accounts SET grade = 0 WHERE account_id = 'n0'");
  migrate_up(file, testing::graded_vault(2));
  EXPECT_EQ(batches(), 6) << "n4 n5, n6 n7, n8";
  EXPECT_EQ(number("SELECT count(*) FROM accounts WHERE grade IS NULL"), 0);
  EXPECT_EQ(text("SELECT json_extract(payload, '$.after') FROM reeve_events "
                 "WHERE type = 'reeve.rows_backfilled' ORDER BY sequence LIMIT 1 OFFSET 3"),
            R"(["n3"])");
  expect_equal(file);
}

}  // namespace
}  // namespace reeve::state
