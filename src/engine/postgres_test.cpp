#include "engine/pipeline.h"
#include "engine/postgres_fixture_test.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace reeve::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(PostgresTest, values_are_decoded_as_sqlite_gives_them) {
  EXPECT_EQ(db->engine(), Engine::postgres);
  const std::pair<const char*, Value> cases[] = {
      {"SELECT true", integer(1)},
      {"SELECT false", integer(0)},
      {"SELECT (-32768)::int2", integer(-32768)},
      {"SELECT (-2147483648)::int4", integer(-2147483648LL)},
      {"SELECT '-9223372036854775808'::int8", integer(INT64_MIN)},
      {"SELECT 0.1::float8", Value(0.1)},
      {"SELECT 5e-324::float8", Value(5e-324)},
      {"SELECT 'Grüße'::text", text("Grüße")},
      {"SELECT ''::text", text("")},
      {"SELECT 'x'::varchar(3)", text("x")},
      {"SELECT 'x'::name", text("x")},
      {"SELECT 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")},
      {"SELECT '0001-01-01'::date", text("0001-01-01")},
      {"SELECT '9999-12-31'::date", text("9999-12-31")},
      {"SELECT '1969-12-31 23:59:59.000001+00'::timestamptz", text("1969-12-31T23:59:59.000001Z")},
      {"SELECT '2026-01-02 03:04:05+02'::timestamptz", text("2026-01-02T01:04:05.000000Z")},
      {"SELECT '0001-01-01 00:00:00+00'::timestamptz", text("0001-01-01T00:00:00.000000Z")},
      {"SELECT '9999-12-31 23:59:59.999999+00'::timestamptz", text("9999-12-31T23:59:59.999999Z")},
      {R"(SELECT '{"b": [1.0, 1e-7, null], "a": "\u00e4", "aa": true}'::jsonb)",
       text(R"({"a":"ä","aa":true,"b":[1,1e-7,null]})")},
      {R"(SELECT '{"b":1,"a":2}'::json)", text(R"({"a":2,"b":1})")},
      {R"(SELECT '[1e21, -1.5e300, "12345678901234567890123456", 0.00000000000000000000000001]'::jsonb)",
       text(R"([1e+21,-1.5e+300,"12345678901234567890123456",1e-26])")},
      {R"(SELECT '\x00ff41'::bytea)", Value(bytes(std::string_view("\0\xff\x41", 3)))},
      {R"(SELECT '\x'::bytea)", Value(Bytes{})},
      {"SELECT NULL::text", Value(Null{})},
  };
  for (const auto& [sql, expected] : cases) {
    EXPECT_EQ(db->value(sql), expected) << sql;
  }
}

TEST_F(PostgresTest, what_no_type_of_reeve_holds_is_refused_by_the_name_of_its_column) {
  for (const char* value :
       {"1.5::numeric", "'NaN'::float8", "'-Infinity'::float8", "1::oid", "1.5::float4",
        "'infinity'::timestamptz", "'-infinity'::timestamptz", "'infinity'::date", "'10000-01-01'::date",
        "'0001-01-01 BC'::date", "'10000-01-01 00:00+00'::timestamptz", "ARRAY[1]", "'1 day'::interval",
        "'2020-01-01'::timestamp", R"('{"a":1,"a":2}'::json)", "'9007199254740993'::jsonb"}) {
    const Error error =
        error_of_call([&] { db->value(std::string("SELECT ") + value + " AS \"the column\""); });
    EXPECT_EQ(error.code(), ErrorCode::type_mismatch) << value;
    EXPECT_THAT(error.message(), HasSubstr("the column")) << value;
  }
  Statement row = db->prepare("SELECT 'x' AS name, 1 AS number");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), "x");
  EXPECT_EQ(row.integer(1), 1);
  EXPECT_EQ(code_of([&] { row.integer(0); }), ErrorCode::type_mismatch);
  EXPECT_EQ(code_of([&] { row.text(1); }), ErrorCode::type_mismatch);
  EXPECT_EQ(code_of([&] { row.bytes(0); }), ErrorCode::type_mismatch);
}

