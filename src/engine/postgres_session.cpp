#include "engine/postgres_session.h"

#include "engine/pipeline.h"
#include "engine/postgres_statement.h"

#include <fmt/format.h>
#include <poll.h>

#include <utility>

namespace reeve::engine {

PostgresSession::PostgresSession(const std::string& url, const PostgresOptions& options)
    : url_(url), options_(options) {
  connect();
}

PostgresSession::~PostgresSession() { close(); }

PostgresContext PostgresSession::context(std::string_view statement) const {
  return {name_, statement, interrupted_.load(), options_.statement_timeout_ms};
}

void PostgresSession::on_notice(void* session, const PGresult* result) {
  // A commit that warns has not been done as asked: it waited for a standby and was cancelled.
  auto* self = static_cast<PostgresSession*>(session);
  self->warned_in_commit_ |= self->committing_ && sqlstate_of(result) != "25P01";
}

bool PostgresSession::has_ended() {
  if (in_block_ || pipeline_ != nullptr || PQtransactionStatus(connection_) != PQTRANS_IDLE) {
    return is_lost();
  }
  // To who has asked for nothing a server says that it ends, or something of no consequence, which is taken in.
  pollfd socket{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
  while (!is_lost() && ::poll(&socket, 1, 0) > 0) {
    if (PQconsumeInput(connection_) == 0) {
      return true;
    }
  }
  return is_lost();
}

void PostgresSession::ensure_alive() {
  if (!has_ended()) {
    return;
  }
  if (in_block_) {
    throw lost(context({}));
  }
  connect();
}

void PostgresSession::settle() {
  if (pipeline_ != nullptr) {
    pipeline_->collect();
  }
  if (streaming_ != nullptr) {
    std::exchange(streaming_, nullptr)->buffer_rest();
  }
  ensure_alive();
}

Result PostgresSession::next() {
  for (;;) {
    Result result(PQgetResult(connection_));
    const ExecStatusType status = PQresultStatus(result.get());
    if (result == nullptr || (status != PGRES_COPY_IN && status != PGRES_COPY_OUT)) {
      return result;
    }
    if (status == PGRES_COPY_IN) {
      PQputCopyEnd(connection_, "no data comes from here");
      continue;
    }
    char* line = nullptr;
    while (PQgetCopyData(connection_, &line, 0) > 0) {
      PQfreemem(line);
    }
  }
}

void PostgresSession::drain() {
  while (next() != nullptr) {}
}

void PostgresSession::note_block() {
  switch (PQtransactionStatus(connection_)) {
    case PQTRANS_IDLE: in_block_ = false; break;
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR: in_block_ = true; break;
    default: break;  // under way or lost: as it was
  }
}

void PostgresSession::finish(const PGresult* result) {
  const std::string_view tag = PQcmdStatus(const_cast<PGresult*>(result));
  const std::string_view rows = PQcmdTuples(const_cast<PGresult*>(result));
  // Of the tags that count rows, those of the four writes; not of queries, cursors and COPY.
  const bool is_write = !rows.empty() && (std::string_view("IUD").find(tag[0]) != std::string_view::npos ||
                                          tag.starts_with("MERGE"));
  if (is_write) {
    changes_ = 0;
    for (const char digit : rows) {
      changes_ = changes_ * 10 + (digit - '0');
    }
  } else if (tag.starts_with("CREATE") || tag.starts_with("ALTER") || tag.starts_with("DROP")) {
    schema_changed_ = true;
    ++generation_;
  } else if (tag.starts_with("ROLLBACK") && schema_changed_) {
    ++generation_;  // what was prepared on the changed schema
  }
}

Error PostgresSession::error(const PGresult* result, std::string_view statement) {
  const std::string_view state = sqlstate_of(result);
  if (is_lost() && is_connection_fault(state)) {
    return lost(context({}));
  }
  return error_of(result, context(statement));
}

void PostgresSession::fail(const PGresult* result, std::string_view statement) {
  drain();
  Error error = this->error(result, statement);
  note_block();
  throw error;
}

Result PostgresSession::run_script(const std::string& script) {
  interrupted_ = false;
  if (PQsendQuery(connection_, script.c_str()) == 0) {
    throw lost(context({}));
  }
  Result last;
  while (Result result = next()) {
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
      last = std::move(result);
      drain();
      break;
    }
    finish(result.get());
    last = std::move(result);
  }
  note_block();
  if (!in_block_) {
    schema_changed_ = false;
  }
  return last;
}

void PostgresSession::execute(std::string_view script, std::size_t* failed_at) {
  settle();
  const Result result = run_script(std::string(script));
  if (result == nullptr || PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
    if (failed_at != nullptr) {
      *failed_at = error_offset(result.get(), script);
    }
    throw error(result.get(), script);
  }
}

void PostgresSession::begin(bool write, const std::string& ledger) {
  std::string script = write ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                             : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  if (!ledger.empty()) {
    script += fmt::format("; SET LOCAL reeve.ledger_id = '{}'", ledger);
  }
  if (!write && !ledger.empty() && !options_.read_lock.empty()) {
    script += fmt::format("; LOCK TABLE {} IN ACCESS SHARE MODE", options_.read_lock);
  }
  settle();
  for (bool first = true;; first = false) {
    const Result result = run_script(script);
    if (result != nullptr && PQresultStatus(result.get()) != PGRES_FATAL_ERROR) {
      return;
    }
    // The connection had died since it was last used: nothing was at stake.
    if (!first || !is_lost()) {
      const Error failed = error(result.get(), {});
      rollback();
      throw failed;
    }
    in_block_ = false;
    connect();
  }
}

void PostgresSession::commit() {
  settle();
  if (pipeline_ != nullptr) {
    pipeline_->take_silent();
  }
  committing_ = true;
  warned_in_commit_ = false;
  Result result;
  interrupted_ = false;
  if (PQsendQuery(connection_, "COMMIT") != 0) {
    result = next();
    drain();
  }
  committing_ = false;
  check_commit(result.get());
  note_block();
  schema_changed_ = false;
}

void PostgresSession::check_commit(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK) {
    if (warned_in_commit_) {
      throw Error(ErrorCode::commit_unknown,
                  fmt::format("{} committed a transaction without its standby's answer", name_),
                  "look it up by its idempotency key");
    }
    // COMMIT of a transaction that had failed is answered by ROLLBACK.
    ensure(std::string_view(PQcmdStatus(const_cast<PGresult*>(result))) == "COMMIT",
           "a transaction that had failed was committed");
    in_block_ = false;  // whatever becomes of the session before it says that it is ready again
    return;
  }
  if (is_lost() || is_connection_fault(sqlstate_of(result))) {
    throw commit_unknown(context({}));
  }
  note_block();
  throw error(result, {});
}

