// Random commands against a model in memory, bad events among good ones, two processes on one file.
// REEVE_SEED repeats a run, REEVE_PROPERTY_COMMANDS sets the number of random commands.

#include "state/replay.h"
#include "state/vault_test.h"
#include "support/child_process.h"

#include <chrono>
#include <future>
#include <map>
#include <set>
#include <thread>

namespace reeve::state {
namespace {

using testing::ChildProcess;
using testing::expect_equal;
using testing::reason_of;
using testing::test_seed;
using testing::vault_sources;
using testing::Workshop;
using testing::write_line;

constexpr const char* child_argument = "--commit-so-many";

struct Submitted {
  bool command = false;
  std::string name;
  std::string payload;
  bool accepted = false;    ///< what the model says
  std::int64_t events = 0;  ///< of an accepted one
};

/// What the vault must be after every command: no SQL, no sharing of code.
class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed) {}

  /// Draws a command, says what must come of it, and moves on.
  Submitted next() {
    const std::string one = account();
    const std::string other = account();
    const auto amount = static_cast<std::int64_t>(1 + random_() % 50);
    switch (random_() % 12) {
      case 0:
        return answer(
            true, "open",
            R"({"account_id":")" + one + R"(","owner_id":")" + (random_() % 8 == 0 ? "nobody" : "o") + "\"}");
      case 1:
      case 2:
      case 3: return answer(false, "account.credited", of(one, amount));
      case 4: return answer(false, "account.debited", of(one, amount));
      case 5:
      case 6: return answer(true, "withdraw", of(one, amount));
      case 7: return answer(false, "account.closed", R"({"account_id":")" + one + "\"}");
      case 8: return answer(false, "day.ended", "{}");
      default:
        return answer(true, "transfer",
                      R"({"from_id":")" + one + R"(","to_id":")" + other + R"(","amount":)" +
                          std::to_string(amount) + "}",
                      one, other, amount);
    }
  }

  const std::map<std::string, std::int64_t>& accounts() const { return accounts_; }
  std::int64_t day() const { return day_; }

 private:
  std::string account() { return "a" + std::to_string(random_() % 40); }
  static std::string of(const std::string& account, std::int64_t amount) {
    return R"({"account_id":")" + account + R"(","amount":)" + std::to_string(amount) + "}";
  }

  Submitted answer(bool command, const std::string& name, const std::string& payload,
                   const std::string& from = {}, const std::string& to = {}, std::int64_t moved = 0) {
    Submitted out{command, name, payload, false, 1};
    const auto text = [&](const std::string& member) {
      const std::size_t at = payload.find("\"" + member + "\":\"") + member.size() + 4;
      return payload.substr(at, payload.find('"', at) - at);
    };
    const auto number = [&] { return std::stoll(payload.substr(payload.find("\"amount\":") + 9)); };
    if (name == "open") {
      out.accepted = text("owner_id") == "o" && accounts_.emplace(text("account_id"), 0).second;
    } else if (name == "day.ended") {
      out.accepted = true;
      ++day_;
    } else if (name == "transfer") {
      const auto source = accounts_.find(from);
      const auto target = accounts_.find(to);
      out.accepted = source != accounts_.end() && source->second >= moved && target != accounts_.end();
      out.events = 2;
      if (out.accepted) {
        source->second -= moved;
        target->second += moved;
      }
    } else {
      const auto found = accounts_.find(text("account_id"));
      if (found == accounts_.end()) return out;
      if (name == "account.credited") {
        out.accepted = true;
        found->second += number();
      } else if (name == "account.closed") {
        out.accepted = found->second == 0;
        if (out.accepted) accounts_.erase(found);
      } else {
        out.accepted = found->second >= number();
        found->second -= out.accepted ? number() : 0;
      }
    }
    return out;
  }

  std::mt19937_64 random_;
  std::map<std::string, std::int64_t> accounts_;
  std::int64_t day_ = 1;
};