TEST_F(PostgresTest, parameters_take_the_type_of_their_place) {
  db->execute(
      "CREATE TABLE t (b boolean, i integer, l bigint, d double precision, s text, v varchar(9), u uuid, "
      "day date, at timestamptz, j jsonb, y bytea)");
  Statement insert = db->prepare("INSERT INTO t VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)");
  EXPECT_EQ(insert.parameter_count(), 11);
  const std::string blob("\0\xff", 2);
  insert.bind_integer(1, 1);
  insert.bind_integer(2, -5);
  insert.bind_integer(3, INT64_MAX);
  insert.bind_real(4, 0.1);
  insert.bind_text(5, std::string_view("abcdef").substr(0, 3));
  insert.bind_text(6, {});
  insert.bind_text(7, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  insert.bind_text(8, "2026-02-03");
  insert.bind_text(9, "2026-01-02T03:04:05.000006Z");
  insert.bind_text(10, R"({"a":1})");
  insert.bind_bytes(11, blob.data(), blob.size());
  insert.run();
  EXPECT_EQ(db->changes(), 1);
  insert.bind_null(1);
  insert.bind_null(7);
  insert.bind_integer(4, 3);
  insert.bind_real(3, 2.0);
  insert.run();
  Statement rows = db->prepare("SELECT * FROM t ORDER BY b NULLS LAST");
  ASSERT_TRUE(rows.step());
  EXPECT_EQ(rows.column_count(), 11);
  EXPECT_EQ(rows.column_name(7), "day");
  EXPECT_EQ(rows.integer(0), 1);
  EXPECT_EQ(rows.integer(1), -5);
  EXPECT_EQ(rows.integer(2), INT64_MAX);
  EXPECT_EQ(rows.column(3).real(), 0.1);
  EXPECT_EQ(rows.text(4), "abc");
  EXPECT_EQ(rows.text(5), "");
  EXPECT_EQ(rows.text(6), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  EXPECT_EQ(rows.text(7), "2026-02-03");
  EXPECT_EQ(rows.text(8), "2026-01-02T03:04:05.000006Z");
  EXPECT_EQ(rows.text(9), R"({"a":1})");
  EXPECT_EQ(rows.bytes(10), blob);
  ASSERT_TRUE(rows.step());
  EXPECT_TRUE(rows.column(0).is_null());
  EXPECT_EQ(rows.column(3).real(), 3.0);
  EXPECT_EQ(rows.integer(2), 2);
  EXPECT_FALSE(rows.step());
}

TEST_F(PostgresTest, a_parameter_of_another_kind_is_refused) {
  Statement bytes_for_text = db->prepare("SELECT $1::text");
  bytes_for_text.bind_bytes(1, "x", 1);
  EXPECT_EQ(code_of([&] { bytes_for_text.run(); }), ErrorCode::type_mismatch);
  Statement text_for_bytes = db->prepare("SELECT $1::bytea");
  text_for_bytes.bind_text(1, "\\x00");
  EXPECT_EQ(code_of([&] { text_for_bytes.run(); }), ErrorCode::type_mismatch);
  Statement nul = db->prepare("SELECT $1::jsonb");
  nul.bind_text(1, std::string_view("\"a\0b\"", 5));
  EXPECT_EQ(code_of([&] { nul.run(); }), ErrorCode::type_mismatch);
  Statement broken = db->prepare("SELECT $1::text");
  broken.bind_text(1, "\xff\xfe");
  EXPECT_EQ(code_of([&] { broken.run(); }), ErrorCode::type_mismatch);
}

TEST_F(PostgresTest, rows_stream_and_another_statement_may_run_meanwhile) {
  Statement outer = db->prepare("SELECT n FROM generate_series(1, 1000) n");
  Statement inner = db->prepare("SELECT $1::bigint * 2");
  std::int64_t sum = 0;
  while (outer.step()) {
    inner.bind_integer(1, outer.integer(0));
    ASSERT_TRUE(inner.step());
    sum += inner.integer(0);
    inner.reset();
  }
  EXPECT_EQ(sum, 1001000);
  ASSERT_TRUE(outer.step());
  EXPECT_EQ(outer.integer(0), 1) << "a statement at its end begins anew, as on SQLite";
  outer.reset();
  EXPECT_EQ(db->value("SELECT 7"), integer(7)) << "the rest of a reset statement is gone";
}

TEST_F(PostgresTest, an_error_in_the_middle_of_rows_comes_after_those_before_it) {
  Statement rows = db->prepare("SELECT 10 / (3 - n) FROM generate_series(1, 3) n");
  EXPECT_TRUE(rows.step());
  EXPECT_TRUE(rows.step());
  EXPECT_EQ(code_of([&] { rows.step(); }), ErrorCode::invalid_input);
  Statement kept = db->prepare("SELECT 10 / (3 - n) FROM generate_series(1, 3) n");
  EXPECT_TRUE(kept.step());
  EXPECT_EQ(db->value("SELECT 1"), integer(1));
  EXPECT_TRUE(kept.step());
  EXPECT_EQ(code_of([&] { kept.step(); }), ErrorCode::invalid_input);
}

TEST_F(PostgresTest, changes_counts_the_rows_of_the_last_write) {
  db->execute("CREATE TABLE t (n bigint PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 5)");
  EXPECT_EQ(db->changes(), 5);
  db->value("SELECT 1");
  EXPECT_EQ(db->changes(), 5);
  db->prepare("UPDATE t SET n = n + 10 WHERE n > $1::bigint - 1").run();
  EXPECT_EQ(db->changes(), 0) << "an unbound parameter is NULL";
  Statement remove = db->prepare("DELETE FROM t WHERE n > 3 RETURNING n");
  while (remove.step()) {}
  EXPECT_EQ(db->changes(), 2);
}

TEST_F(PostgresTest, the_session_is_set_up_whatever_the_database_says) {
  db->execute(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database()); "
      "EXECUTE format('ALTER DATABASE %I SET DateStyle = ''German''', current_database()); END $$;"
      "CREATE SCHEMA \"odd \"\"name\"; CREATE TABLE \"odd \"\"name\".here (n bigint)");
  const auto other = open({.schema = "odd \"name",
                           .application_name = "reeve test",
                           .statement_timeout_ms = 50,
                           .lock_timeout_ms = 40});
  EXPECT_EQ(other->value("SHOW TimeZone"), text("UTC"));
  EXPECT_EQ(other->value("SHOW DateStyle"), text("ISO, DMY"));
  EXPECT_EQ(other->value("SHOW client_encoding"), text("UTF8"));
  EXPECT_EQ(other->value("SHOW application_name"), text("reeve test"));
  EXPECT_EQ(other->value("SELECT count(*) FROM here"), integer(0));
  EXPECT_EQ(code_of([&] { other->value("SELECT pg_sleep(5)"); }), ErrorCode::limit_exceeded);
}

struct Fault {
  const char* sql;
  ErrorCode code;
  const char* named;  ///< what the message must name
};

TEST_F(PostgresTest, each_sqlstate_has_one_code_and_no_value_shows) {
  db->execute(
      "CREATE TABLE p (id text CONSTRAINT p_key PRIMARY KEY, n bigint NOT NULL CONSTRAINT p_n CHECK (n > 0), "
      "v varchar(3), i integer);"
      "CREATE TABLE c (id text CONSTRAINT c_p REFERENCES p (id));"
      "INSERT INTO p VALUES ('secret', 1)");
  const Fault faults[] = {
      {"INSERT INTO p VALUES ('secret', 1)", ErrorCode::unique_violation, "p_key"},
      {"INSERT INTO p VALUES ('secret2', -1)", ErrorCode::constraint_violation, "p_n"},
      {"INSERT INTO p VALUES ('secret2', NULL)", ErrorCode::constraint_violation, "column n of table p"},
      {"INSERT INTO c VALUES ('secret3')", ErrorCode::constraint_violation, "c_p"},
      {"INSERT INTO p VALUES ('x', 1, 'secret')", ErrorCode::constraint_violation, "longer"},
      {"INSERT INTO p VALUES ('x', 1, 'y', 3000000000)", ErrorCode::invalid_input, "range"},
      {"SELECT 'secret'::bigint", ErrorCode::invalid_input, "invalid input syntax"},
      {"SELECT 'secret'::date", ErrorCode::invalid_input, "date"},
      {"SELECT '2026-02-31'::date", ErrorCode::invalid_input, "date"},
      {"SELECT 1 / 0", ErrorCode::invalid_input, "division by zero"},
      {"SELECT 9223372036854775807 + 1", ErrorCode::invalid_input, "range"},
      {"SELECT '{secret'::jsonb", ErrorCode::invalid_input, "syntax"},
      {"SELECT FROM nowhere", ErrorCode::bad_statement, "nowhere"},
      {"SELECT nothing FROM p", ErrorCode::bad_statement, "nothing"},
      {"SELEKT 1", ErrorCode::bad_statement, "SELEKT 1"},
      {"SELECT 1; SELECT 2", ErrorCode::bad_statement, ""},
      {"SELECT 1 + true", ErrorCode::bad_statement, ""},
      {"SELECT repeat('x', 2000000000)", ErrorCode::limit_exceeded, ""},
  };
  for (const Fault& fault : faults) {
    const Error error = error_of_call([&] { db->prepare(fault.sql).run(); });
    EXPECT_EQ(error.code(), fault.code) << fault.sql << ": " << error.what();
    EXPECT_THAT(error.what(), HasSubstr(fault.named)) << fault.sql;
    EXPECT_THAT(error.what(), Not(HasSubstr("secret"))) << fault.sql;
    EXPECT_EQ(db->value("SELECT 1"), integer(1)) << "the connection goes on";
  }
}

TEST_F(PostgresTest, a_role_without_the_right_is_denied) {
  db->execute("DROP ROLE IF EXISTS reeve_guest; CREATE ROLE reeve_guest LOGIN; CREATE TABLE t (n bigint)");
  const auto guest = Connection::open_postgres(PostgresServer::shared().url(
      url.substr(url.find("engine_"), url.find('?') - url.find("engine_")), "reeve_guest"));
  EXPECT_EQ(code_of([&] { guest->value("SELECT n FROM t"); }), ErrorCode::denied);
  EXPECT_EQ(code_of([&] { Connection::open_postgres(PostgresServer::shared().url("postgres", "nobody")); }),
            ErrorCode::denied);
}

TEST_F(PostgresTest, a_url_that_leads_nowhere_is_refused_without_its_password) {
  const std::pair<std::string, ErrorCode> cases[] = {
      {"sqlite:x.db", ErrorCode::invalid_input},
      {"postgresql://me:hunter%2@host/db", ErrorCode::invalid_input},
      {"postgresql://me:hun@ter2@host/db", ErrorCode::invalid_input},
      {"postgresql://me:hunter2/x@host/db", ErrorCode::invalid_input},
      {"postgresql://me:hunter2@/db?host=/nowhere", ErrorCode::unavailable},
      {"postgresql://me:hunter2@127.0.0.1:1/db", ErrorCode::unavailable},
      {"postgresql://me:hunter2@nowhere.invalid/db", ErrorCode::unavailable},
      {"postgresql://me:hunter2@127.0.0.1/db?sslmode=verify-full&sslrootcert=/nowhere",
       ErrorCode::unavailable},
      {PostgresServer::shared().url("no_such_database"), ErrorCode::not_found},
  };
  for (const auto& [where, code] : cases) {
    const Error error = error_of_call([&, &target = where] { Connection::open_postgres(target); });
    EXPECT_EQ(error.code(), code) << where << ": " << error.what();
    EXPECT_THAT(error.what(), Not(HasSubstr("hunter"))) << where;
  }
  const Error of_a_ledger =
      error_of_call([] { Connection::open_postgres("postgresql://me:hunter2@/db?ledger=north"); });
  EXPECT_EQ(of_a_ledger.code(), ErrorCode::invalid_input);
  EXPECT_THAT(of_a_ledger.what(),
              AllOf(HasSubstr("belong to the URL of a ledger"), Not(HasSubstr("hunter"))));
  std::string secret = url;
  secret.insert(secret.find('@'), ":hunter2");
  EXPECT_THAT(Connection::open_postgres(secret)->name(), Not(HasSubstr("hunter")));
}

TEST_F(PostgresTest, a_transaction_that_is_not_committed_is_rolled_back) {
  db->execute("CREATE TABLE t (n bigint)");
  {
    const Transaction tx(*db, Transaction::Mode::write);
    db->execute("INSERT INTO t VALUES (1)");
    EXPECT_TRUE(db->in_transaction());
  }
  EXPECT_FALSE(db->in_transaction());
  EXPECT_EQ(db->value("SELECT count(*) FROM t"), integer(0));
  {
    Transaction tx(*db, Transaction::Mode::write);
    db->execute("INSERT INTO t VALUES (1)");
    db->execute("SAVEPOINT a");
    EXPECT_EQ(code_of([&] { db->execute("INSERT INTO t VALUES (1 / 0)"); }), ErrorCode::invalid_input);
    db->execute("ROLLBACK TO a");
    db->execute("INSERT INTO t VALUES (2)");
    tx.commit();
  }
  EXPECT_EQ(db->value("SELECT sum(n)::bigint FROM t"), integer(3));
}

TEST_F(PostgresTest, a_transaction_that_failed_can_not_be_committed) {
  db->execute("CREATE TABLE t (n bigint)");
  Transaction tx(*db, Transaction::Mode::write);
  db->execute("INSERT INTO t VALUES (1)");
  EXPECT_EQ(code_of([&] { db->execute("SELECT 1 / 0"); }), ErrorCode::invalid_input);
  EXPECT_EQ(code_of([&] { db->value("SELECT 1"); }), ErrorCode::internal);
  EXPECT_EQ(code_of([&] { tx.commit(); }), ErrorCode::internal);
}

TEST_F(PostgresTest, a_read_transaction_is_one_snapshot_and_writes_nothing) {
  db->execute("CREATE TABLE t (n bigint)");
  const auto writer = open();
  const Transaction tx(*db, Transaction::Mode::read);
  EXPECT_EQ(db->value("SELECT count(*) FROM t"), integer(0));
  writer->execute("INSERT INTO t VALUES (1)");
  EXPECT_EQ(db->value("SELECT count(*) FROM t"), integer(0));
  EXPECT_EQ(code_of([&] { db->execute("INSERT INTO t VALUES (2)"); }), ErrorCode::unavailable);
}

TEST_F(PostgresTest, a_connection_is_bound_to_a_ledger_inside_transactions_only) {
  const std::string ledger = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
  const char* current = "SELECT coalesce(current_setting('reeve.ledger_id', true), '')";
  EXPECT_EQ(code_of([&] { db->set_ledger("x'; DROP TABLE t; --"); }), ErrorCode::invalid_input);
  db->set_ledger(ledger);
  EXPECT_EQ(db->ledger(), ledger);
  EXPECT_EQ(db->value(current), text(""));
  for (const auto mode : {Transaction::Mode::read, Transaction::Mode::write}) {
    {
      Transaction tx(*db, mode);
      EXPECT_EQ(db->value(current), text(ledger));
      tx.commit();
    }
    EXPECT_EQ(db->value(current), text(""));
    { const Transaction tx(*db, mode); }
    EXPECT_EQ(db->value(current), text(""));
  }
}

TEST_F(PostgresTest, a_lock_that_another_keeps_is_retryable) {
  db->execute("CREATE TABLE t (n bigint); INSERT INTO t VALUES (1)");
  const Transaction tx(*db, Transaction::Mode::write);
  db->execute("UPDATE t SET n = 2");
  const auto other = open({.lock_timeout_ms = 50});
  EXPECT_EQ(code_of([&] { other->execute("UPDATE t SET n = 3"); }), ErrorCode::retryable);
}

TEST_F(PostgresTest, a_serialization_failure_and_a_deadlock_are_retryable) {
  db->execute("CREATE TABLE t (n bigint PRIMARY KEY, v bigint); INSERT INTO t VALUES (1, 0), (2, 0)");
  const auto other = open();
  db->execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
  db->value("SELECT 1 FROM t");
  other->execute("UPDATE t SET v = 1");
  EXPECT_EQ(code_of([&] { db->execute("UPDATE t SET v = 2"); }), ErrorCode::retryable);
  db->execute("ROLLBACK");
  const Transaction first(*db, Transaction::Mode::write);
  const Transaction second(*other, Transaction::Mode::write);
  db->execute("UPDATE t SET v = 3 WHERE n = 1");
  other->execute("UPDATE t SET v = 3 WHERE n = 2");
  std::atomic<int> retryable = 0;
  const auto update = [&retryable](Connection& connection, const char* sql) {
    try {
      connection.execute(sql);
    } catch (const Error& error) {
      retryable += error.code() == ErrorCode::retryable ? 1 : 100;
    }
  };
  std::thread thread([&] { update(*other, "UPDATE t SET v = 4 WHERE n = 1"); });
  update(*db, "UPDATE t SET v = 4 WHERE n = 2");
  thread.join();
  EXPECT_EQ(retryable, 1);
}

TEST_F(PostgresTest, an_interrupt_from_another_thread_is_retryable) {
  std::atomic<bool> done = false;
  std::thread thread([&] {
    while (!done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      db->interrupt();
    }
  });
  EXPECT_EQ(code_of([&] { db->value("SELECT pg_sleep(30)"); }), ErrorCode::retryable);
  done = true;
  thread.join();
}

/// The server says that it ends before it does: then libpq has something to read, can't write, and takes the
/// connection for a good one.
TEST(PostgresServerTest, that_ends_in_the_middle_of_a_transaction_is_unavailable_to_whatever_comes_next) {
  PostgresServer server;
  const std::string url = server.create_database("ends");
  const auto transaction = [&](auto&& next) {
    const auto db = Connection::open_postgres(url);
    Statement known = db->prepare("SELECT 2");
    known.run();
    {
      Pipeline pipeline(*db);
      const Transaction tx(*db, Transaction::Mode::write, pipeline);
      EXPECT_EQ(db->value("SELECT 1"), integer(1));
      server.stop_immediate();
      EXPECT_EQ(code_of([&] { next(*db, pipeline, known); }), ErrorCode::unavailable);
      EXPECT_EQ(code_of([&] { db->value("SELECT 4"); }), ErrorCode::unavailable);
    }
    server.start();
    EXPECT_EQ(db->value("SELECT 5"), integer(5)) << "it is opened anew";
  };
  for (int i = 0; i < 6; ++i) {  // not each time does libpq read before it hears of the end
    transaction([](Connection& db, Pipeline&, Statement&) { db.prepare("SELECT 3").run(); });
  }
  transaction([](Connection&, Pipeline&, Statement& known) { known.run(); });
  transaction([](Connection& db, Pipeline&, Statement&) { db.execute("SELECT 3; SELECT 4"); });
  transaction([](Connection&, Pipeline& pipeline, Statement& known) {
    pipeline.send(known);
    pipeline.send(known);
    pipeline.receive(known);
  });
}

TEST_F(PostgresTest, too_many_connections_are_retryable) {
  PostgresServer server({.connections_max = 6});
  std::vector<std::unique_ptr<Connection>> connections;
  const Error error = error_of_call([&] {
    for (int i = 0; i < 10; ++i) {
      connections.push_back(Connection::open_postgres(server.url()));
    }
  });
  EXPECT_EQ(error.code(), ErrorCode::retryable) << error.what();
}

TEST_F(PostgresTest, a_statement_is_prepared_anew_when_the_schema_changes) {
  db->execute("CREATE TABLE t (n integer); INSERT INTO t VALUES (1)");
  Statement read = db->prepare("SELECT n FROM t");
  ASSERT_TRUE(read.step());
  read.reset();
  open()->execute("ALTER TABLE t ALTER n TYPE text");
  ASSERT_TRUE(read.step());
  EXPECT_EQ(read.text(0), "1");
  read.reset();
  {
    const Transaction tx(*db, Transaction::Mode::write);
    db->execute("ALTER TABLE t ALTER n TYPE bigint USING n::bigint");
    ASSERT_TRUE(read.step());
    EXPECT_EQ(read.integer(0), 1);
    read.reset();
  }
  ASSERT_TRUE(read.step());
  EXPECT_EQ(read.text(0), "1") << "what was rolled back is prepared anew as well";
  read.reset();
  const Transaction tx(*db, Transaction::Mode::write);
  open()->execute("ALTER TABLE t ALTER n TYPE bigint USING n::bigint");
  EXPECT_EQ(code_of([&] { read.step(); }), ErrorCode::retryable);
}

TEST_F(PostgresTest, the_statements_on_the_server_are_bounded) {
  const auto small = open({.statements_max = 3});
  Statement kept = small->prepare("SELECT 'kept'");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(small->value("SELECT " + std::to_string(i)), integer(i));
    }
    ASSERT_TRUE(kept.step());
    EXPECT_EQ(kept.text(0), "kept");
    kept.reset();
  }
  const auto count = small->value("SELECT count(*) FROM pg_prepared_statements");
  EXPECT_LE(std::get<std::int64_t>(*count), 5);
}

