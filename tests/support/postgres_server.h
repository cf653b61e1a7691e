#pragma once
// A private PostgreSQL: a new cluster in a temporary folder, reached by a socket there, gone at the end. Its programs
// are Debian's of version 15, or those in the folder that REEVE_POSTGRES_PROGRAMS names.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace reeve::testing {

struct PostgresServerOptions {
  bool fsync = false;  ///< as it ships, for tests of what survives
  int connections_max = 30;
  std::vector<std::string> settings = {};  ///< more of them, as `name=value`
};

/// Runs as the user postgres when the test runs as root, which the server refuses. Not thread-safe.
class PostgresServer {
 public:
  /// Throws std::runtime_error when it can't be made or started.
  explicit PostgresServer(PostgresServerOptions options = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// One for all tests of a program, made at the first call.
  static PostgresServer& shared();

  /// For libpq and Reeve. The superuser is `test`, and everybody is trusted.
  std::string url(const std::string& database = "postgres", const std::string& user = "test") const;
  /// A new, empty database; its url.
  std::string create_database(const std::string& name);

  void start();
  /// As kill -9 of all its processes would: nothing is flushed, start() recovers.
  void stop_immediate();
  void stop();
  /// For a server that starts anew by itself, as after one of its processes was killed.
  void wait_until_it_answers();
  pid_t process() const { return process_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void stop_by(int signal);

  PostgresServerOptions options_;
  std::filesystem::path folder_;
  pid_t process_ = -1;
};

}  // namespace reeve::testing
