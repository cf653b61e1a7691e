// An existing database under a journal: whatever it holds is kept, or its report says where and what became of it.

#include "adoption/adopt.h"

#include <support/postgres_server.h>
#include "adoption/introspection.h"
#include "adoption/mapping.h"
#include "adoption/old_value.h"
#include "adoption/sqlite_text.h"
#include "state/ledger_fixture_test.h"
#include "state/migrate.h"
#include "state/replay.h"
#include "state/transfer.h"

#include <reeve/history.h>

#include <fmt/format.h>

#include <deque>

namespace reeve::adoption {
namespace {

using testing::error_of;
using testing::expect_equal;
using testing::reason_of;

class adoption_test : public ::testing::Test {
 protected:
  adoption_test()
      : old(workshop.path("old.db")), ledger(workshop.path("new.db")), folder(workshop.path("made")) {
    options.clock = &clock;
    options.random = &random;
  }

  void make(std::string_view script) const {
    engine::Connection::open_plain(old, engine::OpenMode::create)->execute(script);
  }
  Adoption adopt() { return adopt_rows(old, state::Location(ledger), folder, options); }
  Value value(const std::string& sql) const {
    return engine::Connection::open(ledger, engine::OpenMode::read_only)->value(sql).value_or(Null{});
  }
  std::int64_t number(const std::string& sql) const { return std::get<std::int64_t>(value(sql)); }
  std::string text(const std::string& sql) const { return std::get<std::string>(value(sql)); }
  std::string migration() const { return testing::read_text(folder + "/migrations/0001_adopted.up.sql"); }

  static std::vector<Irregularity> of(const Adoption& adoption, std::string_view code) {
    std::vector<Irregularity> found;
    for (const Irregularity& one : adoption.findings.list()) {
      if (one.code == code) found.push_back(one);
    }
    return found;
  }
  /// `row field value` of each of a kind.
  static std::vector<std::string> lines(const Adoption& adoption, std::string_view code) {
    std::vector<std::string> found;
    for (const Irregularity& one : of(adoption, code)) {
      EXPECT_FALSE(one.done.empty());
      found.push_back(fmt::format("{} {} {} {}", one.table, one.row, one.field, one.value));
    }
    return found;
  }

  /// Verified, replayed both ways, exported and imported.
  void expect_equal_everywhere() const {
    expect_equal(ledger);
    const state::Replay executed = state::replay_scratch(state::Location(ledger));
    const state::Replay written = state::replay_scratch(
        state::Location(ledger), {.by = state::ReplayBy::changeset, .progress = {}, .each = {}});
    EXPECT_EQ(executed.state_hash, written.state_hash);
    std::deque<std::string> exported;
    state::export_journal(state::Location(ledger),
                          [&](std::string_view line) { exported.emplace_back(line); });
    const std::string copy = workshop.path("copy.db");
    const state::Import imported = state::import_journal(
        [&](std::string& line) {
          if (exported.empty()) return false;
          line = std::move(exported.front());
          exported.pop_front();
          return true;
        },
        state::Location(copy), {});
    EXPECT_EQ(imported.chain_hash, executed.chain_hash);
    EXPECT_EQ(imported.state_hash, executed.state_hash);
    std::filesystem::remove(copy);
  }

