#include "engine/file_system.h"

#include "engine/connection.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <sqlite3.h>
#include <sys/statvfs.h>

#include <array>
#include <system_error>

namespace reeve::engine {

std::string read_file_header(Connection& connection) {
  constexpr int header_bytes = 100;
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  ensure(file != nullptr && file->pMethods != nullptr, "a database has a file");
  std::string header(header_bytes, '\0');
  const int code = file->pMethods->xRead(file, header.data(), header_bytes, 0);
  if (code != SQLITE_OK) {
    throw Error(ErrorCode::unavailable,
                fmt::format("the header of {} can't be read: {}", connection.name(), sqlite3_errstr(code)));
  }
  return header;
}

void check_file_system(const std::string& name) {
  if (!name.empty() && sqlite3_vfs_find(name.c_str()) == nullptr) {
    throw Error(ErrorCode::invalid_input, fmt::format("SQLite has no file system of the name {}", name),
                "the program has to register it before the ledger is opened");
  }
}

std::filesystem::path with_suffix(const std::filesystem::path& file, const char* suffix) {
  std::filesystem::path out = file;
  out += suffix;
  return out;
}

bool database_exists(const std::filesystem::path& file, const std::string& file_system) {
  if (file_system.empty()) {
    return std::filesystem::exists(file);
  }
  check_file_system(file_system);
  sqlite3_vfs* vfs = sqlite3_vfs_find(file_system.c_str());
  int exists = 0;
  const int code = vfs->xAccess(vfs, file.c_str(), SQLITE_ACCESS_EXISTS, &exists);
  if (code != SQLITE_OK) {
    throw Error(ErrorCode::unavailable,
                fmt::format("whether {} exists can't be told: {}", file.string(), sqlite3_errstr(code)));
  }
  return exists != 0;
}

std::string unchanging_database(const std::filesystem::path& file, const std::string& file_system) {
  struct statvfs mounted {};
  if (!file_system.empty() || ::statvfs(file.c_str(), &mounted) != 0 || (mounted.f_flag & ST_RDONLY) == 0) {
    return {};
  }
  std::error_code missing;
  const auto log_bytes = std::filesystem::file_size(file.string() + "-wal", missing);
  if (!missing && log_bytes > 0) {
    return {};
  }
  std::string uri = file.is_absolute() ? "file://" : "file:";
  for (const char letter : file.string()) {
    uri += letter == '%' ? "%25" : letter == '?' ? "%3f" : letter == '#' ? "%23" : std::string(1, letter);
  }
  return uri + "?immutable=1";
}

Standing standing_of(const std::filesystem::path& file, std::int64_t application_id) {
  std::error_code unknown;
  const auto kind = std::filesystem::status(file, unknown).type();
  if (kind == std::filesystem::file_type::not_found) {
    return Standing::nothing;
  }
  if (kind != std::filesystem::file_type::regular) {
    return Standing::other;
  }
  // Read by SQLite alone: to close a file gives up every lock on it that the process holds (POSIX), also those of its databases.
  constexpr std::uintmax_t smallest_database = 512;
  const std::uintmax_t bytes = std::filesystem::file_size(file, unknown);
  if (bytes < smallest_database) {
    return bytes == 0 ? Standing::nothing : Standing::other;
  }
  try {
    const auto connection = Connection::open_plain(file, OpenMode::read_only);
    const auto id = connection->value("PRAGMA application_id");
    if (id == Value(application_id)) {
      return Standing::own;
    }
    const Value none(std::int64_t{0});
    const bool is_unmade = id == none && connection->value("PRAGMA schema_version") == none;
    return is_unmade ? Standing::nothing : Standing::other;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corrupt) {
      throw;
    }
    return Standing::other;
  }
}

void remove_database(const std::filesystem::path& file, const std::string& file_system) noexcept {
  sqlite3_vfs* vfs = file_system.empty() ? nullptr : sqlite3_vfs_find(file_system.c_str());
  for (const char* suffix : std::array{"", "-wal", "-shm", "-journal"}) {
    const std::string name = file.string() + suffix;
    if (vfs != nullptr) {
      vfs->xDelete(vfs, name.c_str(), 0);
    } else {
      std::error_code ignored;
      std::filesystem::remove(name, ignored);
    }
  }
}

}  // namespace reeve::engine
