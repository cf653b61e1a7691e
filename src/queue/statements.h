#pragma once
// Statements on the tables of jobs: one text for both engines, in which `?N` is a parameter and marks in braces stand for
// what a schema that many ledgers share has more: {ledger}, {ledger_column}, {ledger_value}, {skip_locked}, {for_update}.

#include "engine/connection.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace reeve::queue {

/// Prepared once each. Belongs to its connection; inside its transactions. Not thread-safe.
class Statements {
 public:
  explicit Statements(engine::Connection& connection) : connection_(connection) {}

  /// `sql` is a text of this module, which stays where it is.
  engine::Statement& of(std::string_view sql);
  engine::Connection& connection() { return connection_; }

  /// False where no job was ever enqueued.
  bool has_tables();
  /// Makes them. Throws Error denied on PostgreSQL for who is not the owner of the schema.
  void create_tables();
  /// Replaces the table of jobs of a file that has it as it was made at first, with all that is in it. False when there was nothing
  /// to do.
  bool renew_tables();

 private:
  engine::Connection& connection_;
  std::map<const void*, engine::Statement> prepared_;
};

/// What a file with jobs has, by name: each object's SQL as sqlite_schema has it.
std::map<std::string, std::string> own_schema();

/// What in it a file may have as it was made at first, until it is written again.
std::map<std::string, std::string> earlier_schema();

/// NULL where it is empty.
void bind_optional(engine::Statement& statement, int parameter, std::string_view text);
void bind_optional(engine::Statement& statement, int parameter, std::optional<std::int64_t> number);

}  // namespace reeve::queue
