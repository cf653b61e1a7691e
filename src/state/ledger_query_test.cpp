#include "state/ledger_fixture_test.h"

#include <future>
#include <thread>

namespace reeve::state {
namespace {

using testing::error_of;
using testing::expect_equal;
using testing::reason_of;

using ledger_query = LedgerTest;

TEST_F(ledger_query, binds_parameters_by_name_and_names_an_unknown_one) {
  Ledger vault = create();
  furnish(vault);
  EXPECT_EQ(balance(vault, "a"), 100);
  Rows none = vault.query("account", "{}");  // a parameter that is left out is NULL
  EXPECT_FALSE(none.next());
  const Error unknown = error_of([&] { vault.query("account", R"({"acount_id":"a"})"); });
  EXPECT_EQ(unknown.code(), ErrorCode::invalid_input);
  EXPECT_NE(unknown.message().find("acount_id"), std::string::npos);
  EXPECT_EQ(error_of([&] { vault.query("account", "[]"); }).code(), ErrorCode::invalid_input);
  EXPECT_EQ(error_of([&] { vault.query("account", R"({"account_id":"a")"); }).code(),
            ErrorCode::invalid_input);
  EXPECT_EQ(error_of([&] { vault.query("account", R"({"account_id":5})"); }).code(),
            ErrorCode::invalid_input);
  EXPECT_EQ(error_of([&] { vault.query("acounts"); }).code(), ErrorCode::not_found);
  EXPECT_EQ(balance(vault, "a"), 100);  // the readers are still fit
}

TEST_F(ledger_query, reads_plain_parameters_as_any_others) {
  Ledger vault = create();
  furnish(vault);
  const auto balance_of = [&](std::string_view parameters) {
    Rows rows = vault.query("account", parameters);
    return rows.next() ? rows.at(2).integer() : -1;
  };
  for (const char* same : {R"({"account_id":"a"})", " {\n\t\"account_id\" : \"a\" } ",
                           R"({"account_id":"\u0061"})", R"({"\u0061ccount_id":"a"})"}) {
    EXPECT_EQ(balance_of(same), 100) << same;
  }
  for (const char* none :
       {"{}", R"({"account_id":null})", R"({"account_id":"\u00e4"})", R"({"account_id":""})"}) {
    EXPECT_EQ(balance_of(none), -1) << none;
  }
  for (const char* wrong : {R"({"account_id":"a","account_id":"a"})", R"({"account_id":"a",})",
                            R"({"account_id":"a"} x)", R"({"account_id":nul})", R"({"account_id":01})",
                            R"({"account_id":"a)", "{", "", "{\"account_id\":\"a\x01\"}"}) {
    EXPECT_EQ(error_of([&] { balance_of(wrong); }).code(), ErrorCode::invalid_input) << wrong;
  }
  EXPECT_EQ(balance(vault, "a"), 100);
}

TEST_F(ledger_query, is_told_by_nobody_what_time_it_is) {
  blueprint::Sources sources = testing::vault_sources();
  sources.files["queries/clock.sql"] = "-- name: clock :one\nSELECT now() AS seen;\n";
  Ledger vault = create(sources);
  const auto seen = [&](std::string_view parameters) {
    Rows rows = vault.query("clock", parameters);
    return rows.next() ? std::string(rows.at(0).text()) : "";
  };
  const std::string first = seen("{}");
  EXPECT_LT(first, seen("{}"));  // by the ledger's clock
  const Error refused = error_of([&] { seen(R"({"at":"2000-01-01T00:00:00Z"})"); });
  EXPECT_EQ(refused.code(), ErrorCode::invalid_input);
  EXPECT_NE(refused.message().find("the query clock has no parameter at"), std::string::npos);
}

TEST_F(ledger_query, decodes_strictly_and_names_the_column) {
  Ledger vault = create();
  furnish(vault);
  Rows rows = vault.query("account", R"({"account_id":"b"})");
  ASSERT_EQ(rows.columns().size(), 7U);
  EXPECT_EQ(rows.columns()[2].type, "bigint");
  EXPECT_EQ(rows.columns()[3].type, "double precision");
  EXPECT_EQ(rows.columns()[6].type, "jsonb");
  ASSERT_TRUE(rows.next());
  using Text = std::string;
  const auto row = rows.as<Text, Text, std::int64_t, double, std::optional<Text>, Text, Text>();
  EXPECT_EQ(std::get<0>(row), "b");
  EXPECT_EQ(std::get<3>(row), 0.0);
  EXPECT_FALSE(std::get<4>(row).has_value());
  EXPECT_EQ(std::get<5>(row).size(), 27U);
  EXPECT_EQ(std::get<6>(row), R"({"a":[true,null],"z":1})");
  const Error number = error_of([&] { rows.as<std::int64_t>(); });
  EXPECT_EQ(number.code(), ErrorCode::type_mismatch);
  EXPECT_NE(number.message().find("account_id"), std::string::npos);
  EXPECT_EQ(error_of([&] { rows.as<Text, Text, Text>(); }).code(), ErrorCode::type_mismatch);
  EXPECT_EQ(error_of([&] { rows.as<Text, Text, bool>(); }).code(), ErrorCode::type_mismatch);
  EXPECT_EQ((error_of([&] { rows.as<Text, Text, std::int64_t, double, Text>(); }).code()),
            ErrorCode::type_mismatch);
  EXPECT_EQ((error_of([&] { rows.as<Text, Text, double>(); }).code()), ErrorCode::type_mismatch);
  Rows owners = vault.query("owners");
  ASSERT_TRUE(owners.next());
  const auto owner = owners.as<Text, Text, std::optional<Text>, bool>();
  EXPECT_EQ(std::get<2>(owner), "1969-07-20");
  EXPECT_TRUE(std::get<3>(owner));
}

TEST_F(ledger_query, answers_from_one_snapshot_while_others_write) {
  Ledger vault = create();
  furnish(vault);
  const Sequence head = vault.head().sequence;
  Rows rows = vault.query("accounts");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.sequence(), head);
  ASSERT_TRUE(vault.commit("owner.left", R"({"owner_id":"bob"})").accepted());
  EXPECT_EQ(rows.sequence(), head);
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(std::get<0>(rows.as<std::string>()), "b");
  EXPECT_FALSE(rows.next());
  Rows fresh = vault.query("accounts");
  ASSERT_TRUE(fresh.next());
  EXPECT_FALSE(fresh.next());
}

TEST_F(ledger_query, an_answer_that_was_read_to_its_end_still_names_its_own_sequence) {
  Ledger vault = create();
  furnish(vault);
  Ledger other = open();
  for (const char* account : {"a", "nobody"}) {  // with a row and with none
    const Sequence head = vault.head().sequence;
    Rows rows = vault.query("account", std::string(R"({"account_id":")") + account + "\"}");
    while (rows.next()) {}
    ASSERT_TRUE(other.commit("account.credited", R"({"account_id":"a","amount":1})").accepted());
    EXPECT_EQ(rows.sequence(), head);
    Rows later = vault.query("account", std::string(R"({"account_id":")") + account + "\"}");
    EXPECT_EQ(later.sequence(), other.head().sequence);
  }
}

TEST_F(ledger_query, keeps_as_many_answers_open_as_are_asked_for) {
  Ledger vault = create();
  furnish(vault);
  std::vector<Rows> open;
  for (int i = 0; i < 20; ++i) {
    open.push_back(vault.query("accounts"));
    ASSERT_TRUE(open.back().next());
  }
  EXPECT_EQ(vault.head().sequence.value, 7);
}

TEST_F(ledger_query, answers_from_many_threads_while_it_is_written) {
  Ledger vault = create();
  furnish(vault);
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        Rows rows = vault.query("accounts");
        std::int64_t sum = 0;
        while (rows.next()) sum += std::get<1>(rows.as<std::string, std::int64_t>());
        wrong += sum != 100;  // transfers move money, none appears
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    const bool back = i % 2 == 1;
    const Outcome outcome = vault.command("transfer", back ? R"({"from_id":"b","to_id":"a","amount":30})"
                                                           : R"({"from_id":"a","to_id":"b","amount":30})");
    ASSERT_TRUE(outcome.accepted()) << reason_of(outcome);
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  expect_equal(file);
}

TEST_F(ledger_query, asynchronous_and_waiting_submitters_each_get_their_own_verdict) {
  Ledger vault = create();
  furnish(vault);
  std::atomic<int> called = 0;
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 150; ++i) {
        const std::string name = std::to_string(t) + "-" + std::to_string(i);
        const bool bad = i % 5 == 0;
        const std::string payload =
            bad ? R"({"account_id":"nobody","amount":1})" : R"({"owner_id":"o)" + name + R"(","name":"n"})";
        const char* type = bad ? "account.credited" : "owner.joined";
        if (i % 2 == 0) {
          vault.submit(type, payload, {.key = name}, [&, bad](const Ledger::Verdict& verdict) {
            ++called;
            right += verdict.outcome && verdict.outcome->accepted() != bad;
          });
        } else {
          const Outcome outcome = vault.commit(type, payload, {.key = name});
          ++called;
          right += outcome.accepted() != bad;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::promise<void> last;
  vault.submit("day.ended", "{}", {}, [&](const Ledger::Verdict&) { last.set_value(); });
  last.get_future().wait();
  EXPECT_EQ(called, 600);
  EXPECT_EQ(right, 600);
  EXPECT_EQ(number("SELECT count(*) FROM owners"), 2 + 4 * 120);
  expect_equal(file);
}

TEST_F(ledger_query, a_key_twice_in_one_batch_is_committed_once) {
  Ledger vault = create();
  furnish(vault);
  std::vector<std::future<Outcome>> waiting;
  for (int i = 0; i < 50; ++i) {
    // Pairs of the same, with a bad one after every second pair: the batch is run again.
    const std::string key = "k" + std::to_string(i / 2);
    waiting.push_back(vault.submit("account.credited", R"({"account_id":"a","amount":1})", {.key = key}));
    if (i % 4 == 3) waiting.push_back(vault.submit("pair.joined", R"({"one":"p","other":"p"})"));
  }
  int fresh = 0;
  int repeated = 0;
  int refused = 0;
  for (auto& verdict : waiting) {
    const Outcome outcome = verdict.get();
    refused += outcome.accepted() ? 0 : 1;
    fresh += outcome.accepted() && !outcome.receipt().repeated ? 1 : 0;
    repeated += outcome.accepted() && outcome.receipt().repeated ? 1 : 0;
  }
  EXPECT_EQ(fresh, 25);
  EXPECT_EQ(repeated, 25);
  EXPECT_EQ(refused, 12);
  EXPECT_EQ(balance(vault, "a"), 125);
  expect_equal(file);
}

TEST_F(ledger_query, two_ledgers_on_one_file_see_each_others_writes) {
  Ledger one = create();
  furnish(one);
  Ledger other = open();
  for (int i = 0; i < 40; ++i) {
    Ledger& writer = i % 3 == 0 ? one : other;
    const Outcome outcome =
        writer.command("transfer", i % 2 == 1 ? R"({"from_id":"b","to_id":"a","amount":30})"
                                              : R"({"from_id":"a","to_id":"b","amount":30})");
    ASSERT_TRUE(outcome.accepted()) << i << reason_of(outcome);
    ASSERT_EQ(one.head().chain_hash, other.head().chain_hash);
    ASSERT_EQ(balance(one, "a"), balance(other, "a"));
  }
  // A refusal in between leaves each fit.
  EXPECT_FALSE(one.command("withdraw", R"({"account_id":"a","amount":1000})").accepted());
  EXPECT_FALSE(other.commit("account.credited", R"({"account_id":"q","amount":1})").accepted());
  ASSERT_TRUE(one.commit("day.ended", "{}").accepted());
  expect_equal(file);
}

TEST_F(ledger_query, refuses_to_write_on_rows_that_were_changed_behind_it) {
  {
    Ledger vault = create();
    furnish(vault);
  }
  meddle("UPDATE accounts SET balance = 1000000 WHERE account_id = 'a'; DELETE FROM reeve_sums");
  Ledger vault = open();
  const Error error = error_of([&] { vault.commit("day.ended", "{}"); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_NE(error.remedy().find("verify"), std::string::npos);
}

}  // namespace
}  // namespace reeve::state
