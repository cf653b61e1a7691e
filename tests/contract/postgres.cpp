#include "postgres.h"

#include "support/postgres_server.h"

#include <libpq-fe.h>

#include <stdexcept>

namespace reeve::test {

namespace {

Answer answer_of(PGresult* result) {
  Answer answer;
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    answer.error = PQresultErrorMessage(result);
  } else {
    for (int r = 0; r < PQntuples(result); ++r) {
      Row row;
      for (int c = 0; c < PQnfields(result); ++c)
        row.push_back(PQgetisnull(result, r, c) != 0 ? std::optional<std::string>{}
                                                     : PQgetvalue(result, r, c));
      answer.rows.push_back(std::move(row));
    }
  }
  PQclear(result);
  return answer;
}

}  // namespace

Postgres::Postgres(const std::string& database) {
  connection_ = PQconnectdb(testing::PostgresServer::shared().url(database).c_str());
  if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
}

Postgres::~Postgres() { PQfinish(connection_); }

Answer Postgres::run(const std::string& sql) { return answer_of(PQexec(connection_, sql.c_str())); }

Answer Postgres::run_with(const std::string& sql, const std::vector<std::string>& values) {
  std::vector<const char*> texts;
  for (const std::string& value : values) texts.push_back(value.c_str());
  return answer_of(PQexecParams(connection_, sql.c_str(), static_cast<int>(texts.size()), nullptr,
                                texts.data(), nullptr, nullptr, 0));
}

}  // namespace reeve::test
