#pragma once
// A real pgvector: PGlite (PostgreSQL as WebAssembly) and its pgvector, which npm fetches once into the build folder, behind
// PostgreSQL's wire protocol (pglite/wire.mjs). What it is not: several clients at once. From BEGIN to the end of a transaction
// the others wait, so that a test holds no snapshot open while another connection works.

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

namespace reeve::testing {

class PgliteServer {
 public:
  /// One for all tests of a program, made at the first call. Null where there is no node or npm, and the machine is not that of
  /// continuous integration. Throws std::runtime_error when it can't be fetched or started.
  static PgliteServer* shared();
  ~PgliteServer();
  PgliteServer(const PgliteServer&) = delete;
  PgliteServer& operator=(const PgliteServer&) = delete;

  /// The superuser is `postgres`, and everybody is trusted. There is one database.
  std::string url(const std::string& user = "postgres") const;

 private:
  PgliteServer();
  static std::filesystem::path fetch();

  std::filesystem::path folder_;
  pid_t process_ = -1;
  int input_ = -1;  ///< its end is the server's
};

}  // namespace reeve::testing