void PostgresSession::rollback() noexcept {
  try {
    if (pipeline_ != nullptr) {
      pipeline_->collect();
    }
    if (streaming_ != nullptr) {
      std::exchange(streaming_, nullptr)->buffer_rest();
    }
    if (in_block_ && !is_lost()) {
      run_script("ROLLBACK");
    }
  } catch (const std::exception&) {
    close();  // the server gives the transaction up with its session; the next use opens another
  }
  if (PQtransactionStatus(connection_) != PQTRANS_IDLE) {
    close();
  }
  in_block_ = false;
  schema_changed_ = false;
}

bool PostgresSession::has_deferred_violations() {
  settle();
  const Result result = run_script("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED");
  if (result != nullptr && PQresultStatus(result.get()) != PGRES_FATAL_ERROR) {
    return false;
  }
  if (sqlstate_of(result.get()) == "23503") {
    return true;
  }
  throw error(result.get(), {});
}

std::shared_ptr<Prepared> PostgresSession::prepared(std::string_view sql) {
  const auto known = by_sql_.find(sql);
  if (known != by_sql_.end()) {
    cache_.splice(cache_.begin(), cache_, known->second);
    return cache_.front();
  }
  auto fresh = std::make_shared<Prepared>();
  fresh->sql = sql;
  remember(fresh);
  return fresh;
}

