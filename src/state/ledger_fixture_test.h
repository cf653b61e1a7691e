#pragma once
// A ledger of the vault in a file of its own, with a clock and dice that repeat.

#include "state/host.h"
#include "state/vault_test.h"

namespace reeve::state {

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() : file(workshop.path("vault.db")) {
    options.clock = &clock;
    options.random = &random;
  }

  Ledger create(const blueprint::Sources& sources = testing::vault_sources()) {
    return Ledger::create(file, workshop.blueprint(sources), options);
  }
  Ledger open() { return Ledger::open(file, options); }

  /// Two owners, an account of each, money on one.
  static void furnish(Ledger& ledger) {
    for (const auto& [type, payload] : std::vector<std::pair<const char*, const char*>>{
             {"owner.joined", R"({"owner_id":"ann","name":"Ann","born":"1969-07-20"})"},
             {"owner.joined", R"({"owner_id":"bob","name":"Bob"})"},
             {"account.opened", R"({"account_id":"a","owner_id":"ann","rate":2})"},
             {"account.opened", R"({"account_id":"b","owner_id":"bob","notes":{"z":1,"a":[true,null]}})"},
             {"account.credited", R"({"account_id":"a","amount":100})"}}) {
      ASSERT_EQ(testing::reason_of(ledger.commit(type, payload)), "");
    }
  }

  static std::int64_t balance(Ledger& ledger, const std::string& account) {
    Rows rows = ledger.query("account", R"({"account_id":")" + account + "\"}");
    EXPECT_TRUE(rows.next()) << account;
    return std::get<2>(rows.as<std::string, std::string, std::int64_t>());
  }

  /// What any SQLite tool reads in the file.
  Value value(std::string_view sql) const {
    return engine::Connection::open(file, engine::OpenMode::read_only)->value(sql).value_or(Null{});
  }
  std::int64_t number(std::string_view sql) const { return std::get<std::int64_t>(value(sql)); }
  std::string text(std::string_view sql) const { return std::get<std::string>(value(sql)); }
  /// Runs SQL behind Reeve's back.
  void meddle(std::string_view sql) const {
    engine::Connection::open(file, engine::OpenMode::read_write)->execute(sql);
  }

  testing::Workshop workshop;
  std::string file;
  testing::StepClock clock;
  testing::SeededRandom random{7};
  LedgerOptions options;
};

}  // namespace reeve::state
