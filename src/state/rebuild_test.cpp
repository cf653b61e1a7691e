// What was changed behind Reeve's back is healed by what the journal gives.

#include "state/rebuild.h"
#include "state/ledger_fixture_test.h"
#include "state/migrate.h"
#include "state/promote.h"

#include <support/postgres_server.h>

#include <gmock/gmock.h>

#include <random>
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
  EXPECT_THAT(done.left_alone, ElementsAre("no migration made my_notes"));
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
  EXPECT_THAT(done.left_alone, ElementsAre("no migration made mine"));
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

/// The ledgers `vault` and `other` in one PostgreSQL schema; `vault` as a file too.
class rebuilds_on_postgresql : public rebuilds {
 protected:
  rebuilds_on_postgresql() : database_("rebuilds" + std::to_string(++databases)) {
    testing::PostgresServer::shared().create_database(database_);
    {
      Ledger ledger = create();
      furnish(ledger);
    }
    promote(Location(file), Location::of(url("vault")), {.progress = {}, .fence = false});
    const std::string second = workshop.path("other.db");
    {
      Ledger ledger = Ledger::create(second, workshop.blueprint(testing::vault_sources()), options);
      furnish(ledger);
    }
    promote(Location(second), Location::of(url("other")), {.progress = {}, .fence = false});
    administrator()->execute("CREATE ROLE " + database_ + "_app LOGIN IN ROLE reeve_writer");
  }

  /// As who owns the schema, and rebuilds.
  std::string url(const std::string& ledger) const { return url_of("test", ledger); }
  /// As an application.
  std::string app(const std::string& ledger) const { return url_of(database_ + "_app", ledger); }
  std::unique_ptr<engine::Connection> administrator() const {
    return engine::Connection::open_postgres(testing::PostgresServer::shared().url(database_));
  }
  /// Behind Reeve's back; `:vault` is its id.
  void meddle_there(std::string sql) const {
    const auto connection = administrator();
    const std::string id = std::get<std::string>(
        connection->value("SELECT ledger_id::text FROM reeve.reeve_ledgers WHERE name = 'vault'").value());
    for (std::size_t at = sql.find(":vault"); at != std::string::npos; at = sql.find(":vault")) {
      sql.replace(at, 6, "'" + id + "'");
    }
    connection->execute(
        "SET search_path TO reeve; SELECT set_config('reeve.capture', pg_current_xact_id()::text, true); " +
        sql);
  }
  void expect_both_whole() const {
    for (const char* ledger : {"vault", "other"}) {
      const Verification verified = verify(Location::of(app(ledger)));
      EXPECT_TRUE(verified.equal()) << ledger << ": " << testing::describe(verified);
    }
    EXPECT_EQ(administrator()->value("SELECT count(*) FROM reeve.reeve_captured"), Value(std::int64_t{0}));
  }

 private:
  std::string url_of(const std::string& user, const std::string& ledger) const {
    return testing::PostgresServer::shared().url(database_, user) + "&ledger=" + ledger;
  }

  static inline int databases = 0;
  std::string database_;
};

TEST_F(rebuilds_on_postgresql, heal_the_rows_of_one_ledger_and_touch_no_other) {
  EXPECT_TRUE(rebuild(Location::of(url("vault"))).switched.empty());
  meddle_there(
      "UPDATE owners SET name = 'Eve' WHERE owner_id = 'bob' AND ledger_id = :vault;"
      "DELETE FROM accounts WHERE account_id = 'b' AND ledger_id = :vault;"
      "INSERT INTO calendar (ledger_id, id, day) VALUES (:vault, 7, 7);"
      "CREATE INDEX by_hand ON accounts (rate)");
  EXPECT_FALSE(verify(Location::of(app("vault"))).equal());
  const Rebuild done = rebuild(Location::of(url("vault")));
  EXPECT_THAT(done.switched, ElementsAre("accounts", "calendar", "owners"));
  EXPECT_EQ(messages(done),
            "accounts {\"account_id\":\"b\"} the row is missing\n"
            "calendar {\"id\":7} no event made this row\n"
            "owners {\"owner_id\":\"bob\"} name is \"Eve\", the journal says \"Bob\"\n");
  EXPECT_THAT(done.left_alone, ElementsAre(HasSubstr("by_hand")));
  administrator()->execute("DROP INDEX reeve.by_hand");
  expect_both_whole();
  const Rebuild all = rebuild(Location::of(url("vault")), {.all = true});
  EXPECT_TRUE(all.switched.empty());

  Ledger here = open();
  Ledger there = Ledger::open(app("vault"), options);
  const CommitOptions then{.time = "2026-02-03T04:05:06Z"};
  for (Ledger* ledger : {&here, &there}) {
    ASSERT_EQ(
        testing::reason_of(ledger->commit("account.credited", R"({"account_id":"b","amount":5})", then)), "");
  }
  EXPECT_EQ(here.head().state_hash.to_string(), there.head().state_hash.to_string());
}

