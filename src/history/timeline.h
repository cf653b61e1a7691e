#pragma once
// One snapshot of a journal: which layout an event was written by, and what a stretch of events changed.

#include "journal/journal.h"
#include "state/change_fold.h"
#include "state/epochs.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace reeve::history {

/// A place in an application's history, as people name it.
struct Place {
  enum class Kind : std::uint8_t { sequence, time, moment };
  Kind kind = Kind::sequence;
  std::int64_t sequence = 0;
  Value value = {};  ///< RFC 3339 text, or a moment

  /// `17`, `2026-01-02T03:04:05Z` or `moment:1923` (an integer, or else a text). Throws Error invalid_input.
  static Place of(std::string_view text);
};

/// Not thread-safe. The connection is in a transaction that outlives it.
class Timeline {
 public:
  /// The epochs that were translated are kept in the cache, if there is one: it is of this ledger.
  explicit Timeline(engine::Connection& connection, state::EpochCache* cache = nullptr);

  engine::Connection& connection() const { return connection_; }
  const journal::Head& head() const { return head_; }
  const std::vector<journal::Epoch>& epochs() const { return epochs_; }

  /// The last event at or before a place: 0 when all came later. Throws Error not_found for a sequence behind the end.
  std::int64_t find(const Place& place) const;
  /// Throws Error not_found unless it is 0 or an event.
  std::int64_t check(std::int64_t sequence) const;

  /// Of the tables after an event: an index into epochs(); -1 before the first.
  int epoch_at(std::int64_t sequence) const;
  /// The layout of an epoch, -1: of no tables. From reeve_layouts, or the sources in a file that has none.
  const journal::Layout& layout(int epoch);
  const journal::Layout& layout_at(std::int64_t sequence) { return layout(epoch_at(sequence)); }
  /// With catalogue and statements: all sources of the epoch are translated.
  std::shared_ptr<const state::EpochState> state(int epoch);

  /// The files of an epoch, not translated.
  const blueprint::Sources& sources(int epoch);

  /// Folds the changesets of the events behind `after` up to `until`, migrations too.
  void fold(std::int64_t after, std::int64_t until, state::ChangeFold& fold);
  /// One event's.
  void fold(std::int64_t sequence, std::string_view changeset, state::ChangeFold& fold);
  /// Whether the event opened an epoch, and its changeset is a migration's.
  bool is_migration(std::int64_t sequence, std::string_view changeset) const;

  /// One event with its hashes. Throws Error not_found.
  journal::Entry read(std::int64_t sequence, std::string& changeset) const;

  /// The last event up to `sequence` that pinned reference rows; nothing before the first.
  std::optional<journal::Event> pin_at(std::int64_t sequence);

 private:
  engine::Connection& connection_;
  journal::Head head_;
  std::vector<journal::Epoch> epochs_;
  journal::Layout no_tables_;
  std::vector<std::unique_ptr<journal::Layout>> layouts_;  ///< by epoch, when they were asked for
  std::map<int, blueprint::Sources> sources_;
  state::EpochCache own_states_;
  state::EpochCache* states_;
  std::optional<std::vector<journal::Event>> pins_;
};

}  // namespace reeve::history
