#pragma once
// Identity and serial columns: numbers from a counter of the ledger and table, which is a row of the state like any
// other, so that it is hashed, replayed, promoted and moves with the commit alone (docs/dialect.md).

#include "sql/catalogue.h"
#include "sql/translation.h"

#include <optional>
#include <string_view>

namespace reeve::sql {

/// The table of the counters; it is there while a table of the schema has such a column.
inline constexpr std::string_view identity_counters = "identity_counters";
Table identity_counters_table();
bool counts(const Catalogue& catalogue);
/// Of serial, bigserial and their like; nothing for other names of types.
std::optional<Type> serial_type(std::string_view name);

/// What follows an INSERT into a table with such a column: its counter is brought up to the greatest number that is
/// there. Nothing after other statements.
std::optional<Translation> counter_after(const Translation& statement, const Catalogue& catalogue);

}  // namespace reeve::sql
