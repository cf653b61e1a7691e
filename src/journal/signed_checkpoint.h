#pragma once
// What is signed of a ledger at a sequence: C2SP's tlog-checkpoint with two lines of ours (docs/proof.md).

#include "base/hash.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::journal {

/// The name under which a ledger's checkpoints are signed: `reeve/LEDGER_ID`.
std::string origin_of(std::string_view ledger_id);

struct SignedCheckpoint {
  std::string origin;
  std::int64_t size = 0;  ///< events: the sequence of the last one
  Digest root{};          ///< of the Merkle tree of so many chain hashes
  Digest chain_hash{};    ///< of the last event
  Digest state_hash{};    ///< after it
  bool operator==(const SignedCheckpoint&) const = default;

  /// The text that is signed.
  std::string text() const;
  /// Throws Error invalid_input. Lines behind the known ones are left out of account.
  static SignedCheckpoint parse(std::string_view text);
};

}  // namespace reeve::journal
