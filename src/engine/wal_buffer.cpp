#include "engine/wal_buffer.h"

#include <reeve/error.h>

#include <cstring>
#include <map>
#include <memory>
#include <mutex>

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
      return file_->pMethods->xWrite(file_, data, size, offset);
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
    const int code = file_->pMethods->xWrite(file_, bytes_.get(), size_, start_);
    size_ = code == SQLITE_OK ? 0 : size_;
    return code;
  }

  bool overlaps(int size, sqlite3_int64 offset) const {
    return size_ > 0 && offset < start_ + size_ && start_ < offset + size;
  }
  void forget() { size_ = 0; }
  void flush_or_fail_from_now_on() { failed_ = flush(); }

 private:
  sqlite3_file* file_;
  std::unique_ptr<char[]> bytes_;
  int size_ = 0;
  sqlite3_int64 start_ = 0;  ///< of the first of the bytes in the file
  int failed_ = SQLITE_OK;
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

int write_log(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  return of(file)->gathered->write(data, size, offset);
}

int lock_index(sqlite3_file* file, int offset, int count, int flags) {
  constexpr int write_lock = 0;  // the first of the locks in the index (SQLite's file format, 2.3.2)
  Gathered* gathered = of(file)->gathered;
  if (gathered != nullptr && offset == write_lock && (flags & SQLITE_SHM_UNLOCK) != 0) {
    gathered->forget();
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
    all.xSync = flush_and_pass<&sqlite3_io_methods::xSync>;
    all.xFileSize = flush_and_pass<&sqlite3_io_methods::xFileSize>;
    return all;
  }();
  return &methods;
}

struct Layer {
  sqlite3_vfs vfs{};  ///< the first member: SQLite hands its address back
  sqlite3_vfs* below = nullptr;
  std::string name;
};

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* below = reinterpret_cast<Layer*>(vfs)->below;
  if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0) {
    return below->xOpen(below, name, file, flags, out_flags);  // it has no part in this
  }
  const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
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

const char* wal_buffer_layer(const std::string& file_system) {
  static std::mutex mutex;
  static std::map<std::string, Layer> layers;
  const std::lock_guard lock(mutex);
  const auto [place, is_new] = layers.try_emplace(file_system);
  Layer& layer = place->second;
  if (is_new) {
    layer.below = sqlite3_vfs_find(file_system.empty() ? nullptr : file_system.c_str());
    ensure(layer.below != nullptr && layer.below->iVersion >= 2, "SQLite has a file system");
    layer.name = "reeve_wal_buffer" + (file_system.empty() ? "" : "_" + file_system);
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
