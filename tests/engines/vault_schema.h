#pragma once
// A PostgreSQL schema with two ledgers of the vault, to be migrated.

#include "database.h"

#include "state/migrate.h"
#include "state/promote.h"

#include <string>

namespace reeve::testing {

inline blueprint::Sources with_grades() {
  blueprint::Sources sources = vault_sources();
  add_grades(sources);
  sources.files["queries/grades.sql"] =
      "-- name: grades :many\nSELECT account_id, grade FROM accounts ORDER BY account_id;\n";
  return sources;
}

class VaultSchema : public ::testing::Test {
 protected:
  VaultSchema() : database(database_name()) {}

  /// Ledgers with two owners, an account of each, and other money in each ledger.
  void furnish(std::initializer_list<const char*> names = {"north", "south"}) {
    const std::string folder = workshop.blueprint(vault_sources());
    int amount = 100;
    for (const char* name : names) {
      create_ledger(database.administrator(name), folder);
      Ledger ledger = open(name);
      const std::string credit = R"({"account_id":"a","amount":)" + std::to_string(amount++) + "}";
      for (const auto& [type, payload] : std::vector<std::pair<const char*, std::string>>{
               {"owner.joined", R"({"owner_id":"ann","name":"Ann","born":"1969-07-20"})"},
               {"owner.joined", R"({"owner_id":"bob","name":"Bob"})"},
               {"account.opened", R"({"account_id":"a","owner_id":"ann","rate":2})"},
               {"account.opened", R"({"account_id":"b","owner_id":"bob","notes":{"z":1}})"},
               {"account.credited", credit}}) {
        ASSERT_EQ(reason_of(ledger.commit(type, payload)), "");
      }
    }
  }

  Ledger open(const std::string& name) { return Ledger::open(database.application(name)); }
  void expect_all_equal() {
    for (const char* name : {"north", "south"}) {
      const state::Verification found = state::verify(database.application(name));
      EXPECT_TRUE(found.equal()) << name << "\n" << describe(found);
    }
  }
  std::int64_t number(const std::string& sql) const { return std::get<std::int64_t>(*database.value(sql)); }
  std::unique_ptr<engine::Connection> session() const {
    return engine::Connection::open_postgres(database.plain("test"), {.schema = "reeve"});
  }

  Workshop workshop;
  Database database;

 private:
  static std::string database_name() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return ("m_" + std::string(test->name())).substr(0, 60);
  }
};

}  // namespace reeve::testing
