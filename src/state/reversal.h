#pragma once
// Events taken back: the rows become what they were before them, by an event of its own, reeve.undone or reeve.rewound
// (docs/journal_format.md). What is taken back stays in the journal, and comes back when that event is undone.

#include "base/hash.h"
#include "journal/event.h"
#include "state/bulk_rows.h"
#include "state/capture.h"
#include "state/epochs.h"

#include <reeve/ledger.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::state {

/// Takes back some events, and those after them stay.
inline constexpr std::string_view type_undone = "reeve.undone";
/// Takes back all events behind one.
inline constexpr std::string_view type_rewound = "reeve.rewound";

/// Which events are taken back.
struct Reversal {
  bool is_rewind = false;
  std::int64_t first = 0;
  std::int64_t last = 0;  ///< of a rewind the head; 0 until it is known

  static Reversal undo(std::int64_t first, std::int64_t last) { return {false, first, last}; }
  static Reversal rewind(std::int64_t to) {
    constexpr std::int64_t last_of_all = std::numeric_limits<std::int64_t>::max();
    return {true, to < last_of_all ? to + 1 : to, 0};
  }
  std::string_view type() const { return is_rewind ? type_rewound : type_undone; }
  /// What was asked for, canonical: under an idempotency key the same again is the same text.
  std::string request() const;
};

bool takes_back(const journal::Event& event);
/// The payload of the event; `state_hash` is that of the state after it, and in a rewind's alone.
std::string reversal_payload(const Reversal& reversal, const Digest& state_hash);
struct SaidReversal {
  Reversal reversal;
  std::optional<Digest> state_hash;
};
/// Throws Error corrupt.
SaidReversal reversal_of(const journal::Event& event);

/// What a reversal changes, from the changesets of a journal and the rows as they are. Both databases are in
/// transactions; they may be one. Not thread-safe.
class Reverser {
 public:
  /// `epoch` is the last one; it must outlive it.
  Reverser(engine::Connection& journal, engine::Connection& rows, const EpochState& epoch);

  /// Why events up to `head` can't be taken back, whatever the rows are; nothing when they can. Throws Error not_found.
  std::optional<Rejection> check(const Reversal& reversal, std::int64_t head);
  /// Fills the net changes, sorted, in memory of the capture; or says which row is not any more what the events left,
  /// and which later event changed it.
  std::optional<Rejection> plan(const Reversal& reversal, Capture& memory,
                                std::vector<journal::Change>& changes);
  /// Writes them. In a file foreign keys are off, and broken_key() looks at them.
  void write(const std::vector<journal::Change>& changes);
  /// The first foreign key that the changes broke, for people. For a file: PostgreSQL looks by itself.
  std::optional<std::string> broken_key(const std::vector<journal::Change>& changes);

 private:
  struct Conflict {
    int table = 0;
    std::vector<ValueView> key;
    int column = -1;  ///< -1: the row is there, or is not
  };
  Rejection refuse(const Reversal& reversal, const Conflict& conflict, std::string_view what);
  std::int64_t later_event(std::int64_t after, const Conflict& conflict);
  bool is_there(const std::string& table, const std::vector<std::string>& columns,
                const std::vector<ValueView>& values);

  engine::Connection& journal_;
  engine::Connection& rows_;
  const EpochState& epoch_;
};

}  // namespace reeve::state
