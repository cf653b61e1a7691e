// Identity columns in a ledger on both engines: the counter is part of the state.

#include "both_engines.h"

#include "state/drift.h"
#include "state/migrate.h"
#include "state/replay.h"

#include <fmt/format.h>

namespace reeve::testing {
namespace {

blueprint::Sources with_notes() {
  blueprint::Sources sources = vault_sources();
  sources.files["migrations/0002_notes.up.sql"] =
      "CREATE TABLE notes (\n  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
      "  owner_id text NOT NULL REFERENCES owners (owner_id) ON DELETE CASCADE,\n  body text NOT NULL "
      "UNIQUE\n);\n"
      "INSERT INTO notes (owner_id, body) SELECT min(owner_id), 'first' FROM owners HAVING count(*) > 0;\n";
  sources.files["migrations/0002_notes.down.sql"] = "DROP TABLE notes;\n";
  sources.files["events/note.written.v1.json"] =
      R"({"type": "object", "properties": {"owner_id": {"type": "string"}, "body": {"type": "string"}},)"
      R"( "required": ["owner_id", "body"]})";
  sources.files["events/note.written.v1.sql"] =
      "INSERT INTO notes (owner_id, body) VALUES (:owner_id, :body), (:owner_id, :body || ' again');\n";
  sources.files["events/note.torn.v1.json"] =
      R"({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]})";
  sources.files["events/note.torn.v1.sql"] = "-- expect 1: no note :id\nDELETE FROM notes WHERE id = :id;\n";
  sources.files["queries/notes.sql"] = "-- name: notes :many\nSELECT id, body FROM notes ORDER BY id;\n";
  return sources;
}

class identity : public BothEngines {
 protected:
  void write(const std::string& body, bool accepted = true) {
    commit("note.written", fmt::format(R"({{"owner_id":"ann","body":"{}"}})", body), accepted);
  }

  std::string notes(Ledger& ledger) {
    std::string out;
    auto rows = ledger.query("notes");
    while (rows.next()) {
      const auto [id, body] = rows.as<std::int64_t, std::string>();
      out += fmt::format("{} {}, ", id, body);
    }
    return out;
  }

  void expect_notes(const std::string& expected) {
    EXPECT_EQ(notes(*sqlite_), expected);
    EXPECT_EQ(notes(*postgres_), expected);
  }
};

TEST_F(identity, a_number_is_never_given_twice_and_moves_with_the_commit_alone) {
  make(workshop_.blueprint(with_notes()), "identity_columns");
  commit("owner.joined", R"({"owner_id":"ann","name":"Ann"})");
  write("x");
  write("y");
  write("x", false);  // refused: its numbers are not spent
  commit("note.torn", R"({"id":4})");
  commit("note.torn", R"({"id":3})");
  expect_notes("1 x, 2 x again, ");
  write("z");
  expect_notes("1 x, 2 x again, 5 z, 6 z again, ");
  expect_equal(file_);
  const state::Verification shared = state::verify(database_->application());
  EXPECT_TRUE(shared.equal()) << describe(shared);
  sqlite_.reset();
  state::replay(file_, {.by = state::ReplayBy::changeset, .progress = {}, .each = {}});
  expect_equal(file_);
  state::replay(file_, {});
  expect_equal(file_);
}

TEST_F(identity, the_next_number_after_a_promotion_is_the_next_number) {
  make(workshop_.blueprint(with_notes()), "identity_promoted");
  commit("owner.joined", R"({"owner_id":"ann","name":"Ann"})");
  write("x");
  commit("note.torn", R"({"id":2})");
  const std::string back = workshop_.path("back.db");
  ASSERT_TRUE(state::promote(database_->administrator(), back, {.progress = {}, .fence = false}).equal());
  Ledger copy = Ledger::open(back);
  const Outcome outcome = copy.commit("note.written", R"({"owner_id":"ann","body":"there"})");
  ASSERT_TRUE(outcome.accepted()) << reason_of(outcome);
  EXPECT_EQ(notes(copy), "1 x, 3 there, 4 there again, ");
}

TEST_F(identity, an_event_can_be_taken_back_and_its_numbers_stay_spent_but_a_rewind_brings_all_back) {
  make(workshop_.blueprint(with_notes()), "identity_undone");
  commit("owner.joined", R"({"owner_id":"ann","name":"Ann"})");
  write("x");
  const Head then = sqlite_->head();
  write("y");
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    const Outcome undone = ledger->undo(then.sequence);
    ASSERT_TRUE(undone.accepted()) << reason_of(undone);
    const Outcome written = ledger->commit("note.written", R"({"owner_id":"ann","body":"z"})");
    ASSERT_TRUE(written.accepted()) << reason_of(written);
  }
  expect_notes("3 y, 4 y again, 5 z, 6 z again, ");
  EXPECT_EQ(sqlite_->head().state_hash.to_string(), postgres_->head().state_hash.to_string());
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    const Outcome rewound = ledger->rewind(then.sequence);
    ASSERT_TRUE(rewound.accepted()) << reason_of(rewound);
    EXPECT_EQ(ledger->head().state_hash.to_string(), then.state_hash.to_string());
    const Outcome written = ledger->commit("note.written", R"({"owner_id":"ann","body":"w"})");
    ASSERT_TRUE(written.accepted()) << reason_of(written);
  }
  expect_notes("1 x, 2 x again, 3 w, 4 w again, ");
  // Once more back and forth: the rows return, and the counter that was brought back stays.
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    const Outcome rewound = ledger->rewind(then.sequence);
    ASSERT_TRUE(rewound.accepted()) << reason_of(rewound);
    const Outcome undone = ledger->undo(ledger->head().sequence);
    ASSERT_TRUE(undone.accepted()) << reason_of(undone);
    const Outcome written = ledger->commit("note.written", R"({"owner_id":"ann","body":"v"})");
    ASSERT_TRUE(written.accepted()) << reason_of(written);
  }
  expect_notes("1 x, 2 x again, 3 w, 4 w again, 5 v, 6 v again, ");
  EXPECT_EQ(sqlite_->head().state_hash.to_string(), postgres_->head().state_hash.to_string());
  expect_equal(file_);
  EXPECT_TRUE(state::verify(database_->application()).equal());
}

