#pragma once
// Proofs that somebody checks who does not hold the journal (docs/proof.md).

#include "journal/event.h"
#include "journal/signed_checkpoint.h"
#include "journal/signed_note.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::journal {

/// That an event, with the rows it changed, is in a journal.
struct InclusionProof {
  Event event;
  std::string changeset;
  Digest previous_chain_hash{};
  std::int64_t size = 0;
  Digest root{};
  std::vector<Digest> path;
  std::string checkpoint;  ///< a signed note of that size, or ""
  std::string to_json() const;
};

/// That a journal is what an older one became, with nothing of the older one changed.
struct ConsistencyProof {
  std::int64_t first_size = 0;
  Digest first_root{};
  std::int64_t size = 0;
  Digest root{};
  std::vector<Digest> path;
  std::string first_checkpoint;  ///< a signed note of the first size, or ""
  std::string checkpoint;        ///< of the second, or ""
  std::string to_json() const;
};

/// What is trusted beforehand.
struct ProofTrust {
  Verifier verifier;
  /// A signed note that is at hand already: of an inclusion proof's tree, of a consistency proof's first one. Without it
  /// the proof brings its own.
  std::optional<std::string> checkpoint;
};

/// What was found.
struct ProofCheck {
  std::string refusal;  ///< why the proof shows nothing; "" when it holds
  std::string origin;   ///< whose journal it is about
  std::int64_t size = 0;
  Digest root{};
  std::optional<Event> event;              ///< that is proven to be in it
  std::optional<std::int64_t> first_size;  ///< of the older one that is proven to be its beginning
  bool is_signed = true;                   ///< false: a consistency proof whose newer root nobody signed
  bool holds() const { return refusal.empty(); }
};

/// Throws Error invalid_input when the text is no proof at all; whatever else does not fit is a refusal.
ProofCheck check_proof(std::string_view json, const ProofTrust& trust);

}  // namespace reeve::journal
