#include "engine/wal_buffer.h"

#include <reeve/error.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include <sqlite3.h>

// Why it is safe to write later:
//
// - A frame of the log counts only when the index of the log says so. With synchronous = FULL, SQLite syncs the
//   log at the end of a transaction and only then changes the index. xSync writes what was gathered before it
//   syncs, so whatever another connection can learn of is in the file. A crash before it loses what was not
//   committed, as ever.
// - The transaction itself may read back pages that had to leave its cache: xRead writes first if it is asked
//   for what was gathered.
// - A write that fails keeps what was gathered, and the next call that needs it in the file tries again. So a
//   full disk is seen at the latest by the sync of the commit, which then fails as any failing commit does.
// - A transaction that is rolled back leaves frames that nobody will read. They are forgotten when the lock on
//   writing is given up, so that a full disk does not hinder those who come after.
// - Should somebody set synchronous to less, the barrier between the two copies of the index's header is the
//   last moment: it writes too. It can't report an error, so after one every later call on the log fails.
//
// - When the sync of a commit fails, its frames are in the file all the same, whole and with valid sums: whoever opens
//   the database after a crash would take them for committed, though the submitter was told that nobody knows and the
//   key tells of nothing. So they are spoiled when the lock on writing is given up: the header of the first of them is
//   overwritten. (Or the log's own header, if the log was begun anew: all it held is in the database by then.)
//
// The log is only ever appended to, but for frames of one page that a transaction writes again, and its start
// when it is begun anew; both are handled as any write that does not continue the last.

namespace reeve::engine {

namespace {

/// SQLite's file system takes less than 128 KiB at once (it masks the size). Calls no longer count here, and the
/// bytes stay in the processor's second cache.
constexpr int gathered_bytes_max = 124 * 1024;

class Gathered {
 public:
  explicit Gathered(sqlite3_file* file)
      : file_(file), bytes_(std::make_unique_for_overwrite<char[]>(gathered_bytes_max)) {}

  int write(const void* data, int size, sqlite3_int64 offset) {
    if (failed_ != SQLITE_OK) {
      return failed_;
    }
    if (size_ > 0 && offset >= start_ && offset + size <= start_ + size_) {
      std::memcpy(bytes_.get() + (offset - start_), data, static_cast<std::size_t>(size));
      return SQLITE_OK;
    }
    if (size_ > 0 && (offset != start_ + size_ || size > gathered_bytes_max - size_)) {
      const int code = flush();
      if (code != SQLITE_OK) {
        return code;
      }
    }
    if (size > gathered_bytes_max) {
      return write_below(data, size, offset);
    }
    if (size_ == 0) {
      start_ = offset;
    }
    std::memcpy(bytes_.get() + size_, data, static_cast<std::size_t>(size));
    size_ += size;
    return SQLITE_OK;
  }

  int flush() {
    if (failed_ != SQLITE_OK) {
      return failed_;
    }
    if (size_ == 0) {
      return SQLITE_OK;
    }
    const int code = write_below(bytes_.get(), size_, start_);
    size_ = code == SQLITE_OK ? 0 : size_;
    return code;
  }

  int sync(int flags) {
    const int flushed = flush();
    if (flushed != SQLITE_OK) {
      return flushed;
    }
    const int code = file_->pMethods->xSync(file_, flags);
    sync_failed_ = code != SQLITE_OK;
    if (code == SQLITE_OK) {
      first_unsynced_ = nothing;
    }
    return code;
  }

  /// Under the lock on writing, before it is given up. After a sync that failed what it was about is no transaction.
  /// It can't report an error; should this fail too, the outcome stays unknown until another transaction writes in
  /// its place.
  void spoil_unsynced() {
    if (sync_failed_ && first_unsynced_ != nothing) {
      constexpr int header_bytes = 24;  // of a frame; of the log it takes the salts, and all frames with them
      constexpr char zeros[header_bytes] = {};
      if (file_->pMethods->xWrite(file_, zeros, header_bytes, first_unsynced_) == SQLITE_OK) {
        file_->pMethods->xSync(file_, SQLITE_SYNC_NORMAL);
      }
    }
    sync_failed_ = false;
    first_unsynced_ = nothing;  // from here on it is others' to write here
  }

