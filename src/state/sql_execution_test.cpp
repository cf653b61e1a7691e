// SQL of no blueprint, executed as an event: live, replayed, taken back, blamed, and what is refused.

#include "state/sql_execution.h"

#include "base/hash.h"
#include "state/executor.h"
#include "state/ledger_fixture_test.h"
#include "state/replay.h"
#include "state/transfer.h"

#include <fmt/format.h>

#include <deque>
#include <fstream>
#include <sstream>
#include <thread>

namespace reeve::state {
namespace {

using testing::error_of;
using testing::expect_equal;
using testing::reason_of;

blueprint::Sources open_vault() {
  blueprint::Sources sources = testing::vault_sources();
  std::string& settings = sources.files["blueprint.toml"];
  settings.insert(settings.find("\n[moment]"), "execute = true\n");
  return sources;
}

class sql_executed : public LedgerTest {
 protected:
  Ledger furnished() {
    Ledger vault = create(open_vault());
    furnish(vault);
    return vault;
  }
  static std::string reason(Ledger& vault, const std::string& sql, const std::string& parameters = "{}",
                            const CommitOptions& options = {}) {
    return reason_of(vault.execute(sql, parameters, options));
  }
  /// Verified, replayed both ways, exported and imported.
  void expect_equal_everywhere() const {
    expect_equal(file);
    const Replay executed = replay_scratch(file);
    const Replay written = replay_scratch(file, {.by = ReplayBy::changeset, .progress = {}, .each = {}});
    EXPECT_EQ(executed.state_hash, written.state_hash);
    std::deque<std::string> lines;
    export_journal(file, [&](std::string_view line) { lines.emplace_back(line); });
    const std::string copy = workshop.path("copy.db");
    const Import imported = import_journal(
        [&](std::string& line) {
          if (lines.empty()) return false;
          line = std::move(lines.front());
          lines.pop_front();
          return true;
        },
        Location(copy), {});
    EXPECT_EQ(imported.chain_hash, executed.chain_hash);
    EXPECT_EQ(imported.state_hash, executed.state_hash);
    std::filesystem::remove(copy);
  }
};

TEST_F(sql_executed, is_an_event_with_its_text_its_parameters_and_the_rows_that_it_changed) {
  Ledger vault = furnished();
  const Outcome outcome =
      vault.execute("UPDATE accounts SET balance = balance + :more, notes = :notes WHERE account_id = :id",
                    R"({"more":11,"id":"a","notes":{"z":1,"a":"\u00e9"}})", {.actor = "ann", .key = "k"});
  ASSERT_TRUE(outcome.accepted());
  EXPECT_EQ(balance(vault, "a"), 111);
  EXPECT_EQ(
      text("SELECT type || '|' || actor || '|' || key || '|' || payload FROM reeve_events "
           "ORDER BY sequence DESC LIMIT 1"),
      "sql.executed|ann|k|{\"parameters\":{\"id\":\"a\",\"more\":11,\"notes\":{\"a\":\"\xC3\xA9\",\"z\":1}},"
      "\"sql\":\"UPDATE accounts SET balance = balance + :more, notes = :notes WHERE account_id = :id\"}");
  EXPECT_EQ(reason(vault,
                   "INSERT INTO badges (owner_id, number, label) SELECT owner_id, 1, :actor || owner_id "
                   "FROM owners WHERE owner_id < 'z'",
                   "{}", {.actor = "x"}),
            "");
  EXPECT_EQ(number("SELECT count(*) FROM badges WHERE label LIKE 'x%'"), 2);
  EXPECT_EQ(reason(vault, "DELETE FROM owners WHERE owner_id = 'ann'"), "");
  EXPECT_EQ(number("SELECT count(*) FROM accounts"), 1);  // the cascade is in the changeset
  expect_equal_everywhere();
}

TEST_F(sql_executed, again_under_its_key_changes_nothing_and_another_text_under_it_is_a_conflict) {
  Ledger vault = furnished();
  const std::string sql = "UPDATE accounts SET balance = balance + :n WHERE account_id = 'a'";
  const Outcome first = vault.execute(sql, R"({"n":1})", {.key = "once"});
  const Outcome again = vault.execute(sql, R"({ "n": 1.0 })", {.key = "once"});
  EXPECT_TRUE(again.receipt().repeated);
  EXPECT_EQ(again.receipt().first, first.receipt().first);
  EXPECT_EQ(balance(vault, "a"), 101);
  EXPECT_EQ(error_of([&] { vault.execute(sql, R"({"n":2})", {.key = "once"}); }).code(), ErrorCode::conflict);
  EXPECT_EQ(error_of([&] { vault.execute(sql + " ", R"({"n":1})", {.key = "once"}); }).code(),
            ErrorCode::conflict);
  EXPECT_EQ(error_of([&] { vault.execute(sql, R"({"n":2})", {.expected = Sequence{1}}); }).code(),
            ErrorCode::conflict);
}

TEST_F(sql_executed, is_refused_with_its_place_when_it_could_come_out_otherwise_or_is_none) {
  Ledger vault = furnished();
  const Head before = vault.head();
  const auto refused = [&](const std::string& sql, ErrorCode code = ErrorCode::bad_statement,
                           const std::string& parameters = "{}") {
    const Error error = error_of([&] { vault.execute(sql, parameters); });
    EXPECT_EQ(error.code(), code) << sql << ": " << error.message();
    EXPECT_FALSE(error.remedy().empty()) << sql;
    if (code == ErrorCode::bad_statement) {
      EXPECT_EQ(error.place().file, "SQL") << sql;
    }
  };
  refused("UPDATE accounts SET opened_at = now()");
  refused("UPDATE accounts SET balance = random()");
  refused("UPDATE accounts SET balance = dice('x', 6)");
  refused("INSERT INTO badges (owner_id, number, label) SELECT owner_id, 1, owner_id FROM owners LIMIT 1");
  refused("UPDATE accounts SET balance = (SELECT count(*) FROM reeve_events)");
  refused("UPDATE reeve_events SET actor = ''");
  refused("UPDATE nothing SET x = 1");
  refused("SELECT 1");
  refused("DROP TABLE owners");
  refused("BEGIN");
  refused("-- expect 1: no such account\nUPDATE accounts SET rate = 1 WHERE account_id = 'nobody'");
  refused("UPDATE accounts SET notes = :payload");
  refused("", ErrorCode::invalid_input);
  refused("DELETE FROM badges; DELETE FROM owners", ErrorCode::invalid_input);
  refused("DELETE FROM badges WHERE number = :n", ErrorCode::invalid_input, R"({"m":1})");
  refused("DELETE FROM badges WHERE number = :n", ErrorCode::invalid_input, "[1]");
  refused("DELETE FROM badges WHERE label = :actor", ErrorCode::invalid_input, R"({"actor":"ann"})");
  EXPECT_EQ(vault.head().chain_hash, before.chain_hash);
  const Error error = error_of([&] { vault.execute("UPDATE accounts\n SET opened_at = now()"); });
  EXPECT_EQ(error.place().to_string(), "SQL:2:18");
  EXPECT_EQ(error_of([&] { vault.execute("UPDATE accounts SET balance = "); }).place().file, "SQL");
}

TEST_F(sql_executed, that_a_constraint_refuses_stores_nothing_and_harms_no_neighbour) {
  Ledger vault = furnished();
  const Head before = vault.head();
  EXPECT_NE(reason(vault, "UPDATE accounts SET balance = -1"), "");
  EXPECT_NE(reason(vault, "INSERT INTO owners (owner_id, name) VALUES ('ann', 'Ann')"), "");
  EXPECT_NE(reason(vault, "UPDATE accounts SET owner_id = 'nobody' WHERE account_id = 'a'"), "");
  EXPECT_NE(reason(vault, "INSERT INTO members (member_id, partner_id) VALUES ('m', 'nobody')"), "");
  EXPECT_NE(reason(vault, "UPDATE accounts SET balance = :n", R"({"n":"many"})"), "");
  EXPECT_EQ(vault.head().chain_hash, before.chain_hash);
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&vault, thread] {
      for (int i = 0; i < 25; ++i) {
        const bool good = i % 3 != 0;
        const std::string key = std::to_string(thread * 100 + i);
        const Outcome outcome =
            vault.execute("INSERT INTO badges (owner_id, number, label) VALUES ('o', :n, :label)",
                          "{\"n\":" + key + ",\"label\":" + (good ? "\"" + key + "\"" : "null") + "}");
        EXPECT_EQ(outcome.accepted(), good);
        EXPECT_EQ(reason_of(vault.commit("account.credited", R"({"account_id":"a","amount":1})")), "");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(number("SELECT count(*) FROM badges"), 8 * 16);
  EXPECT_EQ(balance(vault, "a"), 100 + 200);
  expect_equal_everywhere();
}

TEST_F(sql_executed, is_denied_where_the_blueprint_does_not_allow_it) {
  Ledger vault = create();
  const Error error = error_of([&] { vault.execute("DELETE FROM owners"); });
  EXPECT_EQ(error.code(), ErrorCode::denied);
  EXPECT_NE(error.remedy().find("execute = true"), std::string::npos);
  blueprint::Sources sources = open_vault();
  sources.files["events/sql.executed.v1.sql"] = "";
  sources.files["events/sql.executed.v1.json"] = R"({"type": "object"})";
  EXPECT_THROW(blueprint::load(sources), Error);
}

TEST_F(sql_executed, is_taken_back_and_brought_back_and_rewound) {
  Ledger vault = furnished();
  const Head before = vault.head();
  const Outcome raised = vault.execute("UPDATE accounts SET balance = balance * 2, rate = 0.5");
  const Head after = vault.head();
  ASSERT_EQ(reason_of(vault.undo(raised.receipt().first)), "");
  EXPECT_EQ(vault.head().state_hash, before.state_hash);
  ASSERT_EQ(reason_of(vault.undo(vault.head().sequence)), "");
  EXPECT_EQ(vault.head().state_hash, after.state_hash);
  ASSERT_EQ(reason_of(vault.rewind(before.sequence)), "");
  EXPECT_EQ(vault.head().state_hash, before.state_hash);
  expect_equal_everywhere();
}

TEST_F(sql_executed, whose_rows_are_meddled_with_is_named) {
  {
    Ledger vault = furnished();
    ASSERT_EQ(reason(vault, "UPDATE accounts SET balance = 7 WHERE account_id = 'b'"), "");
  }
  meddle("UPDATE accounts SET balance = 8 WHERE account_id = 'b'");
  const Verification found = verify(Location(file));
  ASSERT_EQ(found.differences.size(), 1u);
  EXPECT_EQ(found.differences[0].key, R"({"account_id":"b"})");
}

TEST_F(sql_executed, has_the_form_of_the_worked_example) {
  const std::string payload =
      sql_payload("UPDATE t SET n = n + :more WHERE id = :id", R"({"id":"a","more":5})");
  const std::string hash =
      to_hex(Hasher("reeve.request.1").text("event").text("sql.executed").text(payload).finish());
  const char* root = std::getenv("REEVE_SOURCE_DIR");
  std::ifstream in(std::filesystem::path(root != nullptr ? root : ".") / "docs" / "adoption.md");
  const std::string document((std::istreambuf_iterator<char>(in)), {});
  EXPECT_NE(document.find("payload       " + payload + "\n"), std::string::npos) << payload;
  EXPECT_NE(document.find("request_hash  " + hash + "\n"), std::string::npos) << hash;

  blueprint::Sources sources{{{"blueprint.toml", "format = 1\nname = \"t\"\ntitle = \"T\"\nexecute = true\n"},
                              {"migrations/0001_t.up.sql", "CREATE TABLE t (id text PRIMARY KEY, n bigint);"},
                              {"migrations/0001_t.down.sql", "DROP TABLE t;"}}};
  journal::Epoch epoch;
  epoch.level = 1;
  const auto state = make_epoch(epoch, sources);
  const auto scratch = engine::Connection::open_scratch();
  for (const std::string& statement : sql::create_statements_sqlite(state->catalogue))
    scratch->execute(statement);
  scratch->execute("INSERT INTO t (id, n) VALUES ('a', 3)");
  Executor executor(
      *scratch, [&](const Digest&) { return sources; }, state);
  journal::Event event;
  event.sequence = 4;
  event.type = journal::type_sql_executed;
  event.payload = payload;
  std::string hex;
  for (const char byte : executor.execute(event))
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  EXPECT_EQ(hex, "010301610101060110");
  EXPECT_NE(document.find("changeset     01 030161 01 0106 0110"), std::string::npos);
  executor.finish();
}

}  // namespace
}  // namespace reeve::state
