#pragma once
// What the tests of faults do to a ledger, and how they judge what is left of it.

#include "base/hash.h"
#include "state/vault_test.h"
#include "support/disk.h"

#include <reeve/ledger_pool.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace reeve::testing {

/// The vault without what the moves below don't need: a verification reads all sources anew.
blueprint::Sources moves_sources();
/// With the migration on top that moves go up and down.
blueprint::Sources moves_sources_with_grades();

/// A ledger of it with some owners and accounts, as a disk holds it after it was closed, under the name of the disk.
Image furnished_ledger(const std::string& disk);

/// Where a journal may end.
struct Seal {
  std::int64_t sequence = 0;
  Digest chain_hash{};
  Digest state_hash{};
  bool operator==(const Seal&) const = default;
};
std::vector<Seal> seals_from(const state::Location& location, std::int64_t sequence);
Seal head_of(Ledger& ledger);

/// The chain is computed anew and the rows are summed up and compared with the last seal; every submission is whole.
/// Says what is wrong, or nothing.
std::string fault_of(const state::Location& location);

/// Up with the migration, or down and back to the blueprint without it. Between down and back, and after a power cut
/// there, the ledger takes no commits: its name is empty.
void migrate_there_or_back(const state::Location& location);

/// What was acknowledged: a key with the receipt.
struct Acknowledged {
  std::string key;
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// Random moves of one who uses the ledger, each with an idempotency key of its own.
class Mover {
 public:
  explicit Mover(std::uint64_t seed) : random(seed) {}

  /// One move. What was accepted is noted; rejections are as good as any answer. Faults are thrown.
  void move(Ledger& ledger);

  std::mt19937_64 random;
  std::vector<Acknowledged> acknowledged;
  std::string prefix = "k";  ///< of keys
  std::int64_t next_key = 0;
  std::string last_key;

 private:
  std::string account() { return "a" + std::to_string(random() % 6); }
};

}  // namespace reeve::testing
