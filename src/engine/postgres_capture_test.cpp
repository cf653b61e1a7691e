#include "engine/capture.h"
#include "engine/pipeline.h"
#include "engine/postgres_fixture_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace reeve::engine {
namespace {

std::string shown(const ValueView& value) {
  switch (value.kind()) {
    case ValueView::Kind::null: return "NULL";
    case ValueView::Kind::integer: return fmt::format("{}", value.integer());
    case ValueView::Kind::real: return fmt::format("{}r", value.real());
    case ValueView::Kind::text: return fmt::format("'{}'", value.text());
    case ValueView::Kind::bytes: return fmt::format("x{}", value.text().size());
  }
  return {};
}

class Changes : public ChangeSink {
 public:
  void on_change(const RowChange& change) noexcept override {
    using Operation = RowChange::Operation;
    std::string line = fmt::format("{}:", change.table);
    for (int i = 0; change.operation != Operation::insert && i < change.column_count; ++i) {
      line += " " + shown(change.before(i));
    }
    line += " ->";
    for (int i = 0; change.operation != Operation::remove && i < change.column_count; ++i) {
      line += " " + shown(change.after(i));
    }
    lines.push_back(line);
  }
  std::vector<std::string> take() { return std::exchange(lines, {}); }
  std::vector<std::string> lines;
};

/// Updates as rows that go, and then as rows that come.
std::vector<std::string> parts_of(const std::vector<std::string>& updates) {
  std::vector<std::string> parts;
  for (const std::string& update : updates) {
    parts.push_back(update.substr(0, update.find(" ->") + 3));
  }
  for (const std::string& update : updates) {
    parts.push_back(update.substr(0, update.find(':') + 1) + update.substr(update.find(" ->")));
  }
  return parts;
}

const std::string ledger = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
const std::string other_ledger = "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";

class PostgresCaptureTest : public PostgresTest {
 protected:
  PostgresCaptureTest() : lite(Connection::open_scratch()) {
    db->execute(capture_schema());
    const std::string id = "ledger_id uuid NOT NULL DEFAULT current_setting('reeve.ledger_id')::uuid, ";
    db->execute(
        "CREATE TABLE p (" + id +
        "id bigint, gone text, name text, cost double precision, flag boolean, doc jsonb, blob bytea, "
        "UNIQUE (ledger_id, name), PRIMARY KEY (ledger_id, id));"
        "ALTER TABLE p DROP gone;"
        "CREATE TABLE c (" +
        id +
        "id bigint, p bigint, q bigint, PRIMARY KEY (ledger_id, id), "
        "FOREIGN KEY (ledger_id, p) REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE,"
        "FOREIGN KEY (ledger_id, q) REFERENCES p ON DELETE SET NULL (q))");
    for (const char* table : {"p", "c"}) {
      db->execute(std::string("CREATE TRIGGER \"0_reeve_capture\" AFTER INSERT OR UPDATE OR DELETE ON ") +
                  table + " FOR EACH ROW EXECUTE FUNCTION reeve_capture()");
    }
    db->set_ledger(ledger);
    lite->execute(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT UNIQUE, cost REAL, flag INTEGER, doc TEXT, blob "
        "BLOB)"
        " STRICT; CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE ON UPDATE "
        "CASCADE, q INTEGER REFERENCES p ON DELETE SET NULL) STRICT");
    lite->set_change_sink(&lite_changes);
    db->set_change_sink(&changes);
  }

  /// Runs a statement on both engines and gives what PostgreSQL captured, which SQLite's must equal.
  std::vector<std::string> on_both(const std::string& sql, bool in_order = true) {
    lite->execute(sql);
    Transaction tx(*db, Transaction::Mode::write);
    db->execute(sql);
    EXPECT_TRUE(changes.lines.empty()) << "nothing is reported before it is drained";
    db->drain_changes();
    std::vector<std::string> captured = changes.take();
    db->drain_changes();
    EXPECT_TRUE(changes.lines.empty()) << "and nothing twice";
    tx.commit();
    std::vector<std::string> expected = lite_changes.take();
    if (!in_order) {
      std::sort(captured.begin(), captured.end());
      std::sort(expected.begin(), expected.end());
    }
    EXPECT_EQ(captured, expected) << sql;
    return captured;
  }

