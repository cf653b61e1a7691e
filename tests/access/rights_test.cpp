// On PostgreSQL the access database is for whoever was given a right on it, and for nobody else: also not for an application of
// ledgers in the same database.

#include "installation.h"

#include <fmt/format.h>

namespace reeve::testing {
namespace {

TEST(access_schema, is_closed_to_who_was_given_no_right) {
  const Workshop workshop;
  const std::string keys = workshop.path("master.keys");
  access::add_master_key(keys, system_random());
  const Database database("access_rights");
  Access access = Access::open(database.plain("test"), {.master_key_file = keys});
  access.set_secret({"ann", "openai"}, "sk-example");
  create_ledger(database.administrator(), workshop.blueprint(vault_sources()));
  Ledger ledger = Ledger::open(database.application());  // a login that may write to ledgers

  const std::string application = database.plain("app");
  EXPECT_EQ(error_of([&] { Access::open(application, {.master_key_file = keys}); }).code(),
            ErrorCode::denied);
  const auto connection = engine::Connection::open_postgres(application);
  int tables = 0;
  for (const char* table : {"format", "keys", "secrets", "tokens", "passwords", "failures"}) {
    ++tables;
    for (const char* statement :
         {"SELECT count(*) FROM reeve_access.reeve_access_{}", "DELETE FROM reeve_access.reeve_access_{}"}) {
      EXPECT_EQ(error_of([&] { connection->execute(fmt::format(fmt::runtime(statement), table)); }).code(),
                ErrorCode::denied)
          << table;
    }
  }
  EXPECT_EQ(database.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'reeve_access'"),
            Value(std::int64_t{tables}))
      << "another table is not looked at here";

  // One who is let in may work, and makes nothing.
  database.execute(
      "CREATE ROLE gate LOGIN; GRANT USAGE ON SCHEMA reeve_access TO gate; "
      "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA reeve_access TO gate");
  Access gate = Access::open(database.plain("gate"), {.master_key_file = keys});
  EXPECT_EQ(gate.find_secret({"ann", "openai"})->text(), "sk-example");
}

}  // namespace
}  // namespace reeve::testing
