#pragma once
// The functions of a statement that depend on the ledger: rolls and ids from its seed, changes of an event.

#include "base/hash.h"
#include "engine/connection.h"
#include "state/epochs.h"

#include <optional>
#include <string>

namespace reeve::state {

/// The seed is 32 random bytes, committed to in the ledger's first event and kept out of the journal
/// (docs/journal_format.md, "Dice").
class Seed {
 public:
  explicit Seed(const Digest& bytes) : bytes_(bytes) {}
  /// What the first event carries.
  Digest commitment() const;
  /// HMAC-SHA-256 of purpose, sequence, name and a counter; uniform over 1..sides (values that would favour
  /// some sides are thrown away and the counter moves on).
  std::int64_t dice(std::int64_t sequence, std::string_view name, std::int64_t sides) const;
  std::string new_uuid(std::int64_t sequence, std::string_view name) const;
  const Digest& bytes() const { return bytes_; }

 private:
  Digest bytes_;
};

class Host : public engine::HostFunctions {
 public:
  /// Reads the seed, if the database has it.
  explicit Host(engine::Connection& connection);

  /// The sequence at which a command is decided: that of its first event.
  void set_sequence(std::int64_t sequence) { sequence_ = sequence; }
  /// The seed as a statement's parameter; NULL where this copy has none.
  ValueView seed_view() const;

  std::int64_t dice(std::string_view name, std::int64_t sides) override;
  std::string new_uuid(std::string_view name) override;
  std::string changes(std::int64_t sequence) override;

 private:
  const Seed& seed() const;

  engine::Connection& connection_;
  std::optional<Seed> seed_;
  std::int64_t sequence_ = 0;
  EpochCache epochs_;
};

/// An event's changeset as JSON, by the layout of its epoch; "[]" for an event that is not there.
std::string event_changes_json(engine::Connection& connection, std::int64_t sequence, EpochCache& epochs);
/// For one event only.
std::string event_changes_json(engine::Connection& connection, std::int64_t sequence);

}  // namespace reeve::state
