#pragma once
// A private PostgreSQL: a new cluster in a temporary folder, reached by a socket there, gone at the end.

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

struct pg_conn;

namespace reeve::test {

using Row = std::vector<std::optional<std::string>>;

/// What a statement answers: rows as text, or an error.
struct Answer {
  std::vector<Row> rows;
  std::optional<std::string> error;
};

class Postgres {
 public:
  /// Throws std::runtime_error when it can't be started.
  Postgres();
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  Answer run(const std::string& sql);

 private:
  std::filesystem::path folder_;
  pid_t process_ = -1;
  pg_conn* connection_ = nullptr;
};

}  // namespace reeve::test
