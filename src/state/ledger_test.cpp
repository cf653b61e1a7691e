#include "state/ledger_fixture_test.h"

#include <future>

namespace reeve::state {
namespace {

using testing::error_of;
using testing::expect_equal;
using testing::reason_of;

using ledger = LedgerTest;

TEST_F(ledger, starts_with_its_creation_and_its_migrations_as_events) {
  Ledger vault = create();
  EXPECT_EQ(vault.name(), "vault");
  EXPECT_EQ(vault.title(), "The Vault");
  EXPECT_EQ(vault.head().sequence.value, 2);
  EXPECT_EQ(text("SELECT type FROM reeve_events WHERE sequence = 1"), "reeve.ledger_created");
  EXPECT_EQ(text("SELECT type FROM reeve_events WHERE sequence = 2"), "reeve.schema_migrated");
  EXPECT_EQ(number("SELECT day FROM calendar"), 1);
  expect_equal(file);
  EXPECT_EQ(error_of([&] { create(); }).code(), ErrorCode::conflict);
  expect_equal(file);
}

TEST_F(ledger, commits_an_event_and_its_rows) {
  Ledger vault = create();
  const Outcome outcome =
      vault.commit("owner.joined", R"({"name":"Ann","owner_id":"ann"})", {.actor = "clerk"});
  ASSERT_TRUE(outcome.accepted());
  EXPECT_EQ(outcome.receipt().first.value, 3);
  EXPECT_EQ(outcome.receipt().count, 1);
  EXPECT_FALSE(outcome.receipt().repeated);
  EXPECT_EQ(vault.head().sequence.value, 3);
  EXPECT_EQ(text("SELECT name FROM owners WHERE owner_id = 'ann'"), "Ann");
  EXPECT_EQ(text("SELECT payload FROM reeve_events WHERE sequence = 3"),
            R"({"name":"Ann","owner_id":"ann"})");
  EXPECT_EQ(text("SELECT actor FROM reeve_events WHERE sequence = 3"), "clerk");
  EXPECT_EQ(number("SELECT moment FROM reeve_events WHERE sequence = 3"), 1);
  expect_equal(file);
}

TEST_F(ledger, refuses_by_schema_check_expect_and_constraint_and_stores_nothing) {
  Ledger vault = create();
  furnish(vault);
  const Head before = vault.head();
  struct Case {
    bool command;
    const char* name;
    const char* payload;
    ErrorCode code;
    const char* reason;
  };
  for (const Case& one : {
           Case{false, "owner.joined", R"({"owner_id":"c"})", ErrorCode::invalid_input, "name"},
           Case{false, "owner.joined", R"({"owner_id":"c","name":"C","more":1})", ErrorCode::invalid_input,
                "more"},
           Case{false, "owner.joined", R"({"owner_id":"c","name":"C","born":"1969-02-30"})",
                ErrorCode::invalid_input, "/born"},
           Case{false, "account.credited", R"({"account_id":"a","amount":0})", ErrorCode::invalid_input,
                "/amount"},
           Case{false, "account.credited", R"({"account_id":"zz","amount":1})",
                ErrorCode::constraint_violation, "unknown account zz"},
           Case{false, "account.debited", R"({"account_id":"a","amount":101})",
                ErrorCode::constraint_violation, "account.debited"},
           Case{false, "account.opened", R"({"account_id":"c","owner_id":"zz"})",
                ErrorCode::constraint_violation, "account.opened"},
           Case{false, "owner.joined", R"({"owner_id":"ann","name":"C"})", ErrorCode::unique_violation,
                "owner.joined"},
           Case{false, "owner.joined",
                R"({"owner_id":"c","name":"12345678901234567890123456789012345678901"})",
                ErrorCode::constraint_violation, ""},
           Case{true, "open", R"({"account_id":"c","owner_id":"zz"})", ErrorCode::constraint_violation,
                "unknown owner zz"},
           Case{true, "withdraw", R"({"account_id":"a","amount":101})", ErrorCode::constraint_violation,
                "a does not hold 101"},
           Case{true, "withdraw", R"({"account_id":"a","amount":"1"})", ErrorCode::invalid_input, "/amount"},
           // Its second event is refused: the first goes with it.
           Case{true, "transfer", R"({"from_id":"a","to_id":"zz","amount":1})",
                ErrorCode::constraint_violation, "unknown account zz"},
       }) {
    const Outcome outcome =
        one.command ? vault.command(one.name, one.payload) : vault.commit(one.name, one.payload);
    ASSERT_FALSE(outcome.accepted()) << one.name << one.payload;
    EXPECT_EQ(outcome.rejection().code, one.code) << one.name << one.payload << outcome.rejection().reason;
    EXPECT_NE(outcome.rejection().reason.find(one.reason), std::string::npos) << outcome.rejection().reason;
    EXPECT_EQ(vault.head().sequence.value, before.sequence.value) << one.payload;
  }
  EXPECT_EQ(vault.head().state_hash, before.state_hash);
  EXPECT_EQ(vault.head().chain_hash, before.chain_hash);
  expect_equal(file);
}

TEST_F(ledger, keeps_several_events_of_one_command_together) {
  Ledger vault = create();
  furnish(vault);
  const Outcome outcome = vault.command("transfer", R"({"from_id":"a","to_id":"b","amount":30})");
  ASSERT_TRUE(outcome.accepted()) << reason_of(outcome);
  EXPECT_EQ(outcome.receipt().count, 2);
  const std::string first = std::to_string(outcome.receipt().first.value);
  EXPECT_EQ(number("SELECT span FROM reeve_events WHERE sequence = " + first), 2);
  EXPECT_EQ(number("SELECT span FROM reeve_events WHERE sequence = 1 + " + first), 0);
  EXPECT_EQ(text("SELECT command FROM reeve_events WHERE sequence = 1 + " + first), "transfer");
  EXPECT_EQ(balance(vault, "a"), 70);
  EXPECT_EQ(balance(vault, "b"), 30);
  expect_equal(file);
}

TEST_F(ledger, accepts_a_command_that_decides_on_nothing) {
  Ledger vault = create();
  const Head before = vault.head();
  const Outcome outcome = vault.command("pay_all", R"({"amount":5})", {.key = "nothing"});
  ASSERT_TRUE(outcome.accepted());
  EXPECT_EQ(outcome.receipt().count, 0);
  EXPECT_EQ(vault.head().chain_hash, before.chain_hash);
  EXPECT_FALSE(vault.find_key("nothing").has_value());
}

TEST_F(ledger, refuses_a_decision_on_an_older_state) {
  Ledger vault = create();
  furnish(vault);
  const Sequence head = vault.head().sequence;
  ASSERT_TRUE(vault.commit("day.ended", "{}", {.expected = head}).accepted());
  const Error error = error_of([&] { vault.commit("day.ended", "{}", {.expected = head}); });
  EXPECT_EQ(error.code(), ErrorCode::conflict);
  EXPECT_FALSE(error.remedy().empty());
  EXPECT_EQ(vault.head().sequence.value, head.value + 1);
  ASSERT_TRUE(vault.commit("day.ended", "{}", {.expected = vault.head().sequence}).accepted());
}

TEST_F(ledger, gives_the_same_receipt_for_the_same_key) {
  std::optional<Ledger> vault(create());
  furnish(*vault);
  const std::string payload = R"({"from_id":"a","to_id":"b","amount":30})";
  const Outcome first = vault->command("transfer", payload, {.key = "order-1"});
  ASSERT_TRUE(first.accepted());
  const Head head = vault->head();
  for (int round = 0; round < 2; ++round) {
    // The same members in another order and spacing are the same payload.
    const Outcome again = vault->command(
        "transfer", R"({ "amount": 30.0, "to_id": "b", "from_id": "\u0061" })", {.key = "order-1"});
    ASSERT_TRUE(again.accepted());
    EXPECT_TRUE(again.receipt().repeated);
    EXPECT_EQ(again.receipt().first, first.receipt().first);
    EXPECT_EQ(again.receipt().count, 2);
    EXPECT_EQ(vault->head().chain_hash, head.chain_hash);
    for (const auto& use :
         {std::pair<const char*, std::string>{"transfer", R"({"from_id":"a","to_id":"b","amount":31})"},
          {"withdraw", R"({"account_id":"a","amount":30})"}}) {
      const Error error = error_of([&] { vault->command(use.first, use.second, {.key = "order-1"}); });
      EXPECT_EQ(error.code(), ErrorCode::conflict);
    }
    EXPECT_EQ(error_of([&] { vault->commit("day.ended", "{}", {.key = "order-1"}); }).code(),
              ErrorCode::conflict);
    const auto found = vault->find_key("order-1");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->first, first.receipt().first);
    EXPECT_EQ(found->count, 2);
    EXPECT_FALSE(vault->find_key("order-2").has_value());
    vault.reset();
    vault.emplace(open());
  }
  expect_equal(file);
}

TEST_F(ledger, frees_the_key_of_a_refused_submission) {
  Ledger vault = create();
  furnish(vault);
  const std::string payload = R"({"account_id":"a","amount":101})";
  EXPECT_FALSE(vault.command("withdraw", payload, {.key = "k"}).accepted());
  EXPECT_FALSE(vault.find_key("k").has_value());
  ASSERT_TRUE(vault.commit("account.credited", R"({"account_id":"a","amount":1})").accepted());
  const Outcome again = vault.command("withdraw", payload, {.key = "k"});
  ASSERT_TRUE(again.accepted());
  EXPECT_FALSE(again.receipt().repeated);
}

TEST_F(ledger, looks_a_key_up_before_it_compares_the_head) {
  Ledger vault = create();
  const Sequence head = vault.head().sequence;
  ASSERT_TRUE(vault.commit("day.ended", "{}", {.expected = head, .key = "once"}).accepted());
  EXPECT_TRUE(vault.commit("day.ended", "{}", {.expected = head, .key = "once"}).receipt().repeated);
}

TEST_F(ledger, takes_ids_and_times_that_are_given_and_refuses_an_id_twice) {
  Ledger vault = create();
  furnish(vault);
  const std::string id = "018f0000-0000-7000-8000-00000000000a";
  const CommitOptions given{.id = id, .time = "2020-02-29T12:00:00+02:00"};
  ASSERT_TRUE(vault.command("transfer", R"({"from_id":"a","to_id":"b","amount":1})", given).accepted());
  EXPECT_EQ(number("SELECT count(*) FROM reeve_events WHERE id = '" + id + "'"), 1);
  EXPECT_EQ(text("SELECT time FROM reeve_events WHERE id = '" + id + "'"), "2020-02-29T10:00:00.000000Z");
  const Outcome again = vault.commit("day.ended", "{}", given);
  ASSERT_FALSE(again.accepted());
  EXPECT_EQ(again.rejection().code, ErrorCode::unique_violation);
  // The ids of a command's later events follow from the first: taken ones refuse the command alone.
  const std::string second =
      text("SELECT id FROM reeve_events WHERE sequence = (SELECT max(sequence) FROM reeve_events)");
  ASSERT_NE(second, id);
  std::filesystem::remove(file);
  Ledger other =
      Ledger::create(workshop.path("other.db"), workshop.blueprint(testing::vault_sources()), options);
  furnish(other);
  ASSERT_TRUE(other.commit("day.ended", "{}", {.id = second}).accepted());
  const Outcome clash = other.command("transfer", R"({"from_id":"a","to_id":"b","amount":1})", given);
  ASSERT_FALSE(clash.accepted());
  EXPECT_EQ(clash.rejection().code, ErrorCode::unique_violation);
  expect_equal(workshop.path("other.db"));
}

TEST_F(ledger, turns_payloads_of_an_old_version_into_the_newest) {
  Ledger vault = create();
  furnish(vault);
  ASSERT_TRUE(vault.commit("account.rated", R"({"account_id":"a","percent":7})", {.version = 1}).accepted());
  EXPECT_EQ(text("SELECT payload FROM reeve_events ORDER BY sequence DESC LIMIT 1"),
            R"({"account_id":"a","rate":7})");
  EXPECT_EQ(number("SELECT version FROM reeve_events ORDER BY sequence DESC LIMIT 1"), 2);
  EXPECT_EQ(value("SELECT rate FROM accounts WHERE account_id = 'a'"), Value(7.0));
  EXPECT_FALSE(vault.commit("account.rated", R"({"account_id":"a","percent":7})").accepted());
  EXPECT_EQ(error_of([&] { vault.commit("account.rated", "{}", {.version = 3}); }).code(),
            ErrorCode::not_found);
  expect_equal(file);
}

TEST_F(ledger, seals_at_once_after_the_types_that_ask_for_it) {
  Ledger vault = create();
  std::vector<std::future<Outcome>> waiting;
  for (int i = 0; i < 6; ++i) {
    waiting.push_back(
        vault.submit(i % 2 == 1 ? "day.ended" : "owner.joined",
                     i % 2 == 1 ? "{}" : R"({"owner_id":"o)" + std::to_string(i) + R"(","name":"n"})"));
  }
  for (auto& outcome : waiting) EXPECT_TRUE(outcome.get().accepted());
  EXPECT_EQ(number("SELECT count(*) FROM reeve_events e WHERE type = 'day.ended' AND NOT EXISTS "
                   "(SELECT 1 FROM reeve_groups g WHERE g.last_sequence = e.sequence)"),
            0);
  expect_equal(file);
}

TEST_F(ledger, stamps_each_event_with_the_moment_before_it) {
  Ledger vault = create();
  for (int day = 1; day <= 3; ++day) {
    ASSERT_TRUE(vault.commit("day.ended", "{}").accepted());
  }
  Rows rows = vault.query("events", R"({"after":2})");
  for (std::int64_t day = 1; day <= 3; ++day) {
    ASSERT_TRUE(rows.next());
    const auto [sequence, type, version, moment] =
        rows.as<std::int64_t, std::string, std::int64_t, std::int64_t>();
    EXPECT_EQ(sequence, day + 2);
    EXPECT_EQ(moment, day);
  }
  EXPECT_FALSE(rows.next());
}

TEST_F(ledger, journals_the_rows_that_a_cascade_takes_and_doubles_that_are_integral) {
  Ledger vault = create();
  furnish(vault);
  const std::string rate = "SELECT typeof(rate) || rate FROM accounts WHERE account_id = 'a'";
  EXPECT_EQ(text(rate), "real2.0");
  ASSERT_TRUE(vault.commit("owner.left", R"({"owner_id":"ann"})").accepted());
  EXPECT_EQ(number("SELECT count(*) FROM accounts"), 1);
  const auto connection = engine::Connection::open(file, engine::OpenMode::read_only);
  const std::string changes = event_changes_json(*connection, vault.head().sequence.value);
  EXPECT_NE(changes.find(R"("key":{"account_id":"a"},"operation":"remove","table":"accounts")"),
            std::string::npos)
      << changes;
  EXPECT_NE(changes.find(R"("key":{"owner_id":"ann"},"operation":"remove","table":"owners")"),
            std::string::npos)
      << changes;
  EXPECT_NE(changes.find(R"("balance":100)"), std::string::npos) << changes;
  expect_equal(file);
}

TEST_F(ledger, charges_a_deferred_foreign_key_to_its_own_event) {
  Ledger vault = create();
  ASSERT_EQ(reason_of(vault.commit("pair.joined", R"({"one":"x","other":"y"})")), "");
  std::vector<std::future<Outcome>> waiting;
  for (int i = 0; i < 60; ++i) {
    const std::string name = std::to_string(i);
    if (i % 3 == 1) {
      waiting.push_back(
          vault.submit("member.joined", R"({"member_id":"m)" + name + R"(","partner_id":"nobody"})"));
    } else {
      waiting.push_back(
          vault.submit("member.joined", R"({"member_id":"m)" + name + R"(","partner_id":"x"})"));
    }
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const Outcome outcome = waiting[i].get();
    EXPECT_EQ(outcome.accepted(), i % 3 != 1) << i << reason_of(outcome);
    if (i % 3 == 1) {
      EXPECT_EQ(outcome.rejection().code, ErrorCode::constraint_violation);
    }
  }
  EXPECT_EQ(number("SELECT count(*) FROM members"), 42);
  expect_equal(file);
}

}  // namespace
}  // namespace reeve::state
