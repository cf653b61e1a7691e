#pragma once
// What others publish on npm, to run beside.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

/// bench/NAME copied into the build folder, into which npm fetches what its package.json names, once. Nothing when node or a
/// package can't be had; `why` says it.
std::optional<std::filesystem::path> npm_folder(std::string_view name, std::string& why);
/// Runs a line of sh in the folder; the number that it prints.
double number_of(const std::filesystem::path& folder, const std::string& command);

}  // namespace bench
