#pragma once
// Runs the built command as a shell would, with what it wrote and how it ended.

#include <filesystem>
#include <string>
#include <vector>

namespace reeve::tests {

struct Result {
  int exit_code = -1;  ///< 128 + the signal when it was killed
  std::string out;
  std::string err;
};

/// An empty folder that goes away with its owner.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Runs `build/reeve` in `folder`; REEVE_BUILD_DIR says where it was built.
Result reeve(const Folder& folder, const std::vector<std::string>& arguments, const std::string& input = {});
/// Runs a line of sh in `folder`, with the command as $reeve.
Result shell(const Folder& folder, const std::string& line);

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& content);

}  // namespace reeve::tests
