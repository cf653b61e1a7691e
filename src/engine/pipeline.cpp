#include "engine/pipeline.h"

#include "engine/postgres_session.h"
#include "engine/postgres_statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace reeve::engine {

struct Pipeline::Entry {
  enum Kind : std::uint8_t { statement, command, silent, commit, border };
  Kind kind = statement;
  PostgresStatement* of = nullptr;
  std::shared_ptr<Prepared> prepared;  ///< so that its text outlives the statement
  Result result;
  bool is_read = false;
};

void Pipeline::ResultFree::operator()(pg_result* result) const { PQclear(result); }

Pipeline::Pipeline(Connection& connection) : connection_(connection), session_(connection.postgres()) {
  if (session_ == nullptr) {
    return;
  }
  ensure(session_->pipeline() == nullptr, "a second pipeline was begun on a connection");
  session_->settle();
  session_->set_pipeline(this);
}

Pipeline::~Pipeline() {
  if (session_ == nullptr) {
    return;
  }
  collect();
  session_->set_pipeline(nullptr);
}

void Pipeline::open() {
  if (PQpipelineStatus(session_->handle()) != PQ_PIPELINE_OFF) {
    return;
  }
  session_->settle();
  ensure(PQenterPipelineMode(session_->handle()) != 0, "the pipeline could not be begun");
  if (session_->take_row_by_row()) {
    // libpq would give the first answer row by row as well: let that be a border's.
    sync();
  }
}

void Pipeline::queue(PostgresStatement& statement, int kind) {
  try {
    statement.queue();
  } catch (const Error&) {
    if (!has_failed()) {
      throw;
    }
    // It could not be prepared because one before it failed. So it is not run, as one that is prepared would not be.
    Entry& entry = entries_.emplace_back();
    entry.kind = static_cast<Entry::Kind>(kind);
    entry.of = kind == Entry::statement ? &statement : nullptr;
    entry.result.reset(PQmakeEmptyPGresult(session_->handle(), PGRES_PIPELINE_ABORTED));
    entry.is_read = true;
    return;
  }
  open();
  session_->send(statement.prepared(), false);
  Entry& entry = entries_.emplace_back();
  entry.kind = static_cast<Entry::Kind>(kind);
  entry.of = kind == Entry::statement ? &statement : nullptr;
  entry.prepared = statement.shared();
}

void Pipeline::send(Statement& statement) {
  ensure(statement.body_ != nullptr, "a pipeline takes statements of PostgreSQL alone");
  queue(*statement.body_, Entry::statement);
}

void Pipeline::queue(std::string_view text, int kind) {
  open();
  const std::string command(text);
  if (PQsendQueryParams(session_->handle(), command.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1) == 0) {
    throw lost(session_->context({}));
  }
  entries_.emplace_back().kind = static_cast<Entry::Kind>(kind);
}

void Pipeline::send(std::string_view command) { queue(command, Entry::command); }

void Pipeline::post(PostgresStatement& statement) { queue(statement, Entry::silent); }

void Pipeline::post(std::string_view command) { queue(command, Entry::silent); }

void Pipeline::begin(Connection& connection, bool write) {
  ensure(&connection == &connection_, "a transaction was begun in another connection's pipeline");
  queue(write ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
              : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Entry::silent);
  if (!connection.ledger().empty()) {
    queue(fmt::format("SET LOCAL reeve.ledger_id = '{}'", connection.ledger()), Entry::silent);
  }
  // Until the border tells: were the connection lost now, nothing may go on outside of the transaction.
  session_->expect_block();
}

void Pipeline::sync() {
  open();
  if (PQpipelineSync(session_->handle()) == 0) {
    throw lost(session_->context({}));
  }
  entries_.emplace_back().kind = Entry::border;
}

void Pipeline::send_commit() {
  queue("COMMIT", Entry::commit);
  sync();
}

void Pipeline::read(Entry& entry) {
  if (entry.is_read) {
    return;
  }
  if (entry.kind == Entry::commit) {
    session_->set_committing(true);
  }
  entry.result.reset(PQgetResult(session_->handle()));
  entry.is_read = true;
  if (entry.result == nullptr) {
    session_->note_lost();
  }
  if (entry.kind == Entry::border) {
    session_->note_block();
    return;
  }
  // A null ends each command's results; of a lost connection there is nothing more.
  while (entry.result != nullptr) {
    const Result more(PQgetResult(session_->handle()));
    if (more == nullptr) {
      break;
    }
  }
}

