// The same commands on SQLite and on PostgreSQL: the same verdicts, events, rows and hashes.

#include "both_engines.h"
#include "support/dark_tower_campaign.h"

#include "state/verify.h"

#include <barrier>
#include <thread>

namespace reeve::testing {
namespace {

class engines : public BothEngines {};

TEST_F(engines, a_campaign_of_dark_tower_gives_equal_hashes_after_every_command) {
  make(project_file("blueprints/dark_tower").string(), "dark_tower_campaign");
  const int commands = number_of("REEVE_ENGINE_COMMANDS", 3'000);
  DarkTowerCampaign campaign(test_seed("dark tower on two engines"));
  for (int i = 0; i < commands; ++i) {
    const Submission next = campaign.next();
    const Outcome left = submit(*sqlite_, next);
    const Outcome right = submit(*postgres_, next);
    ASSERT_EQ(left.accepted(), next.accepted) << next.command << next.parameters << reason_of(left);
    ASSERT_EQ(reason_of(left), reason_of(right)) << next.command << next.parameters;
    expect_equal_heads(i);
  }
  const state::Verification found = state::verify(database_->application());
  EXPECT_TRUE(found.equal()) << (found.differences.empty() ? "" : found.differences[0].message);
  EXPECT_EQ(found.events, sqlite_->head().sequence.value);
}

TEST_F(engines, an_event_that_is_refused_after_it_changed_rows_leaves_none_changed) {
  make(workshop_.blueprint(vault_with_moves()), "vault_moves");
  const Head before = postgres_->head();
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    ASSERT_EQ(reason_of(ledger->commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
    ASSERT_EQ(reason_of(ledger->commit("account.opened", R"({"account_id":"a","owner_id":"o"})")), "");
    EXPECT_EQ(reason_of(ledger->commit("account.moved", R"({"from_id":"b","to_id":"a","amount":5})")),
              "b does not hold 5");
    Rows rows = ledger->query("account", R"({"account_id":"a"})");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.at(2).integer(), 0);
  }
  EXPECT_EQ(postgres_->head().sequence.value, before.sequence.value + 2);
  EXPECT_TRUE(state::verify(database_->application()).equal());
}

/// The code of the refusal.
std::string refusal_of(Ledger& ledger, const std::string& sql) {
  try {
    const Outcome outcome = ledger.execute(sql);
    return outcome.accepted() ? "accepted" : std::string(name_of(outcome.rejection().code));
  } catch (const Error& error) {
    return std::string(name_of(error.code()));
  }
}

TEST_F(engines, what_would_be_larger_or_of_another_year_than_a_ledger_holds_is_refused_by_both) {
  blueprint::Sources sources = vault_sources();
  std::string& settings = sources.files["blueprint.toml"];
  settings.insert(settings.find("\n[moment]"), "execute = true\n");
  make(workshop_.blueprint(sources), "vault_bounds");
  commit("owner.joined", R"({"owner_id":"last","name":"L","born":"9999-12-31"})");
  commit("owner.joined", R"({"owner_id":"first","name":"F","born":"0001-01-01"})");
  commit("owner.joined", R"({"owner_id":"none","name":"N"})");
  const auto both = [this](const std::string& value, std::string_view where = "true") {
    const std::string sql = fmt::format("UPDATE owners SET name = {} WHERE {}", value, where);
    std::string left = refusal_of(*sqlite_, sql);
    EXPECT_EQ(left, refusal_of(*postgres_, sql)) << sql;
    return left;
  };
  for (const char* value : {"repeat('x', 100000000)", "repeat(name, 100000000)", "lpad('x', 20000000, 'y')",
                            "lpad(name, 20000000)", "rpad('x', 20000000, 'y')", "rpad(name, 20000000)"}) {
    EXPECT_EQ(both(value), "limit_exceeded") << value;
  }
  for (const char* value :
       {"('9999-12-31'::date + 1)::text", "('0001-01-01'::date - 1)::text", "make_date(10000, 1, 1)::text",
        "make_date(-1, 1, 1)::text", "('9999-12-31T23:59:59Z'::timestamptz + interval '1 second')::text",
        "('0001-01-01T00:00:00Z'::timestamptz - interval '1 month')::text",
        "to_timestamp(253402300800)::text", "to_timestamp(-62135596801)::text",
        "date_trunc('decade', '0001-01-01T00:00:00Z'::timestamptz)::text",
        "('9999-12-31T23:59:59' || '-05:00')::timestamptz::text", "chr(0)", "chr(55296)", "chr(1114112)",
        "chr(-1)"}) {
    EXPECT_EQ(both(value), "invalid_input") << value;
  }
  EXPECT_EQ(both("(born + 1)::text", "owner_id = 'last'"), "invalid_input");
  EXPECT_EQ(both("(born - 1)::text", "owner_id = 'first'"), "invalid_input");
  EXPECT_EQ(both("(born - interval '1 day')::text", "owner_id = 'first'"), "invalid_input");
  expect_equal_heads(0);

  EXPECT_EQ(both("repeat(name, 3) || lpad(name, 5, '.') || rpad(name, -1) || chr(233)"), "accepted");
  EXPECT_EQ(both("coalesce((born - 1)::text, lpad(born::text, 20000000), chr(length(born::text)), '-')",
                 "owner_id <> 'first'"),
            "accepted");
  EXPECT_EQ(state::verify(file_).state_hash, state::verify(database_->application()).state_hash);
  EXPECT_TRUE(state::verify(database_->application()).equal());
}

TEST_F(engines, a_key_or_an_id_twice_in_one_batch_is_committed_once) {
  make(workshop_.blueprint(vault_sources()), "vault_twice");
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    ASSERT_EQ(reason_of(ledger->commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
    ASSERT_EQ(reason_of(ledger->commit("account.opened", R"({"account_id":"a","owner_id":"o"})")), "");
    constexpr int pairs = 100;
    const char* credit = R"({"account_id":"a","amount":1})";
    std::vector<std::future<Outcome>> keyed;
    std::vector<std::future<Outcome>> named;
    for (int i = 0; i < 2 * pairs; ++i) {
      const std::string number = std::to_string(100 + i / 2);
      keyed.push_back(ledger->submit("account.credited", credit, {.key = "k" + number}));
      named.push_back(
          ledger->submit("account.credited", credit, {.id = "018f0000-0000-7000-8000-000000000" + number}));
    }
    for (std::size_t i = 0; i < 2 * pairs; i += 2) {
      const Receipt first = keyed[i].get().receipt();
      const Receipt second = keyed[i + 1].get().receipt();
      EXPECT_FALSE(first.repeated);
      EXPECT_TRUE(second.repeated);
      EXPECT_EQ(first.first, second.first);
      EXPECT_EQ(reason_of(named[i].get()), "");
      EXPECT_EQ(named[i + 1].get().rejection().code, ErrorCode::unique_violation);
    }
    Rows rows = ledger->query("account", R"({"account_id":"a"})");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.at(2).integer(), 2 * pairs);
  }
  EXPECT_TRUE(state::verify(database_->application()).equal());
}

TEST_F(engines, two_writers_take_turns_at_one_ledger) {
  make(workshop_.blueprint(vault_sources()), "vault_two_writers");
  Ledger other = Ledger::open(database_->application());
  ASSERT_EQ(reason_of(postgres_->commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
  ASSERT_EQ(reason_of(other.commit("account.opened", R"({"account_id":"a","owner_id":"o"})")), "");
  constexpr int each = 150;
  std::vector<std::thread> threads;
  for (Ledger* ledger : {&*postgres_, &other}) {
    threads.emplace_back([ledger] {
      for (int i = 0; i < each; ++i) {
        EXPECT_EQ(reason_of(ledger->commit("account.credited", R"({"account_id":"a","amount":1})")), "");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Rows rows = other.query("account", R"({"account_id":"a"})");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ((std::get<2>(rows.as<std::string, std::string, std::int64_t>())), 2 * each);
  EXPECT_TRUE(state::verify(database_->application()).equal());
}

TEST_F(engines, thirty_two_clients_against_a_limit_of_two_leave_two) {
  make(project_file("blueprints/dark_tower").string(), "dark_tower_limit");
  const auto must = [&](const std::string& command, const std::string& parameters) {
    ASSERT_EQ(reason_of(postgres_->command(command, parameters)), "") << command;
  };
  must(
      "found_organization",
      R"({"subdomain":"acme","display_name":"Acme","max_concurrent_meetings":2,"max_participants_per_meeting":9})");
  must("create_user", R"({"user_id":"10000000-0000-4000-8000-000000000001","email":"a@acme.example",)"
                      R"("display_name":"A","password_hash":"$argon2id$v=19$x$y","role":"org_admin"})");
  // Several processes: each with a writer of its own.
  std::vector<Ledger> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(Ledger::open(database_->application()));
  constexpr int threads_count = 32;
  std::vector<std::string> reasons(threads_count);
  std::barrier start(threads_count);
  std::vector<std::thread> threads;
  for (int i = 0; i < threads_count; ++i) {
    threads.emplace_back([&, i] {
      char id[37];
      std::snprintf(id, sizeof id, "20000000-0000-4000-8000-%012d", i);
      start.arrive_and_wait();
      reasons[static_cast<std::size_t>(i)] = reason_of(clients[static_cast<std::size_t>(i % 4)].command(
          "create_meeting",
          std::string(R"({"meeting_id":")") + id +
              R"(","created_by":"10000000-0000-4000-8000-000000000001","display_name":"M",)" +
              R"("meeting_code":"code-)" + std::to_string(i) + R"(","join_secret_hash":")" +
              std::string(64, 'a') + "\"}"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  int accepted = 0;
  for (const std::string& reason : reasons) {
    accepted += reason.empty() ? 1 : 0;
    if (!reason.empty()) {
      EXPECT_NE(reason.find("limit reached"), std::string::npos) << reason;
    }
  }
  EXPECT_EQ(accepted, 2);
  EXPECT_TRUE(state::verify(database_->application()).equal());
}

}  // namespace
}  // namespace reeve::testing
