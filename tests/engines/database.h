#pragma once
// A new, empty PostgreSQL database of the shared private server, with an application's role beside the superuser.

#include "state/vault_test.h"
#include "support/postgres_server.h"

#include "engine/connection.h"

#include <optional>
#include <string>
#include <string_view>

namespace reeve::testing {

class Database {
 public:
  explicit Database(const std::string& name, PostgresServer& server = PostgresServer::shared())
      : server_(server), name_(name) {
    server_.create_database(name_);
  }

  /// For who makes ledgers and promotes.
  std::string administrator(std::string_view ledger = {}) const { return url("test", ledger); }
  /// For programs: a role that is a member of reeve_writer alone. A schema must have been made before.
  std::string application(std::string_view ledger = {}) const {
    execute(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN "
        "CREATE ROLE app LOGIN IN ROLE reeve_writer; END IF; END $$");
    return url("app", ledger);
  }
  /// As the superuser.
  void execute(const std::string& sql) const {
    engine::Connection::open_postgres(plain("test"))->execute(sql);
  }
  std::optional<Value> value(const std::string& sql) const {
    return engine::Connection::open_postgres(plain("test"))->value(sql);
  }
  std::string plain(const std::string& user) const { return server_.url(name_, user); }

 private:
  std::string url(const std::string& user, std::string_view ledger) const {
    return plain(user) + "&ledger=" + std::string(ledger);
  }

  PostgresServer& server_;
  std::string name_;
};

}  // namespace reeve::testing
