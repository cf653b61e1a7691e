// Tables that are trees, in a ledger on both engines: whatever hangs a row, when the event ends it hangs on no row that
// hangs on it.

#include "both_engines.h"

#include "state/drift.h"
#include "state/migrate.h"
#include "state/replay.h"

#include <fmt/format.h>

#include <atomic>
#include <thread>

namespace reeve::testing {
namespace {

constexpr const char* places =
    "-- tree: parent_id\n"
    "CREATE TABLE places (\n  place_id text PRIMARY KEY,\n  region text NOT NULL DEFAULT 'all',\n  parent_id "
    "text,\n"
    "  UNIQUE (region, place_id),\n"
    "  FOREIGN KEY (region, parent_id) REFERENCES places (region, place_id) ON DELETE CASCADE"
    " DEFERRABLE INITIALLY DEFERRED\n);\n"
    "CREATE INDEX places_by_parent ON places (parent_id);\n"
    "CREATE INDEX places_by_region ON places (region, parent_id);\n";

/// Its files speak of the table and the link by the names that they have.
blueprint::Sources with_places(const std::string& table = "places", const std::string& parent = "parent_id") {
  blueprint::Sources sources = vault_sources();
  sources.files["migrations/0002_places.up.sql"] = places;
  sources.files["migrations/0002_places.down.sql"] = "DROP TABLE places;\n";
  const auto event = [&](const std::string& name, const std::string& members, const std::string& sql) {
    sources.files["events/" + name + ".v1.json"] = R"({"type": "object", "properties": {)" + members + "}}";
    sources.files["events/" + name + ".v1.sql"] = sql;
  };
  const std::string text = R"("a": {"type": "string"}, "b": {"type": "string"})";
  const std::string insert = "INSERT INTO " + table + " (place_id, " + parent + ") VALUES ";
  const std::string hang = "UPDATE " + table + " SET " + parent + " = ";
  event("place.made", text, insert + "(:a, :b);\n");
  event("places.made", text, insert + "(:a, :b);\n" + insert + "(:b, :a);\n");
  event("place.moved", text, "-- expect 1: no place :a\n" + hang + ":b WHERE place_id = :a;\n");
  // :b, which hangs on :a, takes its place; on the way both hang on each other.
  event("places.swapped", text + R"(, "top": {"type": "string"})",
        hang + ":b WHERE place_id = :a;\n" + hang + ":top WHERE place_id = :b;\n");
  event("place.left", text, "DELETE FROM " + table + " WHERE place_id = :a;\n");
  sources.files["queries/places.sql"] = "-- name: places :many\nSELECT place_id || coalesce('<' || " +
                                        parent + ", '') AS line FROM " + table + " ORDER BY 1;\n";
  return sources;
}

class trees : public BothEngines {
 protected:
  void make_places(const std::string& name) {
    make(workshop_.blueprint(with_places()), name);
    put("r");
    put("a", "r");
    put("b", "a");
    put("c", "b");
  }
  static std::string pair(const std::string& a, const std::string& b) {
    return b.empty() ? fmt::format(R"({{"a":"{}"}})", a) : fmt::format(R"({{"a":"{}","b":"{}"}})", a, b);
  }
  void put(const std::string& place, const std::string& on = {}, bool accepted = true) {
    commit("place.made", pair(place, on), accepted);
  }
  void move(const std::string& place, const std::string& to, bool accepted = true) {
    commit("place.moved", pair(place, to), accepted);
  }
  static std::string lines(Ledger& ledger) {
    std::string out;
    auto rows = ledger.query("places");
    while (rows.next()) out += std::get<0>(rows.as<std::string>()) + " ";
    return out;
  }
  void expect_places(const std::string& expected) {
    EXPECT_EQ(lines(*sqlite_), expected);
    EXPECT_EQ(lines(*postgres_), expected);
    EXPECT_EQ(sqlite_->head().state_hash.to_string(), postgres_->head().state_hash.to_string());
  }
};

TEST_F(trees, refuse_a_cycle_by_insert_and_by_move_and_take_what_is_none_when_the_event_ends) {
  make_places("trees_of_places");
  put("x", "x", false);
  commit("places.made", pair("x", "y"), false);
  move("a", "a", false);
  move("a", "c", false);
  move("a", "b", false);
  expect_places("a<r b<a c<b r ");
  commit("places.swapped", R"({"a":"a","b":"b","top":"r"})");
  expect_places("a<b b<r c<b r ");
  move("c", "a");
  move("b", "c", false);
  commit("place.left", pair("b", ""));
  expect_places("r ");
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    const Outcome refused = ledger->commit("place.made", pair("x", "x"));
    ASSERT_FALSE(refused.accepted());
    EXPECT_NE(refused.rejection().reason.find("a row of places would hang on itself by parent_id"),
              std::string::npos)
        << refused.rejection().reason;
    EXPECT_EQ(refused.rejection().code, ErrorCode::constraint_violation);
  }
  expect_equal(file_);
  const state::Verification shared = state::verify(database_->application());
  EXPECT_TRUE(shared.equal()) << describe(shared);
  for (const state::Location& location :
       {state::Location(file_), state::Location(database_->application())}) {
    for (const state::DriftFinding& finding : state::migrate_drift(location)) {
      EXPECT_NE(finding.kind, state::DriftFinding::Kind::difference) << finding.message;
    }
  }
}

TEST_F(trees, go_back_by_undo_unless_that_makes_a_cycle_and_by_rewind_always) {
  make_places("trees_undone");
  const Head then = sqlite_->head();
  move("b", "r");
  move("a", "b");
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    const Outcome undone = ledger->undo({then.sequence.value + 1});
    EXPECT_FALSE(undone.accepted());
  }
  expect_places("a<b b<r c<b r ");
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    const Outcome rewound = ledger->rewind(then.sequence);
    ASSERT_TRUE(rewound.accepted()) << reason_of(rewound);
    const Outcome again = ledger->undo(ledger->head().sequence);
    ASSERT_TRUE(again.accepted()) << reason_of(again);
  }
  expect_places("a<b b<r c<b r ");
  sqlite_.reset();
  for (const auto by : {state::ReplayBy::changeset, state::ReplayBy::execution}) {
    state::replay(file_, {.by = by, .progress = {}, .each = {}});
    expect_equal(file_);
  }
  const std::string back = workshop_.path("back.db");
  ASSERT_TRUE(state::promote(database_->administrator(), back, {.progress = {}, .fence = false}).equal());
  expect_equal(back);
}

