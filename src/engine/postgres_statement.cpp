#include "engine/postgres_statement.h"

#include "engine/pipeline.h"

#include <fmt/format.h>

#include <utility>

namespace reeve::engine {

PostgresStatement::PostgresStatement(PostgresSession& session, std::shared_ptr<Prepared> prepared)
    : session_(session), prepared_(std::move(prepared)) {}

PostgresStatement::~PostgresStatement() { reset(); }

void PostgresStatement::bind(int parameter, ValueView value) {
  ensure(parameter > 0, "bind");
  if (received_) {
    rewind();  // what nobody read of a pipeline's result
  }
  const auto place = static_cast<std::size_t>(parameter - 1);
  if (place >= values_.size()) {
    values_.resize(place + 1);
  }
  values_[place] = value;
}

void PostgresStatement::rewind() {
  running_ = false;
  received_ = false;
  on_wire_ = false;
  current_ = nullptr;
  row_ = -1;
  rows_ = 0;
  buffered_.clear();
  kept_error_.reset();
  if (session_.streaming() == this) {
    session_.set_streaming(nullptr);
  }
}

void PostgresStatement::reset() {
  if (on_wire_) {
    session_.drain();
    session_.note_block();
  }
  rewind();
}

void PostgresStatement::queue() {
  reset();
  session_.ensure_prepared(prepared_);
  session_.parameters().encode(values_, prepared_->parameters);
}

void PostgresStatement::start(bool row_by_row) {
  if (session_.pipeline() != nullptr && session_.pipeline()->is_waiting()) {
    buffered_.emplace_back(session_.pipeline()->run(*this).release());
    running_ = true;
    return;
  }
  for (bool first = true;; first = false) {
    session_.settle();
    session_.ensure_prepared(prepared_);
    session_.parameters().encode(values_, prepared_->parameters);
    session_.send(*prepared_, row_by_row);
    running_ = true;
    on_wire_ = true;
    session_.set_streaming(this);
    Result result = session_.next();
    const bool stale =
        PQresultStatus(result.get()) == PGRES_FATAL_ERROR && session_.is_stale(result.get(), *prepared_);
    if (!stale) {
      buffered_.push_back(std::move(result));
      return;
    }
    reset();
    if (session_.in_block()) {
      throw Error(ErrorCode::retryable, "the schema was changed under a prepared statement");
    }
    if (!first) {
      session_.fail(result.get(), prepared_->sql);
    }
  }
}

bool PostgresStatement::take_row(Result result) {
  switch (PQresultStatus(result.get())) {
    case PGRES_SINGLE_TUPLE: break;
    case PGRES_TUPLES_OK:
      if (PQntuples(result.get()) > 0) {
        break;
      }
      [[fallthrough]];
    case PGRES_COMMAND_OK:
      session_.finish(result.get());
      reset();
      return false;
    default: {
      const Error error = session_.error(result.get(), prepared_->sql);
      reset();
      throw error;
    }
  }
  current_ = std::move(result);
  rows_ = PQntuples(current_.get());
  row_ = 0;
  return true;
}

bool PostgresStatement::step() {
  if (!running_) {
    start(true);
  }
  for (Cell& cell : cells_) {
    cell.decoded = false;
  }
  if (row_ + 1 < rows_) {
    ++row_;
    return true;
  }
  if (!buffered_.empty()) {
    Result result = std::move(buffered_.front());
    buffered_.pop_front();
    return take_row(std::move(result));
  }
  if (kept_error_) {
    const Error error = *std::exchange(kept_error_, std::nullopt);
    rewind();
    throw error;
  }
  if (on_wire_) {
    return take_row(session_.next());
  }
  rewind();
  return false;
}

void PostgresStatement::run_whole() {
  reset();
  start(false);
  Result result = std::move(buffered_.front());
  buffered_.pop_front();
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
    take_row(std::move(result));  // throws
    return;
  }
  session_.finish(result.get());
  reset();
  take(std::move(result));
}

void PostgresStatement::run() {
  reset();
  start(false);
  Result result = std::move(buffered_.front());
  buffered_.pop_front();
  if (PQresultStatus(result.get()) == PGRES_TUPLES_OK) {
    session_.finish(result.get());
    reset();
    return;
  }
  take_row(std::move(result));
}

void PostgresStatement::post() {
  Pipeline* pipeline = session_.pipeline();
  if (pipeline == nullptr) {
    return run();
  }
  pipeline->post(*this);
}

void PostgresStatement::buffer_rest() {
  if (!on_wire_) {
    return;
  }
  on_wire_ = false;
  while (Result result = session_.next()) {
    switch (PQresultStatus(result.get())) {
      case PGRES_SINGLE_TUPLE: buffered_.push_back(std::move(result)); break;
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK: session_.finish(result.get()); break;
      default: kept_error_ = session_.error(result.get(), prepared_->sql);
    }
  }
  session_.note_block();
}

void PostgresStatement::take(Result result) {
  rewind();
  for (Cell& cell : cells_) {
    cell.decoded = false;
  }
  running_ = true;
  received_ = true;
  rows_ = PQntuples(result.get());
  current_ = std::move(result);
}

int PostgresStatement::column_count() {
  session_.ensure_prepared(prepared_);
  return static_cast<int>(prepared_->columns.size());
}

std::string PostgresStatement::column_name(int column) {
  session_.ensure_prepared(prepared_);
  return prepared_->columns.at(static_cast<std::size_t>(column)).name;
}

int PostgresStatement::parameter_count() {
  session_.ensure_prepared(prepared_);
  return static_cast<int>(prepared_->parameters.size());
}

ValueView PostgresStatement::column(int column) {
  ensure(row_ >= 0 && row_ < rows_ && column >= 0 && column < PQnfields(current_.get()), "no such column");
  if (PQgetisnull(current_.get(), row_, column) != 0) {
    return {};
  }
  if (cells_.size() <= static_cast<std::size_t>(column)) {
    cells_.resize(static_cast<std::size_t>(PQnfields(current_.get())));
  }
  Cell& cell = cells_[static_cast<std::size_t>(column)];
  if (!cell.decoded) {
    const std::string_view data(PQgetvalue(current_.get(), row_, column),
                                static_cast<std::size_t>(PQgetlength(current_.get(), row_, column)));
    if (!session_.decoder().decode(PQftype(current_.get(), column), data, cell.place, cell.value)) {
      throw Error(ErrorCode::type_mismatch,
                  fmt::format("column {} holds no value of Reeve's types", PQfname(current_.get(), column)));
    }
    cell.decoded = true;
  }
  return cell.value;
}

}  // namespace reeve::engine
