#pragma once
// A connection to the tests' private PostgreSQL that answers with text.

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
  /// Throws std::runtime_error when there is no server.
  explicit Postgres(const std::string& database = "postgres");
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  Answer run(const std::string& sql);
  /// One statement, with the values of its parameters as text.
  Answer run_with(const std::string& sql, const std::vector<std::string>& values);

 private:
  pg_conn* connection_ = nullptr;
};

}  // namespace reeve::test
