#pragma once
// What Statement does on PostgreSQL. Inside this module only.

#include "engine/postgres_session.h"

#include <deque>
#include <optional>

namespace reeve::engine {

class PostgresStatement {
 public:
  PostgresStatement(PostgresSession& session, std::shared_ptr<Prepared> prepared);
  ~PostgresStatement();
  PostgresStatement(const PostgresStatement&) = delete;
  PostgresStatement& operator=(const PostgresStatement&) = delete;

  void bind(int parameter, ValueView value);
  bool step();
  void run();
  void post();
  void reset();
  int column_count();
  std::string column_name(int column);
  ValueView column(int column);
  int parameter_count();

  /// For the session: reads the rest into memory, keeping an error for the next step.
  void buffer_rest();
  /// Runs to the end and keeps all rows: whole().
  void run_whole();
  /// What run_whole() or a pipeline's receive() left, until the reset.
  const PGresult* whole() const { return current_.get(); }
  /// For a pipeline: encodes what is bound and queues an execution.
  void queue();
  /// For a pipeline: takes over a result that was read, before its first row.
  void take(Result result);
  const Prepared& prepared() const { return *prepared_; }
  const std::shared_ptr<Prepared>& shared() const { return prepared_; }

 private:
  void start(bool row_by_row);
  bool take_row(Result result);
  void rewind();

  PostgresSession& session_;
  std::shared_ptr<Prepared> prepared_;
  std::vector<ValueView> values_;
  bool running_ = false;   ///< executed and not at its end
  bool received_ = false;  ///< from a pipeline
  bool on_wire_ = false;   ///< rows are still to be read from the session
  Result current_;
  int row_ = -1;
  int rows_ = 0;
  std::deque<Result> buffered_;
  std::optional<Error> kept_error_;
  struct Cell {
    std::string place;
    ValueView value;
    bool decoded = false;
  };
  std::vector<Cell> cells_;  ///< of the row at hand
};

}  // namespace reeve::engine
