// The same commands on SQLite and on PostgreSQL: the same verdicts, events, rows and hashes.

#include "database.h"
#include "support/dark_tower_campaign.h"

#include "state/promote.h"
#include "state/verify.h"

#include <barrier>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

namespace reeve::testing {
namespace {

int number_of(const char* variable, int otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::atoi(given) : otherwise;
}

/// A ledger of a blueprint in a file and its copy on PostgreSQL, with the same id and seed.
class engines : public ::testing::Test {
 protected:
  void make(const std::string& blueprint, const std::string& database_name) {
    file_ = workshop_.path("ledger.db");
    create_ledger(file_, blueprint);
    database_ = std::make_unique<Database>(database_name);
    const auto copied = state::promote(file_, database_->administrator(), {.progress = {}, .fence = false});
    ASSERT_TRUE(copied.equal());
    sqlite_.emplace(Ledger::open(file_));
    postgres_.emplace(Ledger::open(database_->application()));
  }

  void expect_equal_heads(std::int64_t after) {
    const Head left = sqlite_->head();
    const Head right = postgres_->head();
    ASSERT_EQ(left.sequence.value, right.sequence.value) << "after " << after;
    ASSERT_EQ(left.chain_hash.to_string(), right.chain_hash.to_string()) << "after " << after;
    ASSERT_EQ(left.state_hash.to_string(), right.state_hash.to_string()) << "after " << after;
  }

  Workshop workshop_;
  std::string file_;
  std::unique_ptr<Database> database_;
  std::optional<Ledger> sqlite_;
  std::optional<Ledger> postgres_;
};

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

/// The vault with an event whose first statement changes a row before its second is refused.
blueprint::Sources vault_with_moves() {
  blueprint::Sources sources = vault_sources();
  sources.files["events/account.moved.v1.json"] =
      R"({"type": "object", "properties": {"from_id": {"type": "string"}, "to_id": {"type": "string"},)"
      R"( "amount": {"type": "integer", "minimum": 1}}, "required": ["from_id", "to_id", "amount"]})";
  sources.files["events/account.moved.v1.sql"] =
      "UPDATE accounts SET balance = balance + :amount WHERE account_id = :to_id;\n"
      "-- expect 1: :from_id does not hold :amount\n"
      "UPDATE accounts SET balance = balance - :amount WHERE account_id = :from_id AND balance >= :amount;\n";
  return sources;
}

/// What the vault must be: no SQL, no sharing of code.
struct Vault {
  std::map<std::string, std::int64_t> accounts;
  int day = 1;
};

TEST_F(engines, random_batches_leave_what_the_model_says_on_both) {
  make(workshop_.blueprint(vault_with_moves()), "vault_model");
  const int commands = number_of("REEVE_ENGINE_COMMANDS", 20'000);
  std::mt19937_64 random(test_seed("vault on two engines"));
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    ASSERT_EQ(reason_of(ledger->commit(
                  "owner.joined", R"({"owner_id":"o","name":"O"})",
                  {.id = "018f0000-0000-7000-8000-00000000000a", .time = "2026-01-01T00:00:00Z"})),
              "");
  }
  Vault model;
  for (int done = 0; done < commands;) {
    const int batch = std::min<int>(commands - done, 1 + static_cast<int>(random() % 60));
    std::vector<std::future<Outcome>> left;
    std::vector<std::future<Outcome>> right;
    std::vector<bool> expected;
    for (int i = 0; i < batch; ++i) {
      const std::string account = "a" + std::to_string(random() % 30);
      const auto amount = static_cast<std::int64_t>(1 + random() % 50);
      const std::uint64_t kind = random() % 7;
      const auto found = model.accounts.find(account);
      std::string type;
      std::string payload = R"({"account_id":")" + account + R"(","amount":)" + std::to_string(amount) + "}";
      bool accepted = found != model.accounts.end();
      if (kind == 0) {
        type = "account.opened";
        payload = R"({"account_id":")" + account + R"(","owner_id":"o"})";
        accepted = model.accounts.emplace(account, 0).second;
      } else if (kind <= 3) {
        type = "account.credited";
        if (accepted) found->second += amount;
      } else if (kind == 6) {
        const std::string other = "a" + std::to_string(random() % 30);
        type = "account.moved";
        payload = R"({"from_id":")" + account + R"(","to_id":")" + other + R"(","amount":)" +
                  std::to_string(amount) + "}";
        // To nobody it is lost; to itself it is worth as much more while the amount is looked for.
        const auto to = model.accounts.find(other);
        accepted = accepted && found->second + (to == found ? amount : 0) >= amount;
        if (accepted) {
          if (to != model.accounts.end()) to->second += amount;
          found->second -= amount;
        }
      } else {
        type = "account.debited";
        accepted = accepted && found->second >= amount;
        if (accepted) found->second -= amount;
      }
      char id[37];
      std::snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012d", 1'000 + done + i);
      const CommitOptions options{.id = id, .time = "2026-01-01T00:00:00Z"};
      expected.push_back(accepted);
      left.push_back(sqlite_->submit(type, payload, options));
      right.push_back(postgres_->submit(type, payload, options));
    }
    for (int i = 0; i < batch; ++i) {
      const auto place = static_cast<std::size_t>(i);
      const Outcome one = left[place].get();
      const Outcome other = right[place].get();
      ASSERT_EQ(one.accepted(), expected[place]) << done + i << reason_of(one);
      ASSERT_EQ(other.accepted(), expected[place]) << done + i << reason_of(other);
      if (!one.accepted()) {  // the words of a constraint are the engine's, its code is not
        ASSERT_EQ(one.rejection().code, other.rejection().code) << reason_of(one) << reason_of(other);
      }
    }
    done += batch;
    expect_equal_heads(done);
  }
  for (Ledger* ledger : {&*sqlite_, &*postgres_}) {
    std::map<std::string, std::int64_t> balances;
    Rows rows = ledger->query("accounts");
    while (rows.next()) {
      const auto [account, balance] = rows.as<std::string, std::int64_t>();
      balances[account] = balance;
    }
    EXPECT_EQ(balances, model.accounts);
  }
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
