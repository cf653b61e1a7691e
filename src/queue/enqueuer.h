#pragma once
// Writes the jobs that events ask for, in the transaction that journals the events (docs/jobs.md).

#include "base/json.h"
#include "blueprint/blueprint.h"
#include "engine/connection.h"
#include "journal/event.h"
#include "queue/statements.h"

#include <reeve/clock.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::queue {

/// What a tier's turn grows by for each of its jobs, divided by its weight.
inline constexpr std::int64_t turn_step = 1'000'000;
/// The row of reeve_jobs_turns that holds the current turn; no tier, which is JSON or '', is called so.
inline constexpr std::string_view current_turn = "*";

/// When a job may be done that an event asks for.
struct Timing {
  std::string_view state;
  Microseconds due = 0;
  std::optional<std::int64_t> moment = {};
};
/// `members` are those of the event's payload, `asked` is when the event was journaled.
Timing timing_of(const blueprint::JobKind& job, simdjson::dom::object members, Microseconds asked,
                 Microseconds now);

/// Of one connection that writes the ledger. Inside its write transaction, the head locked. Not thread-safe.
class Enqueuer {
 public:
  /// Without a blueprint, or with one that has no jobs, nothing is enqueued.
  Enqueuer(engine::Connection& connection, const blueprint::Blueprint* blueprint, Clock& clock);

  /// No event asks for a job.
  bool is_empty() const { return kinds_.empty(); }
  /// Makes the tables where they are missing and needed, or of an earlier form. False when there was nothing to do.
  bool bring_up();

  /// An event that is journaled by this transaction; its jobs wait for write(). An event that asks for none costs a look-up.
  void note(const journal::Event& event);
  /// Before the commit, or before a statement that reads jobs.
  void write();
  /// After a rollback: what was noted and not written never was.
  void forget() { waiting_.clear(); }

 private:
  struct Waiting {
    const blueprint::JobKind* job = nullptr;
    std::int64_t sequence = 0;
    std::int64_t turn = 0;
    Timing timing;
    std::int64_t enqueued = 0;
    std::string tier;
    std::string unique_key;  ///< '' for none
    std::string arguments;
  };

  std::int64_t next_turn(const Waiting& waiting);

  Clock& clock_;
  Statements statements_;
  std::map<std::string, std::vector<const blueprint::JobKind*>, std::less<>> kinds_;  ///< by event type
  bool has_jobs_ = false;  ///< those of schedules included
  bool has_tiers_ = false;
  json::Reader reader_;
  std::vector<Waiting> waiting_;
};

/// The tables, for who brings a ledger to a blueprint by other ways than a writer's: at the end of its transaction.
void bring_up(engine::Connection& connection, const blueprint::Blueprint* blueprint);

}  // namespace reeve::queue