TEST_F(rebuilds_on_postgresql, heal_whatever_is_done_to_rows_that_refer_to_each_other) {
  {
    Ledger ledger = Ledger::open(app("vault"), options);
    for (int i = 0; i < 30; ++i) {
      const std::string owner = "o" + std::to_string(i);
      ASSERT_EQ(testing::reason_of(ledger.commit(
                    "owner.joined", R"({"owner_id":")" + owner + R"(","name":")" + owner + R"("})")),
                "");
      ASSERT_EQ(testing::reason_of(ledger.commit(
                    "account.opened",
                    R"({"account_id":"a)" + owner + R"(","owner_id":")" + owner + R"(","rate":1})")),
                "");
      ASSERT_EQ(
          testing::reason_of(ledger.commit(
              "badge.given", R"({"owner_id":")" + owner + R"(","number":1,"label":"l)" + owner + R"("})")),
          "");
    }
  }
  const std::vector<std::string> deeds{
      "DELETE FROM owners WHERE ledger_id = :vault AND owner_id LIKE 'o1%'",
      "UPDATE accounts SET owner_id = 'o2' WHERE ledger_id = :vault AND account_id LIKE 'ao2%'",
      "DELETE FROM accounts WHERE ledger_id = :vault",
      "UPDATE badges SET label = 'x' || label WHERE ledger_id = :vault",
      "DELETE FROM badges WHERE ledger_id = :vault AND label < 'lo2'",
      R"(INSERT INTO owners (ledger_id, owner_id, name) VALUES (:vault, 'zoe', 'Zoe');
         INSERT INTO accounts (ledger_id, account_id, owner_id, balance, rate) VALUES (:vault, 'z', 'zoe', 0, 1))",
      "UPDATE accounts SET balance = balance + 1 WHERE ledger_id = :vault",
  };
  std::mt19937_64 chance(testing::test_seed("rebuilds on postgresql"));
  int healed = 0;
  for (int round = 0; round < 8; ++round) {
    for (int i = 0; i < 3; ++i) {
      try {
        meddle_there(deeds[chance() % deeds.size()]);
      } catch (const Error&) {
        // A constraint is in the way after what was done before.
      }
    }
    healed += rebuild(Location::of(url("vault"))).switched.empty() ? 0 : 1;
    expect_both_whole();
  }
  EXPECT_GT(healed, 4);
}

TEST_F(rebuilds_on_postgresql, go_on_beside_a_writer_and_switch_nothing_where_the_journal_is_damaged) {
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    Ledger ledger = Ledger::open(app("vault"), options);
    while (!stop) {
      (void)ledger.commit("account.credited", R"({"account_id":"a","amount":1})");
    }
  });
  for (int i = 0; i < 6; ++i) {
    meddle_there("UPDATE owners SET name = 'Eve' WHERE owner_id = 'bob' AND ledger_id = :vault");
    EXPECT_THAT(rebuild(Location::of(url("vault"))).switched, ElementsAre("owners"));
  }
  stop = true;
  writer.join();
  expect_both_whole();
  meddle_there(
      "UPDATE owners SET name = 'Eve' WHERE owner_id = 'bob' AND ledger_id = :vault;"
      "UPDATE reeve_events SET payload = replace(payload, 'Bob', 'Rob') WHERE ledger_id = :vault AND "
      "sequence = 4");
  const Error error = testing::error_of([&] { rebuild(Location::of(url("vault"))); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_THAT(error.message(), HasSubstr("event 4"));
  EXPECT_EQ(administrator()->value("SELECT count(*) FROM reeve.owners WHERE name = 'Eve'"),
            Value(std::int64_t{1}));
}

}  // namespace
}  // namespace reeve::state
