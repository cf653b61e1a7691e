#include "engine/pipeline.h"
#include "engine/array.h"
#include "engine/postgres_fixture_test.h"

namespace reeve::engine {
namespace {

class PipelineTest : public PostgresTest {
 protected:
  PipelineTest() { db->execute("CREATE TABLE t (n bigint CONSTRAINT t_key PRIMARY KEY, s text)"); }
  std::int64_t count() { return std::get<std::int64_t>(*db->value("SELECT count(*) FROM t")); }
};

TEST_F(PipelineTest, each_execution_gives_its_own_result_in_order) {
  Statement insert = db->prepare("INSERT INTO t VALUES ($1, $2) RETURNING n * 2, s");
  Statement read = db->prepare("SELECT n FROM t WHERE n <= $1 ORDER BY n");
  Pipeline pipeline(*db);
  for (int i = 1; i <= 200; ++i) {
    const std::string text(100, static_cast<char>('a' + i % 26));
    insert.bind_integer(1, i);
    insert.bind_text(2, text);
    pipeline.send(insert);  // the text is gone when it is received
  }
  read.bind_integer(1, 3);
  pipeline.send(read);
  EXPECT_EQ(pipeline.outstanding(), 201U);
  for (int i = 1; i <= 200; ++i) {
    pipeline.receive(insert);
    EXPECT_EQ(db->changes(), 1);
    ASSERT_TRUE(insert.step());
    EXPECT_EQ(insert.integer(0), 2 * i);
    EXPECT_EQ(insert.text(1), std::string(100, static_cast<char>('a' + i % 26)));
    EXPECT_FALSE(insert.step());
  }
  pipeline.receive(read);
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(read.step());
    EXPECT_EQ(read.integer(0), i);
  }
  EXPECT_FALSE(read.step());
  EXPECT_EQ(pipeline.outstanding(), 0U);
}

TEST_F(PipelineTest, a_fault_is_its_own_statements_and_stops_those_behind_it_up_to_the_border) {
  Statement insert = db->prepare("INSERT INTO t (n) VALUES ($1)");
  const Transaction tx(*db, Transaction::Mode::write);
  Pipeline pipeline(*db);
  const auto send = [&](int n) {
    insert.bind_integer(1, n);
    pipeline.send(insert);
  };
  pipeline.send("SAVEPOINT s");
  send(1);
  send(1);
  send(2);
  pipeline.sync();
  pipeline.send("ROLLBACK TO s");
  send(3);
  pipeline.receive();
  pipeline.receive(insert);
  const Error error = error_of_call([&] { pipeline.receive(insert); });
  EXPECT_EQ(error.code(), ErrorCode::unique_violation);
  EXPECT_NE(error.message().find("t_key"), std::string::npos);
  EXPECT_EQ(code_of([&] { pipeline.receive(insert); }), ErrorCode::retryable);
  pipeline.receive();
  pipeline.receive(insert);
  EXPECT_EQ(db->value("SELECT n FROM t"), integer(3));
}

TEST_F(PipelineTest, another_use_of_the_connection_waits_for_what_is_queued) {
  Statement insert = db->prepare("INSERT INTO t (n) VALUES ($1)");
  Statement update = db->prepare("UPDATE t SET s = 'x'");
  Pipeline pipeline(*db);
  insert.bind_integer(1, 1);
  pipeline.send(insert);
  EXPECT_EQ(count(), 1);
  pipeline.send(update);  // prepared in between
  EXPECT_EQ(db->value("SELECT s FROM t"), text("x"));
  pipeline.receive(insert);
  pipeline.receive(update);
  EXPECT_EQ(db->changes(), 1);
  EXPECT_EQ(code_of([&] { pipeline.receive(insert); }), ErrorCode::internal) << "nothing is left";
  insert.bind_integer(1, 2);
  pipeline.send(insert);
  EXPECT_EQ(code_of([&] { pipeline.receive(update); }), ErrorCode::internal) << "another statement's";
}

TEST_F(PipelineTest, what_nobody_receives_is_dropped_with_the_pipeline) {
  Statement insert = db->prepare("INSERT INTO t (n) VALUES ($1)");
  {
    Transaction tx(*db, Transaction::Mode::write);
    Pipeline pipeline(*db);
    for (int i = 0; i < 3; ++i) {
      insert.bind_integer(1, 1);  // the second fails
      pipeline.send(insert);
    }
  }
  EXPECT_FALSE(db->in_transaction());
  EXPECT_EQ(count(), 0);
  insert.run();
  EXPECT_EQ(count(), 1);
}

TEST_F(PipelineTest, much_is_sent_and_answered_without_a_deadlock) {
  Statement echo = db->prepare("SELECT $1::text");
  const std::string large(100'000, 'x');
  Pipeline pipeline(*db);
  for (int i = 0; i < 200; ++i) {
    echo.bind_text(1, large);
    pipeline.send(echo);
  }
  for (int i = 0; i < 200; ++i) {
    pipeline.receive(echo);
    ASSERT_TRUE(echo.step());
    ASSERT_EQ(echo.text(0).size(), large.size());
  }
}

TEST_F(PipelineTest, a_transaction_in_a_pipeline_begins_and_ends_with_it) {
  db->set_ledger("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  Statement insert = db->prepare("INSERT INTO t VALUES ($1, current_setting('reeve.ledger_id'))");
  for (const bool commits : {false, true}) {
    Pipeline pipeline(*db);
    Transaction tx(*db, Transaction::Mode::write, pipeline);
    insert.bind_integer(1, 1);
    pipeline.send(insert);
    pipeline.receive(insert);
    EXPECT_TRUE(db->in_transaction());
    if (commits) {
      tx.commit();
      EXPECT_FALSE(db->in_transaction());
    }
  }
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(db->value("SELECT s FROM t"), text(db->ledger()));
}

TEST_F(PipelineTest, a_commit_whose_answer_is_lost_is_unknown) {
  Statement insert = db->prepare("INSERT INTO t (n) VALUES ($1)");
  const auto pid = std::get<std::int64_t>(*db->value("SELECT pg_backend_pid()"));
  {
    Pipeline pipeline(*db);
    Transaction tx(*db, Transaction::Mode::write, pipeline);
    insert.bind_integer(1, 1);
    pipeline.send(insert);
    pipeline.receive(insert);
    open()->value("SELECT pg_terminate_backend(" + std::to_string(pid) + ", 5000)");
    EXPECT_EQ(code_of([&] { tx.commit(); }), ErrorCode::commit_unknown);
  }
  EXPECT_FALSE(db->in_transaction());
  Transaction tx(*db, Transaction::Mode::write);
  insert.run();
  tx.commit();
  EXPECT_EQ(count(), 1);
}

TEST_F(PipelineTest, a_statement_that_is_run_meanwhile_goes_the_same_way_and_leaves_the_others_theirs) {
  Statement insert = db->prepare("INSERT INTO t (n) VALUES ($1)");
  Statement count_all = db->prepare("SELECT count(*) FROM t");
  count_all.run();  // prepared
  Pipeline pipeline(*db);
  const Transaction tx(*db, Transaction::Mode::write, pipeline);
  for (int n = 1; n <= 2; ++n) {
    insert.bind_integer(1, n);
    pipeline.send(insert);
  }
  ASSERT_TRUE(count_all.step());
  EXPECT_EQ(count_all.integer(0), 2);
  EXPECT_FALSE(count_all.step());
  EXPECT_EQ(pipeline.outstanding(), 2U);
  pipeline.receive(insert);
  pipeline.receive(insert);
  // What came row by row before the pipeline changes nothing for what is first in it.
  Statement rows = db->prepare("SELECT n FROM t ORDER BY n");
  ASSERT_TRUE(rows.step());
  rows.reset();
  pipeline.send(rows);
  pipeline.receive(rows);
  ASSERT_TRUE(rows.step());
  EXPECT_EQ(rows.integer(0), 1);
}

TEST_F(PipelineTest, what_was_posted_shows_its_fault_with_what_comes_after_it) {
  Statement insert = db->prepare("INSERT INTO t (n) VALUES ($1)");
  insert.bind_integer(1, 1);
  insert.post();  // outside of a pipeline it is run
  EXPECT_EQ(count(), 1);
  {
    Pipeline pipeline(*db);
    Transaction tx(*db, Transaction::Mode::write, pipeline);
    insert.post();
    EXPECT_EQ(code_of([&] { tx.commit(); }), ErrorCode::unique_violation);
  }
  Pipeline pipeline(*db);
  Transaction tx(*db, Transaction::Mode::write, pipeline);
  insert.bind_integer(1, 2);
  insert.post();
  db->post("SAVEPOINT s");
  tx.commit();
  EXPECT_EQ(count(), 2);
}

TEST_F(PipelineTest, what_is_dropped_after_a_fault_leaves_the_wire_free) {
  Statement insert = db->prepare("INSERT INTO t (n) VALUES ($1)");
  Pipeline pipeline(*db);
  Transaction tx(*db, Transaction::Mode::write, pipeline);
  db->post("SAVEPOINT s");
  for (int i = 0; i < 5; ++i) {
    insert.bind_integer(1, i / 2);  // the second fails
    pipeline.send(insert);
  }
  pipeline.receive(insert);
  EXPECT_EQ(code_of([&] { pipeline.receive(insert); }), ErrorCode::unique_violation);
  pipeline.drop();
  EXPECT_TRUE(db->is_aborted());
  EXPECT_EQ(pipeline.outstanding(), 0U);
  db->post("ROLLBACK TO s");
  insert.bind_integer(1, 7);
  pipeline.send(insert);
  pipeline.receive(insert);
  EXPECT_FALSE(db->is_aborted());
  tx.commit();
  EXPECT_EQ(db->value("SELECT n FROM t"), integer(7));
}

TEST_F(PipelineTest, a_statement_that_is_not_prepared_yet_is_not_run_behind_one_that_failed) {
  Statement insert = db->prepare("INSERT INTO t (n) VALUES ($1)");
  insert.bind_integer(1, 1);
  insert.run();
  Pipeline pipeline(*db);
  const Transaction tx(*db, Transaction::Mode::write, pipeline);
  insert.bind_integer(1, 1);
  pipeline.send(insert);
  Statement unprepared = db->prepare("SELECT count(*) + 1 FROM t");
  pipeline.send(unprepared);
  EXPECT_EQ(code_of([&] { pipeline.receive(insert); }), ErrorCode::unique_violation);
  EXPECT_EQ(code_of([&] { pipeline.receive(unprepared); }), ErrorCode::retryable);
  EXPECT_EQ(pipeline.outstanding(), 0U);
}

TEST_F(PipelineTest, a_session_that_is_ended_is_opened_anew_by_one_of_the_next_transactions) {
  db->set_ledger("018f0000-0000-7000-8000-000000000001");
  Statement insert = db->prepare("INSERT INTO t (n) VALUES ($1)");
  Statement rows = db->prepare("SELECT n FROM t");
  int n = 0;
  for (int round = 0; round < 30; ++round) {
    const auto pid = std::get<std::int64_t>(*db->value("SELECT pg_backend_pid()"));
    rows.step();  // row by row
    rows.reset();
    // Sometimes it is gone before the transaction, sometimes it goes while that begins.
    open()->value("SELECT pg_terminate_backend(" + std::to_string(pid) + (round % 2 == 0 ? ", 5000)" : ")"));
    bool committed = false;
    for (int attempt = 0; attempt < 3 && !committed; ++attempt) {
      try {
        Pipeline pipeline(*db);
        Transaction tx(*db, Transaction::Mode::write, pipeline);
        insert.bind_integer(1, ++n);
        insert.post();
        tx.commit();
        committed = true;
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::unavailable || error.code() == ErrorCode::commit_unknown)
            << error.what();
      }
    }
    EXPECT_TRUE(committed) << round;
  }
}

TEST_F(PipelineTest, arrays_carry_many_values_in_one_parameter) {
  Array numbers(Array::Of::bigint);
  Array texts(Array::Of::text);
  Array blobs(Array::Of::bytea);
  Statement insert = db->prepare(
      "SELECT n, s, b FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS u (n, s, b) ORDER BY n NULLS "
      "LAST");
  const auto read = [&] {
    numbers.bind(insert, 1);
    texts.bind(insert, 2);
    blobs.bind(insert, 3);
    std::vector<std::vector<Value>> rows;
    while (insert.step()) {
      rows.push_back({insert.column(0).to_value(), insert.column(1).to_value(), insert.column(2).to_value()});
    }
    return rows;
  };
  EXPECT_TRUE(read().empty());
  numbers.add(std::int64_t{-1});
  texts.add("");
  blobs.add(std::string_view("\0x", 2));
  numbers.add(std::int64_t{1} << 62);
  texts.add("{\"ä\",NULL}");
  blobs.add_null();
  numbers.add_null();
  texts.add_null();
  blobs.add("");
  const std::vector<std::vector<Value>> expected{
      {integer(-1), text(""), bytes(std::string_view("\0x", 2))},
      {integer(std::int64_t{1} << 62), text("{\"ä\",NULL}"), Null{}},
      {Null{}, Null{}, bytes("")}};
  EXPECT_EQ(read(), expected);
  numbers.clear();
  texts.clear();
  blobs.clear();
  EXPECT_TRUE(read().empty());
}

TEST_F(PipelineTest, arrays_of_uuids_and_times_are_those_that_the_texts_say) {
  const std::string id = "01890a5d-ac96-774b-bcce-b302099a8057";
  const std::vector<std::string> times = {"0001-01-01T00:00:00.000000Z", "1999-12-31T23:59:59.999999Z",
                                          "2000-01-01T00:00:00.000000Z", "2026-01-02T03:04:05.000006Z",
                                          "9999-12-31T23:59:59.999999Z"};
  Array ids(Array::Of::uuid);
  Array moments(Array::Of::timestamptz);
  for (const std::string& time : times) {
    ids.add(id);
    moments.add(time);
  }
  ids.add_null();
  moments.add_null();
  Statement read = db->prepare("SELECT unnest($1::uuid[]), unnest($2::timestamptz[])");
  ids.bind(read, 1);
  moments.bind(read, 2);
  for (const std::string& time : times) {
    ASSERT_TRUE(read.step());
    EXPECT_EQ(read.column(0).to_value(), text(id));
    EXPECT_EQ(read.column(1).to_value(), text(time));
  }
  ASSERT_TRUE(read.step());
  EXPECT_EQ(read.column(0).to_value(), Value(Null{}));
  EXPECT_EQ(read.column(1).to_value(), Value(Null{}));
  EXPECT_FALSE(read.step());
  for (const char* wrong :
       {"", "x", "01890A5D-AC96-774B-BCCE-B302099A8057", "01890a5d-ac96-774b-bcce-b302099a805",
        "01890a5d-ac96-774b-bcce-b302099a80577", "01890a5dac96-774b-bcce-b302099a8057-"}) {
    EXPECT_THROW(ids.add(wrong), Error) << wrong;
  }
  for (const char* wrong : {"", "now", "infinity", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z"}) {
    EXPECT_THROW(moments.add(wrong), Error) << wrong;
  }
}

}  // namespace
}  // namespace reeve::engine
