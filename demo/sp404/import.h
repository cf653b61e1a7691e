#pragma once
// A folder of sound files, taken into a library (blueprints/sp404mk2).

#include "sp404/sound_folder.h"

#include <reeve/ledger.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sp404 {

struct ImportOptions {
  std::string user;                       ///< e-mail address or id
  std::string batch = {};                 ///< its name; '' is the folder's
  std::optional<std::string> genre = {};  ///< of files that don't say one
  std::optional<std::string> licence = {};
  std::string actor = {};
  const std::atomic<bool>* stop = nullptr;  ///< asked between two files
  /// After each file: how many of how many, and its path.
  std::function<void(std::int64_t, std::int64_t, std::string_view)> progress = {};
};

enum class Ending {
  complete,
  refused,      ///< the rules say no to whatever would come: the quota is used up
  interrupted,  ///< it was told to stop
};

struct ImportReport {
  Ending ending = Ending::complete;
  std::string why;  ///< of `refused`
  std::string user_id;
  std::string username;
  std::string batch_id;
  std::string batch;
  bool continued = false;   ///< an import of this name was open, and went on
  std::int64_t sounds = 0;  ///< files that are sound by their names
  // What the import comes to, of all runs that it took.
  std::int64_t added = 0;
  std::int64_t there_already = 0;
  std::int64_t failed = 0;
  std::vector<Unreadable> not_taken;  ///< by this run
  std::int64_t links = 0;
  std::int64_t others = 0;
  std::int64_t used_bytes = 0;
  std::int64_t available_bytes = 0;
};

/// Takes what is new of a folder into the library of a user. Content that is there already adds nothing, whatever it is called. A
/// file that can't be taken is noted in the import and reported, and stops nobody. An import that did not come to its end
/// (told to stop, killed, no room left) stays open: the same call goes on with it, and each file counts once. Files are read on this
/// thread while those before them are committed, many together.
/// Throws Error not_found (folder, user), limit_exceeded (folder), and as Ledger::command.
ImportReport import_folder(reeve::Ledger& ledger, const std::filesystem::path& folder,
                           const ImportOptions& options);

}  // namespace sp404