TEST_F(PostgresTest, a_lost_connection_is_unavailable_and_opened_anew_by_the_next_transaction) {
  db->execute("CREATE TABLE t (n bigint)");
  Statement insert = db->prepare("INSERT INTO t VALUES ($1)");
  const auto kill = [&] {
    const auto pid = std::get<std::int64_t>(*db->value("SELECT pg_backend_pid()"));
    open()->value("SELECT pg_terminate_backend(" + std::to_string(pid) + ", 5000)");
  };
  {
    Transaction tx(*db, Transaction::Mode::write);
    kill();
    insert.bind_integer(1, 1);
    EXPECT_EQ(code_of([&] { insert.run(); }), ErrorCode::unavailable);
    EXPECT_EQ(code_of([&] { insert.run(); }), ErrorCode::unavailable) << "never outside of the transaction";
    EXPECT_TRUE(db->in_transaction());
  }
  EXPECT_FALSE(db->in_transaction());
  for (const bool idle : {false, true}) {
    if (idle) kill();
    Transaction tx(*db, Transaction::Mode::write);
    insert.bind_integer(1, 2);
    insert.run();
    tx.commit();
  }
  EXPECT_EQ(db->value("SELECT count(*) FROM t"), integer(2));
  Transaction tx(*db, Transaction::Mode::write);
  insert.run();
  kill();
  EXPECT_EQ(code_of([&] { tx.commit(); }), ErrorCode::commit_unknown);
}

