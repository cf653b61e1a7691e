#pragma once
// Where a ledger is, and how its database is opened.

#include "engine/connection.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace reeve::state {

/// Who opens a database: on PostgreSQL an application is held to what keeps ledgers apart.
enum class Purpose : std::uint8_t {
  application,     ///< reads and commits; refused to superusers and owners
  inspection,      ///< the same for who proves or carries away: a suspended ledger too
  administration,  ///< creates, migrates, promotes: acts as reeve_owner
};

/// `sqlite:PATH` or a path; `sqlite:PATH?vfs=NAME` reaches the file through a file system that the program has
/// registered with SQLite under that name (engine/file_system.h). Or a libpq URL, `postgresql://...`, with two parameters of ours: `ledger`, a name
/// of the directory (the only one if it is left out), and `schema` (default `reeve`).
class Location {
 public:
  Location(std::filesystem::path file) : file_(std::move(file)) {}
  Location(const std::string& url) : Location(of(url)) {}
  Location(const char* url) : Location(of(url)) {}
  /// Throws Error invalid_input for another scheme.
  static Location of(std::string_view url);

  engine::Engine engine() const { return url_.empty() ? engine::Engine::sqlite : engine::Engine::postgres; }
  bool is_file() const { return url_.empty(); }
  const std::filesystem::path& file() const { return file_; }
  /// By its name in SQLite; empty: the operating system's.
  const std::string& file_system() const { return file_system_; }
  /// Another file, reached the same way.
  Location with_file(std::filesystem::path file) const;
  const std::string& ledger() const { return ledger_; }
  const std::string& schema() const { return schema_; }
  /// PostgreSQL: another ledger of the same schema.
  Location with_ledger(std::string name) const;
  /// For people; without a password.
  std::string name() const;

  /// The database of a ledger that exists; on PostgreSQL bound to it. Throws Error not_found, unavailable,
  /// corrupt, denied (also when it is suspended or being erased), invalid_input (no ledger of Reeve, or another
  /// format); conflict when it is opened while it still arrives.
  std::unique_ptr<engine::Connection> open(engine::OpenMode mode,
                                           const engine::ConnectionOptions& options = {},
                                           Purpose purpose = Purpose::application) const;
  /// PostgreSQL: the schema as its administrator, bound to no ledger, whether Reeve's tables are there or not.
  /// With a role it acts as that one. A statement above the time-out, if there is one, is limit_exceeded.
  std::unique_ptr<engine::Connection> open_schema(const engine::ConnectionOptions& options = {},
                                                  const std::string& role = {},
                                                  int statement_timeout_ms = 0) const;

 private:
  Location() = default;
  [[noreturn]] void refuse_arriving() const;
  [[noreturn]] void refuse_unknown() const;

  std::filesystem::path file_;
  std::string file_system_;
  std::string url_;  ///< without our own parameters
  std::string ledger_;
  std::string schema_ = "reeve";
};

}  // namespace reeve::state
