#pragma once
// Captured rows of PostgreSQL as changes. Inside this module only.

#include "engine/postgres_session.h"

#include <set>
#include <span>

namespace reeve::engine {

class PostgresCapture {
 public:
  explicit PostgresCapture(PostgresSession& session) : session_(session) {}

  /// The statement that takes the captured rows out, with its parameters bound; `ledger` must live until it
  /// was sent.
  void bind(Statement& drain, std::string_view ledger);
  /// Reports the rows of a result of it, in the order in which they changed. Null: they are only taken out.
  void report(const PGresult* rows, std::string_view ledger, ChangeSink* sink);

 private:
  struct Image {
    std::vector<ValueView> values;
    std::vector<std::string> places;
  };
  void decode(const PGresult* rows, int row, int column, std::string_view table, std::string_view ledger,
              Image& image);
  const char* stable_name(std::string_view table);

  PostgresSession& session_;
  std::set<std::string, std::less<>> names_;
  std::vector<std::pair<std::int64_t, int>> order_;
  std::int64_t last_ordinal_ = 0;
  std::uint64_t connection_ = 0;  ///< on which it was
  std::string ledger_;            ///< and of which
  Image before_;
  Image after_;
  std::string id_place_;
};

}  // namespace reeve::engine
