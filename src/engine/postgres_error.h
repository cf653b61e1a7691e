#pragma once
// The one place where PostgreSQL's SQLSTATE becomes an Error. Inside this module only.

#include <reeve/error.h>

#include <libpq-fe.h>

#include <string>
#include <string_view>

namespace reeve::engine {

/// What an error's text may name.
struct PostgresContext {
  std::string_view connection;
  std::string_view statement;
  bool interrupted = false;      ///< interrupt() was called while it ran
  int statement_timeout_ms = 0;  ///< 0: none
};

/// Never carries DETAIL, HINT, a parameter or a value of a row.
Error error_of(const PGresult* result, const PostgresContext& context);
/// The same for the five characters alone, as a failed connect gives them. `text` is shown where it can't
/// hold a value.
Error error_of(std::string_view sqlstate, const std::string& text, const PostgresContext& context);
/// The connection is gone.
Error lost(const PostgresContext& context);
/// ... while a COMMIT was under way.
Error commit_unknown(const PostgresContext& context);

/// True for a state that ends the session: shutdown, crash, no connection.
bool is_connection_fault(std::string_view sqlstate);
std::string_view sqlstate_of(const PGresult* result);
/// The byte of `script` at which the server says that it failed; 0 when it does not say.
std::size_t error_offset(const PGresult* result, std::string_view script);

}  // namespace reeve::engine