  bool overlaps(int size, sqlite3_int64 offset) const {
    return size_ > 0 && offset < start_ + size_ && start_ < offset + size;
  }
  void forget() { size_ = 0; }
  void flush_or_fail_from_now_on() { failed_ = flush(); }

 private:
  static constexpr sqlite3_int64 nothing = -1;

  int write_below(const void* data, int size, sqlite3_int64 offset) {
    first_unsynced_ = first_unsynced_ == nothing ? offset : std::min(first_unsynced_, offset);
    return file_->pMethods->xWrite(file_, data, size, offset);
  }

  sqlite3_file* file_;
  std::unique_ptr<char[]> bytes_;
  int size_ = 0;
  sqlite3_int64 start_ = 0;  ///< of the first of the bytes in the file
  int failed_ = SQLITE_OK;
  sqlite3_int64 first_unsynced_ = nothing;  ///< of the bytes that were written under this lock and not synced
  bool sync_failed_ = false;
};

/// What SQLite holds of an open database or log. The file of the layer below lies right behind it.
struct File {
  sqlite3_file base;
  Gathered* gathered;  ///< of a log, its own; of a database, that of its log while that is open
  File* database;      ///< of a log

  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
static_assert(sizeof(File) % 8 == 0);

File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

/// Calls the same method of the layer below.
template <auto method, typename... Arguments>
auto pass(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* below = of(file)->below();
  return (below->pMethods->*method)(below, arguments...);
}

/// The same after what was gathered is in the file.
template <auto method, typename... Arguments>
int flush_and_pass(sqlite3_file* file, Arguments... arguments) {
  const int code = of(file)->gathered->flush();
  return code == SQLITE_OK ? pass<method>(file, arguments...) : code;
}

int close_log(sqlite3_file* file) {
  of(file)->database->gathered = nullptr;
  delete of(file)->gathered;
  return pass<&sqlite3_io_methods::xClose>(file);
}

int read_log(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return of(file)->gathered->overlaps(size, offset)
             ? flush_and_pass<&sqlite3_io_methods::xRead>(file, data, size, offset)
             : pass<&sqlite3_io_methods::xRead>(file, data, size, offset);
}

int sync_log(sqlite3_file* file, int flags) { return of(file)->gathered->sync(flags); }

int write_log(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  return of(file)->gathered->write(data, size, offset);
}

/// SQLite takes a read that comes back short for the end of the file and goes on with zeros. Where the file is longer,
/// the read has failed, and zeros would be taken for rows.
int read_database(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  int code = pass<&sqlite3_io_methods::xRead>(file, data, size, offset);
  if (code == SQLITE_IOERR_SHORT_READ) [[unlikely]] {
    sqlite3_int64 file_size = 0;
    const int size_code = pass<&sqlite3_io_methods::xFileSize>(file, &file_size);
    if (size_code != SQLITE_OK || file_size >= offset + size) {
      code = SQLITE_IOERR_READ;
    }
  }
  return code;
}

int lock_index(sqlite3_file* file, int offset, int count, int flags) {
  constexpr int write_lock = 0;  // the first of the locks in the index (SQLite's file format, 2.3.2)
  Gathered* gathered = of(file)->gathered;
  if (gathered != nullptr && offset == write_lock && (flags & SQLITE_SHM_UNLOCK) != 0) {
    gathered->forget();
    gathered->spoil_unsynced();
  }
  return pass<&sqlite3_io_methods::xShmLock>(file, offset, count, flags);
}

void pass_barrier(sqlite3_file* file) {
  if (of(file)->gathered != nullptr) {
    of(file)->gathered->flush_or_fail_from_now_on();
  }
  pass<&sqlite3_io_methods::xShmBarrier>(file);
}

sqlite3_io_methods passing_methods() {
  sqlite3_io_methods methods{};
  methods.iVersion = 3;
  methods.xClose = pass<&sqlite3_io_methods::xClose>;
  methods.xRead = pass<&sqlite3_io_methods::xRead>;
  methods.xWrite = pass<&sqlite3_io_methods::xWrite>;
  methods.xTruncate = pass<&sqlite3_io_methods::xTruncate>;
  methods.xSync = pass<&sqlite3_io_methods::xSync>;
  methods.xFileSize = pass<&sqlite3_io_methods::xFileSize>;
  methods.xLock = pass<&sqlite3_io_methods::xLock>;
  methods.xUnlock = pass<&sqlite3_io_methods::xUnlock>;
  methods.xCheckReservedLock = pass<&sqlite3_io_methods::xCheckReservedLock>;
  methods.xFileControl = pass<&sqlite3_io_methods::xFileControl>;
  methods.xSectorSize = pass<&sqlite3_io_methods::xSectorSize>;
  methods.xDeviceCharacteristics = pass<&sqlite3_io_methods::xDeviceCharacteristics>;
  methods.xShmMap = pass<&sqlite3_io_methods::xShmMap>;
  methods.xShmLock = pass<&sqlite3_io_methods::xShmLock>;
  methods.xShmBarrier = pass<&sqlite3_io_methods::xShmBarrier>;
  methods.xShmUnmap = pass<&sqlite3_io_methods::xShmUnmap>;
  methods.xFetch = pass<&sqlite3_io_methods::xFetch>;
  methods.xUnfetch = pass<&sqlite3_io_methods::xUnfetch>;
  return methods;
}

const sqlite3_io_methods* database_methods() {
  static const sqlite3_io_methods methods = [] {
    sqlite3_io_methods all = passing_methods();
    all.xRead = read_database;
    all.xShmLock = lock_index;
    all.xShmBarrier = pass_barrier;
    return all;
  }();
  return &methods;
}

const sqlite3_io_methods* log_methods() {
  static const sqlite3_io_methods methods = [] {
    sqlite3_io_methods all = passing_methods();
    all.xClose = close_log;
    all.xRead = read_log;
    all.xWrite = write_log;
    all.xTruncate = flush_and_pass<&sqlite3_io_methods::xTruncate>;
    all.xSync = sync_log;
    all.xFileSize = flush_and_pass<&sqlite3_io_methods::xFileSize>;
    return all;
  }();
  return &methods;
}

struct Layer {
  sqlite3_vfs vfs{};  ///< the first member: SQLite hands its address back
  sqlite3_vfs* below = nullptr;
  std::string name;
  bool gathers = false;
};

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  const Layer& layer = *reinterpret_cast<Layer*>(vfs);
  sqlite3_vfs* below = layer.below;
  const bool is_log = layer.gathers && (flags & SQLITE_OPEN_WAL) != 0;
  if (!is_log && (flags & SQLITE_OPEN_MAIN_DB) == 0) {
    return below->xOpen(below, name, file, flags, out_flags);  // it has no part in this
  }
  File* opened = new (file) File{};
  opened->below()->pMethods = nullptr;
  const int code = below->xOpen(below, name, opened->below(), flags, out_flags);
  if (code != SQLITE_OK) {
    return code;  // without methods SQLite doesn't close it
  }
  if (is_log) {
    opened->database = of(sqlite3_database_file_object(name));
    opened->gathered = new Gathered(opened->below());
    opened->database->gathered = opened->gathered;
  }
  opened->base.pMethods = is_log ? log_methods() : database_methods();
  return SQLITE_OK;
}

}  // namespace

const char* file_layer(const std::string& file_system, bool gathers) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, bool>, Layer> layers;
  const std::lock_guard lock(mutex);
  const auto [place, is_new] = layers.try_emplace({file_system, gathers});
  Layer& layer = place->second;
  if (is_new) {
    layer.below = sqlite3_vfs_find(file_system.empty() ? nullptr : file_system.c_str());
    ensure(layer.below != nullptr && layer.below->iVersion >= 2, "SQLite has a file system");
    layer.name = (gathers ? "reeve_wal_buffer" : "reeve") + (file_system.empty() ? "" : "_" + file_system);
    layer.gathers = gathers;
    layer.vfs = *layer.below;  // all that has no part in this works on the file system below
    layer.vfs.zName = layer.name.c_str();
    layer.vfs.szOsFile += static_cast<int>(sizeof(File));
    layer.vfs.pNext = nullptr;
    layer.vfs.xOpen = open_file;
    ensure(sqlite3_vfs_register(&layer.vfs, 0) == SQLITE_OK, "SQLite takes a file system");
  }
  return layer.vfs.zName;
}

}  // namespace reeve::engine
