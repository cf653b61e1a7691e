// The file system beneath a private database: reads stored pages, and keeps what is written in a temporary file that has
// no name.

#include "engine/private_pages.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

namespace reeve::engine {

OpenFile::~OpenFile() { ::close(descriptor_); }

bool OpenFile::read(void* data, std::size_t size, std::int64_t offset) const {
  auto* place = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t read = ::pread(descriptor_, place, size, offset);
    if (read <= 0) {
      if (read < 0 && errno == EINTR) {
        continue;
      }
      return false;
    }
    place += read;
    offset += read;
    size -= static_cast<std::size_t>(read);
  }
  return true;
}

bool OpenFile::write(const void* data, std::size_t size, std::int64_t offset) const {
  const auto* place = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::pwrite(descriptor_, place, size, offset);
    if (written <= 0) {
      if (written < 0 && errno == EINTR) {
        continue;
      }
      return false;
    }
    place += written;
    offset += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

Digest digest_of_page(const void* page) {
  const std::string_view message(static_cast<const char*>(page), stored_page_bytes);
  Digest digest;
  hash_many({&message, 1}, {&digest, 1});
  return digest;
}

PrivateDatabase::Pages::Pages(StoredPages stored)
    : base(std::move(stored)), base_count(base.pages.size()), count(base.pages.size()) {}

bool PrivateDatabase::Pages::read(std::size_t number, char* page) {
  if (const auto found = written.find(number); found != written.end()) {
    return own->read(page, stored_page_bytes, slot_offset(found->second));
  }
  if (number > base_count) {
    std::memset(page, 0, stored_page_bytes);
    return true;
  }
  const StoredPages::Page& stored = base.pages[number - 1];
  if (!base.file->read(page, stored_page_bytes, stored.offset) || digest_of_page(page) != stored.digest) {
    damaged = true;
    return false;
  }
  return true;
}

bool PrivateDatabase::Pages::write(std::size_t number, const char* page) {
  if (!own) {
    std::string name = (std::filesystem::temp_directory_path() / "reeve-XXXXXX").string();
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) {
      return false;
    }
    ::unlink(name.c_str());
    own = std::make_unique<OpenFile>(descriptor);
  }
  const auto [place, fresh] = written.try_emplace(number, slots);
  slots += fresh ? 1 : 0;
  count = std::max(count, number);
  return own->write(page, stored_page_bytes, slot_offset(place->second));
}

void PrivateDatabase::Pages::truncate(std::size_t pages) {
  std::erase_if(written, [pages](const auto& entry) { return entry.first > pages; });
  base_count = std::min(base_count, pages);
  count = pages;
}

namespace {

/// SQLite's own, as it is found when the first private database is opened.
sqlite3_vfs* below() {
  static sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
  return found;
}

/// What SQLite knows every private database by. No file has such a name, nor one that begins with it: a journal or a log
/// that lies somewhere by chance is never taken for the database's own, nor removed as such.
constexpr std::string_view private_name = "/dev/null/checkpoint";

}  // namespace

