// A changed byte of the journal or a changed value of a row is found and named; none passes unnoticed.
// REEVE_SEED repeats a run, REEVE_TAMPER_CHANGES sets the number of changes of each kind.

#include "journal/layout.h"
#include "state/epochs.h"
#include "state/migrate.h"
#include "state/rows.h"
#include "state/vault_test.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace reeve::state {
namespace {

using testing::reason_of;
using testing::test_seed;
using testing::vault_sources;
using testing::Workshop;

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return engine_() % bound; }

 private:
  std::mt19937_64 engine_;
};

int changes_of_each_kind() {
  const char* given = std::getenv("REEVE_TAMPER_CHANGES");
  return given != nullptr ? std::atoi(given) : 1000;
}

/// What the events below need and no more: each verification reads the sources anew.
blueprint::Sources small_sources() {
  blueprint::Sources sources = vault_sources();
  for (const char* path :
       {"queries/accounts.sql", "commands/open.sql", "commands/open.json", "commands/withdraw.sql",
        "commands/withdraw.json", "events/owner.left.v1.sql", "events/owner.left.v1.json",
        "events/account.closed.v1.sql", "events/account.closed.v1.json", "events/account.rated.v1.sql",
        "events/account.rated.v1.json", "events/account.rated.v1-v2.sql", "events/account.rated.v2.sql",
        "events/account.rated.v2.json", "events/member.joined.v1.sql", "events/member.joined.v1.json"}) {
    sources.files.erase(path);
  }
  return sources;
}

/// About 150 events over two epochs, with keys, actors, commands and every type of column.
class tamper : public ::testing::Test {
 protected:
  void SetUp() override {
    file = workshop.path("vault.db");
    testing::StepClock clock;
    testing::SeededRandom random(3);
    LedgerOptions options;
    options.clock = &clock;
    options.random = &random;
    options.group_events_max = 16;
    {
      Ledger vault = Ledger::create(file, workshop.blueprint(small_sources()), options);
      for (int i = 0; i < 12; ++i) {
        const std::string n = std::to_string(i);
        accept(vault.commit("owner.joined",
                            R"({"owner_id":"o)" + n + R"(","name":"Owner )" + n +
                                (i % 2 == 0 ? R"(","born":"1969-07-20"})" : "\"}"),
                            {.actor = "clerk:" + n, .key = i % 3 == 0 ? "join-" + n : ""}));
        accept(vault.commit("account.opened",
                            R"({"account_id":"a)" + n + R"(","owner_id":"o)" + n + R"(","rate":)" + n +
                                R"(.5,"tag":"018f0000-0000-7000-8000-00000000000a","notes":{"text":")" +
                                std::string(60, 'n') + "\"}}"));
        accept(vault.commit("account.credited", R"({"account_id":"a)" + n + R"(","amount":100})"));
        accept(vault.commit("badge.given",
                            R"({"owner_id":"o)" + n + R"(","number":-)" + n + R"(,"label":"b)" + n + "\"}"));
        accept(vault.commit("pair.joined", R"({"one":"m)" + n + R"(","other":"w)" + n + "\"}"));
        accept(vault.commit("account.noted", R"({"account_id":"a)" + n + R"(","notes":{"text":")" +
                                                 std::string(70, 'n') + "\"}}"));
        accept(vault.command("gamble", R"({"account_id":"a)" + n + "\"}", {.actor = "player"}));
        accept(vault.commit("day.ended", "{}"));
      }
    }
    blueprint::Sources next = small_sources();
    testing::add_grades(next);
    migrate_up(file, next);
    {
      Ledger vault = Ledger::open(file, options);
      for (int i = 0; i < 12; ++i) {
        accept(vault.command("transfer", R"({"from_id":"a1","to_id":"a2","amount":3})",
                             {.key = "t" + std::to_string(i)}));
      }
      accept(vault.command("pay_all", R"({"amount":5})"));
    }
    const Verification verification = verify(file);
    ASSERT_TRUE(verification.equal()) << testing::describe(verification);
    ASSERT_GT(verification.events, 130);
    live = engine::Connection::open(file, engine::OpenMode::read_write,
                                    {.durable = false, .foreign_keys = false});
    live->execute("PRAGMA ignore_check_constraints = ON");
  }

  static void accept(const Outcome& outcome) { ASSERT_EQ(reason_of(outcome), ""); }

  /// Runs it in a transaction of its own; false when SQLite itself refuses it (a taken key, a strict type).
  bool change(std::string_view sql, std::span<const ValueView> parameters) {
    try {
      live->value(sql, parameters);
      return live->changes() == 1;
    } catch (const Error&) {
      return false;
    }
  }

  Workshop workshop;
  std::string file;
  std::unique_ptr<engine::Connection> live;
};

