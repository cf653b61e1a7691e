#pragma once
// SQLite in memory with the registered functions, for the comparison of dialects only.

#include "base/value.h"

#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace reeve::test {

struct SqliteAnswer {
  std::vector<std::vector<Value>> rows;
  std::optional<std::string> error;
};

class Sqlite {
 public:
  /// Without the functions it is what any other tool has.
  explicit Sqlite(bool with_functions);
  ~Sqlite();
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  SqliteAnswer run(const std::string& sql);

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace reeve::test
