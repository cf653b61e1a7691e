// Differences and blame, compared with copies of all rows.

#include "history/past_test.h"

#include "journal/journal.h"

#include <reeve/history.h>

namespace reeve::history {
namespace {

/// Random commands, a migration in the middle of them, and a copy of the rows after each.
class diff : public PastTest {
 protected:
  void play_with_migration(int count) {
    Ledger ledger = create();
    note(ledger);
    play(ledger, count);
    blueprint::Sources sources = testing::vault_sources();
    testing::add_grades(sources);
    state::migrate_up(file, sources);
    note(ledger);
    play(ledger, count);
  }
};
using blame = diff;

std::optional<Value> column_of(const ModelState& rows, const std::string& table, const std::string& key,
                               const std::string& column) {
  const auto row = rows.find({table, key});
  if (row == rows.end()) return std::nullopt;
  const auto value = row->second.find(column);
  return value == row->second.end() ? Value(Null{}) : value->second;
}

/// What the model says of two states: a text for each column that differs.
std::set<std::string> expected(const ModelState& before, const ModelState& after) {
  std::set<std::string> lines;
  std::set<std::pair<std::string, std::string>> keys;
  for (const auto& [key, row] : before) keys.insert(key);
  for (const auto& [key, row] : after) keys.insert(key);
  for (const auto& key : keys) {
    const bool was = before.contains(key);
    const bool is = after.contains(key);
    const std::string place = key.first + key.second + (!was ? "+" : !is ? "-" : "");
    if (was != is) lines.insert(place);
    const ModelRow none;
    const ModelRow& old_row = was ? before.at(key) : none;
    const ModelRow& new_row = is ? after.at(key) : none;
    for (const auto& [name, value] : old_row) {
      if (!new_row.contains(name) || !(new_row.at(name) == value)) lines.insert(place + name);
    }
    for (const auto& [name, value] : new_row) {
      if (!old_row.contains(name)) lines.insert(place + name);
    }
  }
  return lines;
}

TEST_F(diff, of_any_two_events_is_what_copies_of_the_rows_say_across_a_migration_too) {
  random_engine.seed(testing::test_seed("diff"));
  play_with_migration(120);
  History history = History::open(file);
  std::vector<std::int64_t> known;
  for (const auto& [sequence, state] : states) known.push_back(sequence);
  for (int i = 0; i < 300; ++i) {
    const std::int64_t before = known[roll(known.size())];
    const std::int64_t after = known[roll(known.size())];
    std::set<std::string> lines;
    history.diff({before}, {after}, [&](const RowChange& change) {
      const std::string place = change.table + change.key +
                                (change.operation == RowChange::Operation::insert   ? "+"
                                 : change.operation == RowChange::Operation::remove ? "-"
                                                                                    : "");
      if (change.operation != RowChange::Operation::update) lines.insert(place);
      for (const ColumnChange& column : change.columns) {
        lines.insert(place + column.name);
        const Value none{Null{}};
        EXPECT_EQ(column.before,
                  column_of(states[before], change.table, change.key, column.name).value_or(none));
        EXPECT_EQ(column.after,
                  column_of(states[after], change.table, change.key, column.name).value_or(none));
      }
      return true;
    });
    ASSERT_EQ(lines, expected(states[before], states[after])) << before << " to " << after;
  }
}

TEST_F(diff, refuses_an_event_that_is_not_there_and_ends_when_told) {
  Ledger ledger = create();
  furnish(ledger);
  History history = History::open(file);
  const auto never = [](const RowChange&) { return true; };
  EXPECT_EQ(testing::error_of([&] { history.diff({0}, {99}, never); }).code(), ErrorCode::not_found);
  EXPECT_EQ(testing::error_of([&] { history.diff({-1}, {2}, never); }).code(), ErrorCode::not_found);
  int rows = 0;
  history.diff({0}, ledger.head().sequence, [&](const RowChange&) { return ++rows < 2; });
  EXPECT_EQ(rows, 2);
}

TEST_F(diff, finds_places_by_sequence_time_and_moment) {
  Ledger ledger = create();
  furnish(ledger);
  ASSERT_EQ(testing::reason_of(ledger.commit("day.ended", "{}")), "");
  ASSERT_EQ(testing::reason_of(ledger.commit("day.ended", "{}", {.time = "2030-01-01T00:00:00Z"})), "");
  const std::int64_t head = ledger.head().sequence.value;
  History history = History::open(file);
  EXPECT_EQ(history.find("3").value, 3);
  EXPECT_EQ(history.find("2029-12-31T23:59:59Z").value, head - 1);
  EXPECT_EQ(history.find("2030-01-01T00:00:00Z").value, head);
  EXPECT_EQ(history.find("1900-01-01T00:00:00Z").value, 0);
  EXPECT_EQ(history.find("moment:1").value, head - 1);
  EXPECT_EQ(history.find("moment:2").value, head);
  EXPECT_EQ(history.find("moment:0").value, 0);
  EXPECT_EQ(history.find("2029-12-31T23:59:59").value, head - 1);
  EXPECT_EQ(history.find("2030-01-01T00:00:00").value, head) << "as the log prints it: all of the second";
  for (const char* none : {"yesterday", "", "moment:xx"}) {
    EXPECT_EQ(testing::error_of([&] { history.find(none); }).code(), ErrorCode::invalid_input) << none;
  }
  EXPECT_EQ(testing::error_of([&] { history.find(std::to_string(head + 1)); }).code(), ErrorCode::not_found);
}

/// The last known state in which a column became what it is at the end: (the state before, that state).
std::pair<std::int64_t, std::int64_t> set_between(const std::map<std::int64_t, ModelState>& states,
                                                  const std::string& table, const std::string& key,
                                                  const std::string& column) {
  std::pair<std::int64_t, std::int64_t> found{0, 0};
  std::optional<Value> last;
  std::int64_t before = 0;
  for (const auto& [sequence, rows] : states) {
    const auto value = column_of(rows, table, key, column);
    if (value != last) found = {before, sequence};
    last = value;
    before = sequence;
  }
  return found;
}

TEST_F(blame, names_for_each_column_of_each_row_the_event_that_set_it_with_an_index_and_without) {
  random_engine.seed(testing::test_seed("blame"));
  play_with_migration(120);
  History history = History::open(file);
  // A sidecar that can't be made: answers come from the journal alone.
  History plain = History::open(file, {.sidecar = workshop.path("no such folder/history")});
  for (const auto& [key, row] : states.rbegin()->second) {
    const std::vector<BlamedColumn> columns = history.blame_columns(key.first, key.second);
    const std::vector<BlamedColumn> without = plain.blame_columns(key.first, key.second);
    ASSERT_EQ(columns.size(), without.size());
    EXPECT_NE(plain.note(), "");
    EXPECT_EQ(history.note(), "");
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const BlamedColumn& blamed = columns[i];
      EXPECT_EQ(blamed.sequence.value, without[i].sequence.value) << key.first << key.second;
      const auto [before, after] = set_between(states, key.first, key.second, blamed.column.name);
      EXPECT_GT(blamed.sequence.value, before) << key.first << key.second << blamed.column.name;
      EXPECT_LE(blamed.sequence.value, after) << key.first << key.second << blamed.column.name;
      const std::vector<Blame> events = history.blame(key.first, key.second, blamed.column.name, 1000);
      ASSERT_FALSE(events.empty());
      EXPECT_EQ(events.front().sequence, blamed.sequence);
      EXPECT_EQ(events.size(), plain.blame(key.first, key.second, blamed.column.name, 1000).size());
      for (std::size_t one = 0; one + 1 < events.size(); ++one) {
        EXPECT_GT(events[one].sequence, events[one + 1].sequence);
      }
    }
  }
}

TEST_F(blame, shows_payload_actor_and_the_statement_that_did_it) {
  Ledger ledger = create();
  furnish(ledger);
  ASSERT_EQ(
      testing::reason_of(ledger.command("withdraw", R"({"account_id":"a","amount":30})", {.actor = "ann"})),
      "");
  History history = History::open(file);
  const std::vector<Blame> events = history.blame("accounts", "a", "balance", 10);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].type, "account.debited");
  EXPECT_EQ(events[0].actor, "ann");
  EXPECT_EQ(events[0].command, "withdraw");
  EXPECT_EQ(events[0].payload, R"({"account_id":"a","amount":30})");
  EXPECT_EQ(events[0].rule.file, "events/account.debited.v1.sql");
  ASSERT_EQ(events[0].rule.statements.size(), 1U);
  EXPECT_EQ(events[0].rule.statements[0].line, 2);
  EXPECT_TRUE(events[0].rule.statements[0].text.starts_with("UPDATE accounts SET balance"));
  ASSERT_EQ(events[0].change.columns.size(), 1U);
  EXPECT_EQ(events[0].change.columns[0].before, Value(std::int64_t{100}));
  EXPECT_EQ(events[0].change.columns[0].after, Value(std::int64_t{70}));
  EXPECT_EQ(events[1].type, "account.credited");
  EXPECT_EQ(events[2].type, "account.opened");
}

