#pragma once
// A stretch of a journal by its changesets alone: groups are read, events are not.

#include "base/hash.h"
#include "engine/connection.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::journal {

/// Keep one transaction open around it, so that it sees one snapshot. Not thread-safe.
class GroupReader {
 public:
  /// From the event behind `after` on.
  GroupReader(engine::Connection& connection, std::int64_t after);

  /// One event's changeset; valid until the next call. False at the end. Throws Error corrupt when groups do not follow
  /// each other, or their bytes do not fit.
  bool next(std::int64_t& sequence, std::string_view& changeset);

  /// Of the group of the last event that was given.
  std::int64_t last_of_group() const { return last_; }
  /// At last_of_group(), as it is sealed.
  const Digest& state_hash() const { return state_hash_; }
  /// Of the last event that was given.
  Digest chain_hash() const;

 private:
  bool load();

  engine::Statement select_;
  std::int64_t sequence_;  ///< the last one given
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
  Digest state_hash_{};
  std::string chain_;
  std::string changesets_;
  std::string_view rest_;
};

}  // namespace reeve::journal
