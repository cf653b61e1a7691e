// What a migration of a shared schema does while others go on: indexes, rows in batches, NOT NULL; and the rehearsal.

#include "vault_schema.h"

#include "state/drift.h"
#include "state/graded_vault_test.h"
#include "support/reeve_run.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <tuple>

namespace reeve::testing {
namespace {

constexpr const char* batches_of =
    "SELECT count(*) FROM reeve.reeve_events e JOIN reeve.reeve_ledgers l USING (ledger_id) "
    "WHERE type = 'reeve.rows_backfilled' AND l.name = '";

class online_migration : public VaultSchema {
 protected:
  void open_accounts(const std::string& ledger_name, int count) {
    Ledger ledger = open(ledger_name);
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(reason_of(ledger.commit("account.opened",
                                        R"({"owner_id":"ann","account_id":"n)" + std::to_string(i) + "\"}")),
                "");
    }
  }
  /// Of the batches of one ledger; near its end behind the given number.
  Way batches_until(std::int64_t last) {
    const auto done = [this] { return number(batches_of + std::string("north'")); };
    return {done, [done, last] { return done() < last; }};
  }
  std::string no_drift() {
    std::string out;
    for (const auto& finding : state::migrate_drift(database.administrator("north")))
      out += finding.message + "\n";
    return out;
  }
};

TEST_F(online_migration, fills_rows_in_batches_that_are_events_of_each_ledger) {
  furnish();
  open_accounts("north", 5);  // and the two of everybody
  open_accounts("south", 3);
  const std::string file = workshop.path("north.db");
  ASSERT_TRUE(
      state::promote(database.administrator("north"), file, {.progress = {}, .fence = false}).equal());
  state::migrate_up(file, graded_vault(2));
  const Head before = open("north").head();
  state::migrate_up(database.administrator(), graded_vault(2));
  EXPECT_EQ(number(batches_of + std::string("north'")), 4);
  EXPECT_EQ(number(batches_of + std::string("south'")), 3);
  EXPECT_EQ(number("SELECT count(*) FROM reeve.accounts WHERE grade IS NULL"), 0);
  expect_all_equal();
  EXPECT_EQ(no_drift(), "");
  EXPECT_EQ(open("north").head().state_hash, Ledger::open(file).head().state_hash);
  open_accounts("north", 0);
  ASSERT_EQ(reason_of(open("north").commit("account.opened", R"({"owner_id":"ann","account_id":"after"})")),
            "");
  // Down restores, and the way of the batches is told again by a file.
  state::migrate_down(database.administrator(), 1);
  EXPECT_EQ(number("SELECT count(*) FROM reeve.accounts WHERE grade IS NOT NULL"), 0);
  state::migrate_down(database.administrator(), 1);
  state::migrate_up(database.administrator(), vault_sources());
  expect_all_equal();
  EXPECT_EQ(no_drift(), "");
  ASSERT_EQ(reason_of(open("north").commit("account.closed", R"({"account_id":"after"})")), "");
  EXPECT_EQ(open("north").head().state_hash, before.state_hash);
  const std::string told = workshop.path("told.db");
  ASSERT_TRUE(
      state::promote(database.administrator("north"), told, {.progress = {}, .fence = false}).equal());
  expect_equal(told);
  // And arrives in another schema, with the batches before its last migration.
  Database other("told_again");
  ASSERT_TRUE(state::promote(told, other.administrator(), {}).equal());
  const state::Verification found = state::verify(other.application());
  EXPECT_TRUE(found.equal()) << describe(found);
}

TEST_F(online_migration, that_was_killed_goes_on_behind_its_last_batch) {
  furnish();
  constexpr int accounts = 150;
  open_accounts("north", accounts);
  const std::string folder = workshop.blueprint(graded_vault(1), "filled");
  std::mt19937_64 random(test_seed("migration kills"));
  const Kills kills = run_with_kills(
      {"migrate", "up", database.administrator(), "--lock-timeout", "20000", "--blueprint", folder}, 5, 20,
      random, batches_until(accounts),
      // Between two runs the application goes on, with the blueprint of before.
      [&] { EXPECT_EQ(reason_of(open("south").commit("day.ended", "{}")), ""); });
  EXPECT_EQ(kills.exit_code, 0);
  EXPECT_GT(kills.count, 0);
  EXPECT_EQ(number(batches_of + std::string("north'")), accounts + 2);  // each row once
  EXPECT_EQ(number("SELECT count(*) FROM reeve.accounts WHERE grade IS NULL"), 0);
  expect_all_equal();
  EXPECT_EQ(no_drift(), "");
}

