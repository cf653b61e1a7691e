#pragma once
// What a path of the sources is, by its name alone (docs/blueprint.md).

#include <optional>
#include <string>
#include <string_view>

namespace reeve::blueprint {

enum class FileKind {
  settings,        ///< blueprint.toml
  migration_up,    ///< migrations/NNNN_name.up.sql
  migration_down,  ///< migrations/NNNN_name.down.sql
  apply,           ///< events/TYPE.vN.sql
  event_schema,    ///< events/TYPE.vN.json
  upcast,          ///< events/TYPE.vN-vM.sql
  command,         ///< commands/NAME.sql
  command_schema,  ///< commands/NAME.json
  queries,         ///< queries/NAME.sql
  search,          ///< search/NAME.toml
  job,             ///< jobs/NAME.toml
  limit,           ///< limits/NAME.toml
};

struct FileName {
  FileKind kind = FileKind::settings;
  std::string name;  ///< of the migration (`0001_core`), the event's type, or the file's own
  int number = 0;    ///< of a migration, or the version of an event
  int next = 0;      ///< of an upcast: the version it makes
};

/// Nothing when the path fits no rule.
std::optional<FileName> parse_file_name(std::string_view path);
/// The folders whose files belong to a blueprint: `commands`, `events`, `jobs`, `limits`, `migrations`, `queries`,
/// `search`.
bool is_folder(std::string_view name);
/// The rule of a folder's names, as the remedy for a name that doesn't fit.
std::string name_rule(std::string_view folder);

/// `[a-z][a-z0-9_]*`, at most 63 bytes.
bool is_name(std::string_view text);
/// Names joined by dots.
bool is_event_type(std::string_view text);
/// `v1` to `v9999`, without a leading zero; 0 when it is anything else.
int parse_version(std::string_view text);

}  // namespace reeve::blueprint
