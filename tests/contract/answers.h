#pragma once
// Answers of both engines in one form, so that they can be compared.

#include "postgres.h"
#include "sqlite.h"

#include "sql/catalogue.h"

#include <string>

namespace reeve::test {

/// Decimal literals are doubles in the dialect and numeric in PostgreSQL: the casts that say so.
std::string for_postgres(const std::string& text);

/// What PostgreSQL wrote, as the canonical form of the type.
std::string normal(const std::string& text, sql::Type type);

/// A value of SQLite's in the canonical form of its type.
std::string written(const Value& value);

/// Whether the value is stored as the type says: a double is never an integer in SQLite.
bool fits(const Value& value, sql::Type type);

/// SQLite's answer in PostgreSQL's forms.
Answer as_text(const SqliteAnswer& answer);

}  // namespace reeve::test