TEST_F(blame, of_a_row_that_a_foreign_key_took_away_says_so) {
  Ledger ledger = create();
  furnish(ledger);
  ASSERT_EQ(testing::reason_of(ledger.commit("owner.left", R"({"owner_id":"bob"})")), "");
  History history = History::open(file);
  EXPECT_TRUE(history.blame_columns("accounts", "b").empty());
  const std::vector<Blame> events = history.blame("accounts", R"({"account_id":"b"})");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].type, "owner.left");
  EXPECT_EQ(events[0].change.operation, RowChange::Operation::remove);
  EXPECT_TRUE(events[0].rule.statements.empty());
  EXPECT_NE(events[0].rule.note.find("foreign key"), std::string::npos);
}

TEST_F(blame, refuses_what_is_no_table_key_or_column) {
  Ledger ledger = create();
  furnish(ledger);
  History history = History::open(file);
  const auto code = [&](const char* table, const char* key, const char* column = "") {
    return testing::error_of([&] { history.blame(table, key, column); }).code();
  };
  EXPECT_EQ(code("nothing", "a"), ErrorCode::not_found);
  EXPECT_EQ(code("accounts", "a", "nothing"), ErrorCode::not_found);
  EXPECT_EQ(code("accounts", "a", "account_id"), ErrorCode::invalid_input);
  EXPECT_EQ(code("badges", "a"), ErrorCode::invalid_input);
  EXPECT_EQ(code("badges", R"({"owner_id":"a"})"), ErrorCode::invalid_input);
  EXPECT_EQ(code("badges", R"({"owner_id":"a","numbers":1})"), ErrorCode::invalid_input);
  EXPECT_EQ(code("badges", R"({"owner_id":"a","number":"x"})"), ErrorCode::invalid_input);
  EXPECT_EQ(code("calendar", "one"), ErrorCode::invalid_input);
  EXPECT_TRUE(history.blame("accounts", "nobody's").empty());
  EXPECT_TRUE(history.blame("accounts", "{\"account_id\":\"\\u00fc \\ud83d\\ude00\"}").empty());
}

