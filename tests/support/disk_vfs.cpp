// The disks of disk.h as a file system of SQLite.

#include "support/disk.h"
#include "support/disk_files.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace reeve::testing {

std::shared_ptr<Disk> disk_of(std::string_view file);  // disk.cpp

namespace {

using File = Disk::File;
using Inode = Disk::Inode;

File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
using Guard = std::lock_guard<std::recursive_mutex>;

int unlock(sqlite3_file* base, int level);

int close(sqlite3_file* base) {
  File& file = of(base);
  if (file.disk) {
    const Guard guard(file.disk->mutex());
    unlock(base, SQLITE_LOCK_NONE);
  }
  file.~File();
  return SQLITE_OK;
}

int read(sqlite3_file* base, void* data, int size, sqlite3_int64 offset) {
  File& file = of(base);
  const Guard guard(file.disk->mutex());
  bool partly = false;
  const int code = file.disk->begin(Call::read, &partly);
  if (code != SQLITE_OK && !partly) return code;
  const std::string& content = file.inode->content;
  const auto there = std::max<sqlite3_int64>(0, static_cast<sqlite3_int64>(content.size()) - offset);
  const auto wanted = static_cast<std::size_t>(code == SQLITE_OK ? size : size / 2);
  const std::size_t got = std::min(wanted, static_cast<std::size_t>(there));
  if (got > 0) std::memcpy(data, content.data() + offset, got);
  if (got == static_cast<std::size_t>(size)) return SQLITE_OK;
  std::memset(static_cast<char*>(data) + got, 0, static_cast<std::size_t>(size) - got);
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* base, const void* data, int size, sqlite3_int64 offset) {
  File& file = of(base);
  file.disk->announce_change();
  const Guard guard(file.disk->mutex());
  return file.disk->write(*file.inode, data, size, offset);
}

int truncate(sqlite3_file* base, sqlite3_int64 size) {
  File& file = of(base);
  file.disk->announce_change();
  const Guard guard(file.disk->mutex());
  return file.disk->truncate(*file.inode, size);
}

int sync(sqlite3_file* base, int) {
  File& file = of(base);
  file.disk->announce_change();
  const Guard guard(file.disk->mutex());
  return file.disk->sync(*file.inode);
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
  File& file = of(base);
  const Guard guard(file.disk->mutex());
  *size = static_cast<sqlite3_int64>(file.inode->content.size());
  return file.disk->begin(Call::size);
}

int lock(sqlite3_file* base, int level) {
  File& file = of(base);
  const Guard guard(file.disk->mutex());
  if (const int code = file.disk->begin(Call::lock); code != SQLITE_OK) return code;
  Inode& inode = *file.inode;
  if (file.lock >= level) return SQLITE_OK;
  const auto other = [&](const File* holder) { return holder != nullptr && holder != &file; };
  if (other(inode.exclusive) || (other(inode.pending) && level == SQLITE_LOCK_SHARED)) return SQLITE_BUSY;
  if (level == SQLITE_LOCK_SHARED) {
    ++inode.shared_locks;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (other(inode.reserved) || other(inode.pending)) return SQLITE_BUSY;
    inode.reserved = &file;
  } else {
    if (other(inode.reserved) || other(inode.pending)) return SQLITE_BUSY;
    inode.pending = &file;
    if (inode.shared_locks > 1) {
      file.lock = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    inode.exclusive = &file;
  }
  file.lock = level;
  return SQLITE_OK;
}

int unlock(sqlite3_file* base, int level) {
  File& file = of(base);
  const Guard guard(file.disk->mutex());
  if (!file.inode || file.lock <= level) return SQLITE_OK;
  Inode& inode = *file.inode;
  for (const File** holder : {&inode.reserved, &inode.pending, &inode.exclusive}) {
    if (*holder == &file) *holder = nullptr;
  }
  if (level == SQLITE_LOCK_NONE) --inode.shared_locks;
  file.lock = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* base, int* reserved) {
  File& file = of(base);
  const Guard guard(file.disk->mutex());
  *reserved = file.inode->reserved != nullptr || file.inode->exclusive != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int control(sqlite3_file* base, int operation, void* argument) {
  if (operation != SQLITE_FCNTL_PRAGMA) return SQLITE_NOTFOUND;
  char** pragma = static_cast<char**>(argument);
  const auto& pragmas = of(base).disk->pragmas;
  const auto found = pragmas.find(pragma[1]);
  if (found != pragmas.end() && pragma[2] != nullptr && std::strlen(pragma[2]) >= found->second.size()) {
    std::strcpy(pragma[2], found->second.c_str());  // SQLite goes on with what stands here
  }
  return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) { return 512; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_region(sqlite3_file* base, int region, int size, int extend, void volatile** memory) {
  File& file = of(base);
  const Guard guard(file.disk->mutex());
  *memory = nullptr;
  if (const int code = file.disk->begin(Call::shm_map); code != SQLITE_OK) return code;
  Inode& inode = *file.inode;
  if (!file.uses_regions) {
    file.uses_regions = true;
    ++inode.region_users;
  }
  while (static_cast<int>(inode.regions.size()) <= region) {
    if (extend == 0) return SQLITE_OK;
    inode.regions.push_back(std::make_unique<std::array<char, 32768>>());
    inode.regions.back()->fill(0);
  }
  if (size > 32768) return SQLITE_IOERR_SHMMAP;
  *memory = inode.regions[static_cast<std::size_t>(region)]->data();
  return SQLITE_OK;
}

int lock_region(sqlite3_file* base, int offset, int count, int flags) {
  File& file = of(base);
  const Guard guard(file.disk->mutex());
  auto& locks = file.inode->region_locks;
  const bool unlocks = (flags & SQLITE_SHM_UNLOCK) != 0;
  const bool shared = (flags & SQLITE_SHM_SHARED) != 0;
  if (!unlocks) {
    if (const int code = file.disk->begin(Call::shm_lock); code != SQLITE_OK) return code;
    for (int i = offset; i < offset + count; ++i) {
      const Inode::RegionLock& held = locks[static_cast<std::size_t>(i)];
      const bool own = (file.shared_regions & (1U << i)) != 0;
      if ((held.exclusive != nullptr && held.exclusive != &file) ||
          (!shared && held.shared > (own ? 1 : 0))) {
        return SQLITE_BUSY;
      }
    }
  }
  for (int i = offset; i < offset + count; ++i) {
    Inode::RegionLock& held = locks[static_cast<std::size_t>(i)];
    const unsigned bit = 1U << i;
    if (!unlocks && shared && (file.shared_regions & bit) == 0) {
      file.shared_regions |= bit;
      ++held.shared;
    } else if (!unlocks && !shared) {
      file.exclusive_regions |= bit;
      held.exclusive = &file;
    } else if (unlocks) {
      if ((file.shared_regions & bit) != 0) --held.shared;
      if ((file.exclusive_regions & bit) != 0) held.exclusive = nullptr;
      file.shared_regions &= ~bit;
      file.exclusive_regions &= ~bit;
    }
  }
  return SQLITE_OK;
}

void barrier(sqlite3_file*) {}

int unmap_regions(sqlite3_file* base, int) {
  File& file = of(base);
  const Guard guard(file.disk->mutex());
  if (file.uses_regions) {
    lock_region(base, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK);
    file.uses_regions = false;
    if (--file.inode->region_users == 0) file.inode->regions.clear();
  }
  return SQLITE_OK;
}

int fetch(sqlite3_file*, sqlite3_int64, int, void** memory) {
  *memory = nullptr;
  return SQLITE_OK;
}
int unfetch(sqlite3_file*, sqlite3_int64, void*) { return SQLITE_OK; }

constexpr sqlite3_io_methods methods{
    .iVersion = 3,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_region,
    .xShmLock = lock_region,
    .xShmBarrier = barrier,
    .xShmUnmap = unmap_regions,
    .xFetch = fetch,
    .xUnfetch = unfetch,
};

int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* base, int flags, int* out_flags) {
  base->pMethods = nullptr;
  const auto disk = name != nullptr ? disk_of(name) : nullptr;
  if (name != nullptr && !disk) return SQLITE_CANTOPEN;
  if (!disk) return SQLITE_CANTOPEN;  // nothing of a ledger goes into files without names
  if ((flags & SQLITE_OPEN_CREATE) != 0) disk->announce_change();
  const Guard guard(disk->mutex());
  if (const int code = disk->begin(Call::open); code != SQLITE_OK) return code;
  File* file = new (base) File{};
  file->disk = disk;
  if (const int code = disk->open(name, flags, *file); code != SQLITE_OK) {
    file->~File();
    base->pMethods = nullptr;
    return code;
  }
  file->base.pMethods = &methods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs*, const char* name, int sync_folder) {
  const auto disk = disk_of(name);
  if (!disk) return SQLITE_IOERR_DELETE_NOENT;
  disk->announce_change();
  const Guard guard(disk->mutex());
  if (const int code = disk->begin(Call::remove); code != SQLITE_OK) return code;
  return disk->remove(name, sync_folder != 0);
}

int access(sqlite3_vfs*, const char* name, int, int* result) {
  const auto disk = disk_of(name);
  *result = 0;
  if (!disk) return SQLITE_OK;
  const Guard guard(disk->mutex());
  if (const int code = disk->begin(Call::access); code != SQLITE_OK) return code;
  *result = disk->exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  if (static_cast<int>(std::strlen(name)) >= size) return SQLITE_CANTOPEN;
  std::strcpy(out, name);
  return SQLITE_OK;
}

int no_sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
int no_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

void register_faulty_file_system() {
  static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);  // clock and randomness are the system's
  vfs.zName = Disk::file_system;
  vfs.szOsFile = sizeof(File);
  vfs.pNext = nullptr;
  vfs.iVersion = 2;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  vfs.xAccess = access;
  vfs.xFullPathname = full_path;
  vfs.xSleep = no_sleep;
  vfs.xGetLastError = no_error;
  sqlite3_vfs_register(&vfs, 0);
}

}  // namespace reeve::testing
