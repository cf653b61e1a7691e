// A schema that many ledgers share is migrated: once, for all, as an event in each.

#include "vault_schema.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace reeve::testing {
namespace {

using engine::Transaction;

class shared_schema : public VaultSchema {};

TEST_F(shared_schema, goes_up_and_down_with_an_event_and_its_rows_in_every_ledger) {
  furnish();
  const Head before = open("south").head();
  const auto run = state::migrate_up(database.administrator(), with_grades());
  EXPECT_EQ(run.names, std::vector<std::string>{"0002_grades"});
  EXPECT_EQ(run.ledgers, 2);
  EXPECT_EQ(number("SELECT count(*) FROM reeve.reeve_events WHERE type = 'reeve.schema_migrated' "
                   "AND payload LIKE '%0002_grades%'"),
            2);
  EXPECT_EQ(number("SELECT level FROM reeve.reeve_format"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM reeve.accounts WHERE grade = 1"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM reeve.reeve_captured"), 0);
  expect_all_equal();
  EXPECT_NE(open("south").head().state_hash, before.state_hash);
  EXPECT_TRUE(
      state::migration_status(database.administrator("north"), with_grades()).migrations.at(1).applied);
  for (const char* name : {"north", "south"}) {
    EXPECT_EQ(reason_of(open(name).command("pay_all", R"({"amount":2})")), "");
  }
  expect_all_equal();
  const Head paid = open("south").head();
  state::migrate_down(database.administrator("south"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM information_schema.columns WHERE table_name = 'accounts' "
                   "AND column_name = 'grade'"),
            0);
  EXPECT_EQ(open("south").head().sequence.value, paid.sequence.value + 1);
  expect_all_equal();
  EXPECT_EQ(error_of([&] { open("north").commit("day.ended", "{}"); }).code(), ErrorCode::conflict);
  state::migrate_up(database.administrator(), vault_sources());
  EXPECT_EQ(reason_of(open("north").commit("day.ended", "{}")), "");
  expect_all_equal();
}

TEST_F(shared_schema, leaves_the_state_hash_that_a_file_has_after_the_same_migration) {
  furnish();
  const std::string file = workshop.path("north.db");
  ASSERT_TRUE(
      state::promote(database.administrator("north"), file, {.progress = {}, .fence = false}).equal());
  state::migrate_up(file, with_grades());
  state::migrate_up(database.administrator(), with_grades());
  EXPECT_EQ(open("north").head().state_hash, Ledger::open(file).head().state_hash);
  state::migrate_down(file, 1);
  state::migrate_down(database.administrator(), 1);
  EXPECT_EQ(open("north").head().state_hash, Ledger::open(file).head().state_hash);
}

TEST_F(shared_schema, is_seen_by_writers_and_readers_that_were_open_meanwhile) {
  furnish();
  Ledger north = open("north");
  EXPECT_EQ(error_of([&] { north.query("grades"); }).code(), ErrorCode::not_found);
  state::migrate_up(database.administrator(), with_grades());
  {
    Rows rows = north.query("grades");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.at(1).integer(), 1);
  }
  EXPECT_EQ(reason_of(north.command("pay_all", R"({"amount":2})")), "");
  state::migrate_down(database.administrator(), 1);
  EXPECT_EQ(error_of([&] { north.query("grades"); }).code(), ErrorCode::conflict);
  EXPECT_EQ(error_of([&] { north.commit("day.ended", "{}"); }).code(), ErrorCode::conflict);
  state::migrate_up(database.administrator(), with_grades());
  EXPECT_EQ(reason_of(north.commit("day.ended", "{}")), "");
  expect_all_equal();
}