std::map<std::string, std::int64_t> accounts_of(Ledger& vault) {
  std::map<std::string, std::int64_t> out;
  Rows rows = vault.query("accounts");
  while (rows.next()) {
    const auto [account, balance] = rows.as<std::string, std::int64_t>();
    out[account] = balance;
  }
  return out;
}

std::int64_t day_of(Ledger& vault) {
  Rows rows = vault.query("day");
  EXPECT_TRUE(rows.next());
  return std::get<0>(rows.as<std::int64_t>());
}

TEST(property, random_commands_leave_what_the_model_says) {
  const char* given = std::getenv("REEVE_PROPERTY_COMMANDS");
  const int commands = given != nullptr ? std::atoi(given) : 20'000;
  const Workshop workshop;
  const std::string file = workshop.path("vault.db");
  std::optional<Ledger> vault(Ledger::create(file, workshop.blueprint(vault_sources())));
  ASSERT_EQ(reason_of(vault->commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
  const std::uint64_t seed = test_seed("property model");
  Model model(seed);
  std::mt19937_64 batches(seed + 1);
  std::int64_t events = vault->head().sequence.value;
  int accepted = 0;
  for (int done = 0; done < commands;) {
    // Order of submission is order of decision, whatever shares a commit.
    const int batch = std::min<int>(commands - done, 1 + static_cast<int>(batches() % 100));
    std::vector<Submitted> expected;
    std::vector<std::promise<Ledger::Verdict>> verdicts(static_cast<std::size_t>(batch));
    for (int i = 0; i < batch; ++i) {
      expected.push_back(model.next());
      auto* verdict = &verdicts[static_cast<std::size_t>(i)];
      const auto callback = [verdict](Ledger::Verdict given_verdict) {
        verdict->set_value(std::move(given_verdict));
      };
      const Submitted& one = expected.back();
      one.command ? vault->submit_command(one.name, one.payload, {}, callback)
                  : vault->submit(one.name, one.payload, {}, callback);
    }
    for (int i = 0; i < batch; ++i) {
      const Submitted& one = expected[static_cast<std::size_t>(i)];
      const Ledger::Verdict verdict = verdicts[static_cast<std::size_t>(i)].get_future().get();
      ASSERT_TRUE(verdict.outcome.has_value()) << one.name << one.payload;
      ASSERT_EQ(verdict.outcome->accepted(), one.accepted)
          << "command " << done + i << ": " << one.name << one.payload << reason_of(*verdict.outcome);
      if (one.accepted) {
        ASSERT_EQ(verdict.outcome->receipt().first.value, events + 1);
        ASSERT_EQ(verdict.outcome->receipt().count, one.events);
        events += one.events;
        ++accepted;
      }
    }
    if (done / 1'000 != (done + batch) / 1'000 || done + batch == commands) {
      ASSERT_EQ(accounts_of(*vault), model.accounts()) << "after " << done + batch;
      ASSERT_EQ(day_of(*vault), model.day());
      ASSERT_EQ(vault->head().sequence.value, events);
    }
    if (done / 5'000 != (done + batch) / 5'000) {
      vault.reset();  // what is kept in memory is made anew from the file
      vault.emplace(Ledger::open(file));
    }
    done += batch;
  }
  EXPECT_GT(accepted, commands / 4);
  EXPECT_LT(accepted, commands);
  expect_equal(file);
  const Replay replayed = replay(file, {.by = ReplayBy::changeset, .progress = {}, .each = {}});
  EXPECT_EQ(replayed.events, events);
  EXPECT_EQ(to_hex(replayed.state_hash), vault->head().state_hash.to_string());
  EXPECT_EQ(accounts_of(*vault), model.accounts());
}

TEST(property, bad_events_never_harm_their_neighbours) {
  const Workshop workshop;
  const std::string blueprint = workshop.blueprint(vault_sources());
  const std::string file = workshop.path("mixed.db");
  const std::string plain_file = workshop.path("plain.db");
  std::mt19937_64 random(test_seed("bad neighbours"));
  struct One {
    std::string type;
    std::string payload;
    bool good = true;
  };
  std::vector<One> mix;
  for (int i = 0; i < 5'000; ++i) {
    const std::string n = std::to_string(i);
    if (random() % 5 == 0) {
      static const std::pair<const char*, const char*> bad[] = {
          {"account.credited", R"({"account_id":"nobody","amount":1})"},               // expect
          {"account.debited", R"({"account_id":"a","amount":999999999})"},             // CHECK
          {"owner.joined", R"({"owner_id":"o","name":"again"})"},                      // primary key
          {"account.opened", R"({"account_id":"q","owner_id":"nobody"})"},             // foreign key
          {"pair.joined", R"({"one":"same","other":"same"})"},                         // its second statement
          {"member.joined", R"({"member_id":"m","partner_id":"nobody"})"},             // deferred foreign key
          {"badge.given", R"({"owner_id":"o","number":1,"label":"first"})"},           // unique key
          {"account.credited", R"({"account_id":"a","amount":0})"},                    // schema
          {"account.rated", R"({"account_id":"a","rate":"high"})"},                    // schema
          {"account.gone", "{}"},                                                      // unknown type
          {"account.credited", R"({"account_id":"a","amount":9223372036854775807})"},  // not exact in JSON
      };
      const auto& [type, payload] = bad[random() % std::size(bad)];
      mix.push_back({type, payload, false});
    } else {
      switch (random() % 4) {
        case 0: mix.push_back({"owner.joined", R"({"owner_id":"o)" + n + R"(","name":"n"})", true}); break;
        case 1:
          mix.push_back(
              {"badge.given", R"({"owner_id":"o)" + n + R"(","number":7,"label":"l)" + n + "\"}", true});
          break;
        case 2:
          mix.push_back({"pair.joined", R"({"one":"x)" + n + R"(","other":"y)" + n + "\"}", true});
          break;
        default: mix.push_back({"account.credited", R"({"account_id":"a","amount":3})", true});
      }
    }
  }
  const auto begin = [&](const std::string& target) {
    testing::StepClock clock;
    LedgerOptions options;
    options.clock = &clock;
    Ledger vault = Ledger::create(target, blueprint, options);
    EXPECT_EQ(reason_of(vault.commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
    EXPECT_EQ(reason_of(vault.commit("account.opened", R"({"account_id":"a","owner_id":"o"})")), "");
    EXPECT_EQ(reason_of(vault.commit("badge.given", R"({"owner_id":"x","number":0,"label":"first"})")), "");
  };
  begin(file);
  begin(plain_file);
  Ledger mixed = Ledger::open(file);
  std::vector<std::future<Outcome>> verdicts;
  for (const One& one : mix) verdicts.push_back(mixed.submit(one.type, one.payload));
  int bad = 0;
  for (std::size_t i = 0; i < mix.size(); ++i) {
    bool accepted = false;
    std::string reason;
    try {
      const Outcome outcome = verdicts[i].get();
      accepted = outcome.accepted();
      reason = reason_of(outcome);
    } catch (const Error& error) {
      reason = error.what();
    }
    ASSERT_EQ(accepted, mix[i].good) << i << ": " << mix[i].type << mix[i].payload << reason;
    bad += accepted ? 0 : 1;
  }
  EXPECT_GT(bad, 700);
  // The good ones alone give the same state.
  Ledger plain = Ledger::open(plain_file);
  verdicts.clear();
  for (const One& one : mix) {
    if (one.good) verdicts.push_back(plain.submit(one.type, one.payload));
  }
  for (auto& verdict : verdicts) ASSERT_TRUE(verdict.get().accepted());
  EXPECT_EQ(mixed.head().sequence, plain.head().sequence);
  EXPECT_EQ(mixed.head().state_hash, plain.head().state_hash);
  expect_equal(file);
}

/// The child: so many commits of its own, in bursts and alone; busy ones are tried again.
int commit_so_many(const std::string& file, const std::string& name, int commits) {
  Ledger vault = Ledger::open(file);
  write_line("ready");
  while (!std::filesystem::exists(file + ".go")) std::this_thread::sleep_for(std::chrono::microseconds(100));
  int refused = 0;
  int busy = 0;
  int bursts = 0;
  for (int i = 0; i < commits;) {
    const int burst = std::min(commits - i, ++bursts % 2 == 0 ? 1 : 10);
    std::vector<std::pair<std::string, std::future<Outcome>>> waiting;
    for (int k = 0; k < burst; ++k, ++i) {
      const std::string payload = R"({"owner_id":")" + name + std::to_string(i) + R"(","name":"n"})";
      waiting.emplace_back(payload, vault.submit("owner.joined", payload));
    }
    for (auto& [payload, verdict] : waiting) {
      try {
        refused += verdict.get().accepted() ? 0 : 1;
      } catch (const Error& error) {
        if (error.code() != ErrorCode::retryable) throw;
        ++busy;
        refused += vault.commit("owner.joined", payload).accepted() ? 0 : 1;
      }
    }
    if (bursts % 10 == 0) {
      const Outcome outcome = vault.command("transfer", R"({"from_id":"a","to_id":"b","amount":1})");
      refused += outcome.accepted() ? 0 : 1;
    }
  }
  write_line("done " + std::to_string(refused) + " refused, " + std::to_string(busy) + " busy");
  return refused;
}

TEST(property, two_processes_write_at_once) {
  constexpr int commits = 2'000;
  const Workshop workshop;
  const std::string file = workshop.path("vault.db");
  {
    Ledger vault = Ledger::create(file, workshop.blueprint(vault_sources()));
    ASSERT_EQ(reason_of(vault.commit("owner.joined", R"({"owner_id":"o","name":"O"})")), "");
    ASSERT_EQ(reason_of(vault.commit("account.opened", R"({"account_id":"a","owner_id":"o"})")), "");
    ASSERT_EQ(reason_of(vault.commit("account.opened", R"({"account_id":"b","owner_id":"o"})")), "");
    ASSERT_EQ(reason_of(vault.commit("account.credited", R"({"account_id":"a","amount":1000})")), "");
  }
  const std::int64_t before = Ledger::open(file).head().sequence.value;
  {
    ChildProcess one({child_argument, file, "one-", std::to_string(commits)});
    ChildProcess two({child_argument, file, "two-", std::to_string(commits)});
    for (ChildProcess* child : {&one, &two}) {
      EXPECT_EQ(child->read_line(), "ready");
    }
    workshop.write("vault.db.go", "");  // both at once
    for (ChildProcess* child : {&one, &two}) {
      EXPECT_EQ(child->read_line().substr(0, 14), "done 0 refused");
      EXPECT_EQ(child->wait(), 0);
    }
  }
  Ledger vault = Ledger::open(file);
  std::set<std::string> owners;
  Rows rows = vault.query("owners");
  while (rows.next()) owners.insert(std::get<0>(rows.as<std::string>()));
  EXPECT_EQ(owners.size(), 1U + 2 * commits);
  const std::int64_t transfers = accounts_of(vault)["b"];
  EXPECT_GT(transfers, 10);
  EXPECT_EQ(accounts_of(vault)["a"], 1000 - transfers);
  EXPECT_EQ(vault.head().sequence.value, before + 2 * commits + 2 * transfers);
  expect_equal(file);
}

}  // namespace
}  // namespace reeve::state

int main(int argc, char** argv) {
  if (argc == 5 && std::string(argv[1]) == reeve::state::child_argument) {
    return reeve::state::commit_so_many(argv[2], argv[3], std::atoi(argv[4]));
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
