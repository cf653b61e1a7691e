#pragma once
// Folders of migrations that were made for other tools, read as they are: golang-migrate, sqlx, dbmate and goose.
// docs/migration_folders.md says what each of them writes and what is taken of it.

#include <reeve/error.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::migration {

enum class Tool : std::uint8_t { golang_migrate, sqlx, dbmate, goose };

std::string_view name_of(Tool tool);
/// Throws Error invalid_input for another name.
Tool tool_named(std::string_view name);

/// What one direction of a migration runs.
struct Section {
  std::string text;
  Place place;  ///< of its first line
  /// False when the file asks for it, or when its own statements say so.
  bool in_transaction = true;
};

struct Step {
  std::int64_t version = 0;
  std::string name;  ///< the file's, as the tool names it: `0003_orders.up.sql`
  Section up;
  std::optional<Section> down;
  std::string checksum;  ///< 64 hexadecimal digits over the text of `up`
  std::string meaning;   ///< the same over its tokens: equal when comments and blanks alone differ
};

struct Folder {
  Tool tool = Tool::dbmate;
  std::vector<Step> steps;  ///< ascending by version
};

/// Reads all of a folder. Which tool it was made for is seen in the files unless it is given. Throws Error not_found (no
/// folder), invalid_input with the file and line (no migrations, one version twice, a section that is not closed, what
/// only the tool itself can run), limit_exceeded.
Folder read_folder(const std::filesystem::path& folder, std::optional<Tool> tool = {});

}  // namespace reeve::migration
