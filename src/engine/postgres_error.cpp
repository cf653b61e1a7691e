#include "engine/postgres_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace reeve::engine {

namespace {

struct Mapping {
  std::string_view prefix;  ///< of the SQLSTATE; the first that fits decides
  ErrorCode code;
  std::string_view message;  ///< instead of the server's own; empty: the server's, which holds no value
};

// Codes of PostgreSQL 15, appendix A. What SQLite's side answers for the same fault decides the code: a value
// that can't be read or computed is invalid_input there (the registered functions throw it), a text too long
// a failed CHECK. The server's own text of class 22 shows the value, of class 23 the row's keys in DETAIL.
constexpr Mapping mappings[] = {
    {"08", ErrorCode::unavailable, "the connection was lost"},
    {"0A000", ErrorCode::bad_statement, ""},
    {"22001", ErrorCode::constraint_violation, "a text is longer than its column takes"},
    {"22003", ErrorCode::invalid_input, "a number is out of the range of its type"},
    {"22007", ErrorCode::invalid_input, "invalid input syntax for a date or time"},
    {"22008", ErrorCode::invalid_input, "a date or time is out of range"},
    {"22012", ErrorCode::invalid_input, "division by zero"},
    {"2201E", ErrorCode::invalid_input, "the logarithm of this number is not defined"},
    {"2201F", ErrorCode::invalid_input, "the power or root of this number is not defined"},
    {"2201W", ErrorCode::invalid_input, "LIMIT must not be negative"},
    {"2201X", ErrorCode::invalid_input, "OFFSET must not be negative"},
    {"22021", ErrorCode::type_mismatch, "a text is no UTF-8, or holds U+0000"},
    {"22P02", ErrorCode::invalid_input, "invalid input syntax for the type of a parameter or cast"},
    {"22P03", ErrorCode::type_mismatch, "a parameter's bytes are none of its type"},
    {"22P05", ErrorCode::type_mismatch, "a text holds U+0000"},
    {"2203", ErrorCode::invalid_input, "invalid JSON"},
    {"22", ErrorCode::invalid_input, "a value is not one that the statement can compute with"},
    {"23505", ErrorCode::unique_violation, ""},
    {"23", ErrorCode::constraint_violation, ""},
    {"25006", ErrorCode::unavailable, "the transaction or the server is read-only"},
    {"25P02", ErrorCode::internal, "a statement ran in a transaction that had failed"},
    {"25P03", ErrorCode::unavailable, "the server ended a session that was idle in its transaction"},
    {"26000", ErrorCode::retryable, "a prepared statement was gone"},
    {"28", ErrorCode::denied, "the server refused the role or its password"},
    {"3D000", ErrorCode::not_found, "there is no such database"},
    {"40001", ErrorCode::retryable, "the transaction met a concurrent change"},
    {"40002", ErrorCode::constraint_violation, "a constraint failed at the end of the transaction"},
    {"40003", ErrorCode::commit_unknown, "it is not known whether the statement was completed"},
    {"40P01", ErrorCode::retryable, "a deadlock with another transaction was broken"},
    {"40", ErrorCode::retryable, "the transaction was rolled back by the server"},
    {"42501", ErrorCode::denied, ""},
    {"42", ErrorCode::bad_statement, ""},
    {"44000", ErrorCode::constraint_violation, "a row does not fit the view's check option"},
    {"53100", ErrorCode::unavailable, "the server's disk is full"},
    {"53200", ErrorCode::limit_exceeded, "the server ran out of memory"},
    {"53300", ErrorCode::retryable, "the server has no connection left"},
    {"53", ErrorCode::limit_exceeded, "a limit of the server was reached"},
    {"54000", ErrorCode::limit_exceeded, ""},
    {"54", ErrorCode::limit_exceeded, "the statement or a row is larger than the server takes"},
    {"55P03", ErrorCode::retryable, "another transaction kept a lock for too long"},
    {"55006", ErrorCode::retryable, "an object is in use by another session"},
    {"57014", ErrorCode::retryable, "the statement was cancelled"},
    {"57P", ErrorCode::unavailable, "the server is shutting down or starting"},
    {"58", ErrorCode::unavailable, "the server met an error of its system"},
    {"P0", ErrorCode::bad_statement, "a function of the database raised an error"},
    {"XX001", ErrorCode::corrupt, "the server found damaged data"},
    {"XX002", ErrorCode::corrupt, "the server found a damaged index"},
    {"XX", ErrorCode::internal, "the server met an internal error"},
};

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text != nullptr ? text : "";
}