struct Cell {
  std::string table;
  std::string column;
  std::int64_t row = 0;  ///< its place in the order of the key
  Value value;
};

/// A value with one byte, or for an integer one bit, changed. Nothing when there is none to change.
std::optional<Value> with_one_byte_changed(const Value& value, Draw& draw) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return Value(*integer ^ (std::int64_t{1} << draw.below(draw.below(2) == 0 ? 8 : 63)));
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (text->empty()) return Value(std::string("x"));
    std::string changed = *text;
    char& letter = changed[draw.below(changed.size())];
    letter = static_cast<char>(letter ^ static_cast<char>(1 + draw.below(127)));
    return Value(changed);
  }
  if (const auto* bytes = std::get_if<Bytes>(&value)) {
    if (bytes->empty()) return std::nullopt;
    Bytes changed = *bytes;
    changed[draw.below(changed.size())] ^= static_cast<std::byte>(1 + draw.below(255));
    return Value(changed);
  }
  if (const auto* real = std::get_if<double>(&value)) return Value(*real + 0.5);
  return std::nullopt;
}

struct JournalTable {
  const char* name;
  const char* key;  ///< an expression that tells its rows apart
  std::vector<const char*> columns;
};

const std::vector<JournalTable>& journal_tables() {
  static const std::vector<JournalTable> tables{
      {"reeve_events",
       "sequence",
       {"sequence", "id", "type", "version", "time", "moment", "actor", "command", "key", "request_hash",
        "span", "payload"}},
      {"reeve_groups",
       "last_sequence",
       {"last_sequence", "first_sequence", "chain_hash", "state_hash", "chain", "changesets"}},
      {"reeve_epochs", "epoch", {"epoch", "first_sequence", "level", "sources_hash"}},
      {"reeve_epoch_files", "sources_hash || path", {"sources_hash", "path", "content_hash"}},
      {"reeve_sources", "content_hash", {"content_hash", "content"}},
      {"reeve_meta", "name", {"name", "value"}},
      {"reeve_layouts", "sources_hash || level", {"layout"}},
      {"reeve_sums", "table_name", {"table_name", "sequence", "sum"}},
  };
  return tables;
}

/// Which events a change of this row may be charged to: from the first to the last.
std::pair<std::int64_t, std::int64_t> events_of(engine::Connection& live, const JournalTable& table,
                                                const Value& key, const Value& changed_key) {
  const std::string_view name = table.name;
  if (name == "reeve_events") {
    const std::int64_t sequence = std::get<std::int64_t>(key);
    const auto* moved = std::get_if<std::int64_t>(&changed_key);
    return {std::min(sequence, moved != nullptr ? *moved : sequence), sequence};
  }
  if (name == "reeve_groups") {
    const ValueView parameter = ValueView::of(key);
    const std::int64_t last = std::get<std::int64_t>(key);
    if (const auto* moved = std::get_if<std::int64_t>(&changed_key); moved != nullptr && *moved < last) {
      return {1, last};  // it stands in the way of earlier groups now
    }
    const auto before = live.value(
        "SELECT coalesce(max(last_sequence), 0) FROM reeve_groups WHERE last_sequence < ?1", {&parameter, 1});
    return {std::get<std::int64_t>(*before) + 1, last};
  }
  return {0, std::numeric_limits<std::int64_t>::max()};
}

