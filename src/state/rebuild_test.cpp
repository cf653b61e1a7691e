// What was changed behind Reeve's back is healed by what the journal gives.

#include "state/rebuild.h"
#include "state/ledger_fixture_test.h"
#include "state/migrate.h"

#include <gmock/gmock.h>

#include <thread>

namespace reeve::state {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class rebuilds : public LedgerTest {
 protected:
  void expect_whole() {
    const Verification verified = verify(file);
    EXPECT_TRUE(verified.equal()) << testing::describe(verified);
  }
  static std::string messages(const Rebuild& done) {
    std::string text;
    for (const Difference& one : done.healed) text += one.table + " " + one.key + " " + one.message + "\n";
    return text;
  }
};

TEST_F(rebuilds, switch_nothing_where_all_is_as_it_should_be) {
  Ledger ledger = create();
  furnish(ledger);
  const Rebuild done = rebuild(file);
  EXPECT_EQ(messages(done), "");
  EXPECT_TRUE(done.switched.empty());
  EXPECT_EQ(to_hex(done.state_hash), ledger.head().state_hash.to_string());
  const Rebuild all = rebuild(file, {.all = true});
  EXPECT_GE(all.switched.size(), 5U);
  expect_whole();
}

TEST_F(rebuilds, heal_rows_and_name_them_and_the_ledger_writes_again) {
  Ledger ledger = create();
  furnish(ledger);
  meddle("UPDATE owners SET name = 'Eve' WHERE owner_id = 'bob'");
  meddle("DELETE FROM accounts WHERE account_id = 'b'");
  meddle("INSERT INTO calendar (id, day) VALUES (7, 7)");
  meddle("DELETE FROM reeve_sums");
  EXPECT_EQ(testing::error_of([&] {
              open().commit("account.credited", R"({"account_id":"a","amount":1})");
            }).code(),
            ErrorCode::corrupt);
  const Rebuild done = rebuild(file);
  EXPECT_THAT(done.switched, ElementsAre("accounts", "calendar", "owners"));
  EXPECT_EQ(messages(done),
            "accounts {\"account_id\":\"b\"} the row is missing\n"
            "calendar {\"id\":7} no event made this row\n"
            "owners {\"owner_id\":\"bob\"} name is \"Eve\", the journal says \"Bob\"\n");
  EXPECT_GT(done.locked_seconds, 0);
  expect_whole();
  EXPECT_EQ(testing::reason_of(ledger.commit("account.credited", R"({"account_id":"b","amount":1})")), "");
  EXPECT_EQ(testing::reason_of(open().commit("account.credited", R"({"account_id":"b","amount":1})")), "");
  EXPECT_EQ(balance(ledger, "b"), 2);
  expect_whole();
}

TEST_F(rebuilds, heal_schema_and_indexes_and_leave_alone_what_is_nobody_s) {
  Ledger ledger = create();
  furnish(ledger);
  meddle("DROP TABLE members");
  meddle("DROP INDEX accounts_by_owner");
  meddle("ALTER TABLE badges ADD COLUMN mine TEXT");
  meddle("CREATE TABLE my_notes (note TEXT)");
  meddle("INSERT INTO my_notes VALUES ('keep me')");
  const Rebuild done = rebuild(file);
  EXPECT_THAT(done.switched, ElementsAre("accounts_by_owner", "badges", "members", "members_by_partner"));
  EXPECT_THAT(done.unknown, ElementsAre("my_notes"));
  EXPECT_EQ(text("SELECT note FROM my_notes"), "keep me");
  meddle("DROP TABLE my_notes");
  expect_whole();
}

TEST_F(rebuilds, keep_what_somebody_made_on_a_table_that_is_made_anew) {
  {
    Ledger ledger = create();
    furnish(ledger);
  }
  meddle("CREATE INDEX mine ON owners (name)");
  meddle("UPDATE owners SET name = 'Eve' WHERE owner_id = 'bob'");
  const Rebuild done = rebuild(file);
  EXPECT_THAT(done.switched, ElementsAre("owners"));
  EXPECT_THAT(done.unknown, ElementsAre("mine"));
  EXPECT_EQ(text("SELECT tbl_name FROM sqlite_schema WHERE name = 'mine'"), "owners");
}

TEST_F(rebuilds, heal_an_index_of_reeve_s_own_that_lost_rows) {
  {
    Ledger ledger = create();
    furnish(ledger);
  }
  const std::string named = "WHERE name = 'reeve_events_by_actor'";
  meddle("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' WHERE sequence < 3' " + named);
  meddle("REINDEX reeve_events_by_actor");
  meddle(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' WHERE sequence < 3', '') " +
      named);
  EXPECT_NE(text("SELECT group_concat(integrity_check, '; ') FROM pragma_integrity_check"), "ok");
  EXPECT_THAT(messages(rebuild(file)), ::testing::HasSubstr("integrity check"));
  EXPECT_EQ(text("SELECT group_concat(integrity_check, '; ') FROM pragma_integrity_check"), "ok");
  expect_whole();
}

