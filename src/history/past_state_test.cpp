// States after earlier events, compared with what was there then.

#include "history/past_test.h"
#include "state/promote.h"

#include <support/postgres_server.h>

namespace reeve::history {
namespace {

class past_state : public PastStateTest {};

TEST_F(past_state, at_any_event_has_the_hash_and_gives_the_answers_that_it_had_then) {
  random_engine.seed(testing::test_seed("past_state"));
  play_all();
  History history = History::open(file);
  for (int i = 0; i < 40; ++i) {
    auto one = known.begin();
    std::advance(one, roll(known.size()));
    expect_as_it_was(history, one->first);
  }
  expect_as_it_was(history, known.begin()->first);
  expect_as_it_was(history, known.rbegin()->first);
}

TEST_F(past_state, inside_of_a_group_is_proven_by_the_seal_behind_it) {
  Ledger ledger = create();
  furnish(ledger);
  ASSERT_EQ(testing::reason_of(ledger.command("pay_all", R"({"amount":3})")), "");
  const std::int64_t last = ledger.head().sequence.value;
  ASSERT_EQ(number("SELECT max(first_sequence) FROM reeve_groups"), last - 1);
  History history = History::open(file);
  EXPECT_TRUE(history.head({last - 1}).is_proven);
  EXPECT_EQ(history.query({last - 1}, "accounts").rows[0][1], Value(std::int64_t{103}));
  EXPECT_EQ(history.query({last - 1}, "accounts").rows[1][1], Value(std::int64_t{0}));
  // The journal alone says what was: a row that is changed behind Reeve's back is in no earlier state.
  meddle("UPDATE owners SET name = 'Eve' WHERE owner_id = 'bob'");
  EXPECT_TRUE(history.head({last - 1}).is_proven);
  EXPECT_EQ(history.query({last - 1}, "owners").rows[1][1], Value(std::string("Bob")));
}

TEST_F(past_state, refuses_what_was_not_there) {
  Ledger ledger = create();
  furnish(ledger);
  History history = History::open(file);
  EXPECT_EQ(testing::error_of([&] { history.query({1}, "accounts"); }).code(), ErrorCode::not_found);
  EXPECT_EQ(testing::error_of([&] { history.query({99}, "accounts"); }).code(), ErrorCode::not_found);
  EXPECT_EQ(testing::error_of([&] { history.query({4}, "nothing"); }).code(), ErrorCode::not_found);
  EXPECT_EQ(testing::error_of([&] { history.query({4}, "accounts", R"({"x":1})"); }).code(),
            ErrorCode::invalid_input);
  EXPECT_EQ(testing::error_of([&] { history.head({0}); }).code(), ErrorCode::not_found);
}

TEST_F(past_state, of_a_ledger_on_postgresql_is_the_same) {
  testing::PostgresServer& server = testing::PostgresServer::shared();
  server.create_database("past");
  const auto url = [&](const char* user) {
    const std::string base = server.url("past", user);
    return base + (base.find('?') == std::string::npos ? "?" : "&") + "ledger=vault";
  };
  random_engine.seed(testing::test_seed("past_state_on_postgresql"));
  play_all();
  state::PromoteOptions options_of_copy;
  options_of_copy.fence = false;
  state::promote(state::Location(file), state::Location::of(url("test")), options_of_copy);
  engine::Connection::open_postgres(server.url("past"))
      ->execute("CREATE ROLE past_app LOGIN IN ROLE reeve_writer");
  History history = History::open(url("past_app"));
  for (int i = 0; i < 8; ++i) {
    auto one = known.begin();
    std::advance(one, roll(known.size()));
    expect_as_it_was(history, one->first);
  }
}

}  // namespace
}  // namespace reeve::history
