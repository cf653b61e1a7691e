#pragma once
// A database that nobody finds under its name until it is whole.

#include "engine/file_copy.h"

#include <filesystem>
#include <optional>
#include <string>

namespace reeve::engine {

/// Until then it stands beside its place, as `NAME-making`, and one process alone makes it. What a process that was killed left of
/// it is removed by the next one. In a file system of a program's own (file_system.h) it is made in its place.
class NewDatabase {
 public:
  /// Throws Error conflict when something has the name, or a log or a journal that would be taken for its own; retryable while
  /// another process makes it; unavailable.
  NewDatabase(std::filesystem::path file, std::string file_system);
  /// Removes what was not published. Nobody has it open.
  ~NewDatabase();
  NewDatabase(const NewDatabase&) = delete;
  NewDatabase& operator=(const NewDatabase&) = delete;

  /// Where it is made.
  const std::filesystem::path& place() const { return place_; }
  /// It takes its name, durably. Nobody has it open. Throws Error conflict when something has got the name meanwhile, unavailable.
  void publish();

 private:
  std::filesystem::path file_;
  std::filesystem::path place_;
  std::string file_system_;
  std::optional<FileLock> lock_;
  bool is_published_ = false;
};

/// What a database of this name is called until it is whole.
std::filesystem::path unfinished_name(const std::filesystem::path& file);

}  // namespace reeve::engine
