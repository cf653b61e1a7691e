#include "shared/npm.h"

#include "shared/support.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace bench {

std::optional<std::filesystem::path> npm_folder(std::string_view name, std::string& why) {
  const std::filesystem::path folder = program_file().parent_path() / "bench" / name;
  std::filesystem::create_directories(folder);
  std::filesystem::copy(
      source_folder() / "bench" / name, folder,
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::update_existing);
  if (std::system("node --version >/dev/null 2>&1 && npm --version >/dev/null 2>&1") != 0) {
    why = "node and npm are not installed";
    return std::nullopt;
  }
  // The file is written when all of it is there; another package.json than the one it was written for is fetched anew.
  const std::string install = fmt::format(
      "cd '{}' && {{ [ node_modules/.package-lock.json -nt package.json ] || timeout 300 npm install "
      "--no-audit "
      "--no-fund; }} >npm.log 2>&1",
      folder.string());
  if (std::system(install.c_str()) != 0) {
    why = fmt::format("npm can't fetch it ({})", (folder / "npm.log").string());
    return std::nullopt;
  }
  return folder;
}

double number_of(const std::filesystem::path& folder, const std::string& command) {
  std::FILE* pipe = popen(fmt::format("cd '{}' && {}", folder.string(), command).c_str(), "r");
  reeve::ensure(pipe != nullptr, "a command can be run");
  double number = 0;
  const int read = std::fscanf(pipe, "%lf", &number);
  const int status = pclose(pipe);
  reeve::ensure(read == 1 && status == 0, command.c_str());
  return number;
}

}  // namespace bench
