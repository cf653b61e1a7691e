#pragma once
// What a schema consists of, as declared: the tables, columns, keys, indexes and views that the
// statements of a blueprint may name. A value: copied before a migration, changed by it, compared after.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::sql {

/// Logical types; the same on every engine. varchar(n) is text with a length.
enum class Type : std::uint8_t {
  boolean,
  integer,  ///< 32 bits
  bigint,
  double_precision,
  text,
  uuid,
  date,
  timestamptz,
  jsonb,
  bytea,
  unknown,   ///< a NULL or a parameter whose use says nothing
  interval,  ///< within expressions only: no column, parameter or result is one
};

/// PostgreSQL's name of the type.
std::string_view name_of(Type type);

struct Column {
  std::string name;
  Type type = Type::text;
  bool nullable = true;
  std::optional<int> length_max;           ///< of varchar(n), in code points
  std::optional<std::string> default_sql;  ///< a constant, in PostgreSQL's SQL
  /// The column that says whose sealed values this one holds (docs/sealed_value.md); '' for a plain column.
  std::string personal = {};
  /// GENERATED ALWAYS AS (...) STORED: the expression over the row's other columns, in PostgreSQL's SQL. No statement
  /// gives the column a value.
  std::optional<std::string> generated_sql = {};
  /// GENERATED ... AS IDENTITY, and serial: the next number of the table's counter, unless a statement gives one, which
  /// `always` refuses (docs/dialect.md).
  enum class Identity : std::uint8_t { none, by_default, always };
  Identity identity = Identity::none;
  bool operator==(const Column&) const = default;
};

struct ForeignKey {
  std::string name;
  std::vector<std::string> columns;
  std::string target;
  std::vector<std::string> target_columns;
  std::string on_delete = "NO ACTION";
  std::string on_update = "NO ACTION";
  bool deferred = false;      ///< DEFERRABLE INITIALLY DEFERRED
  bool to_reference = false;  ///< from a ledger's table to a reference table
  bool operator==(const ForeignKey&) const = default;
};

struct Check {
  std::string name;
  std::string sql;  ///< the expression, in PostgreSQL's SQL
  bool operator==(const Check&) const = default;
};

struct UniqueKey {
  std::string name;
  std::vector<std::string> columns;
  bool operator==(const UniqueKey&) const = default;
};

struct Table {
  std::string name;
  std::vector<Column> columns;           ///< in order of declaration
  std::vector<std::string> primary_key;  ///< never empty
  std::vector<UniqueKey> unique_keys;
  std::vector<ForeignKey> foreign_keys;
  std::vector<Check> checks;
  /// Its rows come by versions that ledgers pin, and no statement writes them (docs/reference.md).
  bool reference = false;
  /// The column by which each row hangs on another one of the table, and none on itself (docs/blueprint.md, "Trees"); ''
  /// for a table that is no tree.
  std::string tree = {};
  bool operator==(const Table&) const = default;

  /// Whether something of it is looked at when the event ends, and not with each statement.
  bool has_deferred_constraints() const;
  const Column* find_column(std::string_view column) const;
  /// The one that is counted; null for none.
  const Column* identity() const;
};

struct Index {
  std::string name;
  std::string table;
  std::vector<std::string> columns;  ///< column names, or expressions in PostgreSQL's SQL
  bool unique = false;
  std::optional<std::string> where;  ///< a partial index's predicate, in PostgreSQL's SQL
  bool operator==(const Index&) const = default;
};

struct View {
  std::string name;
  std::string sql;              ///< the SELECT, in PostgreSQL's SQL
  std::vector<Column> columns;  ///< resolved when it was created
  std::vector<std::string> tables_read;
  bool operator==(const View&) const = default;
};

/// CREATE FUNCTION ... LANGUAGE sql IMMUTABLE: the engines never see it, its expression stands where it is called.
struct Function {
  struct Parameter {
    std::string name;
    Type type = Type::text;
    bool operator==(const Parameter&) const = default;
  };
  std::string name;
  std::vector<Parameter> parameters;
  Type result = Type::text;
  bool strict = false;  ///< NULL for a NULL
  std::string sql;      ///< the expression over the parameters' names, in PostgreSQL's SQL
  bool operator==(const Function&) const = default;
};

/// Keys of the maps are names, so that iteration is in order of code points.
struct Catalogue {
  std::map<std::string, Table, std::less<>> tables;
  std::map<std::string, Index, std::less<>> indexes;
  std::map<std::string, View, std::less<>> views;
  std::map<std::string, Function, std::less<>> functions;
  Type moment_type = Type::text;  ///< of reeve_events.moment and :moment
  bool operator==(const Catalogue&) const = default;

  const Table* find_table(std::string_view name) const;
};

/// The journal as views and queries may read it (docs/blueprint.md).
const Table& journal_table(Type moment_type);

}  // namespace reeve::sql
