#pragma once
// Reference rows as events: a version is published once, in the ledger `shared`, and pinned by each ledger for itself
// (docs/reference.md).

#include "journal/event.h"
#include "state/location.h"
#include "state/reference_set.h"

#include <reeve/ledger.h>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reeve::state {

/// What an event about reference rows says.
struct ReferenceEvent {
  std::int64_t version = 0;
  Digest hash{};                             ///< of the rows
  Digest sources_hash{};                     ///< under which their files are kept
  std::map<std::string, std::int64_t> rows;  ///< by table; of a publication alone
  Digest state_hash_before{};                ///< of a pin alone
  Digest state_hash_after{};                 ///< of a pin alone
};
/// Throws Error corrupt when the payload says no such thing.
ReferenceEvent reference_of(const journal::Event& event);

/// The value of reeve_version that the rows with a hash are kept under.
std::string reeve_version_of(const Digest& hash);

/// Makes the rows of the reference tables those of the set: on SQLite in the tables; on PostgreSQL, where they may be
/// there already, also in what the ledger has pinned. In a write transaction, with no foreign key checked.
/// `layout` is the ledger's. Throws Error corrupt when rows that are there already were changed.
void pin_rows(engine::Connection& connection, const ReferenceSet& set, const journal::Layout& layout);
/// Keeps, beside the event, what it names: the files and which version is pinned.
void keep_pin(engine::Connection& connection, const ReferenceEvent& pin, const blueprint::Sources& files);
/// Whether it is one of a publication or a pin; the same for such an event that arrives from elsewhere.
bool is_about_reference(const journal::Event& event);
void keep_reference(engine::Connection& connection, const journal::Event& event,
                    const std::function<blueprint::Sources(const Digest&)>& sources_of);
/// The sums of the reference tables become those of the set.
void set_reference_sums(const ReferenceSet& set, StateSums& sums);

struct PublishedReference {
  std::int64_t sequence = 0;  ///< of the event
  std::string time;
  ReferenceEvent event;
  bool is_new = false;     ///< it was published just now
  bool is_pinned = false;  ///< by the ledger that was asked
};

/// Publishes the files of a folder as the next version, in the ledger `shared` (of a PostgreSQL schema; a file is the
/// ledger that publishes, whatever its name). Rows that a version holds already are that version: nothing is done.
PublishedReference publish_reference(const Location& location, const std::filesystem::path& folder);
/// Versions by number. Of a file those that it published, or pinned if it published none. On PostgreSQL those that
/// `shared` published, and which of them the location's ledger has pinned.
std::vector<PublishedReference> list_references(const Location& location);

struct PinnedReference {
  std::int64_t version = 0;
  std::int64_t sequence = 0;  ///< of the event; of the earlier one when the ledger had pinned it already
  Digest hash{};
  Digest state_hash{};
  bool is_new = true;
};

/// From now on the ledger's statements see the rows of a version. `from` is the ledger that published it: if it is not
/// given, `shared` of the same schema; of a file the ledger itself (what it published, or pinned before). Throws Error
/// not_found for an unknown version, constraint_violation that names the rows which point to rows that the version
/// lacks, corrupt, conflict.
PinnedReference pin_reference(const Location& location, std::int64_t version,
                              const std::optional<Location>& from = {});

/// The canonical rows of a version, table by table, each a JSON object; those of one table if it is named.
void show_reference(const Location& location, std::int64_t version, const std::string& table,
                    const std::function<void(const std::string& table, std::string_view row)>& row);

}  // namespace reeve::state
