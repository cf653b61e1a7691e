#pragma once
// A PostgreSQL server for a benchmark, with ledgers, and what its processes take.

#include "shared/journaled.h"
#include "support/postgres_server.h"

#include "engine/connection.h"
#include "state/location.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// A private server as PostgreSQL ships, with fsync, and a role `app` as programs log in with. Refuses a temporary
/// folder in memory. A quick run is without fsync.
class Server {
 public:
  explicit Server(const Arguments& arguments, const std::vector<std::string>& settings = {});

  /// A new database with a ledger; as what Location takes, for the application.
  reeve::state::Location create_ledger(const std::string& database,
                                       const std::filesystem::path& blueprint = blueprint_folder(),
                                       const std::string& name = {});
  /// A new, empty database, for the superuser.
  std::string create_database(const std::string& database) { return server_.create_database(database); }
  std::string url(const std::string& database, const std::string& user) const {
    return server_.url(database, user);
  }
  /// As the superuser, in the schema of the ledgers.
  void execute(const std::string& database, const std::string& script) const;
  /// Makes the tables of a schema those that an author would have without Reeve: no triggers that capture, no row-level
  /// security. Keys, indexes and checks stay.
  void free_tables(const std::string& database) const;
  /// Seconds of CPU of all of its processes since the start; of those that are over to the hundredth.
  double cpu_seconds() const;

 private:
  reeve::testing::PostgresServer server_;
};

/// Seconds of CPU, user and kernel, of a server's process.
class BackendCpu {
 public:
  explicit BackendCpu(std::int64_t process);
  /// The one behind a connection.
  explicit BackendCpu(reeve::engine::Connection& connection);
  double seconds() const;

 private:
  std::string file_;
};

}  // namespace bench
