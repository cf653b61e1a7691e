#pragma once
// The mapping of a blueprint's folder `adopt` (docs/adoption.md): SQL of SQLite that runs on the old file and says which of
// its rows become which events, in which order.

#include "adoption/irregularity.h"
#include "base/hash.h"
#include "engine/connection.h"
#include "sql/statement.h"
#include "state/baseline.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace reeve::adoption {

struct MappedEvent {
  std::string type;
  std::optional<std::int64_t> version;  ///< the newest when it is not said
  std::string actor;
  std::string time;  ///< '' for that of the log's row
  std::string payload;
};

/// One place in the order: a row of the old log with what it became, or an event that the log does not have.
struct MappedPosition {
  std::int64_t position = 0;
  std::string source;  ///< which row of the old file it is; '' for no row of the log
  std::string time;
  std::string data;
  std::vector<MappedEvent> events;
};

class Mapping {
 public:
  /// Reads the folder's `*.sql`, by name. Throws Error not_found, bad_statement.
  static Mapping read(const std::filesystem::path& folder);

  /// Runs all statements, on temporary tables of the connection, which may be one that only reads. Throws Error
  /// bad_statement and invalid_input with the place in the mapping.
  void run(engine::Connection& old) const;

  /// After run(): in order of their positions.
  static void each(engine::Connection& old, const std::function<void(const MappedPosition&)>& take);
  static void add_irregularities(engine::Connection& old, Findings& findings);
  static std::vector<state::Claim> claims(engine::Connection& old);

 private:
  std::vector<sql::Statement> statements_;
};

}  // namespace reeve::adoption
