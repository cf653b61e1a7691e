#include "fuzz/database.h"

#include "journal/journal.h"
#include "sql/translation.h"

#include <pg_query.h>
#include <sqlite3.h>

namespace reeve::fuzz {
namespace {

constexpr int steps_between_looks = 10'000;
constexpr int looks_max = 20;
constexpr int bytes_max = 1'000'000;

int looks = 0;

/// The tables that tests/contract/dialect.txt has, so that its cases may be seeds, and what they lack.
constexpr std::string_view schema = R"(
CREATE TABLE p (id text PRIMARY KEY, n integer NOT NULL, s bigint, w double precision, ok boolean, d date, at timestamptz,
  j jsonb, u uuid, code varchar(5) UNIQUE, y bytea);
CREATE TABLE c (id text REFERENCES p (id) ON DELETE CASCADE, k integer, amount integer NOT NULL DEFAULT 3,
  PRIMARY KEY (id, k));
CREATE TABLE log (seq bigint PRIMARY KEY, what text NOT NULL);
CREATE INDEX c_amount ON c (amount DESC, k) WHERE amount > 0;
CREATE VIEW rich AS SELECT p.id, p.n, sum(c.amount) AS total FROM p JOIN c ON c.id = p.id GROUP BY p.id, p.n;
-- personal mail: who
CREATE TABLE mails (who text PRIMARY KEY REFERENCES p, parent text REFERENCES mails ON DELETE SET NULL, mail text);
CREATE TABLE clock (id integer PRIMARY KEY CHECK (id = 1), day date NOT NULL, year integer NOT NULL CHECK (year > 0));
CREATE UNIQUE INDEX p_u ON p (u) WHERE ok;
CREATE INDEX p_n ON p ((n + 1), d);
)";

constexpr std::string_view rows = R"(
INSERT INTO p (id, n, s, w, ok, d, at, j, u, code, y) VALUES
  ('a', 1, 9223372036854775807, 0.1, true, '2024-02-29', '2024-01-02T03:04:05.000006Z',
   '{"b": [1, 2.5, "x", null, true, {"z": 1, "a": 2}], "t": "text", "n": 7}', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
   'abcde', '\x00ff'),
  ('b', -2147483648, -9223372036854775807, -1.7976931348623157e308, false, '9999-12-31', '9999-12-31T23:59:59.999999Z',
   '[1, 2, 3]', NULL, '', '\x'),
  ('', 2147483647, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  ('Ä', 0, 0, 5e-324, true, '0001-01-01', '0001-01-01T00:00:00Z', '"x"', 'ffffffff-ffff-4fff-bfff-ffffffffffff', 'Ωmega',
   '\x41');
INSERT INTO c (id, k) VALUES ('a', 1), ('a', 2), ('b', 1);
INSERT INTO log (seq, what) VALUES (1, 'one'), (2, '2');
INSERT INTO mails (who, parent) VALUES ('a', NULL), ('b', 'a');
INSERT INTO clock (id, day, year) VALUES (1, '2024-02-29', 2024);
)";

constexpr std::string_view event = R"(
INSERT INTO reeve_events (sequence, id, type, version, time, actor, span, payload) VALUES
  (1, '0a1b2c3d-0000-8000-8000-00000000000f', 'gold.gained', 1, '2026-01-02T03:04:05.000006Z', 'ada', 1, '{"amount":7}')
)";

}  // namespace

std::unique_ptr<engine::Connection> open_bounded() {
  auto connection = engine::Connection::open_scratch();
  const auto look = [](void*) { return ++looks > looks_max ? 1 : 0; };
  sqlite3_progress_handler(connection->handle(), steps_between_looks, look, nullptr);
  sqlite3_limit(connection->handle(), SQLITE_LIMIT_LENGTH, bytes_max);
  return connection;
}

void grant_steps() { looks = 0; }

const sql::Catalogue& catalogue() {
  static const sql::Catalogue made = sql::translate_migration("0001.up.sql", schema, {}).after;
  return made;
}

void create_tables(engine::Connection& connection) {
  journal::create_tables(connection);
  for (const std::string& statement : sql::create_statements_sqlite(catalogue()))
    connection.execute(statement);
}

void insert_rows(engine::Connection& connection) {
  for (const sql::Statement& statement : sql::split("rows.sql", rows)) {
    connection.execute(sql::translate(statement, catalogue(), sql::Use::migration).sqlite);
  }
  connection.execute(event);
}

bool parses(std::string_view postgres) {
  const PgQueryParseResult result = pg_query_parse(std::string(postgres).c_str());
  const bool taken = result.error == nullptr;
  pg_query_free_parse_result(result);
  return taken;
}

}  // namespace reeve::fuzz