TEST_F(rebuilds, do_not_say_healed_where_pages_stay_broken) {
  {
    Ledger ledger = create();
    furnish(ledger);
  }
  // A page that belongs to nothing.
  meddle("PRAGMA writable_schema = ON; CREATE TABLE lost (x); DELETE FROM sqlite_schema WHERE name = 'lost'");
  meddle("UPDATE owners SET name = 'Eve' WHERE owner_id = 'bob'");
  EXPECT_EQ(testing::error_of([&] { rebuild(file); }).code(), ErrorCode::corrupt);
  EXPECT_EQ(text("SELECT name FROM owners WHERE owner_id = 'bob'"), "Eve");  // nothing was switched
}

TEST_F(rebuilds, switch_nothing_and_name_the_event_where_the_journal_is_damaged) {
  Ledger ledger = create();
  furnish(ledger);
  meddle("UPDATE owners SET name = 'Eve' WHERE owner_id = 'bob'");
  meddle("UPDATE reeve_events SET actor = 'Eve' WHERE sequence = 5");
  const Error error = testing::error_of([&] { rebuild(file); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_THAT(error.message(), HasSubstr("event 5"));
  EXPECT_EQ(text("SELECT name FROM owners WHERE owner_id = 'bob'"), "Eve");
}

TEST_F(rebuilds, go_on_beside_writers_and_migrations) {
  Ledger ledger = create();
  furnish(ledger);
  std::atomic<bool> stop = false;
  std::atomic<int> refused = 0;
  std::thread writer([&] {
    while (!stop) {
      try {
        const Outcome outcome = ledger.commit("account.credited", R"({"account_id":"a","amount":1})");
        refused += outcome.accepted() ? 0 : 1;
      } catch (const Error& error) {
        refused += error.code() == ErrorCode::corrupt ? 0 : 1;  // the row is not healed yet, and it noticed
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  std::int64_t caught_up = 0;
  for (int i = 0; i < 10; ++i) {
    meddle("UPDATE owners SET name = 'Eve' WHERE owner_id = 'bob'");
    const Rebuild done = rebuild(file);
    caught_up += done.caught_up;
    EXPECT_THAT(done.switched, ElementsAre("owners"));
    if (i == 5) {
      blueprint::Sources sources = testing::vault_sources();
      testing::add_grades(sources);
      migrate_up(file, sources);
    }
  }
  stop = true;
  writer.join();
  EXPECT_EQ(refused, 0);
  EXPECT_GT(caught_up, 0);
  expect_whole();
}

TEST_F(rebuilds, of_a_schema_that_ledgers_share_are_refused) {
  EXPECT_EQ(testing::error_of([&] { rebuild(Location::of("postgresql:///x?ledger=y")); }).code(),
            ErrorCode::invalid_input);
}

}  // namespace
}  // namespace reeve::state
