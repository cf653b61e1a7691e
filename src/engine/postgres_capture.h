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
  /// Reports what a statement on `table` returned of the rows that it changed. Where a row before and a row after come
  /// apart, all before are reported, as removed, and then all after, as inserted. Gives the number of rows.
  std::int64_t report_returned(const PGresult* rows, std::string_view table, std::string_view ledger,
                               ChangeSink& sink);

 private:
  struct Image {
    std::vector<ValueView> values;
    std::vector<std::string> places;
  };
  /// `before_column` has the row before, the next one the row after.
  void report_row(const PGresult* rows, int row, int before_column, const char* table,
                  std::string_view ledger, ChangeSink& sink);
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