/// A table that is rewritten looks empty to a snapshot of before: no answer may come from there.
TEST_F(shared_schema, never_shows_a_reader_the_tables_of_after_in_a_snapshot_of_before) {
  furnish();
  blueprint::Sources wide = vault_sources();
  wide.files["migrations/0002_wide.up.sql"] = "ALTER TABLE badges ALTER COLUMN number TYPE bigint;\n";
  wide.files["migrations/0002_wide.down.sql"] = "ALTER TABLE badges ALTER COLUMN number TYPE integer;\n";
  wide.files.at("migrations/0002_wide.up.sql").insert(0, "-- breaking: numbers grow\n");
  ASSERT_EQ(reason_of(open("north").commit("badge.given", R"({"owner_id":"ann","number":1,"label":"x"})")),
            "");
  wide.files["queries/badges.sql"] = "-- name: badges :many\nSELECT number FROM badges ORDER BY number;\n";
  state::migrate_up(database.administrator(), wide);
  std::atomic<bool> stop = false;
  std::atomic<int> empty = 0;
  std::atomic<int> answers = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      Ledger ledger = open("north");
      while (!stop) {
        try {
          Rows rows = ledger.query("badges");
          empty += rows.next() ? 0 : 1;
          ++answers;
        } catch (const Error& error) {
          // At the level below its blueprint a ledger has no queries.
          if (error.code() != ErrorCode::conflict) ADD_FAILURE() << error.what();
        }
      }
    });
  }
  for (int i = 0; i < 6; ++i) {
    state::migrate_up(database.administrator(), wide);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    state::migrate_down(database.administrator(), 1);
  }
  state::migrate_up(database.administrator(), wide);
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(empty, 0);
  EXPECT_GT(answers, 0);
  expect_all_equal();
}

