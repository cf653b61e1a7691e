#pragma once
// The plain paths of SQL/JSON: `$.a.b[0]`, `$.list[*].name`, `$."a name"`, `$[last]`, `$.*`; no filters, no methods.
// Lax, as PostgreSQL reads them: a member of an array is that of its elements, an element of no array is itself.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::sql {

struct JsonStep {
  enum class Kind { member, every_member, element, every_element, last_element };
  Kind kind = Kind::member;
  std::string name;        ///< of a member
  std::int64_t index = 0;  ///< of an element
};

/// Nothing for a path that is not plain.
std::optional<std::vector<JsonStep>> read_json_path(std::string_view path);

}  // namespace reeve::sql