TEST_F(PostgresTest, a_deferred_violation_is_seen_before_the_commit_and_fails_it) {
  db->execute(
      "CREATE TABLE p (id bigint PRIMARY KEY);"
      "CREATE TABLE c (id bigint CONSTRAINT c_p REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
  {
    const Transaction tx(*db, Transaction::Mode::write);
    db->execute("INSERT INTO c VALUES (1)");
    EXPECT_TRUE(db->has_deferred_violations());
  }
  {
    Transaction tx(*db, Transaction::Mode::write);
    EXPECT_FALSE(db->has_deferred_violations());
    db->execute("INSERT INTO c VALUES (1)");
    db->execute("INSERT INTO p VALUES (1)");
    EXPECT_FALSE(db->has_deferred_violations());
    tx.commit();
  }
  Transaction tx(*db, Transaction::Mode::write);
  db->execute("INSERT INTO c VALUES (2)");
  EXPECT_EQ(code_of([&] { tx.commit(); }), ErrorCode::constraint_violation);
}

TEST_F(PostgresTest, copy_to_or_from_the_client_ends_and_the_connection_goes_on) {
  db->execute("CREATE TABLE t (n bigint); INSERT INTO t VALUES (1)");
  db->execute("COPY t TO STDOUT");
  EXPECT_THROW(db->execute("COPY t FROM STDIN"), Error);
  EXPECT_EQ(db->value("SELECT count(*) FROM t"), integer(1));
}

}  // namespace
}  // namespace reeve::engine