TEST_F(shared_schema, that_fails_for_one_ledger_changes_nothing_in_any) {
  furnish();
  const Head north = open("north").head();
  const Head south = open("south").head();
  blueprint::Sources bad = with_grades();
  bad.files.at("migrations/0002_grades.up.sql").insert(0, "-- breaking: amounts differ\n");
  bad.files.at("migrations/0002_grades.up.sql") +=
      "ALTER TABLE accounts ADD CONSTRAINT small CHECK (balance <= 100);\n";
  bad.files.at("migrations/0002_grades.down.sql").insert(0, "ALTER TABLE accounts DROP CONSTRAINT small;\n");
  EXPECT_EQ(error_of([&] { state::migrate_up(database.administrator(), bad); }).code(),
            ErrorCode::constraint_violation);
  EXPECT_EQ(open("north").head().chain_hash, north.chain_hash);
  EXPECT_EQ(open("south").head().chain_hash, south.chain_hash);
  EXPECT_EQ(number("SELECT level FROM reeve.reeve_format"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM pg_class WHERE relname = 'grades'"), 0);
  expect_all_equal();
}

/// Row-level security is forced on the owner too: a check of all rows must not see one ledger's alone.
TEST_F(shared_schema, checks_a_new_foreign_key_against_the_rows_of_every_ledger) {
  furnish();
  blueprint::Sources keyed = vault_sources();
  keyed.files["migrations/0002_keyed.up.sql"] =
      "ALTER TABLE badges ADD CONSTRAINT badges_owner FOREIGN KEY (owner_id) REFERENCES owners (owner_id);\n";
  keyed.files["migrations/0002_keyed.down.sql"] = "ALTER TABLE badges DROP CONSTRAINT badges_owner;\n";
  for (const char* name : {"north", "south"}) {
    ASSERT_EQ(reason_of(open(name).commit("badge.given", R"({"owner_id":"ann","number":1,"label":"x"})")),
              "");
  }
  for (const char* name : {"north", "south"}) {  // whichever of them comes first or last
    const std::string nobody = std::string("nobody of ") + name;
    ASSERT_EQ(reason_of(open(name).commit("badge.given",
                                          R"({"owner_id":")" + nobody + R"(","number":1,"label":"y"})")),
              "");
    EXPECT_EQ(error_of([&] { state::migrate_up(database.administrator(), keyed); }).code(),
              ErrorCode::constraint_violation)
        << name;
    ASSERT_EQ(reason_of(open(name).commit("owner.joined", R"({"owner_id":")" + nobody + R"(","name":"N"})")),
              "");
  }
  state::migrate_up(database.administrator(), keyed);
  expect_all_equal();
  EXPECT_NE(reason_of(open("north").commit("badge.given", R"({"owner_id":"q","number":1,"label":"z"})")), "");
  EXPECT_EQ(
      number("SELECT count(*) FROM pg_class WHERE relnamespace = 'reeve'::regnamespace AND relkind = 'r' "
             "AND relrowsecurity AND NOT relforcerowsecurity"),
      0);
}

TEST_F(shared_schema, refuses_rows_that_were_changed_behind_its_back) {
  furnish();
  database.execute("SET session_replication_role = replica; UPDATE reeve.accounts SET balance = balance + 1");
  EXPECT_EQ(error_of([&] { state::migrate_up(database.administrator(), with_grades()); }).code(),
            ErrorCode::corrupt);
  EXPECT_EQ(number("SELECT level FROM reeve.reeve_format"), 1);
}

TEST_F(shared_schema, is_migrated_by_one_runner_at_a_time_and_the_other_hears_who_it_is) {
  furnish();
  {
    const auto other = session();
    other->execute(
        "SET application_name = 'other runner';"
        "SELECT pg_advisory_lock(hashtextextended('reeve.migrate reeve', 0))");
    const Error busy = error_of([&] {
      state::migrate_up(database.administrator(), with_grades(), {},
                        {.progress = {}, .lock_timeout_ms = 200});
    });
    EXPECT_EQ(busy.code(), ErrorCode::retryable);
    EXPECT_NE(std::string(busy.message()).find("other runner"), std::string::npos) << busy.message();
  }
  // Two at once: both are done, the migration is made once.
  std::vector<std::thread> runners;
  for (int i = 0; i < 2; ++i) {
    runners.emplace_back([&] { state::migrate_up(database.administrator(), with_grades()); });
  }
  for (std::thread& runner : runners) runner.join();
  EXPECT_EQ(number("SELECT count(*) FROM reeve.reeve_events WHERE payload LIKE '%0002_grades%'"), 2);
  expect_all_equal();
}

TEST_F(shared_schema, gives_up_beside_a_long_transaction_names_it_and_can_be_run_again) {
  furnish();
  const auto other = session();
  {
    Transaction tx(*other, Transaction::Mode::write);
    other->execute("SET LOCAL application_name = 'a long report'; SELECT count(*) FROM accounts");
    const Error busy = error_of([&] {
      state::migrate_up(database.administrator(), with_grades(), {},
                        {.progress = {}, .lock_timeout_ms = 300});
    });
    EXPECT_EQ(busy.code(), ErrorCode::retryable) << busy.what();
    EXPECT_NE(std::string(busy.message()).find("a long report"), std::string::npos) << busy.message();
    EXPECT_NE(std::string(busy.message()).find("Nothing is half done"), std::string::npos) << busy.message();
    // Others go on meanwhile.
    EXPECT_EQ(reason_of(open("north").commit("day.ended", "{}")), "");
  }
  state::migrate_up(database.administrator(), with_grades(), {}, {.progress = {}, .lock_timeout_ms = 300});
  expect_all_equal();
  const Error slow = error_of([&] {
    state::migrate_down(database.administrator(), 1,
                        {.progress = {}, .lock_timeout_ms = 5000, .statement_timeout_ms = 1});
  });
  EXPECT_TRUE(slow.code() == ErrorCode::limit_exceeded) << slow.what();
  EXPECT_EQ(number("SELECT level FROM reeve.reeve_format"), 2);
  expect_all_equal();
}

TEST_F(shared_schema, is_not_migrated_while_a_ledger_arrives) {
  furnish();
  database.execute("UPDATE reeve.reeve_ledgers SET state = 'arriving' WHERE name = 'south'");
  const Error error = error_of([&] { state::migrate_up(database.administrator(), with_grades()); });
  EXPECT_EQ(error.code(), ErrorCode::conflict);
  EXPECT_NE(std::string(error.message()).find("south"), std::string::npos);
}

TEST_F(shared_schema, keeps_the_copy_of_a_ledger_that_moved_equal_to_its_journal) {
  furnish();
  ASSERT_TRUE(state::promote(database.administrator("south"), workshop.path("south.db"), {}).equal());
  state::migrate_up(database.administrator(), with_grades());
  expect_all_equal();
  EXPECT_EQ(error_of([&] { open("south").commit("day.ended", "{}"); }).code(), ErrorCode::conflict);
}

TEST_F(shared_schema, refuses_what_an_application_asks_and_another_blueprint) {
  furnish();
  EXPECT_EQ(error_of([&] { state::migrate_up(database.application("north"), with_grades()); }).code(),
            ErrorCode::denied);
  blueprint::Sources other = with_grades();
  std::string& settings = other.files.at("blueprint.toml");
  settings.replace(settings.find("vault"), 5, "cellar");
  EXPECT_EQ(error_of([&] { state::migrate_up(database.administrator(), other); }).code(),
            ErrorCode::conflict);
  blueprint::Sources alone = with_grades();
  alone.files["migrations/0002_grades.up.postgres.sql"] = "CREATE TABLE x (y int);\n";
  EXPECT_EQ(error_of([&] { state::migrate_up(database.administrator(), alone); }).code(),
            ErrorCode::invalid_input);
  EXPECT_EQ(error_of([&] { state::migrate_up(database.administrator("nobody"), with_grades()); }).code(),
            ErrorCode::not_found);
  expect_all_equal();
}

}  // namespace
}  // namespace reeve::testing
