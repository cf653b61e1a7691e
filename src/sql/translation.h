#pragma once
// A statement of the blueprint, resolved and typed against a catalogue, and written for the engine.
// Pure: text in, text out. From the parse tree, never by replacement in text.

#include "sql/catalogue.h"
#include "sql/statement.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace reeve::sql {

/// Where a statement stands decides what it may do (docs/dialect.md).
enum class Use {
  apply,      ///< INSERT, UPDATE, DELETE of state; IMMUTABLE functions only; no order-dependence
  check,      ///< SELECT of one boolean; state and journal; now(), dice(), new_uuid()
  emit,       ///< SELECT; state and journal; now(), dice(), new_uuid(); column names are unique
  query,      ///< SELECT; state and journal; now()
  moment,     ///< SELECT of one value of state; no parameters
  upcast,     ///< SELECT of parameters only
  migration,  ///< INSERT, UPDATE, DELETE as in apply, without parameters
};

struct Parameter {
  std::string name;  ///< without the colon
  Type type = Type::unknown;
};

struct ResultColumn {
  std::string name;
  Type type = Type::unknown;
  bool nullable = true;
};

enum class Kind { select, insert, update, remove };

struct Translation {
  Kind kind = Kind::select;
  std::string sqlite;                 ///< parameters are ?1..?n, n the place in `parameters`
  std::vector<Parameter> parameters;  ///< in order of first appearance, each name once
  std::vector<ResultColumn> columns;  ///< of SELECT and RETURNING
  std::set<std::string> tables_read;  ///< of the state, views resolved; `reeve_events` for the journal
  std::set<std::string> tables_written;
  std::set<std::string> functions;  ///< PostgreSQL's names
  bool ordered = false;             ///< a SELECT with ORDER BY, or of one row for certain
  Place place;
};

/// The types of parameters known beforehand (from a payload's schema); others are inferred from use.
using ParameterTypes = std::map<std::string, Type, std::less<>>;

/// Translates one statement that is not DDL. Parameters that are not in `known` are an error in every
/// use but query and check/emit without schema, where their type is inferred.
/// Throws Error bad_statement with file, line, column and remedy; limit_exceeded.
Translation translate(const Statement& statement, const Catalogue& catalogue, Use use,
                      const ParameterTypes& known = {}, bool known_only = false);

/// A migration, written for SQLite, and the catalogue that it leaves.
struct MigrationTranslation {
  std::vector<std::string> sqlite;  ///< to run in order, in one transaction
  Catalogue after;
  std::set<std::string> tables_changed;  ///< created, altered, dropped, or with rows written
  bool rebuilds = false;                 ///< needs foreign_keys off before BEGIN
};

/// `name` is the file's, used in places. Throws Error as translate does.
MigrationTranslation translate_migration(std::string_view name, std::string_view text,
                                         const Catalogue& before);

/// The DDL that creates every table, index and view of a catalogue on an empty SQLite database: what a
/// scratch copy of the state is made with. Equal catalogues give equal text.
std::vector<std::string> create_statements_sqlite(const Catalogue& catalogue);

}  // namespace reeve::sql
