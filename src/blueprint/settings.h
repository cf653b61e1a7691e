#pragma once
// blueprint.toml, decoded strictly.

#include "blueprint/findings.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::blueprint {

struct MomentSettings {
  std::string name;
  sql::Type type = sql::Type::text;
  std::string query;
  Place query_place;  ///< of the value, its quotes included
};

struct Settings {
  std::string name;
  std::string title;
  std::optional<MomentSettings> moment;
  std::vector<std::pair<std::string, Place>> seal;
  bool execute = false;
};

/// Reports unknown keys, values of another type and missing ones; what could be read is returned.
Settings read_settings(std::string_view text, Findings& findings);

}  // namespace reeve::blueprint
