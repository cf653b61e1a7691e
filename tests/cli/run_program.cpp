#include "cli/run_program.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace reeve::tests {

namespace {

namespace fs = std::filesystem;

fs::path program() {
  const char* build = std::getenv("REEVE_BUILD_DIR");
  return fs::absolute(build != nullptr ? build : "build") / "reeve";
}

void redirect(const fs::path& file, int flags, int descriptor) {
  const int opened = ::open(file.c_str(), flags, 0600);
  if (opened < 0 || ::dup2(opened, descriptor) < 0) ::_exit(126);
}

/// Streams are files beside the folder, so that no pipe can fill up.
Result run(const fs::path& folder, std::vector<std::string> words, const std::string& input) {
  const fs::path streams = folder.string() + ".streams";
  fs::create_directories(streams);
  write_file(streams / "in", input);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    redirect(streams / "in", O_RDONLY, STDIN_FILENO);
    redirect(streams / "out", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    redirect(streams / "err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  Result result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_file(streams / "out");
  result.err = read_file(streams / "err");
  return result;
}

}  // namespace

Folder::Folder() {
  std::string pattern = (fs::temp_directory_path() / "reeve_cli_XXXXXX").string();
  const char* made = ::mkdtemp(pattern.data());
  EXPECT_NE(made, nullptr);
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  fs::remove_all(path_.string() + ".streams", ignored);
}

Result reeve(const Folder& folder, const std::vector<std::string>& arguments, const std::string& input) {
  std::vector<std::string> words{program().string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run(folder.path(), words, input);
}

Result shell(const Folder& folder, const std::string& line) {
  return run(folder.path(), {"/bin/sh", "-c", "reeve=\"$1\"; " + line, "sh", program().string()}, {});
}

std::string read_file(const fs::path& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  EXPECT_TRUE(file) << path;
}

}  // namespace reeve::tests