TEST_F(blame, is_answered_from_the_journal_where_the_index_is_damaged_or_held) {
  Ledger ledger = create();
  furnish(ledger);
  const std::string sidecar = file + "-history";
  const auto type = [&](std::string& note) {
    History history = History::open(file, {.busy_ms_max = 10});
    std::string found = history.blame("accounts", "a", "balance").at(0).type;
    note = history.note();
    return found;
  };
  std::string note;
  EXPECT_EQ(type(note), "account.credited");
  EXPECT_EQ(note, "");
  ASSERT_EQ(testing::reason_of(ledger.commit("account.credited", R"({"account_id":"a","amount":5})")), "");
  {
    const auto held = engine::Connection::open(sidecar, engine::OpenMode::read_write);
    engine::Transaction tx(*held, engine::Transaction::Mode::write);
    EXPECT_EQ(type(note), "account.credited");
    EXPECT_NE(note.find("can't be used"), std::string::npos) << note;
  }
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(sidecar));
  std::fstream bytes(sidecar, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(4096);
  bytes << std::string(static_cast<std::size_t>(size - 4096), '\x7f');
  bytes.close();
  EXPECT_EQ(type(note), "account.credited");
  EXPECT_NE(note.find("can't be used"), std::string::npos) << note;
}

TEST_F(blame, trusts_no_index_of_another_journal_and_none_that_does_not_fit) {
  Ledger ledger = create();
  furnish(ledger);
  const std::string sidecar = file + "-history";
  EXPECT_EQ(History::open(file).blame("accounts", "a", "balance").at(0).type, "account.credited");
  // Touches that are not there: the row says that the index is wrong.
  engine::Connection::open(sidecar, engine::OpenMode::read_write)->execute("DELETE FROM history_touches");
  History history = History::open(file);
  EXPECT_EQ(history.blame("accounts", "a", "balance").at(0).type, "account.credited");
  EXPECT_NE(history.note(), "");
  EXPECT_EQ(history.blame("accounts", "a", "balance").at(0).type, "account.credited");
  EXPECT_EQ(history.note(), "");
  // An index that is said to be of later events than there are.
  engine::Connection::open(sidecar, engine::OpenMode::read_write)
      ->execute("UPDATE history_meta SET value = '999' WHERE name = 'sequence'; DELETE FROM history_touches");
  EXPECT_EQ(History::open(file).blame("accounts", "a", "balance").at(0).type, "account.credited");
  // Somebody else's file is left alone.
  const std::string other = workshop.path("other.db");
  engine::Connection::open(other, engine::OpenMode::create)->execute("CREATE TABLE theirs (x)");
  EXPECT_EQ(testing::error_of([&] { History::open(file, {.sidecar = other}).blame("accounts", "a"); }).code(),
            ErrorCode::conflict);
  EXPECT_TRUE(
      engine::Connection::open(other, engine::OpenMode::read_only)->value("SELECT count(*) FROM theirs"));
}

}  // namespace
}  // namespace reeve::history