std::string constraint_text(std::string_view sqlstate, const PGresult* result) {
  const std::string constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  const std::string table = field(result, PG_DIAG_TABLE_NAME);
  if (sqlstate == "23505") {
    return fmt::format("unique constraint {} of table {}: the key is taken", constraint, table);
  }
  if (sqlstate == "23502") {
    return fmt::format("column {} of table {} must not be null", field(result, PG_DIAG_COLUMN_NAME), table);
  }
  if (sqlstate == "23503") {
    return fmt::format("foreign key {} of table {}: no such row, or one that is still pointed to", constraint,
                       table);
  }
  if (sqlstate == "23514" && constraint.empty()) {
    return field(result, PG_DIAG_MESSAGE_PRIMARY);  // of a trigger, which says it in words
  }
  if (sqlstate == "23514") {
    return fmt::format("check constraint {} of table {} failed", constraint, table);
  }
  return fmt::format("constraint {} of table {} failed", constraint, table);
}

std::string_view remedy_of(std::string_view sqlstate) {
  if (sqlstate == "42501") {
    return "log in as a role that has this right, or have it granted";
  }
  if (sqlstate.starts_with("28")) {
    return "look at the user and the password of the URL, and at the server's pg_hba.conf";
  }
  if (sqlstate == "53300") {
    return "raise max_connections, or use fewer";
  }
  if (sqlstate == "55P03") {
    return "nothing was changed: try again, or look for a session that keeps a transaction open";
  }
  return sqlstate == "53100" ? "free some space; nothing of this transaction was kept" : "";
}

}  // namespace

std::string_view sqlstate_of(const PGresult* result) {
  const char* state = result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  return state != nullptr ? state : "";
}

std::size_t error_offset(const PGresult* result, std::string_view script) {
  // The server counts characters, from 1.
  const std::string position = result != nullptr ? field(result, PG_DIAG_STATEMENT_POSITION) : "";
  std::size_t characters = 0;
  std::from_chars(position.data(), position.data() + position.size(), characters);
  std::size_t offset = 0;
  for (; characters > 1 && offset < script.size(); --characters) {
    do {
      ++offset;
    } while (offset < script.size() && (static_cast<unsigned char>(script[offset]) & 0xc0U) == 0x80U);
  }
  return offset;
}

bool is_connection_fault(std::string_view sqlstate) {
  return sqlstate.empty() || sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate == "25P03";
}

Error lost(const PostgresContext& context) {
  return {ErrorCode::unavailable, fmt::format("the connection to {} was lost", context.connection),
          "nothing of an open transaction was kept; try again when the server answers"};
}

Error commit_unknown(const PostgresContext& context) {
  return {ErrorCode::commit_unknown,
          fmt::format("the connection to {} was lost while a transaction was being committed",
                      context.connection),
          "look it up by its idempotency key"};
}

Error error_of(std::string_view sqlstate, const std::string& text, const PostgresContext& context) {
  if (sqlstate == "57014" && !context.interrupted && context.statement_timeout_ms > 0) {
    return {ErrorCode::limit_exceeded,
            fmt::format("a statement ran longer than {} ms", context.statement_timeout_ms)};
  }
  const auto* found = std::find_if(std::begin(mappings), std::end(mappings), [&](const Mapping& mapping) {
    return sqlstate.starts_with(mapping.prefix);
  });
  const ErrorCode code = found != std::end(mappings) ? found->code : ErrorCode::bad_statement;
  std::string message =
      found != std::end(mappings) && !found->message.empty() ? std::string(found->message) : text;
  if (message.empty()) {
    message = fmt::format("the server answered SQLSTATE {}", sqlstate);
  }
  if (code == ErrorCode::bad_statement && !context.statement.empty()) {
    message += fmt::format(" in: {}", context.statement.substr(0, 400));
  } else if (code == ErrorCode::unavailable || code == ErrorCode::internal || code == ErrorCode::retryable) {
    message += fmt::format(" ({}, SQLSTATE {})", context.connection, sqlstate);
  }
  return {code, std::move(message), std::string(remedy_of(sqlstate))};
}

Error error_of(const PGresult* result, const PostgresContext& context) {
  const std::string_view sqlstate = sqlstate_of(result);
  if (sqlstate.empty()) {
    return lost(context);
  }
  const std::string text =
      sqlstate.starts_with("23") ? constraint_text(sqlstate, result) : field(result, PG_DIAG_MESSAGE_PRIMARY);
  return error_of(sqlstate, text, context);
}

}  // namespace reeve::engine
