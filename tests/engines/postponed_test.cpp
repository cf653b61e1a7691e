// A schema whose first ledger arrives does without indexes, foreign keys and triggers: they are there in the end, whatever
// came between.

#include "database.h"
#include "support/dark_tower_campaign.h"
#include "support/reeve_run.h"

#include "state/drift.h"
#include "state/promote.h"

#include <reeve/directory.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

namespace reeve::testing {
namespace {

class postponed : public ::testing::Test {
 protected:
  static constexpr std::int64_t batch = 100;

  static void SetUpTestSuite() {
    workshop = std::make_unique<Workshop>();
    file = workshop->path("tower.db");
    DarkTowerCampaign campaign(1);  // one whose batches all land at once: in others an e-mail changes hands
    Ledger ledger = Ledger::create(file, folder);
    while (ledger.head().sequence.value < 800) {
      submit(ledger, campaign.next());
    }
  }
  static void TearDownTestSuite() { workshop.reset(); }

  /// Indexes, constraints and triggers, each as PostgreSQL tells them, and the younger index after the older.
  static std::string schema_of(const Database& database) {
    const auto told = database.value(R"(
      SELECT string_agg(told, E'\n' ORDER BY told) FROM (
        SELECT t.relname, pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid ||
          CASE WHEN i.indexrelid = max(i.indexrelid) OVER (PARTITION BY i.indrelid) AND t.relname = 'reeve_events'
               THEN ' last' ELSE '' END
        FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid WHERE t.relnamespace = 'reeve'::regnamespace
        UNION ALL
        SELECT t.relname, t.relname || ' ' || conname || ' ' || pg_get_constraintdef(c.oid) || ' ' || convalidated
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid WHERE connamespace = 'reeve'::regnamespace
        UNION ALL
        SELECT t.relname, pg_get_triggerdef(g.oid) || ' ' || g.tgenabled::text
        FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
        WHERE t.relnamespace = 'reeve'::regnamespace AND NOT g.tgisinternal
        UNION ALL
        SELECT relname, relname || ' ' || relrowsecurity || ' ' || relforcerowsecurity
        FROM pg_class WHERE relnamespace = 'reeve'::regnamespace AND relkind = 'r') AS all_of_it (relation, told)
      WHERE relation NOT LIKE 'reeve_search%')");  // made when the first ledger is complete
    return std::get<std::string>(*told);
  }
  static std::string schema_of_a_new_ledger() {
    static const Database database("postponed_never");
    static const std::string schema = [] {
      create_ledger(database.administrator("small"), folder);
      return schema_of(database);
    }();
    return schema;
  }
  static std::int64_t postponed_in(const Database& database) {
    return std::get<std::int64_t>(
        *database.value("SELECT count(*) FROM pg_tables WHERE tablename = 'reeve_postponed'"));
  }

  state::Promotion bring_over(const Database& database) const {
    return state::promote(file, database.administrator("tower"),
                          {.progress = {}, .fence = false, .batch_events = batch});
  }
  /// A foreign key that no row keeps; row-level security would hide the rows from who is bound to another ledger.
  static void add_broken_key(const Database& database) {
    database.execute(
        "INSERT INTO reeve.reeve_postponed (relation, statement) VALUES ('meetings', 'ALTER TABLE meetings "
        "ADD CONSTRAINT "
        "nowhere FOREIGN KEY (ledger_id, meeting_id) REFERENCES users (ledger_id, user_id)')");
  }
  /// As far as some batches.
  void begin(const Database& database) const {
    std::atomic<bool> stop = false;
    state::PromoteOptions options{.progress = {}, .fence = false, .batch_events = batch};
    options.progress.stop = &stop;
    options.progress.report = [&](std::int64_t done, std::int64_t) { stop = done > 0; };
    EXPECT_EQ(error_of([&] { state::promote(file, database.administrator("tower"), options); }).code(),
              ErrorCode::retryable);
    ASSERT_EQ(postponed_in(database), 1);
    ASSERT_NE(schema_of(database), schema_of_a_new_ledger());
  }

