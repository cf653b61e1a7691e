#pragma once
// SQL that stands in no blueprint, executed as an event of its own, sql.executed: the text and its parameters are the
// payload, and live and replayed they give the same rows (docs/adoption.md).

#include "base/json.h"
#include "engine/connection.h"
#include "journal/event.h"
#include "sql/translation.h"
#include "state/binding.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace reeve::state {

/// The payload of the event, canonical. `parameters` is the canonical text of an object.
std::string sql_payload(std::string_view sql, std::string_view parameters);

/// Translates the one statement of a text, as it may be executed. Throws Error bad_statement with its place in the
/// text; invalid_input when it is none, or several.
sql::Translation translate_sql(std::string_view text, const sql::Catalogue& catalogue);

/// Throws Error invalid_input when an object has members that the statement has no parameters for.
void check_parameters(const sql::Translation& statement, simdjson::dom::element parameters);

/// Runs such statements on the rows of one epoch; what it has prepared is kept. Not thread-safe; neither the connection
/// nor the catalogue may go before it.
class SqlRunner {
 public:
  SqlRunner(engine::Connection& connection, const sql::Catalogue& catalogue);
  ~SqlRunner();

  /// `payload` is the event's, read. Throws Error: bad_statement, and what the rows refuse.
  void run(const journal::Event& event, simdjson::dom::element payload);

 private:
  struct Prepared;
  Prepared& prepared(std::string_view text);

  engine::Connection& connection_;
  const sql::Catalogue& catalogue_;
  bool has_deferred_constraints_ = false;
  Scratch scratch_;
  std::map<std::string, std::unique_ptr<Prepared>, std::less<>> prepared_;
};

}  // namespace reeve::state
