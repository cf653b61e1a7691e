#pragma once
// One event as it is journaled, and the chain that makes every byte of it count.

#include "base/hash.h"
#include "base/value.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::journal {

/// The types of Reeve's own events. No type of an application begins with `reeve.`, or is `sql.executed`.
inline constexpr std::string_view type_ledger_created = "reeve.ledger_created";
inline constexpr std::string_view type_schema_migrated = "reeve.schema_migrated";
inline constexpr std::string_view type_blueprint_changed = "reeve.blueprint_changed";
inline constexpr std::string_view type_reference_published = "reeve.reference_published";
inline constexpr std::string_view type_reference_pinned = "reeve.reference_pinned";
inline constexpr std::string_view type_sql_executed = "sql.executed";

/// What is stored of an event. Optional members are absent when their `has_` is false.
struct Event {
  std::int64_t sequence = 0;
  std::string id;
  std::string type;
  std::int64_t version = 1;
  std::string time;
  Value moment;
  std::string actor;
  std::string command;       ///< "" when it was submitted as an event
  std::string key;           ///< "" when none; on the first event of a submission only
  std::string request_hash;  ///< with a key: of the command or type and what was given to it; hexadecimal
  std::int64_t span = 1;     ///< on the first event of a submission its number of events, else 0
  std::string payload;       ///< canonical JSON

  bool is_own() const { return type.starts_with("reeve.") || type == type_sql_executed; }
};

/// Appends the canonical bytes of an event (docs/journal_format.md, "The chain").
void append_event_bytes(const Event& event, std::string& out);

/// The chain value before the first event: 32 zero bytes.
inline constexpr Digest chain_start{};

/// BLAKE2b-256 of (domain, previous chain hash, canonical event, changeset). `scratch` saves an allocation.
Digest chain_hash(const Digest& previous, const Event& event, std::string_view changeset,
                  std::string& scratch);

}  // namespace reeve::journal
