#pragma once
// What lies in a folder of sound files.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sp404 {

struct FolderLimits {
  std::size_t entries_max = 1'000'000;
  int depth_max = 64;
};

/// A file or folder that was passed by, and why. The path is relative, as text that can be shown.
struct Unreadable {
  std::string path;
  std::string reason;
};

struct FolderContents {
  std::vector<std::filesystem::path> sounds;  ///< relative, in the order of their bytes
  std::vector<Unreadable> unreadable;
  std::int64_t links = 0;   ///< symbolic links, which are not followed
  std::int64_t others = 0;  ///< files that are no sound by their names
};

/// The files of a folder, and of those in it, that are sound by the ends of their names. Throws Error not_found when there is
/// no such folder, limit_exceeded beyond the limits.
FolderContents list_sounds(const std::filesystem::path& folder, const FolderLimits& limits = {});

/// As text that can be shown and stored: what is no UTF-8 is written `\xNN`.
std::string text_of(const std::filesystem::path& path);

}  // namespace sp404