/// What SQLite calls. Nothing throws through it.
struct PrivateFiles {
  using Pages = PrivateDatabase::Pages;
  struct File {
    sqlite3_file base;
    Pages* pages;
  };
  static Pages& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->pages; }

  /// The database that is being opened on this thread; null: SQLite opens a file that has no part in this.
  static thread_local Pages* opening;

  static int close(sqlite3_file*) { return SQLITE_OK; }

  static int read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
    Pages& pages = of(file);
    auto* out = static_cast<char*>(data);
    auto left = static_cast<std::size_t>(size);
    auto place = static_cast<std::size_t>(offset);
    while (left > 0) {
      const std::size_t number = place / stored_page_bytes + 1;
      if (number > pages.count) {
        std::memset(out, 0, left);
        return SQLITE_IOERR_SHORT_READ;
      }
      const std::size_t from = place % stored_page_bytes;
      const std::size_t take = std::min(left, stored_page_bytes - from);
      const bool is_whole = take == stored_page_bytes;
      if (!pages.read(number, is_whole ? out : pages.buffer.data())) {
        return pages.damaged ? SQLITE_IOERR_DATA : SQLITE_IOERR_READ;
      }
      if (!is_whole) {
        std::memcpy(out, pages.buffer.data() + from, take);
      }
      out += take;
      place += take;
      left -= take;
    }
    return SQLITE_OK;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    if (size != static_cast<int>(stored_page_bytes) || offset % size != 0) {
      return SQLITE_IOERR_WRITE;  // SQLite writes a database by whole pages
    }
    try {
      const auto number = static_cast<std::size_t>(offset / size) + 1;
      return of(file).write(number, static_cast<const char*>(data)) ? SQLITE_OK : SQLITE_IOERR_WRITE;
    } catch (const std::exception&) {
      return SQLITE_IOERR_NOMEM;
    }
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    of(file).truncate(static_cast<std::size_t>(size) / stored_page_bytes);
    return SQLITE_OK;
  }
  static int sync(sqlite3_file*, int) { return SQLITE_OK; }
  static int size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(of(file).count) * static_cast<sqlite3_int64>(stored_page_bytes);
    return SQLITE_OK;
  }
  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int is_reserved(sqlite3_file*, int* reserved) {
    *reserved = 0;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  // No log is kept, and nothing is mapped.
  static int map_index(sqlite3_file*, int, int, int, void volatile**) { return SQLITE_IOERR_SHMMAP; }
  static int lock_index(sqlite3_file*, int, int, int) { return SQLITE_IOERR_SHMLOCK; }
  static void pass_barrier(sqlite3_file*) {}
  static int unmap_index(sqlite3_file*, int) { return SQLITE_OK; }
  static int fetch(sqlite3_file*, sqlite3_int64, int, void** page) {
    *page = nullptr;
    return SQLITE_OK;
  }
  static int unfetch(sqlite3_file*, sqlite3_int64, void*) { return SQLITE_OK; }
  static int sector_size(sqlite3_file*) { return static_cast<int>(stored_page_bytes); }
  static int characteristics(sqlite3_file*) { return 0; }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods all = [] {
      sqlite3_io_methods made{};
      made.iVersion = 3;  // all are there for the layer above, which passes calls on
      made.xShmMap = map_index;
      made.xShmLock = lock_index;
      made.xShmBarrier = pass_barrier;
      made.xShmUnmap = unmap_index;
      made.xFetch = fetch;
      made.xUnfetch = unfetch;
      made.xClose = close;
      made.xRead = read;
      made.xWrite = write;
      made.xTruncate = truncate;
      made.xSync = sync;
      made.xFileSize = size;
      made.xLock = lock;
      made.xUnlock = lock;
      made.xCheckReservedLock = is_reserved;
      made.xFileControl = control;
      made.xSectorSize = sector_size;
      made.xDeviceCharacteristics = characteristics;
      return made;
    }();
    return &all;
  }

  /// To SQLite it is no file that is only read, whatever the connection is opened for: nobody else sees what is written.
  static int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
    if (opening == nullptr || (flags & SQLITE_OPEN_MAIN_DB) == 0) {
      return below()->xOpen(below(), name, file, flags, out_flags);
    }
    new (file) File{{methods()}, std::exchange(opening, nullptr)};
    if (out_flags != nullptr) {
      *out_flags = (flags & ~SQLITE_OPEN_READONLY) | SQLITE_OPEN_READWRITE;
    }
    return SQLITE_OK;
  }

  /// The database itself, or a journal or log beside it: there is none, whatever files are called.
  static bool is_private(const char* name) {
    return name != nullptr && std::string_view(name).starts_with(private_name);
  }
  static int access(sqlite3_vfs*, const char* name, int flags, int* answer) {
    if (!is_private(name)) {
      return below()->xAccess(below(), name, flags, answer);
    }
    *answer = name == private_name ? 1 : 0;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs*, const char* name, int sync_folder) {
    return is_private(name) ? SQLITE_IOERR_DELETE_NOENT : below()->xDelete(below(), name, sync_folder);
  }
  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    if (!is_private(name)) {
      return below()->xFullPathname(below(), name, size, out);
    }
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }

  static const char* name() {
    static constexpr const char* name = "reeve_private";
    static sqlite3_vfs files;
    static std::once_flag once;
    std::call_once(once, [] {
      files = *below();
      files.zName = name;
      files.szOsFile = std::max(files.szOsFile, static_cast<int>(sizeof(File)));
      files.pNext = nullptr;
      files.xOpen = open;
      files.xAccess = access;
      files.xDelete = remove;
      files.xFullPathname = full_path;
      ensure(sqlite3_vfs_register(&files, 0) == SQLITE_OK, "SQLite takes a file system");
    });
    return name;
  }
};

thread_local PrivateFiles::Pages* PrivateFiles::opening = nullptr;

PrivateDatabase::PrivateDatabase(StoredPages base) : pages_(std::make_unique<Pages>(std::move(base))) {}
PrivateDatabase::~PrivateDatabase() = default;

bool PrivateDatabase::is_damaged() const { return pages_->damaged; }

std::unique_ptr<Connection> PrivateDatabase::open(const ConnectionOptions& options) {
  Connection::open_scratch();  // settles the library before the first use of a file system of it
  ConnectionOptions given = options;
  given.file_system = PrivateFiles::name();
  given.durable = false;
  PrivateFiles::opening = pages_.get();
  std::unique_ptr<Connection> connection;
  try {
    // What is attached to it is only read.
    connection = Connection::open(std::filesystem::path(private_name), OpenMode::read_only, given);
  } catch (const Error&) {
    PrivateFiles::opening = nullptr;
    throw;
  }
  connection->execute(fmt::format("PRAGMA page_size = {}; PRAGMA journal_mode = MEMORY", stored_page_bytes));
  return connection;
}

}  // namespace reeve::engine