TEST_F(online_migration, goes_back_in_batches_too_also_when_it_is_killed) {
  furnish();
  constexpr int accounts = 150;
  open_accounts("north", accounts);
  const Head before = open("north").head();
  state::migrate_up(database.administrator(), graded_vault_apart(1));
  state::migrate_down(database.administrator(), 1);
  EXPECT_EQ(number(batches_of + std::string("north'")), accounts + 2);
  std::mt19937_64 random(test_seed("reverse migration kills"));
  const Kills kills = run_with_kills({"migrate", "down", database.administrator(), "--lock-timeout", "20000"},
                                     5, 20, random, batches_until(2 * accounts + 2));
  EXPECT_EQ(kills.exit_code, 0);
  EXPECT_GT(kills.count, 0);
  EXPECT_EQ(number("SELECT level FROM reeve.reeve_format"), 2);
  EXPECT_EQ(number(batches_of + std::string("north'")), 2 * (accounts + 2));  // each row once
  EXPECT_EQ(number("SELECT count(*) FROM reeve.accounts WHERE grade IS NOT NULL"), 0);
  expect_all_equal();
  EXPECT_EQ(no_drift(), "");
  const std::string told = workshop.path("told.db");
  ASSERT_TRUE(
      state::promote(database.administrator("north"), told, {.progress = {}, .fence = false}).equal());
  expect_equal(told);
  state::migrate_down(database.administrator(), 1);
  EXPECT_EQ(open("north").head().state_hash, before.state_hash);
}

/// Where SET NOT NULL would read the table while everybody waits, a CHECK was validated before, in a transaction of its own.
TEST_F(online_migration, looks_for_nulls_before_everybody_waits) {
  furnish();
  database.execute(
      "CREATE TABLE public.seen (number serial, tx bigint, query text);"
      "CREATE FUNCTION public.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS "
      "'BEGIN INSERT INTO public.seen (tx, query) VALUES (txid_current(), current_query()); END';"
      "CREATE EVENT TRIGGER seen ON ddl_command_start EXECUTE FUNCTION public.note()");
  const auto validated_before = [&] {
    return number(
        "SELECT count(*) FROM public.seen a JOIN public.seen v ON v.number < a.number AND v.tx < a.tx AND "
        "v.query "
        "LIKE '%VALIDATE CONSTRAINT%' WHERE a.query LIKE '%SET NOT NULL%'");
  };
  blueprint::Sources at_once = graded_vault_apart(2);  // rows that are put right in the migration itself
  at_once.files.erase("migrations/0003_graded.up.sql");
  at_once.files.erase("migrations/0003_graded.down.sql");
  at_once.files["migrations/0003_required.up.sql"] =
      "-- breaking: every account has a grade\nUPDATE accounts SET grade = 0 WHERE grade IS NULL;\n"
      "ALTER TABLE accounts ALTER COLUMN grade SET NOT NULL;\n";
  at_once.files["migrations/0003_required.down.sql"] =
      "ALTER TABLE accounts ALTER COLUMN grade DROP NOT NULL;\nUPDATE accounts SET grade = NULL WHERE grade "
      "= 0;\n";
  at_once.files.erase("migrations/0004_required.up.sql");
  at_once.files.erase("migrations/0004_required.down.sql");
  for (const auto& [sources, levels, validated] :
       {std::tuple(graded_vault(2), 2, 1), std::tuple(graded_vault_apart(2), 3, 1),
        std::tuple(at_once, 2, 0)}) {
    database.execute("TRUNCATE public.seen");
    state::migrate_up(database.administrator(), sources);
    EXPECT_EQ(validated_before(), validated) << levels;
    EXPECT_EQ(number("SELECT count(*) FROM pg_constraint WHERE conname LIKE 'reeve%not_null'"), 0);
    state::migrate_down(database.administrator(), levels);
  }
  database.execute("DROP EVENT TRIGGER seen; DROP FUNCTION public.note(); DROP TABLE public.seen");
  expect_all_equal();
}

TEST_F(online_migration, refuses_null_where_it_can_not_be_filled_and_leaves_nothing_behind) {
  furnish();
  blueprint::Sources wrong = graded_vault(10);
  std::string& up = wrong.files.at("migrations/0003_graded.up.sql");
  up.replace(up.find("WHERE grade IS NULL"), 19, "WHERE grade IS NULL AND balance > 0");
  EXPECT_EQ(error_of([&] { state::migrate_up(database.administrator(), wrong); }).code(),
            ErrorCode::constraint_violation);
  EXPECT_EQ(number("SELECT level FROM reeve.reeve_format"), 2);
  EXPECT_EQ(no_drift(), "");
  expect_all_equal();
  state::migrate_up(database.administrator(), graded_vault(10));
  expect_all_equal();
}

