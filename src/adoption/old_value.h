#pragma once
// Values of a SQLite file, where a column holds what it likes, as values of the dialect's types.

#include "base/value.h"
#include "sql/catalogue.h"

#include <string>
#include <string_view>
#include <vector>

namespace reeve::adoption {

/// The types that a column of this declared type may well have, the most fitting first. By SQLite's rules of affinity, and
/// for DATE, DATETIME, TIMESTAMP and BOOLEAN what their names say. Without a declared type: whatever its values are.
std::vector<sql::Type> types_declared(std::string_view declared);

/// Whether the value is one of the type, as it is or in another form with the same meaning. NULL always is.
bool fits(sql::Type type, const ValueView& value);

/// The value as one of the type; into text everything can be written: what is no text as `\x` and its bytes. The views point
/// into `scratch` or the value. Precondition: it fits, or the type is text.
ValueView converted(sql::Type type, const ValueView& value, std::string& scratch);

/// Whether converted() writes it otherwise than it is.
bool is_rewritten(sql::Type type, const ValueView& value);

/// For a report.
std::string shown(const ValueView& value);

}  // namespace reeve::adoption
