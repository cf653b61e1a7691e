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

/// Of Reeve's own tables in a schema. A file's is journal::format_version.
inline constexpr std::int64_t schema_format_version = 2;

/// What may be done with a ledger of the directory.
enum class LedgerState : std::uint8_t {
  arriving,   ///< being promoted: nobody else opens it
  active,     ///< read and written
  suspended,  ///< closed until it is resumed: only exported and verified
  moved,      ///< promoted to another database: read only for good
  erasing,    ///< being taken away: nobody opens it
  erased,     ///< a name that stays taken; there is no ledger
};
std::string_view name_of(LedgerState state);

struct LedgerEntry {
  std::string ledger_id;
  std::string name;
  LedgerState state = LedgerState::active;
  std::string created;      ///< '' when it is erased
  std::int64_t events = 0;  ///< where its journal ends; only of list_ledgers()
};

/// How many events of a type an actor of an erased ledger caused in a month. All names are pseudonyms.
struct TrailEntry {
  std::string trail;  ///< one for each erased ledger
  std::string actor;  ///< '' for nobody in particular
  std::string type;
  std::string month;  ///< its first day
  std::int64_t events = 0;
};

/// Who may do what in a schema.
inline const sql::PostgresRoles postgres_roles{"reeve_owner", "reeve_writer", "reeve_reader"};

/// Locked in ACCESS SHARE by whoever reads a ledger, in ACCESS EXCLUSIVE by who migrates the schema.
inline constexpr std::string_view schema_lock_table = "reeve_format";

/// Reads what the schema is made for; nothing when Reeve's tables are not there.
std::optional<SchemaFormat> read_schema_format(engine::Connection& connection);

/// Until the end of the transaction nobody else adds tables of Reeve's own to the schema (empty: that of the session): whoever
/// finds them missing takes the lock, and looks again.
void lock_tables(engine::Connection& connection, std::string_view schema = {});

/// Makes the roles that are missing, the schema if it is missing, Reeve's own tables and their security. The
/// connection is the administrator's; in a transaction. Throws Error denied when it may not.
void create_schema(engine::Connection& connection, std::string_view schema, const SchemaFormat& format,
                   sql::Type moment_type);

/// For who migrates it, in the transaction that does.
void set_schema_level(engine::Connection& connection, std::int64_t level, const Digest& sources_hash);

/// With an empty name the only ledger of the schema. Nothing when there is none (or more than one).
std::optional<LedgerEntry> find_ledger(engine::Connection& connection, std::string_view name);
/// All of them, names of erased ones too, by name: for the owner.
std::vector<LedgerEntry> list_ledgers(engine::Connection& connection);
/// Throws Error unique_violation when the name is taken.
void add_ledger(engine::Connection& connection, const LedgerEntry& entry);
void set_ledger_state(engine::Connection& connection, std::string_view ledger_id, LedgerState state);

/// For the ledger that the connection is bound to, in a write transaction: from one state to another. Whoever writes
/// it is waited for, and whoever comes later is refused unless it is active again. Throws Error conflict when it is
/// not in the state `from`.
void change_ledger_state(engine::Connection& connection, LedgerState from, LedgerState to);
/// Throws Error denied: nobody reads or writes the ledger. `closed` is of its head row.
[[noreturn]] void refuse_closed(std::string_view ledger, std::string_view closed);

/// Tables that hold rows of ledgers, each before those that its foreign keys point to as far as there is such an
/// order. The head's is the last.
std::vector<std::string> tenant_tables(engine::Connection& connection);
/// Takes at most so many rows of the bound ledger out of a table; how many it were.
std::int64_t erase_rows(engine::Connection& connection, std::string_view table, std::int64_t rows_max);
/// Takes away the stored sources that the bound ledger alone has.
void erase_sources(engine::Connection& connection);
/// Writes what stays of the bound ledger: reeve_trails.
void write_trail(engine::Connection& connection);
std::vector<TrailEntry> read_trails(engine::Connection& connection);
/// The bound ledger's row in the directory goes; its name stays taken unless it is to be free.
void leave_directory(engine::Connection& connection, std::string_view ledger_id, bool free_name);

/// Throws Error denied when the session could pass by the separation of ledgers: a superuser, a role with
/// BYPASSRLS, an owner. For connections that serve an application.
void check_is_bound(engine::Connection& connection);
/// Throws Error denied and names what was added to the schema by hand, or granted, that would show the session the
/// rows of every ledger: a view with its owner's rights, a materialised view, a policy, a unique key without the
/// ledger and the like (docs/postgres.md). For connections that serve an application, in a schema of Reeve.
void check_is_closed(engine::Connection& connection);
/// Tries it, for a session that is to serve this ledger: rows of another ledger must not be seen and not be written,
/// without a ledger nothing; and the writer may change no journal. Throws Error denied. Leaves nothing behind.
void prove_isolation(engine::Connection& connection, std::string_view ledger_id);

}  // namespace reeve::journal