TEST_F(online_migration, builds_an_index_beside_others_and_anew_when_one_was_left_unfinished) {
  furnish();
  blueprint::Sources indexed = vault_sources();
  indexed.files["migrations/0002_rates.up.sql"] =
      "CREATE INDEX CONCURRENTLY accounts_by_rate ON accounts (rate);\n";
  indexed.files["migrations/0002_rates.down.sql"] = "DROP INDEX CONCURRENTLY accounts_by_rate;\n";
  // What a build leaves that was killed.
  database.execute(
      "SET search_path = reeve; CREATE INDEX accounts_by_rate ON accounts (balance);"
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'accounts_by_rate'::regclass");
  const std::string valid =
      "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('reeve.accounts_by_rate') AND indisvalid";
  const auto report = session();
  std::thread runner;
  {
    engine::Transaction tx(*report, engine::Transaction::Mode::read);
    report->value("SELECT count(*) FROM owners");
    runner = std::thread([&] {
      state::migrate_up(database.administrator(), indexed, {}, {.progress = {}, .lock_timeout_ms = 4000});
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    // It waits for the report, and nobody for it.
    EXPECT_EQ(number("SELECT level FROM reeve.reeve_format"), 1);
    EXPECT_EQ(reason_of(open("north").commit("day.ended", "{}")), "");
  }
  runner.join();
  EXPECT_EQ(number(valid), 1);
  EXPECT_EQ(no_drift(), "");
  expect_all_equal();
  state::migrate_down(database.administrator(), 1);
  EXPECT_EQ(number("SELECT count(*) FROM pg_class WHERE relname = 'accounts_by_rate'"), 0);
  expect_all_equal();
}

TEST_F(online_migration, of_a_unique_index_that_can_not_be_leaves_none) {
  furnish();
  open_accounts("south", 1);
  blueprint::Sources unique = vault_sources();
  unique.files["migrations/0002_one.up.sql"] =
      "-- breaking: one account each\nCREATE UNIQUE INDEX CONCURRENTLY one_each ON accounts (owner_id);\n";
  unique.files["migrations/0002_one.down.sql"] = "DROP INDEX CONCURRENTLY one_each;\n";
  EXPECT_EQ(error_of([&] { state::migrate_up(database.administrator(), unique); }).code(),
            ErrorCode::unique_violation);
  EXPECT_EQ(number("SELECT count(*) FROM pg_class WHERE relname = 'one_each'"), 0);
  ASSERT_EQ(reason_of(open("south").commit("account.closed", R"({"account_id":"n0"})")), "");
  state::migrate_up(database.administrator(), unique);
  EXPECT_NE(reason_of(open("south").commit("account.opened", R"({"owner_id":"ann","account_id":"n1"})")), "");
  expect_all_equal();
}

TEST_F(online_migration, is_rehearsed_with_the_rows_of_all_ledgers_and_leaves_nothing) {
  furnish();
  const Head before = open("north").head();
  for (const blueprint::Sources& sources : {with_grades(), graded_vault(2), vault_sources()}) {
    for (const state::MigrationCheck& check : state::migrate_verify(database.administrator(), sources)) {
      EXPECT_TRUE(check.equal) << check.name << ::testing::PrintToString(check.differences);
    }
  }
  blueprint::Sources lossy = with_grades();
  lossy.files.at("migrations/0002_grades.up.sql") += "UPDATE accounts SET balance = 0 WHERE balance = 101;\n";
  const auto lost = state::migrate_verify(database.administrator(), lossy);  // of the second ledger alone
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_FALSE(lost[0].equal);
  EXPECT_NE(::testing::PrintToString(lost[0].differences).find("accounts"), std::string::npos);
  EXPECT_EQ(open("north").head().chain_hash, before.chain_hash);
  EXPECT_EQ(number("SELECT count(*) FROM reeve.reeve_captured"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM pg_class WHERE relname IN ('grades', 'accounts')"), 1);
  expect_all_equal();
}

TEST_F(online_migration, changes_what_depends_on_removed_rows_in_the_journal_too) {
  furnish();
  blueprint::Sources without = vault_sources();
  without.files["migrations/0002_without.up.sql"] = "DELETE FROM owners WHERE owner_id = 'bob';\n";
  without.files["migrations/0002_without.down.sql"] =
      "INSERT INTO owners (owner_id, name) VALUES ('bob', 'Bob');\n";
  const std::string file = workshop.path("north.db");
  ASSERT_TRUE(
      state::promote(database.administrator("north"), file, {.progress = {}, .fence = false}).equal());
  state::migrate_up(file, without);
  expect_equal(file);
  state::migrate_up(database.administrator(), without);
  EXPECT_EQ(number("SELECT count(*) FROM reeve.accounts"), 2);
  expect_all_equal();
  EXPECT_EQ(open("north").head().state_hash, Ledger::open(file).head().state_hash);
}

}  // namespace
}  // namespace reeve::testing