TEST_F(tamper, every_changed_byte_of_the_journal_is_found_and_its_event_named) {
  Draw draw(test_seed("tamper with the journal"));
  std::map<std::string, int> seen;
  std::size_t column_count = 0;
  for (const JournalTable& table : journal_tables()) column_count += table.columns.size();
  int done = 0;
  for (int attempt = 0; done < changes_of_each_kind() && attempt < 20 * changes_of_each_kind(); ++attempt) {
    // Each column of each table in turn, so that none is left out.
    std::size_t turn = static_cast<std::size_t>(attempt) % column_count;
    const JournalTable* table = &journal_tables().front();
    for (const JournalTable& candidate : journal_tables()) {
      table = &candidate;
      if (turn < candidate.columns.size()) break;
      turn -= candidate.columns.size();
    }
    const std::string column = table->columns[turn];
    const auto count =
        std::get<std::int64_t>(*live->value(fmt::format("SELECT count(*) FROM {}", table->name)));
    const auto offset = static_cast<std::int64_t>(draw.below(static_cast<std::size_t>(count)));
    const Value key = *live->value(
        fmt::format("SELECT {0} FROM {1} ORDER BY {0} LIMIT 1 OFFSET {2}", table->key, table->name, offset));
    const ValueView key_view = ValueView::of(key);
    const Value old = *live->value(
        fmt::format("SELECT {} FROM {} WHERE {} = ?1", column, table->name, table->key), {&key_view, 1});
    const auto fresh = with_one_byte_changed(old, draw);
    const Value put = fresh ? *fresh : Value(std::string("x"));  // where there is NULL, a text appears
    const auto [first, last] = events_of(*live, *table, key, column == table->key ? put : Value(Null{}));
    const ValueView parameters[] = {ValueView::of(put), key_view};
    const bool moves =
        column == table->key || (std::string_view(table->key).find("||") != std::string_view::npos &&
                                 std::string_view(table->key).find(column) != std::string_view::npos);
    if (!change(fmt::format("UPDATE {} SET {} = ?1 WHERE {} = ?2", table->name, column, table->key),
                parameters)) {
      continue;
    }
    const Verification verification = verify(file);
    const std::string what =
        fmt::format("{}.{} of row {} (attempt {})", table->name, column, offset, attempt);
    ASSERT_FALSE(verification.equal()) << what;
    const Difference& difference = verification.differences.front();
    EXPECT_FALSE(difference.message.empty());
    if (difference.sequence != 0) {
      EXPECT_GE(difference.sequence, first) << what << "\n" << testing::describe(verification);
      EXPECT_LE(difference.sequence, last) << what << "\n" << testing::describe(verification);
    } else {
      // About no event: then the message names the table or the epoch.
      const bool named = difference.message.find("reeve_") != std::string::npos ||
                         difference.message.find("epoch") != std::string::npos;
      EXPECT_TRUE(named && std::string_view(table->name) != "reeve_events" &&
                  std::string_view(table->name) != "reeve_groups")
          << what << "\n"
          << testing::describe(verification);
    }
    ++seen[std::string(table->name) + "." + column];
    ++done;
    // Back again: by the key as it is now.
    Value key_now = key;
    if (moves) {
      key_now =
          std::string_view(table->key) == column
              ? put
              : Value(column == "path" ? std::get<std::string>(key).substr(0, 64) + std::get<std::string>(put)
                                       : std::get<std::string>(put) + std::get<std::string>(key).substr(64));
    }
    const ValueView back[] = {ValueView::of(old), ValueView::of(key_now)};
    ASSERT_TRUE(
        change(fmt::format("UPDATE {} SET {} = ?1 WHERE {} = ?2", table->name, column, table->key), back))
        << what;
  }
  EXPECT_EQ(done, changes_of_each_kind());
  for (const JournalTable& table : journal_tables()) {
    for (const char* column : table.columns) {
      EXPECT_TRUE(seen.contains(std::string(table.name) + "." + column)) << table.name << "." << column;
    }
  }
  EXPECT_TRUE(verify(file).equal());
}

