#pragma once
// A connection to the tables of live values, with its statements. Inside this module only.

#include "engine/connection.h"

#include <reeve/live.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace reeve::live {

/// Where the tables are.
struct Database {
  std::string url;     ///< of PostgreSQL; empty for a file
  std::string path;    ///< of a file
  std::string schema;  ///< of PostgreSQL
  int wait_ms_max = 0;
  bool create = true;  ///< else what is not there is not made
};

/// One text for both engines, in which `?N` is a parameter and marks in braces stand for what each engine calls its own:
/// {version}, {greatest}, {least}, {for_update}, {skip_locked}, {unsynced}. Not thread-safe.
class DatabaseSession {
 public:
  /// Makes the tables where they are not there yet. Throws Error as Connection does; denied where it may not make them, not_found
  /// where it shall not, invalid_input for a layout of another version.
  explicit DatabaseSession(const Database& database);

  /// `sql` is a text of this module, which stays where it is.
  engine::Statement& of(std::string_view sql);
  engine::Connection& connection() { return *connection_; }
  bool is_file() const { return connection_->engine() == engine::Engine::sqlite; }
  /// In a file: whether a commit is synced before it is answered, which what follows is until this says otherwise. On PostgreSQL
  /// the statement says it, by {unsynced}.
  void sync(bool synced);
  /// True once in every so many calls: then what has ended is taken away.
  bool is_time_to_purge() { return ++changes_ % changes_between_purges == 0; }

 private:
  static constexpr std::uint64_t changes_between_purges = 100;
  bool has_tables(const Database& database);
  void create_in_file();
  void create_in_schema(const std::string& schema);
  void check_format();

  std::unique_ptr<engine::Connection> connection_;
  std::map<const void*, engine::Statement> prepared_;
  std::uint64_t changes_ = 0;
  bool is_synced_ = true;
};

/// Bytes are bound as such.
inline void bind_bytes(engine::Statement& statement, int parameter, std::string_view bytes) {
  statement.bind_bytes(parameter, bytes.data(), bytes.size());
}

}  // namespace reeve::live
