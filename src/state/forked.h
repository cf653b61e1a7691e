#pragma once
// The event with which a fork begins to go its own way, reeve.ledger_forked (docs/journal_format.md): from it on the
// journal is that of another ledger.

#include "base/hash.h"
#include "journal/event.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::state {

inline constexpr std::string_view type_ledger_forked = "reeve.ledger_forked";

struct Forked {
  std::string ledger_id;  ///< of the fork
  std::string parent_id;
  std::int64_t sequence = 0;  ///< the parent's last event that is in the fork
  Digest chain_hash{};        ///< at it
  Digest state_hash{};
  Digest seed_commitment{};  ///< of the fork's own seed
};

/// Canonical JSON.
std::string forked_payload(const Forked& forked);
/// Throws Error corrupt.
Forked forked_of(const journal::Event& event);

/// Whose a journal is: what its first event says, and then each fork.
struct Identity {
  std::string ledger_id;
  std::string seed_commitment;  ///< hexadecimal
  std::int64_t sequence = 0;    ///< of the event that says so

  /// Of an event that is one of these two; all others change nothing. Throws Error corrupt.
  void take(const journal::Event& event);
};

}  // namespace reeve::state
