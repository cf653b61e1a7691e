#include "blueprint/file_name.h"

#include <algorithm>
#include <charconv>

namespace reeve::blueprint {
namespace {

constexpr std::size_t name_bytes_max = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

bool cut_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

std::optional<FileName> parse_migration(std::string_view stem) {
  FileName file;
  if (!cut_suffix(stem, ".sql")) return std::nullopt;
  if (cut_suffix(stem, ".up")) {
    file.kind = FileKind::migration_up;
  } else if (cut_suffix(stem, ".down")) {
    file.kind = FileKind::migration_down;
  } else {
    return std::nullopt;
  }
  constexpr std::size_t digits = 4;
  if (stem.size() < digits + 2 || stem[digits] != '_') return std::nullopt;
  if (!std::all_of(stem.begin(), stem.begin() + digits, is_digit) || !is_name(stem.substr(digits + 1))) {
    return std::nullopt;
  }
  std::from_chars(stem.data(), stem.data() + digits, file.number);
  file.name = stem;
  return file;
}

std::optional<FileName> parse_event(std::string_view stem) {
  FileName file;
  if (cut_suffix(stem, ".json")) {
    file.kind = FileKind::event_schema;
  } else if (cut_suffix(stem, ".sql")) {
    file.kind = FileKind::apply;
  } else {
    return std::nullopt;
  }
  const std::size_t dot = stem.rfind('.');
  if (dot == std::string_view::npos || !is_event_type(stem.substr(0, dot))) return std::nullopt;
  std::string_view version = stem.substr(dot + 1);
  if (const std::size_t dash = version.find('-'); dash != std::string_view::npos) {
    if (file.kind != FileKind::apply) return std::nullopt;
    file.kind = FileKind::upcast;
    file.next = parse_version(version.substr(dash + 1));
    if (file.next == 0) return std::nullopt;
    version = version.substr(0, dash);
  }
  file.number = parse_version(version);
  if (file.number == 0) return std::nullopt;
  file.name = stem.substr(0, dot);
  return file;
}

std::optional<FileName> parse_command(std::string_view stem) {
  FileName file;
  if (cut_suffix(stem, ".json")) {
    file.kind = FileKind::command_schema;
  } else if (cut_suffix(stem, ".sql")) {
    file.kind = FileKind::command;
  } else {
    return std::nullopt;
  }
  if (!is_name(stem)) return std::nullopt;
  file.name = stem;
  return file;
}

std::optional<FileName> parse_queries(std::string_view stem) {
  FileName file;
  file.kind = FileKind::queries;
  if (!cut_suffix(stem, ".sql") || !is_name(stem)) return std::nullopt;
  file.name = stem;
  return file;
}

/// NAME.toml of a search index, of a kind of job or of a rate limit.
std::optional<FileName> parse_toml_name(std::string_view stem, FileKind kind) {
  FileName file;
  file.kind = kind;
  if (!cut_suffix(stem, ".toml") || !is_name(stem)) return std::nullopt;
  file.name = stem;
  return file;
}

}  // namespace

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > name_bytes_max || !is_lower(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_event_type(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_name(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

int parse_version(std::string_view text) {
  if (text.size() < 2 || text.size() > 5 || text[0] != 'v' || text[1] == '0') return 0;
  if (!std::all_of(text.begin() + 1, text.end(), is_digit)) return 0;
  int version = 0;
  std::from_chars(text.data() + 1, text.data() + text.size(), version);
  return version;
}

std::optional<FileName> parse_file_name(std::string_view path) {
  if (path == "blueprint.toml") return FileName{};
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view folder = path.substr(0, slash);
  const std::string_view stem = path.substr(slash + 1);
  if (folder == "migrations") return parse_migration(stem);
  if (folder == "events") return parse_event(stem);
  if (folder == "commands") return parse_command(stem);
  if (folder == "queries") return parse_queries(stem);
  if (folder == "search") return parse_toml_name(stem, FileKind::search);
  if (folder == "jobs") return parse_toml_name(stem, FileKind::job);
  if (folder == "limits") return parse_toml_name(stem, FileKind::limit);
  return std::nullopt;
}

bool is_folder(std::string_view name) {
  return name == "commands" || name == "events" || name == "migrations" || name == "queries" ||
         name == "search" || name == "jobs" || name == "limits";
}

std::string name_rule(std::string_view folder) {
  const std::string names = "; names are lower-case letters, digits and _, and begin with a letter";
  if (folder == "migrations")
    return "name it NNNN_name.up.sql or NNNN_name.down.sql (0001_core.up.sql)" + names;
  if (folder == "events") {
    return "name it TYPE.vN.sql, TYPE.vN.json or TYPE.vN-vM.sql (influence.gained.v1.sql)" + names;
  }
  if (folder == "commands") return "name it NAME.sql or NAME.json (resolve_expedition.sql)" + names;
  if (folder == "queries") return "name it NAME.sql (leaderboard.sql)" + names;
  if (folder == "search") return "name it NAME.toml (lore.toml)" + names;
  if (folder == "jobs") return "name it NAME.toml (analyse.toml)" + names;
  if (folder == "limits") return "name it NAME.toml (log_ins.toml)" + names;
  return "a blueprint has blueprint.toml and the folders migrations, events, commands, queries, search, jobs "
         "and limits";
}

}  // namespace reeve::blueprint