void Pipeline::collect() {
  if (PQpipelineStatus(session_->handle()) == PQ_PIPELINE_OFF) {
    return;
  }
  if (!entries_.empty() && entries_.back().kind != Entry::border && PQpipelineSync(session_->handle()) != 0) {
    entries_.emplace_back().kind = Entry::border;
  }
  for (Entry& entry : entries_) {
    read(entry);
  }
  PQexitPipelineMode(session_->handle());
  session_->note_block();
}

void Pipeline::drop() {
  if (session_ != nullptr) {
    collect();
    entries_.clear();
  }
}

bool Pipeline::is_waiting() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return !entry.is_read; });
}

bool Pipeline::has_failed() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
    const ExecStatusType status = PQresultStatus(entry.result.get());
    return entry.is_read && entry.kind != Entry::border && status != PGRES_TUPLES_OK &&
           status != PGRES_COMMAND_OK;
  });
}

Pipeline::Result Pipeline::run(PostgresStatement& statement) {
  queue(statement, Entry::statement);
  sync();
  for (Entry& entry : entries_) {
    read(entry);
  }
  entries_.pop_back();  // the border behind it
  Entry own = std::move(entries_.back());
  entries_.pop_back();
  // What failed before it says why it was not run, unless somebody is still to receive that.
  take_silent();
  check(own);
  return std::move(own.result);
}

void Pipeline::check(const Entry& entry) {
  const ExecStatusType status = PQresultStatus(entry.result.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
    session_->finish(entry.result.get());
    return;
  }
  if (status == PGRES_PIPELINE_ABORTED) {
    throw Error(ErrorCode::retryable, "a statement was not run: one before it in the pipeline failed");
  }
  if (entry.prepared != nullptr && session_->is_stale(entry.result.get(), *entry.prepared)) {
    throw Error(ErrorCode::retryable, "the schema was changed under a prepared statement");
  }
  throw session_->error(entry.result.get(), entry.prepared != nullptr ? entry.prepared->sql : "");
}

Pipeline::Entry& Pipeline::front() {
  ensure(!entries_.empty(), "a pipeline has no result left");
  if (entries_.back().kind != Entry::border && !entries_.back().is_read) {
    sync();
  }
  take_silent();
  ensure(!entries_.empty(), "a pipeline has no result left");
  read(entries_.front());
  return entries_.front();
}

void Pipeline::take_silent() {
  while (!entries_.empty() &&
         (entries_.front().kind == Entry::border || entries_.front().kind == Entry::silent)) {
    read(entries_.front());
    const Entry taken = std::move(entries_.front());
    entries_.pop_front();
    if (taken.kind == Entry::silent) {
      check(taken);
    }
  }
}

void Pipeline::take_borders() {
  while (!entries_.empty() && entries_.front().kind == Entry::border) {
    read(entries_.front());
    entries_.pop_front();
  }
}

void Pipeline::receive(Statement& statement) {
  const Entry& waiting = front();
  ensure(waiting.kind == Entry::statement && waiting.of == statement.body_.get(),
         "results of a pipeline are received out of order");
  Entry entry = std::move(entries_.front());
  entries_.pop_front();
  take_borders();
  check(entry);
  statement.body_->take(engine::Result(entry.result.release()));
}

void Pipeline::receive() {
  ensure(front().kind == Entry::command, "results of a pipeline are received out of order");
  const Entry entry = std::move(entries_.front());
  entries_.pop_front();
  take_borders();
  check(entry);
}

void Pipeline::receive_commit() {
  ensure(front().kind == Entry::commit, "results of a pipeline are received out of order");
  const Entry entry = std::move(entries_.front());
  entries_.pop_front();
  take_borders();
  session_->set_committing(false);
  if (PQresultStatus(entry.result.get()) == PGRES_PIPELINE_ABORTED) {
    throw Error(ErrorCode::retryable, "a commit was not run: a statement before it in the pipeline failed");
  }
  session_->check_commit(entry.result.get());
}

std::size_t Pipeline::outstanding() const {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) {
    return entry.kind != Entry::border && entry.kind != Entry::silent;
  }));
}

}  // namespace reeve::engine
