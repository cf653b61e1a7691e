#pragma once
// PostgreSQL's plain functions: which arguments they take and what SQLite is asked instead.

#include "sql/catalogue.h"

#include <span>
#include <string_view>

namespace reeve::sql {

/// Types are letters: b boolean, i integer, l bigint, d double precision, t text, u uuid, D date,
/// z timestamptz, j jsonb, y bytea.
struct Signature {
  std::string_view name;
  std::string_view arguments;
  char result;
  std::string_view sqlite;         ///< `$1` is the first argument
  bool plain = false;              ///< plain SQLite has it: may stand in stored definitions
  bool nullable = false;           ///< may be NULL for arguments that are not
  std::string_view postgres = {};  ///< what PostgreSQL is asked; empty: the function as it is
};

/// Of one name they stand together, the closest fit first.
std::span<const Signature> signatures();

Type type_of_letter(char letter);

/// Calls whose arguments are more than values of fixed types, each with an example of every form.
struct SpecialCall {
  std::string_view name;
  std::string_view example;
  std::string_view kind;  ///< scalar, aggregate, window, rows
};
std::span<const SpecialCall> special_calls();

/// Functions of PostgreSQL that are not IMMUTABLE, with what to write instead.
struct Unstable {
  std::string_view name;
  std::string_view remedy;
};
std::span<const Unstable> unstable_functions();

}  // namespace reeve::sql