void PostgresSession::remember(std::shared_ptr<Prepared> prepared) {
  if (by_sql_.contains(prepared->sql)) {
    return;
  }
  cache_.push_front(std::move(prepared));
  by_sql_.emplace(cache_.front()->sql, cache_.begin());
  if (cache_.size() > static_cast<std::size_t>(options_.statements_max)) {
    const std::shared_ptr<Prepared> oldest = cache_.back();
    by_sql_.erase(oldest->sql);
    cache_.pop_back();
    oldest->generation = 0;
    if (oldest->connection == connections_) {
      to_deallocate_.push_back(std::exchange(oldest->name, {}));
    }
  }
}

void PostgresSession::ensure_prepared(const std::shared_ptr<Prepared>& prepared) {
  if (prepared->generation == generation_) {
    return;
  }
  settle();
  if (!prepared->name.empty() && prepared->connection == connections_) {
    to_deallocate_.push_back(prepared->name);
  }
  prepare_now(*prepared);
  remember(prepared);
}

void PostgresSession::prepare_now(Prepared& prepared) {
  prepared.name = fmt::format("reeve_{}", ++next_name_);
  prepared.connection = connections_;
  prepared.generation = 0;
  bool sent = PQenterPipelineMode(connection_) != 0;
  const std::vector<std::string> unused = std::exchange(to_deallocate_, {});
  for (const std::string& name : unused) {
    sent = sent && PQsendQueryParams(connection_, ("DEALLOCATE " + name).c_str(), 0, nullptr, nullptr,
                                     nullptr, nullptr, 0) != 0;
  }
  sent = sent && PQsendPrepare(connection_, prepared.name.c_str(), prepared.sql.c_str(), 0, nullptr) != 0 &&
         PQsendDescribePrepared(connection_, prepared.name.c_str()) != 0 && PQpipelineSync(connection_) != 0;
  if (!sent) {
    throw lost(context({}));
  }
  Result failed;
  Result description;
  for (bool between_commands = false;;) {
    Result result(PQgetResult(connection_));
    if (result == nullptr) {
      if (std::exchange(between_commands, true)) {
        note_lost();
      }
      if (is_lost()) {
        throw lost(context({}));
      }
      continue;
    }
    between_commands = false;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) {
      break;
    }
    if (status == PGRES_FATAL_ERROR && failed == nullptr) {
      failed = std::move(result);
    } else {
      description = std::move(result);
    }
  }
  PQexitPipelineMode(connection_);
  note_block();
  if (failed != nullptr) {
    prepared.name.clear();
    throw error(failed.get(), prepared.sql);
  }
  prepared.parameters.clear();
  for (int i = 0; i < PQnparams(description.get()); ++i) {
    prepared.parameters.push_back(PQparamtype(description.get(), i));
  }
  prepared.columns.clear();
  for (int i = 0; i < PQnfields(description.get()); ++i) {
    prepared.columns.push_back({PQfname(description.get(), i), PQftype(description.get(), i)});
  }
  prepared.generation = generation_;
}

bool PostgresSession::is_stale(const PGresult* result, Prepared& prepared) const {
  const std::string_view state = sqlstate_of(result);
  const char* function = result != nullptr ? PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION) : nullptr;
  // "cached plan must not change result type"; its text depends on the server's language.
  const bool changed =
      state == "0A000" && function != nullptr && std::string_view(function) == "RevalidateCachedQuery";
  if (changed || state == "26000") {
    prepared.generation = 0;
    return true;
  }
  return false;
}

void PostgresSession::send(const Prepared& prepared, bool row_by_row) {
  interrupted_ = false;
  if (PQsendQueryPrepared(connection_, prepared.name.c_str(), parameters_.count(), parameters_.values(),
                          parameters_.lengths(), parameters_.formats(), 1) == 0) {
    if (is_lost()) {
      throw lost(context({}));
    }
    throw Error(ErrorCode::internal, "a statement could not be sent");
  }
  if (row_by_row) {
    PQsetSingleRowMode(connection_);
    row_by_row_ = true;
  }
}

void PostgresSession::interrupt() {
  const std::lock_guard lock(cancel_mutex_);
  interrupted_ = true;
  if (cancel_ != nullptr) {
    char reason[256];
    PQcancel(cancel_, reason, sizeof reason);
  }
}

}  // namespace reeve::engine
