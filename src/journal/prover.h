#pragma once
// Proofs of a journal in its database (docs/proof.md): the tree is made of the stored chain hashes.

#include "engine/connection.h"
#include "journal/merkle.h"
#include "journal/proof.h"

#include <cstdint>
#include <functional>
#include <span>

namespace reeve::journal {

/// Of one snapshot: keep one transaction open around it. Making it reads the chain hashes of the whole journal; a proof
/// after that reads some 1,024 of them. Not thread-safe. Errors: corrupt when rows do not fit together.
class Prover {
 public:
  explicit Prover(engine::Connection& connection);

  std::int64_t size() const { return tree_.size(); }
  std::string origin() const;
  /// Of the whole journal, as it stands. Throws Error not_found for a journal without events.
  SignedCheckpoint checkpoint();
  /// What was signed of this journal at that size; nothing when the journal is another one, or ends before it.
  bool is_of(const SignedCheckpoint& checkpoint);
  /// Of an event in the journal of the first `size` events. Throws Error not_found; corrupt when the event or its changeset
  /// is not what its chain hash says.
  InclusionProof inclusion(std::int64_t sequence, std::int64_t size);
  /// Precondition: first_size <= size <= size().
  ConsistencyProof consistency(std::int64_t first_size, std::int64_t size);
  /// Computes the chain hash of every event from its bytes. Throws Error corrupt, naming the first that differs.
  void check_chain(const std::function<void(std::int64_t done)>& each);

 private:
  void read_chain(std::int64_t first, std::span<Digest> chain);
  Digest chain_hash_of(std::int64_t sequence);

  engine::Connection& connection_;
  engine::Statement groups_;
  MerkleTree tree_;
};

}  // namespace reeve::journal
