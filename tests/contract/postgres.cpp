#include "postgres.h"

#include "support/postgres_server.h"

#include <libpq-fe.h>

#include <stdexcept>

namespace reeve::test {

Postgres::Postgres() {
  connection_ = PQconnectdb(testing::PostgresServer::shared().url().c_str());
  if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
}

Postgres::~Postgres() { PQfinish(connection_); }

Answer Postgres::run(const std::string& sql) {
  Answer answer;
  PGresult* result = PQexec(connection_, sql.c_str());
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

}  // namespace reeve::test
