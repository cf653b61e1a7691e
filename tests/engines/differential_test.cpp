// Random submissions through SQLite, PostgreSQL and a model in memory.

#include "both_engines.h"
#include "vault_model.h"

#include "state/verify.h"

#include <atomic>
#include <latch>

namespace reeve::testing {
namespace {

class differential : public BothEngines {
 protected:
  struct Numbered {
    VaultMove move;
    std::string id;
    bool accepted = false;
  };
  using Verdicts = std::vector<Ledger::Verdict>;

  /// Hands all of them in before it waits for the first.
  static void hand_in(Ledger& ledger, const std::vector<Numbered>& batch, Verdicts& verdicts,
                      std::latch& left) {
    verdicts.assign(batch.size(), {});
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Numbered& next = batch[i];
      const CommitOptions options{.actor = "a", .id = next.id, .time = "2026-01-01T00:00:00Z"};
      const auto keep = [&verdict = verdicts[i], &left](Ledger::Verdict given) {
        verdict = std::move(given);
        left.count_down();
      };
      if (next.move.is_command()) {
        ledger.submit_command(next.move.name(), next.move.payload(), options, keep);
      } else {
        ledger.submit(next.move.name(), next.move.payload(), options, keep);
      }
    }
  }

  static void expect_as_foretold(const Numbered& next, const Ledger::Verdict& one,
                                 const Ledger::Verdict& other) {
    const std::string what = next.id + " " + next.move.name() + " " + next.move.payload();
    for (const Ledger::Verdict* verdict : {&one, &other}) {
      if (verdict->fault) std::rethrow_exception(verdict->fault);
      ASSERT_EQ(verdict->outcome->accepted(), next.accepted) << what << ": " << reason_of(*verdict->outcome);
    }
    if (next.accepted) {
      ASSERT_EQ(one.outcome->receipt().first, other.outcome->receipt().first) << what;
      ASSERT_EQ(one.outcome->receipt().count, other.outcome->receipt().count) << what;
    } else {  // the words of a constraint are the engine's, its code is not
      ASSERT_EQ(one.outcome->rejection().code, other.outcome->rejection().code)
          << what << reason_of(*one.outcome) << reason_of(*other.outcome);
    }
  }

  static void expect_as_the_model(Ledger& ledger, const VaultModel& model) {
    std::map<std::string, std::int64_t> balances;
    for (Rows rows = ledger.query("accounts"); rows.next();) {
      const auto [account, balance] = rows.as<std::string, std::int64_t>();
      balances[account] = balance;
    }
    EXPECT_EQ(balances, model.balances());
    std::map<std::string, std::string> members;
    for (Rows rows = ledger.query("members"); rows.next();) {
      const auto [member, partner] = rows.as<std::string, std::string>();
      members[member] = partner;
    }
    EXPECT_EQ(members, model.members());
    std::set<std::string> owners;
    for (Rows rows = ledger.query("owners"); rows.next();) owners.emplace(rows.at(0).text());
    EXPECT_EQ(owners, model.owners());
    Rows day = ledger.query("day");
    ASSERT_TRUE(day.next());
    EXPECT_EQ(day.at(0).integer(), model.day());
  }
};

/// Stretches of large batches in which next to nothing is refused, as they go through PostgreSQL's pipeline at once,
/// and of small ones in which every second is, so that each has a savepoint.
TEST_F(differential, random_commands_are_answered_by_both_as_the_model_says_and_leave_equal_hashes) {
  make(workshop_.blueprint(vault_with_moves()), "vault_model");
  const int commands = number_of("REEVE_ENGINE_COMMANDS", 100'000);
  std::mt19937_64 random(test_seed("vault on two engines"));
  VaultModel model;
  int refused = 0;
  for (int done = 0; done < commands;) {
    const bool calm = done / 5'000 % 4 != 3;
    const auto size = static_cast<std::size_t>(1 + random() % (calm ? 1'000 : 60));
    std::vector<Numbered> batch;
    while (batch.size() < size && done < commands) {
      Numbered next{VaultModel::draw(random), {}, false};
      next.accepted = model.accepts(next.move);
      if (calm && !next.accepted && random() % 5'000 != 0) continue;
      if (next.accepted) model.play(next.move);
      refused += next.accepted ? 0 : 1;
      char id[37];
      std::snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012d", ++done);
      next.id = id;
      batch.push_back(std::move(next));
    }
    std::latch left(static_cast<std::ptrdiff_t>(2 * batch.size()));
    Verdicts one;
    Verdicts other;
    hand_in(*sqlite_, batch, one, left);
    hand_in(*postgres_, batch, other, left);
    left.wait();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_as_foretold(batch[i], one[i], other[i]));
    }
    ASSERT_NO_FATAL_FAILURE(expect_equal_heads(done));
  }
  EXPECT_GT(refused, commands / 50) << "next to nothing was refused";
  expect_as_the_model(*sqlite_, model);
  expect_as_the_model(*postgres_, model);
}

}  // namespace
}  // namespace reeve::testing
