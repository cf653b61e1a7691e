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
  execute,    ///< as apply, outside of a blueprint's files: parameters have the types of their use
};

struct Parameter {
  std::string name;  ///< without the colon
  Type type = Type::unknown;
};

struct ResultColumn {
  std::string name;
  Type type = Type::unknown;
  bool nullable = true;
  bool personal = false;  ///< sealed values: of a personal column or parameter, whole
};

enum class Kind { select, insert, update, remove };

/// What PostgreSQL is given beside a statement's own parameters.
enum class Hidden {
  ledger,      ///< uuid: whose rows these are
  seed,        ///< bytea: of dice() and new_uuid()
  decided_at,  ///< bigint: the sequence that a command is decided at
};

struct Translation {
  Kind kind = Kind::select;
  std::string sqlite;  ///< parameters are ?1..?n, n the place in `parameters`
  /// Parameters are $1..$n as in `parameters`; `hidden` follows as $n+1 and on. Every one is cast to its type.
  /// Columns come as in `columns`. Each table it names is narrowed to the rows of $ledger.
  std::string postgres;
  /// The same, and it returns record_send() of the rows that it writes: as they were in the first column, as they are in
  /// the second. The two of an updated row may come in rows of their own, with NULL beside each. Empty where PostgreSQL
  /// can't say that: a SELECT, an upsert, and what has a RETURNING of its own.
  std::string postgres_returning;
  std::vector<Hidden> hidden;         ///< those that `postgres` uses, in order of their numbers
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

/// Parameters that hold sealed values, and the parameter that says whose.
using PersonalParameters = std::map<std::string, std::string, std::less<>>;

/// Translates one statement that is not DDL. Parameters that are not in `known` are an error in every
/// use but query and check/emit without schema, where their type is inferred.
/// Throws Error bad_statement with file, line, column and remedy; limit_exceeded.
Translation translate(const Statement& statement, const Catalogue& catalogue, Use use,
                      const ParameterTypes& known = {}, bool known_only = false,
                      const PersonalParameters& personal = {});

/// The roles of a PostgreSQL database, by name; what is empty is granted to nobody.
struct PostgresRoles {
  std::string owner;   ///< owns tables and views
  std::string writer;  ///< reads and writes rows
  std::string reader;  ///< reads rows
};

enum class MigrationPart {
  schema,  ///< runs once for the database
  rows,    ///< runs once for each ledger
};

struct MigrationStatement {
  MigrationPart part = MigrationPart::schema;
  std::string sql;
  std::vector<Hidden> hidden;  ///< of rows: the ledger is $1
};

/// A migration, written for each engine, and the catalogue that it leaves.
struct MigrationTranslation {
  std::vector<std::string> sqlite;  ///< to run in order, in one transaction
  /// To run in order. Tables call reeve_capture(), and statements what support_statements_postgres() makes.
  std::vector<MigrationStatement> postgres;
  Catalogue after;
  std::set<std::string> tables_changed;  ///< created, altered, dropped, or with rows written
  bool rebuilds = false;                 ///< needs foreign_keys off before BEGIN
};

/// `name` is the file's, used in places. Throws Error as translate does.
MigrationTranslation translate_migration(std::string_view name, std::string_view text,
                                         const Catalogue& before, const PostgresRoles& roles = {});

/// The DDL that creates every table, index and view of a catalogue on an empty SQLite database: what a
/// scratch copy of the state is made with. Equal catalogues give equal text.
std::vector<std::string> create_statements_sqlite(const Catalogue& catalogue);

/// The same for an empty schema of PostgreSQL, with the rows of all ledgers in each table.
std::vector<std::string> create_statements_postgres(const Catalogue& catalogue,
                                                    const PostgresRoles& roles = {});

/// The functions in which PostgreSQL gives the dialect's answers where its own are others. They may be run
/// again: CREATE OR REPLACE. All are IMMUTABLE and read nothing; those of reference tables and of trees, which follow, look at rows.
std::vector<std::string> support_statements_postgres();
/// What keeps foreign keys to reference tables; among those above, and run with each that a migration makes.
std::vector<std::string> reference_statements_postgres();
/// The function behind the tables that are trees.
std::string tree_statement_postgres();

}  // namespace reeve::sql
