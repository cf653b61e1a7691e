#include "raw_session.h"

#include <array>
#include <stdexcept>

namespace reeve::testing {

namespace {

constexpr std::array<int, 16> fields{
    PG_DIAG_SEVERITY,           PG_DIAG_SQLSTATE,       PG_DIAG_MESSAGE_PRIMARY, PG_DIAG_MESSAGE_DETAIL,
    PG_DIAG_MESSAGE_HINT,       PG_DIAG_INTERNAL_QUERY, PG_DIAG_CONTEXT,         PG_DIAG_SCHEMA_NAME,
    PG_DIAG_TABLE_NAME,         PG_DIAG_COLUMN_NAME,    PG_DIAG_DATATYPE_NAME,   PG_DIAG_CONSTRAINT_NAME,
    PG_DIAG_STATEMENT_POSITION, PG_DIAG_SOURCE_FILE,    PG_DIAG_SOURCE_LINE,     PG_DIAG_SOURCE_FUNCTION};

void add_fields(const PGresult* result, std::string& said) {
  for (const int field : fields) {
    if (const char* text = PQresultErrorField(result, field)) {
      said += text;
      said += '\n';
    }
  }
}

}  // namespace

RawSession::RawSession(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
  PQsetNoticeReceiver(connection_, &RawSession::on_notice, this);
  run("SET search_path = reeve, pg_temp; SET client_min_messages = debug1");
}

RawSession::~RawSession() { PQfinish(connection_); }

void RawSession::on_notice(void* session, const PGresult* result) {
  add_fields(result, static_cast<RawSession*>(session)->said_);
}

void RawSession::add_result(const PGresult* result) {
  failed_ = PQresultStatus(result) == PGRES_FATAL_ERROR;
  if (failed_) return add_fields(result, said_);
  if (PQresultStatus(result) == PGRES_COPY_IN) {
    PQputCopyEnd(connection_, "nothing comes");
    return;
  }
  if (PQresultStatus(result) == PGRES_COPY_OUT) {
    char* line = nullptr;
    for (int size = 0; (size = PQgetCopyData(connection_, &line, 0)) > 0;) {
      said_.append(line, static_cast<std::size_t>(size));
      PQfreemem(line);
    }
    return;
  }
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int column = 0; column < PQnfields(result); ++column) {
      said_.append(PQgetvalue(result, row, column),
                   static_cast<std::size_t>(PQgetlength(result, row, column)));
      said_ += " | ";
    }
    said_ += '\n';
  }
}

std::string RawSession::run(const std::string& script) {
  said_.clear();
  failed_ = false;
  if (PQsendQuery(connection_, script.c_str()) == 0) throw std::runtime_error(PQerrorMessage(connection_));
  bool failed = false;
  while (PGresult* result = PQgetResult(connection_)) {
    add_result(result);
    failed = failed || failed_;
    PQclear(result);
    if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
  }
  failed_ = failed;
  return said_;
}

std::string RawSession::run_bound(const std::string& ledger_id, const std::string& script) {
  run(ledger_id.empty() ? "BEGIN" : "BEGIN; SET LOCAL reeve.ledger_id = '" + ledger_id + "'");
  std::string said = run(script);
  const bool failed = failed_;
  run("ROLLBACK");
  failed_ = failed;
  return said;
}

}  // namespace reeve::testing
