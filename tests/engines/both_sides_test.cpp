// A promotion reads its source while its target writes: what happens when one of the two ends in the middle.

#include "database.h"
#include "support/reeve_run.h"

#include "state/promote.h"

#include <chrono>
#include <thread>

namespace reeve::testing {
namespace {

blueprint::Sources stones_sources() {
  return {{
      {"blueprint.toml", "format = 1\nname = \"stones\"\ntitle = \"Stones\"\n"},
      {"migrations/0001_core.up.sql",
       "CREATE TABLE stones (stone text PRIMARY KEY, laid integer NOT NULL DEFAULT 0);\n"},
      {"migrations/0001_core.down.sql", "DROP TABLE stones;\n"},
      {"events/stone.laid.v1.sql",
       "INSERT INTO stones (stone, laid) VALUES (:stone, 1)\n"
       "ON CONFLICT (stone) DO UPDATE SET laid = stones.laid + 1;\n"},
      {"events/stone.laid.v1.json",
       "{\"type\": \"object\", \"properties\": {\"stone\": {\"type\": \"string\"}}}\n"},
  }};
}

/// A ledger in a file; a schema that another ledger has made; and a trigger there that acts on one stone in the middle.
class both_sides : public ::testing::Test {
 protected:
  static constexpr int stones = 100;
  static constexpr std::int64_t batch = 10;

  void SetUp() override {
    Ledger ledger = Ledger::create(file, workshop.blueprint(stones_sources()));
    for (int i = 0; i < stones; ++i) {
      // Each is laid, and laid once more when others were: rows that come are changed in later batches.
      lay(ledger, i);
      lay(ledger, i / 2);
    }
  }

  static void lay(Ledger& ledger, int stone) {
    EXPECT_EQ(reason_of(ledger.commit("stone.laid", R"({"stone":"s)" + std::to_string(stone) + "\"}")), "");
  }

  void make_trigger(const Database& database, const std::string& body) {
    const std::string other = workshop.path("other.db");
    Ledger::create(other, workshop.blueprint(stones_sources()));
    ASSERT_TRUE(state::promote(other, database.administrator("other"), {}).equal());
    database.execute(
        "CREATE FUNCTION reeve.stumble() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN " +
        body +
        " RETURN new; END $$;"
        "CREATE TRIGGER stumble BEFORE INSERT ON reeve.stones FOR EACH ROW WHEN (new.stone = 's50') "
        "EXECUTE FUNCTION reeve.stumble()");
  }

  /// The rest is brought over, and what had arrived before is not brought again.
  void goes_on(const Database& database) {
    database.execute("DROP FUNCTION reeve.stumble() CASCADE");
    EXPECT_EQ(error_of([&] { Ledger::open(database.application("game")); }).code(), ErrorCode::conflict);
    Ledger ledger = Ledger::open(file);
    lay(ledger, stones);
    const auto done =
        state::promote(file, database.administrator("game"), {.progress = {}, .batch_events = batch});
    EXPECT_TRUE(done.equal());
    EXPECT_GE(done.resumed_at, stones - 2 * batch);
    EXPECT_LE(done.resumed_at, stones + 2 * batch);
    const state::Verification found = state::verify(database.application("game"));
    EXPECT_TRUE(found.equal()) << describe(found);
  }

  Error failure(const Database& database) {
    return error_of([&] {
      state::promote(file, database.administrator("game"), {.progress = {}, .batch_events = batch});
    });
  }

  Workshop workshop;
  const std::string file = workshop.path("stones.db");
};

TEST_F(both_sides, a_constraint_that_a_row_breaks_in_the_middle_is_named_with_its_event) {
  const Database database("both_sides_constraint");
  make_trigger(database, "RAISE EXCEPTION 'no such stone here' USING ERRCODE = 'check_violation';");
  const Error error = failure(database);
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_NE(std::string(error.message()).find("(stone.laid)"), std::string::npos) << error.message();
  EXPECT_NE(std::string(error.message()).find("no such stone here"), std::string::npos) << error.message();
  goes_on(database);
}

TEST_F(both_sides, a_fault_of_the_target_is_told_as_it_is) {
  const Database database("both_sides_fault");
  make_trigger(database, "RAISE EXCEPTION 'out of paper' USING ERRCODE = 'disk_full';");
  const Error error = failure(database);
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_NE(std::string(error.message()).find("disk is full"), std::string::npos) << error.message();
  goes_on(database);
}

TEST_F(both_sides, a_target_that_goes_away_is_told_and_gone_on_with) {
  const Database database("both_sides_gone");
  make_trigger(database, "PERFORM pg_terminate_backend(pg_backend_pid());");
  EXPECT_EQ(failure(database).code(), ErrorCode::unavailable);
  goes_on(database);
}

TEST_F(both_sides, a_fault_of_the_source_leaves_what_had_arrived) {
  const Database database("both_sides_source");
  make_trigger(database, "");
  const auto source = engine::Connection::open(file, engine::OpenMode::read_write);
  const std::string event = " WHERE sequence = " + std::to_string(stones + batch);
  source->execute("UPDATE reeve_events SET actor = 'x'" + event);
  EXPECT_EQ(failure(database).code(), ErrorCode::corrupt);
  source->execute("UPDATE reeve_events SET actor = ''" + event);
  goes_on(database);
}

TEST_F(both_sides, a_run_that_is_killed_while_both_are_at_work_is_gone_on_with) {
  const Database database("both_sides_killed");
  make_trigger(database, "PERFORM pg_advisory_xact_lock(4711);");
  const auto holder = engine::Connection::open_postgres(database.plain("test"));
  holder->execute("SELECT pg_advisory_lock(4711)");
  ReeveRun run({"promote", "--batch", std::to_string(batch), file, database.administrator("game")});
  const auto waiting = [&] {
    return database.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") ==
           Value(std::int64_t{1});
  };
  while (!waiting()) {
    ASSERT_TRUE(run.is_running()) << "it ended before the other side was held";
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  run.kill_now();
  ASSERT_EQ(run.wait(), -1);
  holder->execute("SELECT pg_advisory_unlock(4711)");
  goes_on(database);
}

}  // namespace
}  // namespace reeve::testing