TEST_F(identity, what_is_executed_counts_like_what_is_applied) {
  blueprint::Sources sources = with_notes();
  std::string& settings = sources.files["blueprint.toml"];
  settings.insert(settings.find("\n[moment]"), "execute = true\n");
  make(workshop_.blueprint(sources), "identity_executed");
  commit("owner.joined", R"({"owner_id":"ann","name":"Ann"})");
  write("x");
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    for (const char* body : {"y", "z"}) {
      const Outcome outcome = ledger->execute("INSERT INTO notes (owner_id, body) VALUES ('ann', :body)",
                                              fmt::format(R"({{"body":"{}"}})", body));
      ASSERT_TRUE(outcome.accepted()) << reason_of(outcome);
    }
    EXPECT_THROW(ledger->execute("UPDATE identity_counters SET value = 1"), Error);
    EXPECT_THROW(ledger->execute("INSERT INTO notes (id, owner_id, body) VALUES (9, 'ann', 'w')"), Error);
  }
  expect_notes("1 x, 2 x again, 3 y, 4 z, ");
  EXPECT_EQ(sqlite_->head().state_hash.to_string(), postgres_->head().state_hash.to_string());
  expect_equal(file_);
  EXPECT_TRUE(state::verify(database_->application()).equal());
}

TEST_F(identity, columns_come_and_go_by_migration_on_both_engines) {
  make(workshop_.blueprint(vault_sources()), "identity_migration");
  commit("owner.joined", R"({"owner_id":"ann","name":"Ann"})");
  const std::string before = sqlite_->head().state_hash.to_string();
  sqlite_.reset();
  postgres_.reset();
  for (const std::string& url : {file_, database_->administrator()}) {
    state::migrate_up(url, with_notes());
  }
  sqlite_.emplace(Ledger::open(file_));
  postgres_.emplace(Ledger::open(database_->application()));
  EXPECT_EQ(sqlite_->head().state_hash.to_string(), postgres_->head().state_hash.to_string());
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {  // the migrations' times differ, and so the chains
    ASSERT_EQ(reason_of(ledger->commit("note.written", R"({"owner_id":"ann","body":"x"})")), "");
  }
  EXPECT_EQ(sqlite_->head().state_hash.to_string(), postgres_->head().state_hash.to_string());
  expect_notes("1 first, 2 x, 3 x again, ");
  for (const state::Location& location :
       {state::Location(file_), state::Location(database_->application())}) {
    for (const state::DriftFinding& finding : state::migrate_drift(location)) {
      EXPECT_NE(finding.kind, state::DriftFinding::Kind::difference) << finding.message;
    }
  }
  sqlite_.reset();
  postgres_.reset();
  for (const std::string& url : {file_, database_->administrator()}) {
    state::migrate_down(url, 1);
  }
  EXPECT_EQ(state::verify(file_).state_hash, state::verify(database_->application()).state_hash);
  sqlite_.emplace(Ledger::open(file_));
  EXPECT_EQ(sqlite_->head().state_hash.to_string(), before);
}

}  // namespace
}  // namespace reeve::testing
