#pragma once
// A PostgreSQL schema that holds many ledgers of one blueprint, and the directory that says which.

#include "base/hash.h"
#include "engine/connection.h"
#include "sql/translation.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::journal {

/// What a schema is made for: one blueprint, at one level of its migrations, for all ledgers in it.
struct SchemaFormat {
  std::int64_t format = 0;
  std::string blueprint;
  std::int64_t level = 0;
  Digest sources_hash{};
};

/// What may be done with a ledger of the directory.
enum class LedgerState : std::uint8_t {
  arriving,  ///< being promoted: nobody else opens it
  active,    ///< read and written
  moved,     ///< promoted to another database: read only for good
};
std::string_view name_of(LedgerState state);

struct LedgerEntry {
  std::string ledger_id;
  std::string name;
  LedgerState state = LedgerState::active;
  std::string created;
};

/// Who may do what in a schema.
inline const sql::PostgresRoles postgres_roles{"reeve_owner", "reeve_writer", "reeve_reader"};

/// Reads what the schema is made for; nothing when Reeve's tables are not there.
std::optional<SchemaFormat> read_schema_format(engine::Connection& connection);

/// Makes the roles that are missing, the schema if it is missing, Reeve's own tables and their security. The
/// connection is the administrator's; in a transaction. Throws Error denied when it may not.
void create_schema(engine::Connection& connection, std::string_view schema, const SchemaFormat& format,
                   sql::Type moment_type);

/// With an empty name the only ledger of the schema. Nothing when there is none (or more than one).
std::optional<LedgerEntry> find_ledger(engine::Connection& connection, std::string_view name);
/// All of them, by name: for the owner.
std::vector<LedgerEntry> list_ledgers(engine::Connection& connection);
/// Throws Error unique_violation when the name is taken.
void add_ledger(engine::Connection& connection, const LedgerEntry& entry);
void set_ledger_state(engine::Connection& connection, std::string_view ledger_id, LedgerState state);

/// Throws Error denied when the session could pass by the separation of ledgers: a superuser, a role with
/// BYPASSRLS, an owner. For connections that serve an application.
void check_is_bound(engine::Connection& connection);
/// Throws Error denied and names what was added to the schema by hand, or granted, that would show the session the
/// rows of every ledger: a view with its owner's rights, a materialised view, a policy, a unique key without the
/// ledger and the like (docs/postgres.md). For connections that serve an application, in a schema of Reeve.
void check_is_closed(engine::Connection& connection);

}  // namespace reeve::journal
