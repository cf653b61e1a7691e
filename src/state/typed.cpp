#include <reeve/typed.h>

#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reeve {

JsonMembers& JsonMembers::member(std::string_view name, std::string_view json) {
  if (!members_.empty()) members_ += ',';
  json::append_canonical_string(name, members_);
  members_ += ':';
  members_ += json;
  return *this;
}

JsonMembers& JsonMembers::add(std::string_view name, std::string_view value) {
  std::string json;
  json::append_canonical_string(value, json);
  return member(name, json);
}

JsonMembers& JsonMembers::add_integer(std::string_view name, std::int64_t value) {
  constexpr std::int64_t exact_max = std::int64_t{1} << 53;
  const bool is_exact = value <= exact_max && value >= -exact_max;
  return member(name, is_exact ? fmt::format("{}", value) : fmt::format("\"{}\"", value));
}

void JsonMembers::refuse_integer(std::string_view name) {
  throw Error(ErrorCode::invalid_input, fmt::format("the member {} is beyond 64 bits with a sign", name));
}

JsonMembers& JsonMembers::add(std::string_view name, double value) {
  if (!std::isfinite(value)) {
    throw Error(ErrorCode::invalid_input, fmt::format("the member {} is not a finite number", name));
  }
  std::string json;
  json::append_canonical_number(value, json);
  return member(name, json);
}

JsonMembers& JsonMembers::add(std::string_view name, bool value) {
  return member(name, value ? "true" : "false");
}

JsonMembers& JsonMembers::add(std::string_view name, const Json& value) { return member(name, value.text); }

namespace typed {

void check_columns(const Rows& rows, std::string_view query, std::initializer_list<std::string_view> names) {
  const std::vector<Rows::Column>& columns = rows.columns();
  const bool equal =
      std::equal(columns.begin(), columns.end(), names.begin(), names.end(),
                 [](const Rows::Column& column, std::string_view name) { return column.name == name; });
  if (!equal) {
    throw Error(
        ErrorCode::conflict,
        fmt::format("the query {} of this ledger has other columns than the header it is read with", query),
        "run `reeve generate` on the ledger's blueprint, or migrate the ledger");
  }
}

}  // namespace typed

}  // namespace reeve
