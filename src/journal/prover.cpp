#include "journal/prover.h"

#include "journal/journal.h"
#include "journal/own_statement.h"

#include "journal/postgres_select_chain_sql.h"
#include "journal/select_chain_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace reeve::journal {

namespace {

constexpr OwnStatement select_chain{embedded::select_chain_sql, embedded::postgres_select_chain_sql, 3};

[[noreturn]] void corrupt(std::string message) {
  throw Error(ErrorCode::corrupt, std::move(message), "run `reeve verify` for all that differs");
}

}  // namespace

Prover::Prover(engine::Connection& connection)
    : connection_(connection),
      groups_(prepare(connection, select_chain)),
      tree_([this](std::int64_t first, std::span<Digest> hashes) {
        std::vector<Digest> chain(hashes.size());
        read_chain(first, chain);
        leaf_hashes(chain, hashes);
      }) {
  tree_.grow(read_head(connection).sequence);
}

/// Of the events behind `first`.
void Prover::read_chain(std::int64_t first, std::span<Digest> chain) {
  groups_.bind_integer(1, first + 1);
  groups_.bind_integer(2, static_cast<std::int64_t>(chain.size()));
  std::int64_t next = first + 1;
  const std::int64_t end = next + static_cast<std::int64_t>(chain.size());
  while (next < end && groups_.step()) {
    const std::int64_t last = groups_.integer(0);
    const std::int64_t group_first = groups_.integer(1);
    const std::string_view bytes = groups_.bytes(2);
    if (group_first < 1 || group_first > next || last < next || bytes.size() % sizeof(Digest) != 0 ||
        static_cast<std::uint64_t>(last - group_first + 1) != bytes.size() / sizeof(Digest)) {
      corrupt(fmt::format("the group that ends at event {} does not fit to the one before it", last));
    }
    const std::int64_t until = std::min(last + 1, end);
    std::memcpy(chain[static_cast<std::size_t>(next - first - 1)].data(),
                bytes.data() + static_cast<std::size_t>(next - group_first) * sizeof(Digest),
                static_cast<std::size_t>(until - next) * sizeof(Digest));
    next = until;
  }
  groups_.reset();
  if (next != end) {
    corrupt(fmt::format("the group of event {} is missing", next));
  }
}

Digest Prover::chain_hash_of(std::int64_t sequence) {
  Digest hash = chain_start;
  if (sequence > 0) read_chain(sequence - 1, {&hash, 1});
  return hash;
}

std::string Prover::origin() const { return origin_of(read_meta(connection_, "ledger_id").value_or("")); }

SignedCheckpoint Prover::checkpoint() {
  const Head head = read_head(connection_);
  if (head.sequence == 0) {
    throw Error(ErrorCode::not_found, "the journal holds no event yet", "there is nothing to sign");
  }
  return {origin(), head.sequence, tree_.root(head.sequence), head.chain_hash, head.state_hash};
}

bool Prover::is_of(const SignedCheckpoint& checkpoint) {
  return checkpoint.origin == origin() && checkpoint.size <= size() &&
         tree_.root(checkpoint.size) == checkpoint.root &&
         chain_hash_of(checkpoint.size) == checkpoint.chain_hash;
}

InclusionProof Prover::inclusion(std::int64_t sequence, std::int64_t size) {
  if (sequence < 1 || sequence > size) {
    throw Error(ErrorCode::not_found, fmt::format("there is no event {} among the first {}", sequence, size),
                "prove it in a checkpoint that was signed after it");
  }
  EntryReader entries(connection_, sequence - 1);
  Entry entry;
  if (!entries.next(entry)) corrupt(fmt::format("event {} is missing", sequence));
  InclusionProof proof{.event = entry.event,
                       .changeset = std::string(entry.changeset),
                       .previous_chain_hash = chain_hash_of(sequence - 1),
                       .size = size,
                       .root = tree_.root(size),
                       .path = tree_.inclusion_path(sequence - 1, size),
                       .checkpoint = {}};
  std::string scratch;
  if (chain_hash(proof.previous_chain_hash, proof.event, proof.changeset, scratch) != entry.chain_hash) {
    corrupt(fmt::format("event {}, its changeset or its chain hash was changed", sequence));
  }
  return proof;
}

ConsistencyProof Prover::consistency(std::int64_t first_size, std::int64_t size) {
  return {.first_size = first_size,
          .first_root = tree_.root(first_size),
          .size = size,
          .root = tree_.root(size),
          .path = tree_.consistency_path(first_size, size),
          .first_checkpoint = {},
          .checkpoint = {}};
}

void Prover::check_chain(const std::function<void(std::int64_t done)>& each) {
  EntryReader entries(connection_, 0);
  Entry entry;
  Digest previous = chain_start;
  std::string scratch;
  while (entries.next(entry)) {
    previous = chain_hash(previous, entry.event, entry.changeset, scratch);
    if (previous != entry.chain_hash) {
      corrupt(fmt::format("event {}, its changeset or its chain hash was changed", entry.event.sequence));
    }
    each(entry.event.sequence);
  }
}

}  // namespace reeve::journal
