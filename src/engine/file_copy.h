#pragma once
// Files copied whole: blocks that are shared where the file system can, a database as a snapshot has it where it can't.

#include <filesystem>
#include <string>

namespace reeve::engine {

class Connection;

/// Makes a new file of the same blocks; nothing is copied until one of the two is written (FICLONE). False, and nothing is
/// left, where the file system can't. Throws Error unavailable for any other failure.
bool share_blocks(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes a database in a new file, as the connection's transaction sees its own (SQLite's backup, in one step). Throws Error.
void copy_database(Connection& from, const std::filesystem::path& to);

/// A file that is complete takes its name, durably, unless something has it (Error conflict).
void publish_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// A folder for files on the way, among those of the system, which nobody else may read. Removed at the end with all that
/// is in it. Throws Error unavailable.
class PrivateFolder {
 public:
  PrivateFolder();
  ~PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Held from its making to its end: whoever makes the same file meanwhile is refused (Error retryable). Made when it is
/// missing; removed at the end.
class FileLock {
 public:
  explicit FileLock(std::filesystem::path file);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  std::filesystem::path file_;
  int descriptor_;
};

}  // namespace reeve::engine
