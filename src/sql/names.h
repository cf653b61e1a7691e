#pragma once
// Names: how they are quoted for SQLite, and which known one a misspelt one was meant to be.

#include "sql/text.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::sql {

/// As SQLite reads it: bare where it can be, in double quotes elsewhere.
std::string quoted(std::string_view name);
/// As PostgreSQL reads it.
std::string quoted_for_postgres(std::string_view name);
/// A name, as each engine reads it.
Text name_text(std::string_view name);
/// A name that PostgreSQL keeps whole: what is beyond 63 bytes becomes a digest.
std::string short_name(std::string_view name);
/// A text literal, in single quotes.
std::string quoted_text(std::string_view text);

/// The known name with the fewest edits from `name`, if there are at most two and fewer than half of its
/// length; otherwise empty.
std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

/// `did you mean 'x'?`, or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

}  // namespace reeve::sql
