#pragma once
// Just enough of SQLite's own SQL to find in a stored definition what its pragmas do not tell.

#include <string>
#include <string_view>
#include <vector>

namespace reeve::adoption {

/// As SQLite compares names: letters of ASCII without their case.
bool same_name(std::string_view left, std::string_view right);

/// The expressions of CHECK in a CREATE TABLE, without their parentheses.
std::vector<std::string> checks_of(std::string_view create_table);

/// The SELECT of a CREATE VIEW; empty where it is not found, or the view names its columns itself.
std::string select_of_view(std::string_view create_view);

}  // namespace reeve::adoption
