#pragma once
// Names that are unique across ledgers (docs/names.md): the table in a PostgreSQL schema, or in a file of a folder of ledgers.

#include "engine/connection.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::journal {

/// Of a folder's file. A schema's is journal::schema_format_version.
inline constexpr std::int64_t names_format_version = 1;

/// The file of a folder. Its connection; nothing when it is not there and is not to be made. Throws Error invalid_input for another
/// file of that name, or another format.
std::unique_ptr<engine::Connection> open_names_file(const std::filesystem::path& folder, bool create,
                                                    const engine::ConnectionOptions& options = {});
/// For a schema that was made before there were names: adds what is missing. As its owner; not inside a transaction.
void complete_names(engine::Connection& connection);

struct StoredName {
  std::string scope;
  std::string hash;  ///< hexadecimal
  bool confirmed = false;
  std::optional<std::int64_t> ends;  ///< microseconds since 1970
  std::string version;               ///< another one after each change
  std::string holder;                ///< list_all_names() alone
};

/// For one ledger: on PostgreSQL the one that the connection is bound to, in a folder that of this id. In a write transaction.
class NameTable {
 public:
  NameTable(engine::Connection& connection, std::string holder);

  struct Reservation {
    std::string_view scope;
    std::string_view hash;
    std::int64_t now = 0;
    std::int64_t ends = 0;
    std::string_view version;  ///< that it gets
  };
  /// `reserved`, `held` or `taken`. On PostgreSQL nobody's reservation ends before the server's own clock says so. What this ledger
  /// had reserved, and has ended, goes.
  std::string reserve(const Reservation& reservation);
  bool confirm(std::string_view hash, std::string_view version);
  /// With `unchanged` only if that is still its version.
  bool release(std::string_view hash, std::string_view unchanged = {});
  /// All scopes when it is ''.
  std::vector<StoredName> list(std::string_view scope);

 private:
  engine::Statement prepare(std::string_view sqlite, std::string_view postgres);

  engine::Connection& connection_;
  std::string holder_;
};

/// For the owner of a schema: what a ledger that goes has reserved, and not confirmed.
void give_reservations_back(engine::Connection& connection, std::string_view ledger_id);

/// Of every ledger, for administrators: '' is any scope, any hash.
std::vector<StoredName> list_all_names(engine::Connection& connection, std::string_view scope,
                                       std::string_view hash);
bool release_any_name(engine::Connection& connection, std::string_view hash);

}  // namespace reeve::journal
