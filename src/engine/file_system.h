#pragma once
// The file system through which a SQLite database is reached: the operating system's, or one that the program has
// registered with SQLite under a name (sqlite3_vfs_register): encrypted, in memory, or one that fails on purpose.

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

/// Removes a database with its log and index, as far as they are there. Nobody may have it open.
void remove_database(const std::filesystem::path& file, const std::string& file_system) noexcept;

}  // namespace reeve::engine