/// Another value of the same type, or NULL where there was a value.
Value another(sql::Type type, const Value& value, bool nullable, Draw& draw) {
  const bool is_null = std::holds_alternative<Null>(value);
  if (nullable && !is_null && draw.below(4) == 0) return Null{};
  switch (type) {
    case sql::Type::boolean:
      return is_null ? Value(std::int64_t{1}) : Value(1 - std::get<std::int64_t>(value));
    case sql::Type::integer:
    case sql::Type::bigint: {
      const std::int64_t old = is_null ? 0 : std::get<std::int64_t>(value);
      return Value(old + (draw.below(2) == 0 ? 1 : -1) * static_cast<std::int64_t>(1 + draw.below(1000)));
    }
    case sql::Type::double_precision: {
      const double old = is_null ? 0 : std::get<double>(value);
      return Value(draw.below(2) == 0 ? std::nextafter(old, 1e300) : old + 1);
    }
    case sql::Type::bytea: return Value(Bytes(1 + draw.below(5), static_cast<std::byte>(draw.below(256))));
    case sql::Type::uuid: return Value(fmt::format("018f0000-0000-7000-8000-{:012}", draw.below(1'000'000)));
    case sql::Type::date:
      return Value(fmt::format("19{:02}-0{}-1{}", draw.below(100), 1 + draw.below(9), draw.below(10)));
    case sql::Type::timestamptz:
      return Value(fmt::format("2026-01-02T03:04:05.{:06}Z", draw.below(1'000'000)));
    case sql::Type::jsonb: return Value(fmt::format("{{\"text\":{}}}", draw.below(100'000)));
    default:
      return Value((is_null ? std::string() : std::get<std::string>(value)) +
                   static_cast<char>('a' + draw.below(26)));
  }
}

TEST_F(tamper, every_changed_row_is_found_and_named_by_table_and_key) {
  Draw draw(test_seed("tamper with the state"));
  const auto epoch = load_last_epoch(*live);
  const journal::Layout& layout = epoch->layout;
  int done = 0;
  std::map<std::string, int> seen;
  for (int attempt = 0; done < changes_of_each_kind() && attempt < 20 * changes_of_each_kind(); ++attempt) {
    const int number = static_cast<int>(draw.below(layout.tables.size()));
    const journal::TableLayout& table = layout.table(number);
    RowStore rows(*live, layout);
    std::vector<std::vector<Value>> all;
    rows.scan(number, [&](journal::Row row) {
      all.emplace_back();
      for (std::size_t i = 0; i < table.columns.size(); ++i) all.back().push_back(row[i].to_value());
      return true;
    });
    const std::size_t kind = all.empty() ? 2 : draw.below(10);
    const std::vector<Value> old = all.empty() ? std::vector<Value>() : all[draw.below(all.size())];
    std::vector<Value> fresh = old;
    const auto where = [&](int from) {
      std::string text;
      for (const int place : table.key) {
        text += fmt::format("{}{} = ?{}", text.empty() ? "" : " AND ", quote_name(table.column(place).name),
                            from++);
      }
      return text;
    };
    const auto key_of = [&](const std::vector<Value>& row) {
      std::vector<ValueView> key;
      for (const int place : table.key) key.push_back(ValueView::of(row[static_cast<std::size_t>(place)]));
      return key;
    };
    const auto insert = [&](const std::vector<Value>& row) {
      std::string places;
      std::vector<ValueView> values;
      for (const Value& value : row) {
        values.push_back(ValueView::of(value));
        places += fmt::format("{}?{}", places.empty() ? "" : ", ", values.size());
      }
      return change(fmt::format("INSERT INTO {} VALUES ({})", quote_name(table.name), places), values);
    };
    const std::string remove = fmt::format("DELETE FROM {} WHERE {}", quote_name(table.name), where(1));
    bool changed = false;
    std::string column = kind == 0 ? "(removed)" : "(inserted)";
    if (kind == 0) {
      changed = change(remove, key_of(old));
    } else if (kind == 1 && !old.empty()) {
      // A new row like an old one: every key column and every text that may be unique is another.
      for (std::size_t i = 0; i < fresh.size(); ++i)
        fresh[i] = another(table.columns[i].type, fresh[i], false, draw);
      changed = insert(fresh);
    } else if (!old.empty()) {
      const std::size_t place = draw.below(fresh.size());
      column = table.columns[place].name;
      const sql::Column* declared = epoch->catalogue.find_table(table.name)->find_column(column);
      fresh[place] = another(table.columns[place].type, fresh[place], declared->nullable, draw);
      std::vector<ValueView> parameters{ValueView::of(fresh[place])};
      const auto key = key_of(old);
      parameters.insert(parameters.end(), key.begin(), key.end());
      changed = fresh != old && change(fmt::format("UPDATE {} SET {} = ?1 WHERE {}", quote_name(table.name),
                                                   quote_name(column), where(2)),
                                       parameters);
    }
    if (!changed) continue;
    const Verification verification = verify(file);
    const std::string what = fmt::format("{}.{} (attempt {})", table.name, column, attempt);
    ASSERT_FALSE(verification.equal()) << what;
    EXPECT_NE(verification.state_hash, verification.state_hash_of_rows);
    const Difference& difference = verification.differences.front();
    EXPECT_EQ(difference.table, table.name) << what << "\n" << testing::describe(verification);
    for (const int place : table.key) {
      const std::vector<Value>& named = kind == 1 ? fresh : old;
      std::string value;
      journal::append_value_json(table.column(place).type,
                                 ValueView::of(named[static_cast<std::size_t>(place)]), value);
      EXPECT_NE(difference.key.find(value), std::string::npos) << what << "\n"
                                                               << testing::describe(verification);
    }
    ++seen[table.name + "." + column];
    ++done;
    if (kind != 0) {
      ASSERT_TRUE(change(remove, key_of(fresh))) << what;
    }
    if (kind != 1) {
      ASSERT_TRUE(insert(old)) << what;
    }
  }
  EXPECT_EQ(done, changes_of_each_kind());
  for (const journal::TableLayout& table : layout.tables) {
    for (const journal::ColumnLayout& column : table.columns) {
      EXPECT_TRUE(changes_of_each_kind() < 1000 || seen.contains(table.name + "." + column.name))
          << table.name << "." << column.name;
    }
  }
  EXPECT_TRUE(verify(file).equal());
}

TEST_F(tamper, a_changed_index_or_schema_is_found) {
  for (const char* sql :
       {"DROP INDEX accounts_by_owner", "CREATE INDEX more ON owners (name)",
        "CREATE TABLE extra (id INTEGER PRIMARY KEY)", "ALTER TABLE owners ADD COLUMN more TEXT",
        "DROP INDEX reeve_events_by_actor",
        "CREATE TRIGGER quiet AFTER INSERT ON owners BEGIN DELETE FROM owners; END",
        "CREATE TABLE reeve_more (id INTEGER PRIMARY KEY)", "DELETE FROM reeve_epochs WHERE epoch = 1",
        "INSERT INTO reeve_meta (name, value) VALUES ('more', '')",
        "DELETE FROM reeve_meta WHERE name = 'ledger_id'",
        "DELETE FROM reeve_sums WHERE table_name = 'owners'",
        "INSERT INTO reeve_epochs (epoch, first_sequence, level, sources_hash) SELECT 9, 9, 1, "
        "sources_hash FROM reeve_epochs LIMIT 1"}) {
    {
      live->execute("PRAGMA wal_checkpoint(TRUNCATE)");
      std::filesystem::copy_file(file, workshop.path("copy.db"),
                                 std::filesystem::copy_options::overwrite_existing);
      engine::Connection::open(workshop.path("copy.db"), engine::OpenMode::read_write)->execute(sql);
    }
    const Verification verification = verify(workshop.path("copy.db"));
    EXPECT_FALSE(verification.equal()) << sql;
    for (const char* suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(workshop.path("copy.db") + suffix);
  }
  EXPECT_TRUE(verify(file).equal());
}

}  // namespace
}  // namespace reeve::state