  testing::Workshop workshop;
  std::string old;
  std::string ledger;
  std::string folder;
  testing::StepClock clock;
  testing::SeededRandom random{7};
  LedgerOptions options;
};

TEST_F(adoption_test, of_a_plain_database_keeps_every_row_and_goes_on_with_sql) {
  make(
      "CREATE TABLE authors (author_id INTEGER PRIMARY KEY, name TEXT NOT NULL, born DATE);"
      "CREATE TABLE books (isbn VARCHAR(20) PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES authors "
      "(author_id)"
      "  ON DELETE CASCADE, price REAL DEFAULT 9.5, sold INTEGER DEFAULT 0 CHECK (sold >= 0), cover BLOB);"
      "CREATE UNIQUE INDEX books_by_author ON books (author_id, isbn DESC);"
      "CREATE VIEW cheap AS SELECT isbn, price FROM books WHERE price < 10;"
      "CREATE TABLE empty (id INTEGER PRIMARY KEY);"
      "INSERT INTO authors VALUES (1, 'Ada', '1815-12-10'), (2, 'Grâce', NULL);"
      "INSERT INTO books VALUES ('1-2', 1, 9.25, 3, x'00ff'), ('3-4', 2, 12, 0, NULL);");
  const std::string before = testing::read_text(old);
  const Adoption adoption = adopt();
  EXPECT_EQ(testing::read_text(old), before);
  EXPECT_EQ(adoption.rows, (std::map<std::string, std::int64_t>{{"authors", 2}, {"books", 2}, {"empty", 0}}));
  EXPECT_EQ(number("SELECT count(*) FROM reeve_events WHERE type = 'reeve.rows_adopted'"), 1);
  EXPECT_EQ(text("SELECT hex(cover) || price || sold FROM books WHERE isbn = '1-2'"), "00FF9.253");
  EXPECT_EQ(text("SELECT name FROM authors WHERE author_id = 2"),
            "Gr\xC3\xA2"
            "ce");
  EXPECT_NE(migration().find("CHECK (sold >= 0)"), std::string::npos);
  EXPECT_NE(migration().find("ON DELETE CASCADE"), std::string::npos);
  EXPECT_EQ(number("SELECT count(*) FROM cheap"), 1);
  {
    Ledger book = Ledger::open(ledger, options);
    EXPECT_EQ(reason_of(book.execute("INSERT INTO books (isbn, author_id) VALUES (:isbn, 2)",
                                     R"({"isbn":"5-6"})", {.actor = "ada", .key = "k"})),
              "");
    EXPECT_EQ(reason_of(book.execute("UPDATE books SET sold = sold + 1 WHERE author_id = 2")), "");
    EXPECT_NE(reason_of(book.execute("UPDATE books SET sold = -1")), "");
    const Outcome gone = book.execute("DELETE FROM authors WHERE author_id = 2");
    EXPECT_EQ(number("SELECT count(*) FROM books"), 1);
    EXPECT_EQ(reason_of(book.undo(gone.receipt().first)), "");
    EXPECT_EQ(number("SELECT count(*) FROM books"), 3);
    Rows rows = book.query("books");
    EXPECT_TRUE(rows.next());
  }
  expect_equal_everywhere();
  // The folder is the blueprint that the ledger has.
  EXPECT_NO_THROW(blueprint::load(blueprint::Sources::read(folder)));
}

TEST_F(adoption_test, keeps_what_is_of_no_declared_type_and_names_each_row) {
  make(
      "CREATE TABLE odd (id INTEGER PRIMARY KEY, n INTEGER, t TEXT, r REAL, d DATE, at DATETIME, yes "
      "BOOLEAN, x);"
      "INSERT INTO odd VALUES (1, 5, 'a', 1.5, '2024-02-29', '2024-05-06 07:08:09', 1, 7);"
      "INSERT INTO odd VALUES (2, 'five', x'e9', 2, '1.2.2024', '2024-05-06T07:08:09.25+02:00', 0, 'y');"
      "INSERT INTO odd VALUES (3, 2.5, CAST(x'63e9' AS TEXT), 9e999, '2023-02-29', NULL, 1, x'01');"
      "INSERT INTO odd VALUES (4, x'0a', CAST(x'610062' AS TEXT), 'much', NULL, '', 2, 1.5);");
  const Adoption adoption = adopt();
  EXPECT_EQ(
      lines(adoption, "another_type"),
      (std::vector<std::string>{"odd {\"id\":1} x 7", "odd {\"id\":2} n five", "odd {\"id\":2} t \\xe9",
                                "odd {\"id\":2} d 1.2.2024", "odd {\"id\":3} n 2.5",
                                "odd {\"id\":3} r Infinity", "odd {\"id\":3} d 2023-02-29",
                                "odd {\"id\":3} x \\x01", "odd {\"id\":4} n \\x0a", "odd {\"id\":4} r much",
                                "odd {\"id\":4} at ", "odd {\"id\":4} yes 2", "odd {\"id\":4} x 1.5"}))
      << "of a column without a declared type each that is no text";
  EXPECT_EQ(lines(adoption, "no_text"),
            (std::vector<std::string>{"odd {\"id\":3} t \\x63e9", "odd {\"id\":4} t \\x610062"}));
  EXPECT_EQ(text("SELECT n || '|' || t || '|' || r || '|' || at FROM odd WHERE id = 2"),
            "five|\\xe9|2|2024-05-06T07:08:09.25+02:00");
  EXPECT_EQ(text("SELECT t FROM odd WHERE id = 4"), "\\x610062");
  EXPECT_EQ(number("SELECT yes FROM odd WHERE id = 4"), 2);
  expect_equal_everywhere();
}

TEST_F(adoption_test, writes_times_in_one_form_and_says_so) {
  make(
      "CREATE TABLE log (id INTEGER PRIMARY KEY, at DATETIME, \"day\" DATE);"
      "INSERT INTO log VALUES (1, '2024-05-06 07:08:09', '2024-05-06'), (2, '2024-05-06T07:08Z', NULL),"
      "  (3, '2024-05-06 07:08:09.123456+02:00', NULL);");
  const Adoption adoption = adopt();
  EXPECT_EQ(lines(adoption, "time_rewritten"), (std::vector<std::string>{"log  at 2024-05-06 07:08:09"}));
  EXPECT_EQ(text("SELECT group_concat(at, ' ') FROM log"),
            "2024-05-06T07:08:09.000000Z 2024-05-06T07:08:00.000000Z 2024-05-06T05:08:09.123456Z");
  expect_equal_everywhere();
}

TEST_F(adoption_test, numbers_rows_that_no_key_tells_apart) {
  make(
      "CREATE TABLE bare (a TEXT, row_id TEXT); INSERT INTO bare VALUES ('x', 'y'), ('x', 'y'), (NULL, NULL);"
      "CREATE TABLE loose (k TEXT PRIMARY KEY, v INTEGER); INSERT INTO loose VALUES (NULL, 1), (NULL, 2), "
      "('a', 3);"
      "CREATE TABLE mixed (k PRIMARY KEY, v INTEGER); INSERT INTO mixed VALUES (1, 1), ('1', 2), ('b', 3);"
      "CREATE TABLE no_rowid (a TEXT, b INTEGER, PRIMARY KEY (b, a)) WITHOUT ROWID;"
      "INSERT INTO no_rowid VALUES ('p', 2), ('q', 1);"
      "CREATE TABLE shadowed (rowid TEXT, oid TEXT, _rowid_ TEXT); INSERT INTO shadowed VALUES ('a', 'b', "
      "'c');");
  const Adoption adoption = adopt();
  EXPECT_EQ(number("SELECT count(*) FROM bare"), 3);
  EXPECT_EQ(number("SELECT max(row_id_2) FROM bare"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM loose"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM mixed"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM no_rowid"), 2);
  EXPECT_EQ(number("SELECT row_id FROM shadowed"), 1);
  EXPECT_EQ(of(adoption, "no_key").size(), 2u);
  EXPECT_EQ(of(adoption, "null_in_key").size(), 1u);
  ASSERT_EQ(of(adoption, "duplicate_key").size(), 1u);
  EXPECT_EQ(of(adoption, "duplicate_key")[0].table, "mixed");
  expect_equal_everywhere();
}

TEST_F(adoption_test, makes_a_migration_that_goes_down_and_up_again) {
  make(
      "CREATE TABLE one (id INTEGER PRIMARY KEY, two_id INTEGER REFERENCES two (id));"
      "CREATE TABLE two (id INTEGER PRIMARY KEY, one_id INTEGER REFERENCES one (id), top INTEGER REFERENCES "
      "two (id));"
      "CREATE TABLE three (id INTEGER PRIMARY KEY, two_id INTEGER REFERENCES two (id));"
      "CREATE INDEX three_by_two ON three (two_id); CREATE VIEW all_three AS SELECT id FROM three;"
      "INSERT INTO one VALUES (1, 1); INSERT INTO two VALUES (1, 1, 1); INSERT INTO three VALUES (1, 1);");
  adopt();
  for (const state::MigrationCheck& check :
       state::migrate_verify(state::Location(ledger), blueprint::Sources::read(folder))) {
    EXPECT_TRUE(check.equal) << check.name << ": " << (check.differences.empty() ? "" : check.differences[0]);
  }
}

TEST_F(adoption_test, keeps_dangling_rows_and_says_which_key_they_break) {
  make(
      "CREATE TABLE parent (id INTEGER PRIMARY KEY); INSERT INTO parent VALUES (1);"
      "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id), other INTEGER "
      "REFERENCES gone (id));"
      "INSERT INTO child VALUES (1, 1, NULL), (2, 9, NULL), (3, 8, 1);"
      "CREATE TABLE tree (id INTEGER PRIMARY KEY, above INTEGER REFERENCES tree (id));"
      "INSERT INTO tree VALUES (1, 2), (2, 1), (3, NULL);"
      "CREATE TABLE one (id INTEGER PRIMARY KEY, two_id INTEGER REFERENCES two (id));"
      "CREATE TABLE two (id INTEGER PRIMARY KEY, one_id INTEGER REFERENCES one (id));"
      "INSERT INTO one VALUES (1, 1); INSERT INTO two VALUES (1, 1);");
  const Adoption adoption = adopt();
  EXPECT_GE(of(adoption, "dangling").size(), 2u);
  EXPECT_EQ(of(adoption, "foreign_key_left_out").size(), 2u);
  EXPECT_EQ(number("SELECT count(*) FROM child"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM pragma_foreign_key_list('tree')"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM pragma_foreign_key_list('one')"), 1);
  expect_equal_everywhere();
  Ledger book = Ledger::open(ledger, options);
  EXPECT_NE(reason_of(book.execute("UPDATE tree SET above = 77 WHERE id = 1")), "");
}

TEST_F(adoption_test, reports_what_the_dialect_does_not_have) {
  make(
      "CREATE TABLE reeve_notes (id INTEGER PRIMARY KEY, ledger_id TEXT, \"Mixed Case\" TEXT,"
      "  made TEXT DEFAULT CURRENT_TIMESTAMP, twice INTEGER GENERATED ALWAYS AS (id * 2) STORED,"
      "  name TEXT COLLATE NOCASE UNIQUE, CHECK (name NOT GLOB 'x*'), CHECK (id > 0));"
      "INSERT INTO reeve_notes (id, ledger_id, \"Mixed Case\", name) VALUES (1, 'l', 'm', 'n');"
      "CREATE INDEX partly ON reeve_notes (name) WHERE id > 5;"
      "CREATE TRIGGER t AFTER INSERT ON reeve_notes BEGIN SELECT 1; END;"
      "CREATE VIEW v AS SELECT strftime('%Y', made) AS y FROM reeve_notes;"
      "CREATE VIRTUAL TABLE words USING fts5(body); INSERT INTO words VALUES ('hello');");
  const Adoption adoption = adopt();
  const std::map<std::string, std::int64_t>& counts = adoption.findings.counts();
  for (const char* code :
       {"renamed", "generated_column", "default_left_out", "unique_left_out", "check_left_out",
        "index_left_out", "trigger_left_out", "view_left_out", "virtual_table_left_out"}) {
    EXPECT_TRUE(counts.contains(code)) << code;
  }
  EXPECT_EQ(counts.at("check_left_out"), 1);
  EXPECT_EQ(text("SELECT old_ledger_id || \"Mixed Case\" || twice || name FROM old_reeve_notes"), "lm2n");
  expect_equal_everywhere();
  // The report is in the journal.
  const std::string payload = text("SELECT payload FROM reeve_events WHERE type = 'reeve.adopted'");
  EXPECT_NE(payload.find("\"trigger_left_out\":1"), std::string::npos) << payload;
  EXPECT_NE(payload.find("CREATE TRIGGER"), std::string::npos);
}

TEST_F(adoption_test, of_a_file_that_is_written_takes_what_was_committed) {
  const auto writer = engine::Connection::open_plain(old, engine::OpenMode::create);
  writer->execute(
      "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);"
      "BEGIN; INSERT INTO t VALUES (2);");
  const std::string before = testing::read_text(old);
  const Adoption adoption = adopt();
  EXPECT_EQ(adoption.rows.at("t"), 1);
  EXPECT_EQ(testing::read_text(old), before);
  writer->execute("COMMIT");
  EXPECT_EQ(number("SELECT count(*) FROM t"), 1);
}

TEST_F(adoption_test, of_many_and_of_huge_rows_is_in_batches) {
  make(
      "CREATE TABLE many (id INTEGER PRIMARY KEY, t TEXT); CREATE TABLE huge (id INTEGER PRIMARY KEY, b "
      "BLOB);"
      "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10000)"
      "  INSERT INTO many SELECT x, 'row ' || x FROM c;"
      "INSERT INTO huge VALUES (1, zeroblob(8000000)), (2, NULL);");
  const Adoption adoption = adopt();
  EXPECT_EQ(number("SELECT count(*) FROM many"), 10000);
  EXPECT_EQ(number("SELECT length(b) FROM huge WHERE id = 1"), 8000000);
  EXPECT_GT(number("SELECT count(*) FROM reeve_events WHERE type = 'reeve.rows_adopted'"), 2);
  expect_equal_everywhere();
}

TEST_F(adoption_test, that_fails_leaves_nothing_behind) {
  make(
      "CREATE TABLE huge (id INTEGER PRIMARY KEY, b BLOB); INSERT INTO huge VALUES (1, zeroblob(40000000));");
  const Error error = error_of([&] { adopt(); });
  EXPECT_EQ(error.code(), ErrorCode::limit_exceeded);
  EXPECT_NE(error.message().find("table huge, row {\"id\":1}"), std::string::npos);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(workshop.folder())) {
    EXPECT_EQ(entry.path().filename(), "old.db");
    ++files;
  }
  EXPECT_EQ(files, 1u);
  workshop.write("text.db", "this is no database, whatever its name says");
  EXPECT_EQ(error_of([&] {
              adopt_rows(workshop.path("text.db"), state::Location(ledger), folder, options);
            }).code(),
            ErrorCode::corrupt);
  EXPECT_EQ(error_of([&] {
              adopt_rows(workshop.path("none.db"), state::Location(ledger), folder, options);
            }).code(),
            ErrorCode::not_found);
}

TEST_F(adoption_test, overwrites_nothing) {
  make("CREATE TABLE t (id INTEGER PRIMARY KEY);");
  workshop.write("new.db", "mine");
  EXPECT_EQ(error_of([&] { adopt(); }).code(), ErrorCode::conflict);
  EXPECT_EQ(testing::read_text(ledger), "mine");
  std::filesystem::remove(ledger);
  workshop.write("made/notes.txt", "mine");
  EXPECT_EQ(error_of([&] { adopt(); }).code(), ErrorCode::conflict);
}

TEST_F(adoption_test, into_postgresql_gives_the_hashes_that_it_gives_in_a_file_and_sql_does_too) {
  testing::PostgresServer& server = testing::PostgresServer::shared();
  server.create_database("adoption");
  const auto url = [&](const char* user) {
    return server.url("adoption", user) + (server.url().find('?') == std::string::npos ? "?" : "&") +
           "ledger=old";
  };
  make(
      "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT);"
      "CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parents (id) ON DELETE "
      "CASCADE, w REAL);"
      "INSERT INTO parents VALUES (1, 'one'), (2, 'two'); INSERT INTO children VALUES (1, 1, 0.5), (2, 2, "
      "NULL);");
  const Adoption here = adopt();
  const Adoption there =
      adopt_rows(old, state::Location::of(url("test")), workshop.path("made_there"), options);
  EXPECT_EQ(here.state_hash, there.state_hash);
  engine::Connection::open_postgres(server.url("adoption"))
      ->execute("CREATE ROLE adoption_app LOGIN IN ROLE reeve_writer");
  Ledger file = Ledger::open(ledger, options);
  Ledger schema = Ledger::open(url("adoption_app"), options);
  int number = 0;
  for (const char* sql :
       {"UPDATE children SET w = id * 1.5, parent_id = 1", "DELETE FROM parents WHERE id = 1",
        "INSERT INTO children (id, parent_id) VALUES (9, 77)",
        "INSERT INTO parents (id, name) VALUES (:sequence, :actor || :event_id::text)",
        "INSERT INTO parents (id, name) SELECT id + 100, upper(name) FROM parents"}) {
    const CommitOptions given{.actor = "ann",
                              .id = "018f0000-0000-7000-8000-00000000000" + std::to_string(number++),
                              .time = "2026-01-01T00:00:00Z"};
    const Outcome a = file.execute(sql, "{}", given);
    const Outcome b = schema.execute(sql, "{}", given);
    EXPECT_EQ(a.accepted(), b.accepted()) << sql << ": " << reason_of(a) << " / " << reason_of(b);
    EXPECT_EQ(file.head().state_hash.to_string(), schema.head().state_hash.to_string()) << sql;
  }
  EXPECT_THROW(schema.execute("UPDATE parents SET name = now()::text"), Error);
  const state::Verification verified = state::verify(state::Location::of(url("adoption_app")));
  EXPECT_TRUE(verified.equal()) << testing::describe(verified);
}

TEST(sqlite_text, finds_checks_and_selects_among_quotes_and_comments) {
  EXPECT_EQ(checks_of("CREATE TABLE \"check (\" (a TEXT CHECK (a <> ') CHECK (') -- CHECK (no)\n"
                      ", b /* CHECK (x) */ INT, [check] INT, CONSTRAINT c CHECK((b > (1 + 2))))"),
            (std::vector<std::string>{"a <> ') CHECK ('", "(b > (1 + 2))"}));
  EXPECT_EQ(select_of_view("CREATE VIEW \"as\" AS SELECT 1 AS a;"), "SELECT 1 AS a");
  EXPECT_EQ(select_of_view("CREATE VIEW v (a) AS SELECT 1"), "");
  EXPECT_TRUE(same_name("ROWID", "rowid"));
}

/// A small shop of before: its log has two shapes of one fact, and its table says what nobody logged.
class mapped_adoption : public adoption_test {
 protected:
  mapped_adoption() {
    const auto schema = [](const std::string& properties) {
      return "{\"type\": \"object\", \"properties\": {" + properties + "}}";
    };
    sources.files["blueprint.toml"] =
        "format = 1\nname = \"shop\"\ntitle = \"The Shop\"\n[moment]\nname = \"day\"\n"
        "type = \"integer\"\nquery = \"SELECT day FROM calendar WHERE id = 1\"\n";
    sources.files["migrations/0001_core.up.sql"] =
        "CREATE TABLE calendar (id integer PRIMARY KEY, day integer NOT NULL);\n"
        "INSERT INTO calendar (id, day) VALUES (1, 1);\n"
        "CREATE TABLE articles (article_id text PRIMARY KEY, stock integer NOT NULL CHECK (stock >= 0));\n";
    sources.files["migrations/0001_core.down.sql"] = "DROP TABLE articles;\nDROP TABLE calendar;\n";
    sources.files["events/article.added.v1.sql"] =
        "INSERT INTO articles (article_id, stock) VALUES (:article_id, 0);\n";
    sources.files["events/article.added.v1.json"] = schema(R"("article_id": {"type": "string"})");
    sources.files["events/stock.changed.v1.sql"] =
        "-- expect 1: unknown article :article_id\n"
        "UPDATE articles SET stock = stock + :change WHERE article_id = :article_id;\n";
    sources.files["events/stock.changed.v1.json"] =
        schema(R"("article_id": {"type": "string"}, "change": {"type": "integer"})");
    sources.files["events/day.ended.v1.sql"] = "UPDATE calendar SET day = day + 1 WHERE id = 1;\n";
    sources.files["events/day.ended.v1.json"] = schema("");
    mapping =
        "-- name: log\n"
        "SELECT id * 10 AS position, 'log/' || id AS source, at AS time, what AS data FROM main.log;\n"
        "-- name: events\n"
        "SELECT 5 AS position, row_number() OVER (ORDER BY id) AS place, 'article.added' AS type,\n"
        "       json_object('article_id', id) AS payload FROM main.articles;\n"
        "-- name: events\n"
        "SELECT id * 10 AS position, 0 AS place, 'stock.changed' AS type, who AS actor,\n"
        "       json_object('article_id', json_extract(what, '$.article'), 'change', json_extract(what, "
        "'$.n')) AS payload\n"
        "FROM main.log WHERE json_valid(what) AND json_extract(what, '$.n') IS NOT NULL;\n"
        "-- name: events\n"
        "SELECT id * 10 AS position, 1 AS place, 'day.ended' AS type, '{}' AS payload FROM main.log WHERE "
        "who = 'clock';\n"
        "-- name: irregularities\n"
        "SELECT 'nobody' AS code, 'log' AS \"table\", 'log/' || id AS \"row\", 'who' AS field, 'it has no "
        "actor' AS done\n"
        "FROM main.log WHERE who IS NULL;\n"
        "-- name: claims\n"
        "SELECT 'articles' AS \"table\", json_object('article_id', id) AS \"key\", 'stock' AS field,\n"
        "       CAST(stock AS TEXT) AS value FROM main.articles ORDER BY id;\n";
    make(
        "CREATE TABLE articles (id TEXT PRIMARY KEY, stock INTEGER);"
        "INSERT INTO articles VALUES ('ink', 5), ('pen', 9);"
        "CREATE TABLE log (id INTEGER PRIMARY KEY, at TEXT, who TEXT, what TEXT);"
        "INSERT INTO log VALUES (1, '2024-01-02T00:00:00Z', 'ada', '{\"article\":\"ink\",\"n\":7}'),"
        "  (2, '2024-01-01T00:00:00Z', 'clock', '{\"article\":\"pen\",\"n\":3}'),"
        "  (3, 'yesterday', NULL, '{\"article\":\"ink\",\"n\":-2}'),"
        "  (4, '2024-01-03T00:00:00Z', 'eve', '{\"article\":\"ink\",\"n\":-100}'),"
        "  (5, '2024-01-03T00:00:00Z', 'eve', 'no json');");
  }

  std::string blueprint_folder() const {
    std::string made = workshop.blueprint(sources);
    workshop.write("blueprint/adopt/10_all.sql", mapping);
    return made;
  }
  Adoption adopt() { return adopt_log(old, state::Location(ledger), blueprint_folder(), options); }

  blueprint::Sources sources;
  std::string mapping;
};

TEST_F(mapped_adoption, keeps_every_event_in_order_with_what_it_became_behind_it) {
  const Adoption adoption = adopt();
  EXPECT_EQ(adoption.events_kept, 5);
  EXPECT_EQ(adoption.events_mapped, 2 + 3 + 1);
  EXPECT_EQ(
      text("SELECT group_concat(type || coalesce(payload ->> '$.source', ''), ' ') FROM"
           " (SELECT * FROM reeve_events WHERE sequence > 2 ORDER BY sequence)"),
      "article.added article.added reeve.event_adoptedlog/1 stock.changed reeve.event_adoptedlog/2 "
      "stock.changed "
      "day.ended reeve.event_adoptedlog/3 stock.changed reeve.event_adoptedlog/4 reeve.event_adoptedlog/5 "
      "reeve.adopted");
  EXPECT_EQ(text("SELECT group_concat(time, ' ') FROM (SELECT time FROM reeve_events WHERE type = "
                 "'reeve.event_adopted'"
                 " ORDER BY sequence)"),
            "2024-01-02T00:00:00.000000Z 2024-01-01T00:00:00.000000Z 2024-01-01T00:00:00.000000Z "
            "2024-01-03T00:00:00.000000Z 2024-01-03T00:00:00.000000Z");
  EXPECT_EQ(text("SELECT payload FROM reeve_events WHERE key = 'adopted:log/5'"),
            R"({"source":"log/5","text":"no json"})");
  EXPECT_EQ(number("SELECT span FROM reeve_events WHERE key = 'adopted:log/2'"), 3);
  EXPECT_EQ(
      text(
          "SELECT group_concat(moment, '') FROM (SELECT moment FROM reeve_events WHERE type = 'stock.changed'"
          " ORDER BY sequence)"),
      "112");
  EXPECT_EQ(lines(adoption, "nobody"), (std::vector<std::string>{"log log/3 who "}));
  EXPECT_EQ(lines(adoption, "odd_time"), (std::vector<std::string>{" log/3 time yesterday"}));
  ASSERT_EQ(of(adoption, "refused").size(), 1u);
  EXPECT_EQ(of(adoption, "refused")[0].row, "log/4");
  EXPECT_EQ(number("SELECT stock FROM articles WHERE article_id = 'ink'"), 5);
  expect_equal_everywhere();
}

TEST_F(mapped_adoption, lets_verify_name_what_the_old_table_says_otherwise_for_ever) {
  const Adoption adoption = adopt();
  ASSERT_EQ(adoption.disagreements.size(), 1u);
  const auto expect_named = [&] {
    const state::Verification found = state::verify(state::Location(ledger));
    EXPECT_TRUE(found.equal()) << testing::describe(found);
    ASSERT_EQ(found.disagreements.size(), 1u);
    EXPECT_EQ(found.disagreements[0].claim.key, R"({"article_id":"pen"})");
    EXPECT_EQ(found.disagreements[0].claim.field, "stock");
    EXPECT_EQ(found.disagreements[0].claim.value, "9");
    EXPECT_EQ(found.disagreements[0].found, "3");
  };
  expect_named();
  Ledger shop = Ledger::open(ledger, options);
  EXPECT_EQ(reason_of(shop.commit("stock.changed", R"({"article_id":"pen","change":6})")), "");
  expect_named();  // it is about the state as it was adopted
}

TEST_F(mapped_adoption, keeps_alone_what_no_replay_could_read) {
  mapping +=
      "-- name: log\nSELECT 100 AS position, 'log/huge' AS source, NULL AS time, '{}' AS data;\n"
      "-- name: events\nSELECT 100 AS position, 0 AS place, 'article.added' AS type,\n"
      "  json_object('article_id', hex(zeroblob(1000000))) AS payload;\n"
      "-- name: log\nSELECT 110 AS position, 'log/bad' AS source, NULL AS time, CAST(x'41ff' AS TEXT) AS "
      "data;\n"
      "-- name: events\nSELECT 110 AS position, 0 AS place, 'day.ended' AS type, 'no json' AS payload;\n";
  const Adoption adoption = adopt();
  EXPECT_EQ(adoption.events_kept, 7);
  EXPECT_EQ(adoption.findings.counts().at("refused"), 3);  // eve's stock below zero, and these two
  testing::expect_equal(ledger);
  const auto made = engine::Connection::open(ledger, engine::OpenMode::read_only);
  EXPECT_EQ(made->value("SELECT payload ->> 'text' FROM reeve_events WHERE key = 'adopted:log/bad'"),
            Value(std::string("\\x41ff")));
}

TEST_F(mapped_adoption, refuses_a_mapping_with_its_place_and_makes_nothing) {
  const auto refused = [&](const std::string& text, ErrorCode code, const std::string& place) {
    mapping = text;
    const Error error = error_of([&] { adopt(); });
    EXPECT_EQ(error.code(), code) << text << ": " << error.message();
    EXPECT_EQ(error.place().to_string().substr(0, place.size()), place) << error.message();
    EXPECT_FALSE(std::filesystem::exists(ledger));
    EXPECT_FALSE(std::filesystem::exists(ledger + "-making"));
  };
  refused("\n-- name: events\nSELECT nothing FROM main.log;", ErrorCode::bad_statement, "adopt/10_all.sql:3");
  refused(
      "-- name: events\nSELECT 1 AS position, 2 AS place, 'day.ended' AS type, '{}' AS payload, 3 AS more;",
      ErrorCode::invalid_input, "adopt/10_all.sql:2");
  refused("-- name: events\nSELECT 1 AS position;", ErrorCode::invalid_input, "adopt/10_all.sql:2");
  refused("-- name: facts\nSELECT 1 AS position;", ErrorCode::invalid_input, "adopt/10_all.sql:2");
  refused("DELETE FROM main.log;", ErrorCode::unavailable, "adopt/10_all.sql:1");
  refused("-- name: events\nSELECT 1 AS position, 2 AS place, 'gone' AS type, '{}' AS payload;",
          ErrorCode::not_found, "");
  refused("-- name: log\nSELECT 1 AS position, '' AS source, NULL AS time, '{}' AS data;",
          ErrorCode::constraint_violation, "adopt/10_all.sql:2");
  refused("-- name: log\nSELECT 1 AS position, CAST(x'ff' AS TEXT) AS source, NULL AS time, '{}' AS data;",
          ErrorCode::invalid_input, "");
  refused("-- name: claims\nSELECT 'articles' AS \"table\", '{}' AS \"key\", 'stock' AS field, '1' AS value;",
          ErrorCode::invalid_input, "");
  refused("", ErrorCode::not_found, "");
}

}  // namespace
}  // namespace reeve::adoption
