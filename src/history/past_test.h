#pragma once
// A vault that is played at random, with a copy of every row after each event: what history is compared with.

#include "state/ledger_fixture_test.h"
#include "state/migrate.h"

#include <reeve/history.h>

#include <fmt/format.h>

#include <map>
#include <random>
#include <set>

namespace reeve::history {

/// Columns by name, without NULLs.
using ModelRow = std::map<std::string, Value>;
/// Rows by table and key (canonical JSON of texts and integers).
using ModelState = std::map<std::pair<std::string, std::string>, ModelRow>;

class PastTest : public state::LedgerTest {
 protected:
  /// All rows as any SQLite tool reads them.
  ModelState read_state() const {
    static const std::map<std::string, std::vector<std::string>> keys{
        {"owners", {"owner_id"}},           {"accounts", {"account_id"}}, {"members", {"member_id"}},
        {"badges", {"number", "owner_id"}}, {"calendar", {"id"}},         {"grades", {"grade"}}};
    ModelState rows;
    const auto connection = engine::Connection::open(file, engine::OpenMode::read_only);
    for (const auto& [table, key] : keys) {
      if (!connection->value("SELECT 1 FROM sqlite_schema WHERE name = '" + table + "'")) continue;
      engine::Statement row = connection->prepare("SELECT * FROM " + table);
      while (row.step()) {
        ModelRow columns;
        for (int i = 0; i < row.column_count(); ++i) {
          if (!row.column(i).is_null()) columns[row.column_name(i)] = row.column(i).to_value();
        }
        std::string text = "{";
        for (const std::string& name : key) {
          const Value& value = columns.at(name);
          text += (text.size() == 1 ? "\"" : ",\"") + name + "\":";
          text += std::holds_alternative<std::int64_t>(value) ? std::to_string(std::get<std::int64_t>(value))
                                                              : "\"" + std::get<std::string>(value) + "\"";
          columns.erase(name);
        }
        rows[{table, text + "}"}] = columns;
      }
    }
    return rows;
  }

  /// The state after the last event.
  void note(Ledger& ledger) { states[ledger.head().sequence.value] = read_state(); }

  std::size_t roll(std::size_t sides) { return random_engine() % sides; }

  /// One of the vault's events or commands, which may be rejected.
  void play_one(Ledger& ledger) {
    const std::string owner = fmt::format("owner{}", roll(4));
    const std::string account = fmt::format("account{}", roll(6));
    const auto event = [&](const char* type, const std::string& payload) {
      (void)ledger.commit(type, payload, given);
    };
    switch (roll(11)) {
      case 0: return event("owner.joined", fmt::format(R"({{"owner_id":"{}","name":"{}"}})", owner, roll(9)));
      case 1: return event("owner.left", fmt::format(R"({{"owner_id":"{}"}})", owner));
      case 2:
        return event("account.opened",
                     fmt::format(R"({{"account_id":"{}","owner_id":"{}","rate":0.5}})", account, owner));
      case 3: return event("account.closed", fmt::format(R"({{"account_id":"{}"}})", account));
      case 4:
        return event("account.rated", fmt::format(R"({{"account_id":"{}","rate":{}}})", account, roll(4)));
      case 5:
        return event("account.noted",
                     fmt::format(R"({{"account_id":"{}","notes":{{"n":{}}}}})", account, roll(3)));
      case 6: return event("pair.joined", fmt::format(R"({{"one":"m{}","other":"n{}"}})", roll(9), roll(9)));
      case 7:
        return event("badge.given", fmt::format(R"({{"owner_id":"{}","number":{},"label":"l{}"}})", owner,
                                                roll(5), roll(30)));
      case 8: return event("day.ended", "{}");
      case 9: (void)ledger.command("pay_all", fmt::format(R"({{"amount":{}}})", 1 + roll(5)), given); return;
      default:
        return event("account.credited",
                     fmt::format(R"({{"account_id":"{}","amount":{}}})", account, 1 + roll(5)));
    }
  }

  void play(Ledger& ledger, int count) {
    for (int i = 0; i < count; ++i) {
      play_one(ledger);
      note(ledger);
    }
  }

  CommitOptions given;                        ///< of what is played
  std::map<std::int64_t, ModelState> states;  ///< by sequence
  std::mt19937_64 random_engine{7};
};

/// Noted after each event: the state hash, and what some queries answer.
class PastStateTest : public PastTest {
 protected:
  using Answer = std::vector<std::vector<Value>>;
  struct Then {
    std::string state_hash;
    std::map<std::string, Answer> answers;
  };

  static Answer ask(Ledger& ledger, const std::string& query) {
    Answer answer;
    Rows rows = ledger.query(query, query == "events" ? R"({"after":0})" : "{}");
    while (rows.next()) {
      std::vector<Value>& row = answer.emplace_back();
      for (std::size_t i = 0; i < rows.columns().size(); ++i) row.push_back(rows.at(i).to_value());
    }
    return answer;
  }

  void note_answers(Ledger& ledger) {
    Then& then = known[ledger.head().sequence.value];
    then.state_hash = ledger.head().state_hash.to_string();
    for (const char* query : {"accounts", "owners", "members", "day", "events"}) {
      then.answers[query] = ask(ledger, query);
    }
  }

  /// Random events, a migration, things taken back, and another migration the way back.
  void play_all() {
    Ledger ledger = create();
    const auto play_some = [&](int count) {
      for (int i = 0; i < count; ++i) {
        play_one(ledger);
        note_answers(ledger);
      }
    };
    note_answers(ledger);
    play_some(60);
    blueprint::Sources sources = testing::vault_sources();
    testing::add_grades(sources);
    state::migrate_up(file, sources);
    note_answers(ledger);
    const Sequence migrated = ledger.head().sequence;
    play_some(60);
    ASSERT_EQ(testing::reason_of(ledger.rewind({migrated.value + 3})), "");
    note_answers(ledger);
    ASSERT_EQ(testing::reason_of(ledger.undo(ledger.head().sequence)), "");
    note_answers(ledger);
    play_some(30);
  }

  void expect_as_it_was(History& history, std::int64_t sequence) {
    const Then& then = known.at(sequence);
    const PastHead head = history.head({sequence});
    EXPECT_EQ(head.head.state_hash.to_string(), then.state_hash) << sequence;
    EXPECT_TRUE(head.is_proven) << sequence;
    for (const auto& [query, answer] : then.answers) {
      EXPECT_EQ(history.query({sequence}, query, query == "events" ? R"({"after":0})" : "{}").rows, answer)
          << query << " at " << sequence;
    }
  }

  std::map<std::int64_t, Then> known;
};

}  // namespace reeve::history
