#pragma once
// A piece of a statement as each engine is asked it. The analyser composes both in one walk; where the engines
// are asked alike, one text stands for both.

#include <string>
#include <string_view>
#include <utility>

namespace reeve::sql {

struct Text {
  std::string sqlite;
  std::string postgres;

  Text() = default;
  Text(std::string both) : sqlite(both), postgres(std::move(both)) {}
  Text(const char* both) : Text(std::string(both)) {}
  explicit Text(std::string_view both) : Text(std::string(both)) {}
  Text(std::string for_sqlite, std::string for_postgres)
      : sqlite(std::move(for_sqlite)), postgres(std::move(for_postgres)) {}

  bool empty() const { return sqlite.empty() && postgres.empty(); }

  Text& operator+=(const Text& more) {
    sqlite += more.sqlite;
    postgres += more.postgres;
    return *this;
  }
  friend Text operator+(Text left, const Text& right) {
    left += right;
    return left;
  }
};

}  // namespace reeve::sql