  std::unique_ptr<Connection> lite;
  Changes lite_changes;
  Changes changes;
};

TEST_F(PostgresCaptureTest, the_same_statements_give_the_same_changes_on_both_engines) {
  EXPECT_EQ(on_both("INSERT INTO p (id, name, cost, flag, doc) VALUES (1, 'Ada', 1.5, '1', '{\"a\":1}')"),
            (std::vector<std::string>{"p: -> 1 'Ada' 1.5r 1 '{\"a\":1}' NULL"}));
  on_both("INSERT INTO p (id, name, cost) VALUES (2, 'Bob', 0.25), (3, NULL, NULL), (4, '', -1.5)");
  on_both("INSERT INTO c (id, p, q) VALUES (10, 1, 2), (11, 1, 1), (12, 2, 1), (13, 3, 4)");
  EXPECT_EQ(on_both("UPDATE p SET name = 'Eve' WHERE id = 2").size(), 1U);
  on_both("UPDATE p SET cost = cost + 0.25", false);
  EXPECT_EQ(on_both("UPDATE p SET name = name WHERE id = 2").size(), 1U)
      << "what does not change is reported";
  EXPECT_TRUE(on_both("UPDATE p SET name = 'x' WHERE id = 99").empty());
  on_both("UPDATE p SET id = 30 WHERE id = 3");
  on_both("INSERT INTO p (id, name) VALUES (4, 'new') ON CONFLICT DO NOTHING");
}

TEST_F(PostgresCaptureTest, a_row_comes_before_the_cascades_that_it_causes) {
  on_both("INSERT INTO p (id, name) VALUES (1, 'a'), (2, 'b')");
  on_both("INSERT INTO c (id, p, q) VALUES (10, 1, 2), (11, 2, NULL)");
  EXPECT_EQ(on_both("UPDATE p SET id = 5 WHERE id = 1"),
            (std::vector<std::string>{"p: 1 'a' NULL NULL NULL NULL -> 5 'a' NULL NULL NULL NULL",
                                      "c: 10 1 2 -> 10 5 2"}));
  const auto removed = on_both("DELETE FROM p WHERE id = 2", false);
  EXPECT_EQ(removed.size(), 3U);
  Transaction tx(*db, Transaction::Mode::write);
  db->execute("DELETE FROM p");
  db->drain_changes();
  ASSERT_EQ(changes.lines.size(), 2U);
  EXPECT_TRUE(changes.lines[0].starts_with("p: 5")) << changes.lines[0];
  EXPECT_TRUE(changes.lines[1].starts_with("c: 10")) << changes.lines[1];
}

TEST_F(PostgresCaptureTest, a_conflict_that_updates_is_an_update) {
  on_both("INSERT INTO p (id, name) VALUES (1, 'a')");
  lite->execute(
      "INSERT INTO p (id, name) VALUES (1, 'b'), (2, 'c') ON CONFLICT (id) DO UPDATE SET name = "
      "excluded.name");
  Transaction tx(*db, Transaction::Mode::write);
  db->execute(
      "INSERT INTO p (id, name) VALUES (1, 'b'), (2, 'c') ON CONFLICT (ledger_id, id) DO UPDATE SET name = "
      "excluded.name");
  db->drain_changes();
  const auto captured = changes.take();
  EXPECT_EQ(captured, (std::vector<std::string>{"p: 1 'a' NULL NULL NULL NULL -> 1 'b' NULL NULL NULL NULL",
                                                "p: -> 2 'c' NULL NULL NULL NULL"}));
  auto expected = lite_changes.take();
  expected.erase(expected.begin(), expected.end() - 2);
  EXPECT_EQ(captured, expected);
}

TEST_F(PostgresCaptureTest, only_this_ledgers_rows_are_drained_and_a_rollback_takes_them_back) {
  db->execute("ALTER TABLE p DISABLE TRIGGER ALL; ALTER TABLE p ENABLE TRIGGER \"0_reeve_capture\"");
  db->execute("INSERT INTO p (ledger_id, id) VALUES ('" + other_ledger + "', 1)");
  {
    const Transaction tx(*db, Transaction::Mode::write);
    db->execute("INSERT INTO p (id) VALUES (1)");
    db->execute("SAVEPOINT s");
    db->execute("INSERT INTO p (id) VALUES (2)");
    db->execute("ROLLBACK TO s");
    db->drain_changes();
    EXPECT_EQ(changes.take(), (std::vector<std::string>{"p: -> 1 NULL NULL NULL NULL NULL"}));
  }
  Transaction tx(*db, Transaction::Mode::write);
  db->execute("INSERT INTO p (id) VALUES (3)");
  db->drain_changes();
  EXPECT_EQ(changes.take(), (std::vector<std::string>{"p: -> 3 NULL NULL NULL NULL NULL"}));
  tx.commit();
  EXPECT_EQ(db->value("SELECT count(*) FROM reeve_captured"), integer(1));
  db->set_ledger(other_ledger);
  db->drain_changes();
  EXPECT_EQ(changes.take(), (std::vector<std::string>{"p: -> 1 NULL NULL NULL NULL NULL"}));
  db->set_ledger({});
  EXPECT_EQ(code_of([&] { db->drain_changes(); }), ErrorCode::internal);
}

TEST_F(PostgresCaptureTest, what_statements_return_are_the_same_changes_and_the_triggers_are_silent) {
  const std::string insert =
      "INSERT INTO p (id, name, cost, flag, doc) VALUES (1, 'Ada', 1.5, '1', '{\"a\":1}'), (2, NULL, NULL, "
      "NULL, NULL)";
  const std::string update = "UPDATE p SET cost = coalesce(cost, 0) + 0.25";
  const std::vector<std::array<std::string, 2>> statements = {
      {insert, insert + " RETURNING NULL::bytea, record_send(p.*)"},
      {update, "WITH o AS (SELECT record_send(p.*) AS image FROM p), n AS (" + update +
                   " RETURNING record_send(p.*) AS image) SELECT image, NULL::bytea FROM o UNION ALL SELECT "
                   "NULL::bytea, image FROM n"},
      {update,
       update + " FROM (SELECT o.id AS place, record_send(o.*) AS image FROM p AS o) AS o WHERE p.id = place "
                "RETURNING o.image, record_send(p.*)"},
      {"DELETE FROM p", "DELETE FROM p RETURNING record_send(p.*), NULL::bytea"}};
  for (const auto& [sql, returning] : statements) {
    lite->execute(sql);
    Statement statement = db->prepare(returning);
    Pipeline pipeline(*db);
    Transaction tx(*db, Transaction::Mode::write, pipeline);
    db->set_capture(false);
    pipeline.send(statement);
    db->set_capture(true);
    db->send_drain(pipeline);
    tx.send_commit(pipeline);
    EXPECT_EQ(db->receive_returned(pipeline, statement, "p"), 2) << sql;
    const std::vector<std::string> returned = changes.take();
    db->receive_drain(pipeline);
    EXPECT_TRUE(changes.take().empty()) << "a trigger captured what the statement returned: " << sql;
    tx.receive_commit(pipeline);
    // An update may be a row that goes and one that comes: all go first.
    std::vector<std::string> expected = lite_changes.take();
    if (returning.find("UNION") != std::string::npos) {
      expected = parts_of(expected);
    }
    EXPECT_EQ(returned, expected) << sql;
  }
}

TEST_F(PostgresCaptureTest, the_events_of_a_batch_and_their_changes_are_one_round_trip) {
  Statement insert = db->prepare("INSERT INTO p (id, name) VALUES ($1, $2)");
  Statement update = db->prepare("UPDATE p SET flag = true WHERE id = $1");
  for (int round = 0; round < 2; ++round) {
    Pipeline pipeline(*db);
    Transaction tx(*db, Transaction::Mode::write, pipeline);
    for (int event = 1; event <= 3; ++event) {
      const std::string name = "name " + std::to_string(event);
      insert.bind_integer(1, event);
      insert.bind_text(2, name);
      pipeline.send(insert);
      update.bind_integer(1, event);
      pipeline.send(update);
      db->send_drain(pipeline);
    }
    tx.send_commit(pipeline);
    for (int event = 1; event <= 3; ++event) {
      if (round == 1) {  // the rows are there already
        EXPECT_EQ(code_of([&] { pipeline.receive(insert); }),
                  event == 1 ? ErrorCode::unique_violation : ErrorCode::retryable);
        EXPECT_EQ(code_of([&] { pipeline.receive(update); }), ErrorCode::retryable);
        EXPECT_EQ(code_of([&] { db->receive_drain(pipeline); }), ErrorCode::retryable);
        continue;
      }
      pipeline.receive(insert);
      EXPECT_EQ(db->changes(), 1);
      pipeline.receive(update);
      EXPECT_EQ(db->changes(), 1);
      db->receive_drain(pipeline);
      EXPECT_EQ(changes.take().size(), 2U) << event;
    }
    if (round == 1) {
      EXPECT_EQ(code_of([&] { tx.receive_commit(pipeline); }), ErrorCode::retryable);
    } else {
      tx.receive_commit(pipeline);
    }
    EXPECT_EQ(pipeline.outstanding(), 0U);
  }
  EXPECT_FALSE(db->in_transaction());
  EXPECT_EQ(db->value("SELECT count(*) FROM p"), integer(3));
}

}  // namespace
}  // namespace reeve::engine