TEST_F(trees, of_two_who_hang_two_rows_on_each_other_at_once_one_is_refused) {
  make_places("trees_at_once");
  put("x", "r");
  put("y", "r");
  for (const std::string& where : {file_, database_->application()}) {
    for (int round = 0; round < 10; ++round) {
      Ledger one = Ledger::open(where);
      Ledger other = Ledger::open(where);
      for (const char* place : {"x", "y"}) {
        ASSERT_TRUE(one.commit("place.moved", pair(place, "r")).accepted());
      }
      std::atomic<int> accepted = 0;
      std::thread beside([&] { accepted += other.commit("place.moved", pair("y", "x")).accepted() ? 1 : 0; });
      accepted += one.commit("place.moved", pair("x", "y")).accepted() ? 1 : 0;
      beside.join();
      EXPECT_EQ(accepted, 1) << where;
    }
  }
}

TEST_F(trees, are_kept_against_what_others_write_into_postgresql) {
  make_places("trees_by_others");
  const auto hang = [&](const std::string& place) {
    database_->execute("SET search_path = reeve; UPDATE places SET parent_id = '" + place +
                       "' WHERE place_id = 'a'");
  };
  EXPECT_THROW(hang("c"), Error);
  EXPECT_NO_THROW(hang("r"));
}

TEST_F(trees, keep_their_rule_under_another_name_and_refuse_a_migration_that_breaks_it) {
  make_places("trees_migrated");
  blueprint::Sources broken = with_places();
  broken.files["migrations/0003_knot.up.sql"] = "UPDATE places SET parent_id = 'c' WHERE place_id = 'a';\n";
  broken.files["migrations/0003_knot.down.sql"] = "UPDATE places SET parent_id = 'r' WHERE place_id = 'a';\n";
  blueprint::Sources renamed = with_places("spots", "within");
  renamed.files["migrations/0003_names.up.sql"] =
      "-- breaking: the names are others\nALTER TABLE places RENAME COLUMN parent_id TO within;\n"
      "ALTER TABLE places RENAME TO spots;\n";
  renamed.files["migrations/0003_names.down.sql"] =
      "ALTER TABLE spots RENAME TO places;\nALTER TABLE places RENAME COLUMN within TO parent_id;\n";
  sqlite_.reset();
  postgres_.reset();
  for (const std::string& url : {file_, database_->administrator()}) {
    EXPECT_THROW(state::migrate_up(url, broken), Error) << url;
    state::migrate_up(url, renamed);
  }
  sqlite_.emplace(Ledger::open(file_));
  postgres_.emplace(Ledger::open(database_->application()));
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    EXPECT_FALSE(ledger->commit("place.moved", pair("a", "c")).accepted());
    const Outcome moved = ledger->commit("place.moved", pair("c", "r"));
    EXPECT_TRUE(moved.accepted()) << reason_of(moved);
  }
  expect_places("a<r b<a c<r r ");
  expect_equal(file_);
}

}  // namespace
}  // namespace reeve::testing
