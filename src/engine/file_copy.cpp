#include "engine/file_copy.h"

#include "engine/connection.h"
#include "engine/page_store.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/fs.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace reeve::engine {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, std::string_view what) {
  const int reason = errno;
  throw Error(ErrorCode::unavailable,
              fmt::format("{} {}: {}", file.string(), what, std::system_category().message(reason)),
              reason == ENOENT ? "make the folder first, or choose another path" : "");
}

/// Who may read and write a file; a copy of it is for nobody else.
mode_t mode_of(const std::filesystem::path& file) {
  struct stat found {};
  return ::stat(file.c_str(), &found) == 0 ? found.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO)
                                           : S_IRUSR | S_IWUSR;
}

OpenFile opened(const std::filesystem::path& file, int flags, mode_t mode = 0) {
  const int descriptor = ::open(file.c_str(), flags | O_CLOEXEC, mode);
  if (descriptor < 0) {
    fail(file, "can't be opened");
  }
  return OpenFile(descriptor);
}

void sync(const std::filesystem::path& file, int flags) {
  if (::fsync(opened(file, flags).descriptor()) != 0) {
    fail(file, "can't be synced");
  }
}

}  // namespace

bool share_blocks(const std::filesystem::path& from, const std::filesystem::path& to) {
  const OpenFile target = opened(to, O_RDWR | O_CREAT | O_EXCL, mode_of(from));
  // In a process of its own: to close a file gives up every lock on it that the process holds (POSIX), also those by which
  // SQLite keeps others from a database that is in use here.
  const pid_t child = ::fork();
  if (child == 0) {
    const int source = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
    ::_exit(source >= 0 && ::ioctl(target.descriptor(), FICLONE, source) == 0 ? 0 : errno);
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  const int reason = child < 0 ? errno : WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
  if (reason == 0) {
    return true;
  }
  ::unlink(to.c_str());
  errno = reason;
  if (reason != EOPNOTSUPP && reason != EXDEV && reason != EINVAL && reason != ENOTTY && reason != ENOSYS) {
    fail(to, "can't share the blocks of another file");
  }
  return false;
}

void copy_database(Connection& from, const std::filesystem::path& to) {
  opened(to, O_RDWR | O_CREAT | O_EXCL, mode_of(sqlite3_db_filename(from.handle(), "main")));
  const auto target = Connection::open_plain(to, OpenMode::create);
  target->execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
  sqlite3_backup* backup = sqlite3_backup_init(target->handle(), "main", from.handle(), "main");
  int code = backup != nullptr ? sqlite3_backup_step(backup, -1) : sqlite3_errcode(target->handle());
  const int finished = sqlite3_backup_finish(backup);
  code = code == SQLITE_DONE ? finished : code;
  if (code != SQLITE_OK) {
    throw Error(ErrorCode::unavailable,
                fmt::format("{} can't be copied to {}: {}", from.name(), to.string(), sqlite3_errstr(code)));
  }
}

void publish_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  sync(from, O_RDWR);
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) {
      throw Error(ErrorCode::conflict, fmt::format("{} exists", to.string()),
                  "choose another name: nothing is overwritten");
    }
    fail(to, "can't be made");
  }
  const std::filesystem::path folder = to.parent_path();
  sync(folder.empty() ? std::filesystem::path(".") : folder, O_RDONLY | O_DIRECTORY);
}

PrivateFolder::PrivateFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "reeve-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    fail(name, "can't be made");
  }
  path_ = name;
}

PrivateFolder::~PrivateFolder() {
  std::error_code none;
  std::filesystem::remove_all(path_, none);
}

FileLock::FileLock(std::filesystem::path file)
    : file_(std::move(file)),
      descriptor_(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
  if (descriptor_ < 0) {
    fail(file_, "can't be made");
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor_);
    throw Error(ErrorCode::retryable, fmt::format("another process holds {}", file_.string()), "wait for it");
  }
  // Whoever held it may have removed it in between: then this is the lock of a file that nobody else finds.
  struct stat held {};
  struct stat there {};
  if (::fstat(descriptor_, &held) != 0 || ::stat(file_.c_str(), &there) != 0 || held.st_ino != there.st_ino ||
      held.st_dev != there.st_dev) {
    ::close(descriptor_);
    throw Error(ErrorCode::retryable, fmt::format("another process held {}", file_.string()), "try again");
  }
}

FileLock::~FileLock() {
  ::unlink(file_.c_str());
  ::close(descriptor_);
}

}  // namespace reeve::engine
