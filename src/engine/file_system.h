#pragma once
// The file system through which a SQLite database is reached: the operating system's, or one that the program has
// registered with SQLite under a name (sqlite3_vfs_register): encrypted, in memory, or one that fails on purpose.

#include <cstdint>
#include <filesystem>
#include <string>

namespace reeve::engine {

class Connection;

/// The first 100 bytes of a database as they are on disk, without what the log has for them. Throws Error unavailable.
std::string read_file_header(Connection& connection);

/// Throws Error invalid_input when SQLite knows no file system of that name. Empty is the operating system's.
void check_file_system(const std::string& name);

/// The file beside it whose name has something behind.
std::filesystem::path with_suffix(const std::filesystem::path& file, const char* suffix);

/// Whether something stands in the place of a database file.
bool database_exists(const std::filesystem::path& file, const std::string& file_system);

/// What sqlite3_open_v2() is given, with SQLITE_OPEN_URI, to read a database that nobody can change: one on a file system that
/// is mounted read-only, whose log holds nothing. SQLite makes no index of the log beside it then. Empty for any other.
std::string unchanging_database(const std::filesystem::path& file, const std::string& file_system);

/// What stands in the place of a database that has the given application_id.
enum class Standing : std::uint8_t {
  nothing,  ///< no file, an empty one, or a database in which nothing was made yet
  own,
  other  ///< a folder, a device, another program's file
};
/// Changes nothing. Throws Error as Connection does.
Standing standing_of(const std::filesystem::path& file, std::int64_t application_id);

/// Removes a database with its log and index, as far as they are there. Nobody may have it open.
void remove_database(const std::filesystem::path& file, const std::string& file_system) noexcept;

}  // namespace reeve::engine
