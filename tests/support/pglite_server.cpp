#include "support/pglite_server.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace reeve::testing {
namespace {

std::filesystem::path folder_named(const char* variable) {
  const char* folder = std::getenv(variable);
  if (folder == nullptr) throw std::runtime_error(std::string(variable) + " names no folder");
  return std::filesystem::absolute(folder);
}

bool runs(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

}  // namespace

PgliteServer* PgliteServer::shared() {
  if (std::getenv("CI") == nullptr && !(runs("node --version") && runs("npm --version"))) return nullptr;
  static PgliteServer server;
  return &server;
}

/// The folder with node_modules.
std::filesystem::path PgliteServer::fetch() {
  std::filesystem::path folder = folder_named("REEVE_BUILD_DIR") / "pglite";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(folder_named("REEVE_SOURCE_DIR") / "tests/support/pglite/package.json",
                             folder / "package.json", std::filesystem::copy_options::overwrite_existing);
  const std::string command = "cd '" + folder.string() +
                              "' && { [ -d node_modules/@electric-sql/pglite-pgvector ] || "
                              "timeout 300 npm install --no-audit --no-fund; } >npm.log 2>&1";
  if (std::system(command.c_str()) != 0)
    throw std::runtime_error("npm could not fetch PGlite: see " + (folder / "npm.log").string());
  return folder;
}

PgliteServer::PgliteServer() {
  const std::string modules = fetch().string();
  std::string pattern = (std::filesystem::temp_directory_path() / "reeve_pglite_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  const std::string script = (folder_named("REEVE_SOURCE_DIR") / "tests/support/pglite/wire.mjs").string();
  int input[2];
  int output[2];
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  process_ = fork();
  if (process_ == 0) {
    if (dup2(input[0], STDIN_FILENO) < 0 || dup2(output[1], STDOUT_FILENO) < 0) _exit(126);
    execlp("node", "node", script.c_str(), modules.c_str(), folder_.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  close(input[0]);
  close(output[1]);
  input_ = input[1];
  char byte = 0;
  const bool is_ready = read(output[0], &byte, 1) == 1;  // it says so, or ends
  close(output[0]);
  if (!is_ready) throw std::runtime_error("PGlite did not start");
}

PgliteServer::~PgliteServer() {
  close(input_);
  waitpid(process_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string PgliteServer::url(const std::string& user) const {
  return "postgresql://" + user + "@/postgres?host=" + folder_.string();
}

}  // namespace reeve::testing
