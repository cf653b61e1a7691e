#pragma once
// The vault with views and queries that a cache has to tell apart, in a file or on PostgreSQL.

#include "engines/database.h"
#include "state/vault_test.h"

#include <reeve/cache.h>
#include <reeve/ledger.h>

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::testing {

inline blueprint::Sources cached_vault_sources() {
  blueprint::Sources sources = vault_sources();
  sources.files["migrations/0001_core.up.sql"] +=
      "CREATE VIEW wealth AS SELECT o.owner_id, o.name, a.balance FROM owners o\n"
      "  JOIN accounts a ON a.owner_id = o.owner_id;\n";
  sources.files["migrations/0001_core.down.sql"] =
      "DROP VIEW wealth;\n" + sources.files["migrations/0001_core.down.sql"];
  sources.files["queries/cached.sql"] =
      "-- name: wealth :many\nSELECT owner_id, name, balance FROM wealth ORDER BY owner_id, balance;\n\n"
      "-- name: badges :many\nSELECT owner_id, number, label FROM badges ORDER BY owner_id, number;\n\n"
      "-- name: between :many\nSELECT account_id, balance FROM accounts\n"
      "WHERE balance >= :low::bigint AND balance <= :high::bigint ORDER BY account_id;\n\n"
      "-- name: clock :one\nSELECT now() AS at;\n\n"
      "-- name: changes :one\nSELECT reeve_changes(:number::bigint) AS changes;\n\n"
      "-- name: share :many\nSELECT account_id, 100 / balance AS share FROM accounts\n"
      "ORDER BY account_id;\n";
  return sources;
}

enum class On { sqlite, postgres };
inline std::string name_of_engine(const ::testing::TestParamInfo<On>& on) {
  return on.param == On::sqlite ? "sqlite" : "postgres";
}

class CachedVault : public ::testing::TestWithParam<On> {
 protected:
  CachedVault() {
    const std::string blueprint = workshop.blueprint(cached_vault_sources());
    if (GetParam() == On::postgres) {
      static int number = 0;
      database.emplace("cache_" + std::to_string(++number));
      create_ledger(database->administrator("vault"), blueprint);
      url = database->application("vault");
    } else {
      url = workshop.path("vault.db");
      create_ledger(url, blueprint);
    }
    ledger.emplace(Ledger::open(url));
    commit("owner.joined", R"({"owner_id":"ann","name":"Ann"})");
    commit("account.opened", R"({"account_id":"a","owner_id":"ann"})");
    commit("account.credited", R"({"account_id":"a","amount":100})");
  }

  std::string administrator() const { return database ? database->administrator("vault") : url; }
  void commit(std::string_view type, std::string_view payload) {
    EXPECT_EQ(reason_of(ledger->commit(type, payload)), "") << type;
  }
  void credit(int amount = 1) {
    commit("account.credited", R"({"account_id":"a","amount":)" + std::to_string(amount) + "}");
  }
  static std::int64_t balance(const CachedAnswer& accounts) {
    return std::get<std::int64_t>(accounts.table->at(0, 1));
  }
  static CachedAnswer::Origin origin(QueryCache& cache, std::string_view query,
                                     std::string_view parameters = "{}") {
    return cache.query(query, parameters).origin;
  }

  Workshop workshop;
  std::optional<Database> database;
  std::string url;
  std::optional<Ledger> ledger;
};

}  // namespace reeve::testing
