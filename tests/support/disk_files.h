#pragma once
// The inside of a disk (disk.h): what its files hold, and what of it is synced.

#include "support/disk.h"

#include <sqlite3.h>

namespace reeve::testing {

/// A change of a file that is not synced.
struct Change {
  std::int64_t offset = 0;  ///< of a truncation: the new size
  std::string data;
  bool truncates = false;
  std::int64_t size_after = 0;
};

struct Disk::Inode {
  std::string content;  ///< as programs see it
  std::string synced;
  std::vector<Change> changes;  ///< between the two
  bool is_log = false;  ///< its name is synced with it: SQLite syncs the folder of a new journal or log

  // Locks of the database (SQLite's levels), and of the index of its log.
  int shared_locks = 0;
  const File* reserved = nullptr;
  const File* pending = nullptr;
  const File* exclusive = nullptr;
  std::vector<std::unique_ptr<std::array<char, 32768>>> regions;
  int region_users = 0;
  struct RegionLock {
    int shared = 0;
    const File* exclusive = nullptr;
  };
  std::array<RegionLock, SQLITE_SHM_NLOCK> region_locks;

  /// What a power cut leaves of it.
  std::string cut(Fate fate, std::mt19937_64& random) const;
};

/// What SQLite holds of an open file.
struct Disk::File {
  sqlite3_file base{};
  std::shared_ptr<Disk> disk;
  std::shared_ptr<Inode> inode;
  int lock = SQLITE_LOCK_NONE;
  bool uses_regions = false;
  unsigned shared_regions = 0;  ///< locks held, a bit each
  unsigned exclusive_regions = 0;
};

}  // namespace reeve::testing