  static inline const std::string folder = project_file("blueprints/dark_tower").string();
  static inline std::unique_ptr<Workshop> workshop;
  static inline std::string file;
};

TEST_F(postponed, indexes_are_made_when_the_ledger_is_complete) {
  const Database database("postponed_complete");
  EXPECT_TRUE(bring_over(database).equal());
  EXPECT_EQ(postponed_in(database), 0);
  EXPECT_EQ(schema_of(database), schema_of_a_new_ledger());
  EXPECT_TRUE(state::verify(database.application("tower")).equal());
}

TEST_F(postponed, a_run_that_goes_on_makes_them) {
  const Database database("postponed_resumed");
  begin(database);
  const auto done = bring_over(database);
  EXPECT_TRUE(done.equal());
  EXPECT_GT(done.resumed_at, 0);
  EXPECT_EQ(postponed_in(database), 0);
  EXPECT_EQ(schema_of(database), schema_of_a_new_ledger());
  EXPECT_TRUE(state::verify(database.application("tower")).equal());
}

TEST_F(postponed, whoever_comes_second_makes_them_for_the_first) {
  const Database database("postponed_second");
  begin(database);
  create_ledger(database.administrator("small"), folder);
  EXPECT_EQ(postponed_in(database), 0);
  EXPECT_EQ(schema_of(database), schema_of_a_new_ledger());
  EXPECT_TRUE(state::verify(database.application("small")).equal());
  // The first goes on without its schema for itself.
  EXPECT_TRUE(bring_over(database).equal());
  EXPECT_TRUE(state::verify(database.application("tower")).equal());
  EXPECT_EQ(schema_of(database), schema_of_a_new_ledger());
}

TEST_F(postponed, whoever_comes_second_has_the_rows_of_the_first_checked) {
  const Database database("postponed_second_checks");
  begin(database);
  add_broken_key(database);
  const Error error = error_of([&] { create_ledger(database.administrator("small"), folder); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt) << error.message();
  EXPECT_NE(std::string(error.message()).find("tower"), std::string::npos) << error.message();
  EXPECT_NE(std::string(error.message()).find("nowhere"), std::string::npos) << error.message();
  EXPECT_EQ(postponed_in(database), 1);
  EXPECT_EQ(error_of([&] { state::migrate_drift(database.administrator("tower")); }).code(),
            ErrorCode::conflict);
}

/// Places that hang on each other, and signs at them.
blueprint::Sources places_sources() {
  return {{
      {"blueprint.toml", "format = 1\nname = \"places\"\ntitle = \"Places\"\n"},
      {"migrations/0001_core.up.sql",
       "-- tree: parent\n"
       "CREATE TABLE places (place text PRIMARY KEY, parent text REFERENCES places (place));\n"
       "CREATE INDEX places_by_parent ON places (parent);\n"
       "CREATE TABLE signs (sign text PRIMARY KEY, place text NOT NULL REFERENCES places (place));\n"
       "CREATE INDEX signs_by_place ON signs (place);\n"
       "CREATE INDEX signs_at_home ON signs (sign) WHERE place = 'p0';\n"},
      {"migrations/0001_core.down.sql", "DROP TABLE signs;\nDROP TABLE places;\n"},
      {"events/place.made.v1.sql",
       "INSERT INTO places (place, parent) VALUES (:place, :parent);\n"
       "INSERT INTO signs (sign, place) VALUES (:place, :place);\n"},
      {"events/place.made.v1.json",
       R"({"type": "object", "properties": {"place": {"type": "string"}, "parent": {"type": "string"}}})"},
  }};
}

TEST_F(postponed, indexes_stay_that_are_needed_meanwhile) {
  const Database database("postponed_tree");
  const std::string source = workshop->path("places.db");
  {
    Ledger ledger = Ledger::create(source, workshop->blueprint(places_sources()));
    ASSERT_EQ(reason_of(ledger.commit("place.made", R"({"place":"p0"})")), "");
    for (int i = 1; i < 30; ++i) {
      ASSERT_EQ(
          reason_of(ledger.commit("place.made", R"({"place":"p)" + std::to_string(i) + R"(","parent":"p)" +
                                                    std::to_string(i / 2) + "\"}")),
          "");
    }
  }
  const auto indexes = [&] {
    return database.value(
        "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE indexname ~ "
        "'^(places|signs)_'");
  };
  std::optional<Value> meanwhile;
  state::PromoteOptions options{.progress = {}, .fence = false, .batch_events = 5};
  options.progress.report = [&](std::int64_t, std::int64_t) { meanwhile = indexes(); };
  EXPECT_TRUE(state::promote(source, database.administrator("places"), options).equal());
  EXPECT_EQ(meanwhile, Value(std::string("places_by_parent places_pkey signs_at_home signs_pkey")));
  EXPECT_EQ(indexes(),
            Value(std::string("places_by_parent places_pkey signs_at_home signs_by_place signs_pkey")));
}

TEST_F(postponed, whoever_comes_while_the_first_is_at_work_makes_them_between_two_of_its_batches) {
  const Database database("postponed_beside");
  ReeveRun first({"promote", "--copy", "--batch", "1", file, database.administrator("tower")});
  while (first.is_running() && postponed_in(database) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_TRUE(first.is_running());
  create_ledger(database.administrator("small"), folder);
  EXPECT_EQ(first.wait(), 0);
  EXPECT_EQ(schema_of(database), schema_of_a_new_ledger());
  for (const char* name : {"small", "tower"}) {
    EXPECT_TRUE(state::verify(database.application(name)).equal()) << name;
  }
}

TEST_F(postponed, erasing_what_arrived_in_part_makes_them) {
  const Database database("postponed_erased");
  begin(database);
  EraseOptions options;
  options.confirm = "tower";
  erase_ledger(database.administrator("tower"), options);
  EXPECT_EQ(postponed_in(database), 0);
  EXPECT_EQ(schema_of(database), schema_of_a_new_ledger());
  EXPECT_TRUE(bring_over(database).equal());
  EXPECT_EQ(schema_of(database), schema_of_a_new_ledger());
}

TEST_F(postponed, a_ledger_in_a_schema_of_others_does_without_nothing) {
  const Database database("postponed_shared");
  create_ledger(database.administrator("small"), folder);
  std::int64_t seen = -1;
  state::PromoteOptions options{.progress = {}, .fence = false, .batch_events = batch};
  options.progress.report = [&](std::int64_t, std::int64_t) { seen = postponed_in(database); };
  EXPECT_TRUE(state::promote(file, database.administrator("tower"), options).equal());
  EXPECT_EQ(seen, 0);
  EXPECT_EQ(schema_of(database), schema_of_a_new_ledger());
}

TEST_F(postponed, rows_that_do_not_keep_one_are_told_and_the_ledger_is_not_opened) {
  const Database database("postponed_broken");
  begin(database);
  add_broken_key(database);
  const Error error = error_of([&] { bring_over(database); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt) << error.message();
  EXPECT_NE(std::string(error.message()).find("nowhere"), std::string::npos) << error.message();
  EXPECT_EQ(postponed_in(database), 1) << "it is undone as a whole";
  const Error opened = error_of([&] { Ledger::open(database.application("tower")); });
  EXPECT_EQ(opened.code(), ErrorCode::conflict) << opened.message();
  database.execute("DELETE FROM reeve.reeve_postponed WHERE statement LIKE '%nowhere%'");
  EXPECT_TRUE(bring_over(database).equal());
  EXPECT_EQ(schema_of(database), schema_of_a_new_ledger());
}

}  // namespace
}  // namespace reeve::testing
