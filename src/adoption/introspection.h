#pragma once
// What a SQLite database that is to be adopted consists of, as SQLite itself says it.

#include "engine/connection.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::adoption {

struct OldColumn {
  std::string name;
  std::string declared;  ///< its type as it was written, '' for none
  bool not_null = false;
  std::optional<std::string> default_sql;
  int key_place = 0;  ///< in the primary key, from 1; 0: not in it
  bool generated = false;
  std::string generation;  ///< the expression of a generated one, where it was found
};

struct OldForeignKey {
  std::string target;
  std::vector<std::string> columns;
  std::vector<std::string> target_columns;  ///< empty: the target's primary key
  std::string on_update;
  std::string on_delete;
  std::int64_t id = 0;
};

struct OldIndex {
  std::string name;
  bool unique = false;
  bool of_constraint = false;  ///< UNIQUE in the table's definition
  bool plain = true;           ///< of columns, none of them by another collation than BINARY, without WHERE
  std::vector<std::string> columns;
  std::vector<bool> descending;
  std::string sql;
};

struct OldTable {
  std::string name;
  bool has_rowid = true;
  std::string rowid;  ///< a name under which the rowid can be read; '' for none
  std::vector<OldColumn> columns;
  std::vector<std::string> key;
  std::vector<OldForeignKey> foreign_keys;
  std::vector<OldIndex> indexes;
  std::vector<std::string> checks;  ///< the expressions, as they were written
  std::string sql;
};

struct OldObject {
  std::string name;
  std::string table;  ///< of a trigger
  std::string sql;
};

struct OldSchema {
  std::vector<OldTable> tables;
  std::vector<OldObject> views;
  std::vector<OldObject> triggers;
  std::vector<OldObject> others;  ///< virtual tables, and those in which they keep what is theirs
};

/// Opens a database for reading only, as SQLite's own shell does. Throws Error: not_found, corrupt (no database),
/// unavailable (it can't be read without writing: a log beside it that has to be worked in).
std::unique_ptr<engine::Connection> open_old(const std::filesystem::path& file);

/// In a read transaction.
OldSchema introspect(engine::Connection& old);

}  // namespace reeve::adoption
