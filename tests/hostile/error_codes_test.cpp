// Each code of reeve::Error has a cause that a caller can meet.

#include "state/migrate.h"
#include "state/transfer.h"
#include "state/vault_test.h"

#include <sys/resource.h>

#include <csignal>
#include <map>

namespace reeve::state {
namespace {

using testing::vault_sources;
using testing::Workshop;

/// What a call ends with: the code of its Error or of its Rejection; nothing when it was accepted.
template <typename Call>
std::string code_of(Call call) {
  try {
    const Outcome outcome = call();
    return outcome.accepted() ? std::string() : std::string(name_of(outcome.rejection().code));
  } catch (const Error& error) {
    return std::string(name_of(error.code()));
  }
}

/// A copy of the ledger without its seed.
void copy_without_seed(const std::string& file, const std::string& copy) {
  std::vector<std::string> lines;
  export_journal(file, [&](std::string_view line) { lines.emplace_back(line); });
  std::size_t place = 0;
  import_journal(
      [&](std::string& line) {
        line = place < lines.size() ? lines[place] : std::string();
        return place++ < lines.size();
      },
      copy);
}

/// A commit while files may not grow.
std::string commit_on_a_full_disk(Ledger& vault) {
  rlimit old_limit{};
  getrlimit(RLIMIT_FSIZE, &old_limit);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit none = old_limit;
  none.rlim_cur = 1;
  setrlimit(RLIMIT_FSIZE, &none);
  const std::string code = code_of([&] { return vault.commit("day.ended", "{}"); });
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
  return code;
}

TEST(error_codes, each_has_a_cause_that_a_caller_can_meet) {
  const Workshop workshop;
  const std::string file = workshop.path("vault.db");
  const std::string folder = workshop.blueprint(vault_sources());
  LedgerOptions options;
  options.busy_ms_max = 20;
  Ledger vault = Ledger::create(file, folder, options);
  ASSERT_TRUE(vault.commit("owner.joined", R"({"owner_id":"o","name":"O"})").accepted());
  ASSERT_TRUE(vault.commit("account.opened", R"({"account_id":"a","owner_id":"o"})").accepted());
  const Head before = vault.head();
  const auto commit = [&](const char* type, const std::string& payload, const CommitOptions& given = {}) {
    return code_of([&] { return vault.commit(type, payload, given); });
  };
  std::map<std::string, std::string> met;  // by the code that is expected
  met["invalid_input"] = commit("day.ended", "{");
  met["not_found"] = commit("day.begun", "{}");
  met["unique_violation"] = commit("owner.joined", R"({"owner_id":"o","name":"O"})");
  met["constraint_violation"] = commit("account.debited", R"({"account_id":"a","amount":1})");
  met["conflict"] = commit("day.ended", "{}", {.expected = Sequence{1}});
  met["limit_exceeded"] = commit("day.ended", "{\"x\":\"" + std::string(2'000'000, 'x') + "\"}");
  {
    const auto other = engine::Connection::open(file, engine::OpenMode::read_write);
    const engine::Transaction tx(*other, engine::Transaction::Mode::write);
    met["retryable"] = commit("day.ended", "{}");
  }
  met["commit_unknown"] = commit_on_a_full_disk(vault);
  met["unavailable"] = code_of([&]() -> Outcome {
    Ledger::create(workshop.path("no/such/folder.db"), folder);
    return Receipt{};
  });
  copy_without_seed(file, workshop.path("copy.db"));
  met["denied"] = code_of(
      [&] { return Ledger::open(workshop.path("copy.db")).command("gamble", R"({"account_id":"a"})"); });
  met["bad_statement"] = code_of([&]() -> Outcome {
    blueprint::Sources wrong = vault_sources();
    wrong.files.at("events/day.ended.v1.sql") = "UPDATE calendar SET day = yesterday;\n";
    migrate_up(file, wrong);
    return Receipt{};
  });
  met["type_mismatch"] = code_of([&]() -> Outcome {
    Rows rows = vault.query("accounts");
    rows.next();
    rows.as<bool>();
    return Receipt{};
  });
  workshop.write("text.db", std::string(5'000, 't'));
  met["corrupt"] = code_of([&]() -> Outcome {
    Ledger::open(workshop.path("text.db"));
    return Receipt{};
  });
  met["internal"] = code_of([&]() -> Outcome {
    Outcome(Rejection{"no", ErrorCode::conflict}).receipt();
    return Receipt{};
  });
  for (const auto& [expected, code] : met) EXPECT_EQ(code, expected);
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    EXPECT_TRUE(met.contains(std::string(name_of(static_cast<ErrorCode>(code))))) << code;
  }
  EXPECT_EQ(vault.head().chain_hash, before.chain_hash);
  EXPECT_TRUE(vault.commit("day.ended", "{}").accepted());
  testing::expect_equal(file);
}

}  // namespace
}  // namespace reeve::state
