#pragma once
// A database whose tables hold two ledgers' rows: the one that is asked, and decoys under the same keys.

#include "postgres.h"

#include "sql/translation.h"

#include <string>
#include <vector>

namespace reeve::test {

class Tenants {
 public:
  /// In a database that orders text by a language's rules, so that whoever leaves the order to it is found out.
  Tenants();

  /// Runs a migration; its statements on rows run for both ledgers.
  void migrate(const sql::MigrationTranslation& migration);
  /// As the superuser, whom no policy binds: only the statement itself keeps the ledgers apart.
  Answer run(const sql::Translation& statement);
  /// As a role that policies bind.
  Answer run_as_writer(const sql::Translation& statement);

  /// Gives the decoy ledger a row for each key of the other, with other values.
  void add_decoys(const sql::Catalogue& catalogue);
  /// All rows of the decoy ledger, as text.
  std::string decoys(const sql::Catalogue& catalogue);

  Postgres& connection() { return connection_; }
  static const sql::PostgresRoles& roles();

 private:
  void must(const std::string& sql);

  Postgres connection_;
};

/// What a catalogue of PostgreSQL says of a schema, one line each; names of schemas left out.
std::string described(Postgres& connection, const std::string& schema);

}  // namespace reeve::test
